"""One defect that was reported of a charging station in the field."""

from dataclasses import dataclass
from typing import Literal

Area = Literal[
    "authorize",
    "boot",
    "configuration/device model",
    "diagnostics",
    "electrical",
    "firmware",
    "framing",
    "heartbeat",
    "local list",
    "metering",
    "offline/queueing",
    "reconnect/websocket",
    "remote control",
    "reservation",
    "schema",
    "security/TLS",
    "smart charging",
    "status",
    "timing",
    "transaction",
]
Severity = Literal["safety", "billing", "interop", "cosmetic"]
"""Whom it hurts: people and property, whoever pays, whoever has to make it work with a CSMS, nobody but the eye."""


@dataclass(frozen=True, slots=True)
class FieldDefect:
    """A defect of the field, and how the virtual bench shows it.

    `id` is its number (FD-...), `ocpp` the version of the station that had it ("any": of no version in particular), `source` the public
    report. `symptom` says what is to be seen on the wire or at the outlet, exactly. `switches` are the faults of station or plant that
    together do that; none where `pending` says what the virtual stations lack for it. `allowed_by` is the clause that lets a station
    behave so: then the one switch is an allowed behaviour, and nothing may fail it.
    """

    id: str
    ocpp: Literal["1.6", "2.0.1", "any"]
    area: Area
    severity: Severity
    source: str
    symptom: str
    switches: tuple[str, ...] = ()
    pending: str = ""
    allowed_by: str = ""
