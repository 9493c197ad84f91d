"""Unusual behaviours of the OCPP 1.6 stack that a document allows: sessions. Sections are those of edition 2."""

from bench.virtual.stations.allowed import Lenient

_V = ("1.6",)

TOLD_LATE_S = 75.0
"""How long a station keeps the end of a transaction to itself that a loss of supply interrupted."""

LENIENT16_SESSIONS: tuple[Lenient, ...] = (
    Lenient(
        "interrupted_end_told_late",
        _V,
        f"tells {TOLD_LATE_S:g} s late of the end of a transaction that was interrupted by the loss of supply",
        "sections 3.7, 3.7.1, 4.10: as soon as possible, SHOULD, and no time",
    ),
    Lenient(
        "finishing_after_restart_with_cable",
        _V,
        "comes back with a cable in as Finishing, and rejects every remote start until it was pulled",
        "section 7.7: Finishing is not yet available for a new user; 7.39, errata 3.32: a command may be Rejected",
    ),
)
