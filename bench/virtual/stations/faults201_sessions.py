"""Wrong behaviours of the OCPP 2.0.1 stack that were seen in the field: tokens and transactions. Ids are those of Part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V = ("2.0.1",)

FAULTS201_SESSIONS: tuple[Fault, ...] = (
    Fault(
        "cache_forgets_at_once",
        _V,
        "removes each token from its cache as soon as it has put it in",
        "C10.FR.01, C10.FR.04, C10.FR.08: a token stays until its time is over",
    ),
    Fault(
        "tokens_compared_with_case",
        _V,
        "takes a card for another one than its token in other letters",
        "C01.FR.03, C01.FR.25; part 2, IdTokenType: a token is case insensitive",
    ),
    Fault(
        "failed_event_dropped",
        _V,
        "gives up a TransactionEvent that was not answered, or answered with an error, at the first attempt",
        "E13.FR.02: it is sent again until it is processed or its attempts are spent",
    ),
    Fault(
        "failed_event_kept",
        _V,
        "tries a TransactionEvent twice as often as MessageAttempts says",
        "E13.FR.04: after the final attempt the message is discarded",
    ),
    Fault(
        "queued_starts_told_twice",
        _V,
        "sends the first event of a transaction of an outage a second time, although it was answered",
        "E13.FR.02: a message is sent again as long as it keeps failing",
    ),
    Fault(
        "event_pauses_do_not_grow",
        _V,
        "waits no longer before the third transmission of a TransactionEvent than before the second",
        "E13.FR.03: the interval is multiplied by the number of preceding transmissions",
    ),
    Fault(
        "repeated_event_numbered_anew",
        _V,
        "gives a TransactionEvent that it sends again the next seqNo",
        "E13.FR.02: the message is sent again; E 1.3.2.1",
    ),
    Fault(
        "event_under_way_lost_with_connection",
        _V,
        "forgets the oldest TransactionEvent that is not answered yet when the connection breaks",
        "E04.FR.02, E13.FR.02: it is sent again until it is processed",
    ),
    Fault(
        "offline_events_not_marked",
        _V,
        "marks of the events that it could not tell at once only the first one of a transaction as offline",
        "E04.FR.03, E11.FR.02, E11.FR.07, E12.FR.02",
    ),
    Fault(
        "queued_ends_lost",
        _V,
        "does not keep the end of a transaction that it could not tell at once",
        "E04.FR.01, E12.FR.01: what would have been sent is queued",
    ),
    Fault(
        "quick_restart_without_power",
        _V,
        "begins a transaction within six minutes of a remote stop, offers no energy, and drops its connection four minutes later",
        "F01.FR.05, E01: the transaction is started as any other",
    ),
)
