"""Errors in the schema files as shipped, each with the clause that decides.

An entry stands here only if both the file and the clause were read; tests prove that each is still needed. The text of
the standard outranks its schema file: a station is not failed for following the text.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.ocppj.version import OcppVersion

JsonSchema = dict[str, Any]


class OverrideError(ValueError):
    """An override does not fit the schema file that it is for."""


@dataclass(frozen=True, slots=True)
class SchemaOverride:
    """Replace the value at `pointer` (RFC 6901) of one schema file, from `shipped` to `corrected`."""

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
        found = parent[key]
        if found != override.shipped:
            raise OverrideError(
                f"{override.file}.json of OCPP {override.version}, {override.pointer}: found {found!r}, not "
                f"{override.shipped!r}; remove or adapt its entry in harness/ocppj/overrides.py ({override.clause})"
            )
        parent[key] = copy.deepcopy(override.corrected)
    return result


def _locate(document: JsonSchema, override: SchemaOverride) -> tuple[Any, str | int]:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in override.pointer.split("/")[1:]]
    node: Any = document
    try:
        for step in steps[:-1]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        key: str | int = int(steps[-1]) if isinstance(node, list) else steps[-1]
        node[key]
    except (KeyError, IndexError, ValueError, TypeError):
        raise OverrideError(
            f"{override.file}.json of OCPP {override.version} has nothing at {override.pointer}; "
            f"remove or adapt its entry in harness/ocppj/overrides.py ({override.clause})"
        ) from None
    return node, key


_UNITS_1_6 = [
    "Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "K",
    "Celcius", "Celsius", "Fahrenheit", "Percent",
]  # fmt: skip

OVERRIDES: tuple[SchemaOverride, ...] = (
    SchemaOverride(
        OcppVersion.V1_6,
        "StopTransaction",
        "/properties/transactionData/items/properties/sampledValue/items/properties/unit/enum",
        _UNITS_1_6,
        [*_UNITS_1_6, "Hertz"],
        "OCPP 1.6 errata 3.86: the unit of any SampledValue with measurand Frequency is Hertz",
    ),
)
"""Every override of the schema files that the `ocpp` package ships."""
