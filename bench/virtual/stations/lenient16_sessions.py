"""Unusual behaviours of the OCPP 1.6 stack that a document allows: sessions. Sections are those of edition 2."""

from bench.virtual.stations.allowed import Lenient

_V = ("1.6",)

LENIENT16_SESSIONS: tuple[Lenient, ...] = (
    Lenient(
        "finishing_after_restart_with_cable",
        _V,
        "comes back with a cable in as Finishing, and rejects every remote start until it was pulled",
        "section 7.7: Finishing is not yet available for a new user; 7.39, errata 3.32: a command may be Rejected",
    ),
)
