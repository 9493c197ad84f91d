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
        "quick_restart_without_power",
        _V,
        "begins a transaction within six minutes of a remote stop, offers no energy, and drops its connection four minutes later",
        "F01.FR.05, E01: the transaction is started as any other",
    ),
)
