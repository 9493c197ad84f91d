"""The device model of OCPP 2.0.1: what a report tells of a variable holds when it is written, and reports come."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, plain, whole
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_V2 = ("2.0.1", "2.1")
_MOST = 5000
_REPORTED_WITHIN_S = 120.0
"""No document says how soon; a station that has sent nothing after two minutes has forgotten it."""

_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*\Z")
Name = tuple[str, str, str, str, object, object]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a report says of a variable, and in which record."""

    seq: int
    readonly: bool
    kind: str
    low: float | None
    high: float | None


@dataclass(slots=True)
class _Model:
    variables: dict[Name, _Told] = field(default_factory=dict)


def _name(item: dict[str, Any]) -> Name | None:
    component, variable = item.get("component"), item.get("variable")
    if not isinstance(component, dict) or not isinstance(variable, dict):
        return None
    told = component.get("evse")
    evse: dict[str, Any] = told if isinstance(told, dict) else {}
    texts = (component.get("name"), component.get("instance"), variable.get("name"), variable.get("instance"))
    one, instance, other, its = (str(text or "").lower() for text in texts)
    return one, instance, other, its, plain(evse.get("id")), plain(evse.get("connectorId"))


def _learn(state: _Model, exchange: Exchange) -> None:
    listed = exchange.payload.get("reportData")
    for item in listed if isinstance(listed, list) else ():
        name = _name(item) if isinstance(item, dict) else None
        attributes = item.get("variableAttribute") if name is not None else None
        if name is None or not isinstance(attributes, list) or len(state.variables) >= _MOST:
            continue
        actual = [one for one in attributes if isinstance(one, dict) and one.get("type", "Actual") == "Actual"]
        limits = item.get("variableCharacteristics")
        limits = limits if isinstance(limits, dict) else {}
        readonly = any(one.get("mutability") == "ReadOnly" for one in actual)
        low, high = (_number(limits.get(limit)) for limit in ("minLimit", "maxLimit"))
        state.variables[name] = _Told(exchange.record.seq, readonly, str(limits.get("dataType")), low, high)


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None if isinstance(value, bool) else whole(value)


def _written(state: _Model, exchange: Exchange) -> Iterator[tuple[_Told, str, str]]:
    """Each variable of which a report told, and that a SetVariables set: what was told, its name, its new value."""
    results, wanted = exchange.payload.get("setVariableResult"), exchange.asked.get("setVariableData")
    if not isinstance(results, list) or not isinstance(wanted, list):
        return
    values = {
        _name(item): str(item.get("attributeValue"))
        for item in wanted
        if isinstance(item, dict) and item.get("attributeType", "Actual") == "Actual"
    }
    for result in results:
        if not isinstance(result, dict) or result.get("attributeType", "Actual") != "Actual":
            continue
        name = _name(result)
        if name is None or result.get("attributeStatus") not in ("Accepted", "RebootRequired"):
            continue
        if name in state.variables and name in values:
            yield state.variables[name], f"{name[0]}.{name[2]}", values[name]


def _mutable(state: _Model, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("NotifyReport"):
        _learn(state, exchange)
    elif exchange.is_result("SetVariables"):
        for told, name, value in _written(state, exchange):
            if told.readonly:
                text = f"{name} was reported to be ReadOnly, and {value!r} was accepted for it"
                yield Violation((exchange.record.seq, told.seq), text, name)


def _fitting(state: _Model, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("NotifyReport"):
        _learn(state, exchange)
    elif exchange.is_result("SetVariables"):
        for told, name, value in _written(state, exchange):
            why = _misfit(told, value)
            if why:
                text = f"{name} was reported to be a {told.kind}, and {value!r} was accepted for it: {why}"
                yield Violation((exchange.record.seq, told.seq), text, name)


def _misfit(told: _Told, value: str) -> str:
    if told.kind == "boolean":
        return "" if value.strip().lower() in {"true", "false"} else "neither true nor false"
    if told.kind not in {"integer", "decimal"}:
        return ""
    if not _NUMBER.match(value):
        return "no number"
    if told.low is not None and float(value) < told.low:
        return f"below {told.low:g}"
    return f"above {told.high:g}" if told.high is not None and float(value) > told.high else ""


@dataclass(slots=True)
class _Owed:
    """Reports that were accepted to be sent, by request id: record and time of the acceptance, and what was asked for."""

    reports: dict[object, tuple[int, float, str]] = field(default_factory=dict)


def _sent(state: _Owed, exchange: Exchange) -> Iterator[Violation]:
    for number, (seq, t, what) in list(state.reports.items()):
        if exchange.record.t - t > _REPORTED_WITHIN_S:
            del state.reports[number]
            text = f"{what} was accepted, and no NotifyReport came within {_REPORTED_WITHIN_S:g} s"
            yield Violation((seq,), text, what)
    if exchange.is_result("GetBaseReport", "GetReport") and exchange.from_station:
        what = f"{exchange.frame.action} of {exchange.asked.get('reportBase', 'some variables')}"
        if exchange.payload.get("status") == "Accepted":
            state.reports[plain(exchange.asked.get("requestId"))] = (exchange.record.seq, exchange.record.t, what)
    elif exchange.is_call("NotifyReport"):
        state.reports.pop(plain(exchange.payload.get("requestId")), None)


def _excused(state: _Owed, _: object) -> Iterable[Violation]:
    state.reports.clear()
    return ()


MUTABLE = Rule(
    id="mutability-as-reported",
    requirement="OCPP 2.0.1 B07.FR.07, B07.FR.08: what can be set is reported so; B05.FR.09",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS offers no setting for what it believes to be fixed, and shows as fixed what anybody can change.",
    watch=lambda: PerStation(_Model, _mutable, _V2, calls=("NotifyReport",), answers=("SetVariables",)),
)

FITTING = Rule(
    id="values-fit-their-variable",
    requirement="OCPP 2.0.1 B05.FR.07, B05.FR.08: an ill-formed value, or one out of range, is Rejected",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A slip of an operator is taken for a setting; the station goes by something that nobody meant.",
    watch=lambda: PerStation(_Model, _fitting, _V2, calls=("NotifyReport",), answers=("SetVariables",)),
)

REPORTED = Rule(
    id="accepted-report-comes",
    requirement="OCPP 2.0.1 B07.FR.03, B08.FR.03",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS waits for the inventory that it needs before it can configure the station.",
    watch=lambda: PerStation(_Owed, _sent, _V2, calls=None, answers=None, closed=_excused),
)
