"""Wrong behaviours that show only when something is taken away or set wrong in the middle: supply, answers, the time. Both stacks."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_PROVOKED: tuple[Fault, ...] = (
    Fault(
        "message_under_way_lost_at_restart",
        BOTH,
        "forgets at a restart the oldest transaction-related message that is not answered yet",
        "OCPP 1.6 sections 3.7, 3.7.1; OCPP 2.0.1 E04.FR.02, E13.FR.02: it is sent again until it is processed",
    ),
    Fault(
        "samples_wait_for_the_clock",
        BOTH,
        "takes no sample in a transaction until its clock is past the time of the sample before",
        "OCPP 1.6 sections 3.16.1, 4.7; OCPP 2.0.1 J02.FR.11: a sample every interval",
    ),
    Fault(
        "clock_never_put_back",
        BOTH,
        "sets its clock by the CSMS forward only, and leaves it where it would go back by more than a minute",
        "OCPP 1.6 sections 6.47, 6.49; OCPP 2.0.1 G02.FR.06, part 2, TransactionEventRequest: the time at which it happened",
    ),
    Fault(
        "offset_of_time_ignored",
        BOTH,
        "takes the time that the CSMS tells for UTC, whatever offset it has",
        "OCPP 1.6 section 3.15: receivers handle time zone offsets; OCPP 2.0.1 part 2, 3.1: RFC 3339",
    ),
)
