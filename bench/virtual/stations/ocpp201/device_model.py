"""The device model of a 2.0.1 station: components, variables, and what may be read and written.

Sources: OCPP 2.0.1 Part 1 chapter 4 (addressing, characteristics), Part 2 use cases B05, B06, B07.
Names are compared without case (Part 2, 2.16 and 2.53: name is case-insensitive) and echoed as they were asked.
"""

from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.virtual.stations.ocpp201.values import why_invalid

Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
Payload = dict[str, Any]
Key = tuple[str, str, int | None, int | None, str, str]


@dataclass(frozen=True, slots=True)
class Characteristics:
    """VariableCharacteristicsType: what values a variable may have. Limits are inclusive."""

    data_type: str
    unit: str | None = None
    min_limit: float | None = None
    max_limit: float | None = None
    values: tuple[str, ...] = ()

    def payload(self) -> Payload:
        """As it stands in NotifyReport."""
        return {
            "unit": self.unit,
            "data_type": self.data_type,
            "min_limit": self.min_limit,
            "max_limit": self.max_limit,
            "values_list": ",".join(self.values) or None,
            "supports_monitoring": False,
        }


@dataclass(slots=True)
class Variable:
    """One variable of one component, with its only supported attribute (Actual)."""

    component: str
    name: str
    characteristics: Characteristics
    value: str = ""
    mutability: Mutability = "ReadOnly"
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    live: Callable[[], str] | None = field(default=None, compare=False)
    reboot_required: bool = False

    def key(self) -> Key:
        """Address of the variable, case folded."""
        return (
            self.component.casefold(),
            "",
            self.evse_id,
            self.connector_id,
            self.name.casefold(),
            (self.instance or "").casefold(),
        )

    def storage_name(self) -> str:
        """Name under which a written value is kept across reboots."""
        place = f"[{self.evse_id}.{self.connector_id}]" if self.evse_id else ""
        return f"{self.component}{place}.{self.name}" + (f"[{self.instance}]" if self.instance else "")

    def actual(self) -> str:
        """Value of the Actual attribute now."""
        return self.live() if self.live else self.value

    def report(self) -> Payload:
        """ReportDataType of this variable (B07.FR.08, B07.FR.11)."""
        component: Payload = {"name": self.component}
        if self.evse_id is not None:
            component["evse"] = {"id": self.evse_id, "connector_id": self.connector_id}
        writable = self.mutability != "ReadOnly"
        return {
            "component": component,
            "variable": {"name": self.name, "instance": self.instance},
            "variable_attribute": [
                {
                    "type": "Actual",
                    "value": None if self.mutability == "WriteOnly" else self.actual(),
                    "mutability": self.mutability,
                    "persistent": writable,
                    "constant": False,
                }
            ],
            "variable_characteristics": self.characteristics.payload(),
        }


def _address(component: Payload, variable: Payload) -> Key:
    evse = component.get("evse") or {}
    return (
        str(component["name"]).casefold(),
        str(component.get("instance") or "").casefold(),
        evse.get("id"),
        evse.get("connector_id"),
        str(variable["name"]).casefold(),
        str(variable.get("instance") or "").casefold(),
    )


class DeviceModel:
    """All variables of a station; values written by the CSMS live in `store` and survive a reboot."""

    def __init__(self, variables: Iterable[Variable], store: MutableMapping[str, Any]) -> None:
        self._variables = {variable.key(): variable for variable in variables}
        self._defaults = {key: variable.value for key, variable in self._variables.items()}
        self._store = store
        for variable in self._variables.values():
            variable.value = str(store.get(variable.storage_name(), variable.value))
        self.on_set: Callable[[Variable], None] = lambda _variable: None
        self.takes_any_text_for_a_boolean: Callable[[], bool] = lambda: False

    def find(self, component: str, name: str, instance: str | None = None) -> Variable:
        """The variable of a station-level component; KeyError when the table lacks it (a defect of ours)."""
        return self._variables[_address({"name": component}, {"name": name, "instance": instance})]

    def all(self) -> list[Variable]:
        """Every variable, in the order in which it is reported."""
        return list(self._variables.values())

    def text(self, component: str, name: str, instance: str | None = None) -> str:
        """Actual value as text."""
        return self.find(component, name, instance).actual()

    def integer(self, component: str, name: str, instance: str | None = None) -> int:
        """Actual value of an integer variable."""
        return int(self.text(component, name, instance))

    def flag(self, component: str, name: str, instance: str | None = None) -> bool:
        """Actual value of a boolean variable."""
        return self.text(component, name, instance).casefold() == "true"

    def members(self, component: str, name: str) -> tuple[str, ...]:
        """Actual value of a MemberList or SequenceList."""
        return tuple(item.strip() for item in self.text(component, name).split(",") if item.strip())

    def write(self, variable: Variable, value: str) -> None:
        """Store a value already found good."""
        variable.value = value
        self._store[variable.storage_name()] = value
        self.on_set(variable)

    def get(self, item: Payload) -> Payload:
        """GetVariableResultType for one GetVariableDataType (B06.FR.02 to B06.FR.15)."""
        kind = item.get("attribute_type") or "Actual"
        result = {"component": item["component"], "variable": item["variable"], "attribute_type": kind}
        found = self._look_up(item, kind)
        if isinstance(found, str):
            return result | {"attribute_status": found}
        if found.mutability == "WriteOnly":
            return result | _status("Rejected", "WriteOnly")
        return result | {"attribute_status": "Accepted", "attribute_value": found.actual()}

    def set(self, item: Payload) -> Payload:
        """SetVariableResultType for one SetVariableDataType; writes when it is good (B05.FR.02 to B05.FR.12)."""
        kind = item.get("attribute_type") or "Actual"
        result = {"component": item["component"], "variable": item["variable"], "attribute_type": kind}
        found = self._look_up(item, kind)
        if isinstance(found, str):
            return result | {"attribute_status": found}
        if found.mutability == "ReadOnly":
            return result | _status("Rejected", "ReadOnly")
        wrong = why_invalid(str(item["attribute_value"]), found.characteristics)
        if wrong and found.characteristics.data_type == "boolean" and self.takes_any_text_for_a_boolean():
            self.write(found, "false")
            return result | {"attribute_status": "Accepted"}
        if wrong:
            return result | _status("Rejected", wrong)
        self.write(found, str(item["attribute_value"]))
        return result | {"attribute_status": "RebootRequired" if found.reboot_required else "Accepted"}

    def refuse(self, item: Payload) -> Payload:
        """Wrong behaviour `writable_variables_refused`: what could be written is rejected instead."""
        kind = item.get("attribute_type") or "Actual"
        found = self._look_up(item, kind)
        if isinstance(found, str) or found.mutability == "ReadOnly":
            return self.set(item)
        result = {"component": item["component"], "variable": item["variable"], "attribute_type": kind}
        return result | _status("Rejected", "InternalError")

    def default(self, result: Payload) -> Payload:
        """Wrong behaviour `variables_read_back_as_default`: fields that replace those of a GetVariableResult."""
        found = self._look_up(result, "Actual")
        if isinstance(found, str) or found.mutability != "ReadWrite":
            return {}
        return {"attribute_value": self._defaults[found.key()]}

    def report(self, base: str) -> list[Payload] | None:
        """Report data of a base report, None for a base that is not supported (B07.FR.02, .07, .08, .09)."""
        chosen: Callable[[Variable], bool]
        if base == "FullInventory":
            chosen = _any
        elif base == "ConfigurationInventory":
            chosen = _writable
        elif base == "SummaryInventory":
            chosen = _condition
        else:
            return None
        return [variable.report() for variable in self._variables.values() if chosen(variable)]

    def _look_up(self, item: Payload, kind: str) -> Variable | str:
        address = _address(item["component"], item["variable"])
        if not any(key[:4] == address[:4] for key in self._variables):
            return "UnknownComponent"
        variable = self._variables.get(address)
        if variable is None:
            return "UnknownVariable"
        return variable if kind == "Actual" else "NotSupportedAttributeType"


def _status(status: str, reason_code: str) -> Payload:
    return {"attribute_status": status, "attribute_status_info": {"reason_code": reason_code}}


def _any(_variable: Variable) -> bool:
    return True


def _writable(variable: Variable) -> bool:
    return variable.mutability != "ReadOnly"


def _condition(variable: Variable) -> bool:
    return variable.name in {"AvailabilityState", "Problem"}
