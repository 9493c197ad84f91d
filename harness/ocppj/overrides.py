"""Errors in the schema files as shipped, each with the clause that decides.

An entry stands here only if both the file and the clause were read; tests prove that each is still needed. The text of
the standard outranks its schema file: a station is not failed for following the text.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from harness.ocppj.version import OcppVersion

JsonSchema = dict[str, Any]


class Absent(Enum):
    """Stands for a keyword that the shipped file lacks."""

    ABSENT = "absent"


class OverrideError(ValueError):
    """An override does not fit the schema file that it is for."""


@dataclass(frozen=True, slots=True)
class SchemaOverride:
    """Replace the value at `pointer` (RFC 6901) of one schema file, from `shipped` to `corrected`.

    `shipped` is ABSENT where the file lacks the keyword that the clause asks for.
    """

    version: OcppVersion
    file: str
    pointer: str
    shipped: object
    corrected: object
    clause: str


def apply(document: JsonSchema, overrides: Iterable[SchemaOverride]) -> JsonSchema:
    """Give a copy of a schema file with its overrides made.

    Raises OverrideError, naming file, pointer and both values, where the file does not hold what the override says it
    holds: a newer file that needs the override no more, or another one.
    """
    result = copy.deepcopy(document)
    for override in overrides:
        parent, key = _locate(result, override)
        found = parent.get(key, Absent.ABSENT)
        if found != override.shipped:
            raise OverrideError(
                f"{override.file}.json of OCPP {override.version}, {override.pointer}: found {found!r}, not "
                f"{override.shipped!r}; remove or adapt its entry in harness/ocppj/overrides.py ({override.clause})"
            )
        parent[key] = copy.deepcopy(override.corrected)
    return result


def _locate(document: JsonSchema, override: SchemaOverride) -> tuple[JsonSchema, str]:
    """Find the object that holds the last step of the pointer, a keyword; no step is an array's index."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in override.pointer.split("/")[1:]]
    node: object = document
    for step in steps[:-1]:
        node = node.get(step) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise OverrideError(
            f"{override.file}.json of OCPP {override.version} has nothing at {override.pointer}; "
            f"remove or adapt its entry in harness/ocppj/overrides.py ({override.clause})"
        )
    return node, steps[-1]


def _limit(file: str, field: str, keyword: str, value: int, clause: str) -> SchemaOverride:
    """Add a limit of the text that a 1.6 file leaves out; `field` is a path of names, `[]` after that of an array."""
    pointer = "".join(f"/properties/{name.replace('[]', '/items')}" for name in field.split("."))
    return SchemaOverride(OcppVersion.V1_6, file, f"{pointer}/{keyword}", Absent.ABSENT, value, clause)


_UNITS_1_6 = [
    "Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "K",
    "Celcius", "Celsius", "Fahrenheit", "Percent",
]  # fmt: skip

_STACK_LEVEL = "OCPP 1.6 edition 2, 7.8 ChargingProfile: stackLevel >= 0"
_PERIODS = "OCPP 1.6 edition 2, 7.13 ChargingSchedule: chargingSchedulePeriod 1..*"

OVERRIDES: tuple[SchemaOverride, ...] = (
    SchemaOverride(
        OcppVersion.V1_6,
        "StopTransaction",
        "/properties/transactionData/items/properties/sampledValue/items/properties/unit/enum",
        _UNITS_1_6,
        [*_UNITS_1_6, "Hertz"],
        "OCPP 1.6 errata 3.86: the unit of any SampledValue with measurand Frequency is Hertz",
    ),
    _limit(
        "StopTransaction",
        "transactionData[].sampledValue",
        "minItems",
        1,
        "OCPP 1.6 edition 2, 7.33 MeterValue: sampledValue 1..* (MeterValues.json has it)",
    ),
    _limit("SetChargingProfile", "csChargingProfiles.chargingSchedule.chargingSchedulePeriod", "minItems", 1, _PERIODS),
    _limit(
        "RemoteStartTransaction", "chargingProfile.chargingSchedule.chargingSchedulePeriod", "minItems", 1, _PERIODS
    ),
    _limit("GetCompositeScheduleResponse", "chargingSchedule.chargingSchedulePeriod", "minItems", 1, _PERIODS),
    _limit("SetChargingProfile", "csChargingProfiles.stackLevel", "minimum", 0, _STACK_LEVEL),
    _limit("RemoteStartTransaction", "chargingProfile.stackLevel", "minimum", 0, _STACK_LEVEL),
    _limit("ChangeAvailability", "connectorId", "minimum", 0, "OCPP 1.6 edition 2, 6.7: connectorId >= 0"),
    _limit("MeterValues", "connectorId", "minimum", 0, "OCPP 1.6 edition 2, 6.31: connectorId >= 0"),
    _limit("RemoteStartTransaction", "connectorId", "minimum", 1, "OCPP 1.6 edition 2, 6.33: connectorId > 0"),
    _limit("ReserveNow", "connectorId", "minimum", 0, "OCPP 1.6 edition 2, 6.37: connectorId >= 0"),
    _limit("StartTransaction", "connectorId", "minimum", 1, "OCPP 1.6 edition 2, 6.45: connectorId > 0"),
    _limit("StatusNotification", "connectorId", "minimum", 0, "OCPP 1.6 edition 2, 6.47: connectorId >= 0"),
    _limit("TriggerMessage", "connectorId", "minimum", 1, "OCPP 1.6 edition 2, 6.51: connectorId > 0"),
    _limit("UnlockConnector", "connectorId", "minimum", 1, "OCPP 1.6 edition 2, 6.53: connectorId > 0"),
    _limit("ExtendedTriggerMessage", "connectorId", "minimum", 1, "OCPP 1.6 security whitepaper 5.5: connectorId > 0"),
)
"""Every override of the schema files that the `ocpp` package ships.

Compared field by field with the message and datatype tables of OCPP 1.6 edition 2 with its errata, the security
whitepaper edition 3, OCPP 2.0.1 edition 3 Part 2 and OCPP 2.1 edition 1 Part 2, as far as their tables could be
read. One difference is left as shipped: `exiResponse` of 2.0.1 Get15118EVCertificateResponse (7,500 characters in the
file, 5,600 in the text), since the text lets a station raise that length by a variable.
"""
