"""What is sampled can be what it says: a number, in a unit of its measurand, on a phase that it can have, of a size that exists."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from harness.oracle.invariants.conversation import Exchange, PerStation
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_ACTIONS = ("MeterValues", "StopTransaction", "TransactionEvent")
_UNITS = {
    "Energy.Active": {"Wh", "kWh"},
    "Energy.Reactive": {"varh", "kvarh"},
    "Energy.Apparent": {"VAh", "kVAh"},
    "Power.Active": {"W", "kW"},
    "Power.Reactive": {"var", "kvar"},
    "Power.Apparent": {"VA", "kVA"},
    "Power.Offered": {"W", "kW"},
    "Power.Factor": {"Percent", ""},
    "Current.Import": {"A"},
    "Current.Export": {"A"},
    "Current.Offered": {"A"},
    "Voltage": {"V"},
    "Temperature": {"Celsius", "Celcius", "Fahrenheit", "K"},
    "SoC": {"Percent"},
    "Frequency": {"Hertz", "Hz"},
    "RPM": {"RPM", "rpm"},
}
"""Units by the beginning of a measurand's name. `Hz` is what errata 3.86 turns down and the schema rule judges; here it is the right quantity."""

_SENTINELS = frozenset(
    {32767.0, 65535.0, 2147483647.0, 4294967295.0, -32768.0, -2147483648.0, 6553.5, 429496729.5, -9999.0}
)
_LINE_TO_NEUTRAL = ("L1-N", "L2-N", "L3-N")


@lru_cache(maxsize=1024)
def _fits(measurand: str, unit: str) -> bool:
    """Whether it is a unit of this measurand; of one that no list here has, any is."""
    kind = next((name for name in _UNITS if measurand == name or measurand.startswith(f"{name}.")), None)
    return kind is None or unit in _UNITS[kind]


def _samples(exchange: Exchange) -> list[dict[str, Any]]:
    """All samples of a message, gathered once for all the rules that look at them."""
    if exchange.samples is None:
        exchange.samples = list(_gathered(exchange)) if exchange.from_station and exchange.is_call(*_ACTIONS) else []
    return exchange.samples


def _gathered(exchange: Exchange) -> Iterator[dict[str, Any]]:
    for name in ("meterValue", "transactionData"):
        values = exchange.payload.get(name)
        for value in values if isinstance(values, list) else ():
            sampled = value.get("sampledValue") if isinstance(value, dict) else None
            for one in sampled if isinstance(sampled, list) else ():
                if isinstance(one, dict):
                    yield one


def _measurand(sampled: dict[str, Any]) -> str:
    return str(sampled.get("measurand", "Energy.Active.Import.Register"))


def _numbers(_: object, exchange: Exchange) -> Iterator[Violation]:
    for sampled in _samples(exchange):
        text = sampled.get("value")
        if sampled.get("format", "Raw") != "Raw" or not isinstance(text, str):
            continue
        try:
            number = float(text) if text == text.strip() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            measurand = _measurand(sampled)
            yield Violation(
                (exchange.record.seq,), f"the value of {measurand} is {text!r}, which is no number", measurand
            )


def _units(_: object, exchange: Exchange) -> Iterator[Violation]:
    for sampled in _samples(exchange):
        unit = sampled.get("unit")
        if isinstance(of := sampled.get("unitOfMeasure"), dict):
            unit = of.get("unit")
        measurand = _measurand(sampled)
        if isinstance(unit, str) and not _fits(measurand, unit):
            yield Violation((exchange.record.seq,), f"{measurand} has the unit {unit}", f"{measurand}:{unit}")


def _sane(_: object, exchange: Exchange) -> Iterator[Violation]:
    for sampled in _samples(exchange):
        try:
            value = float(sampled.get("value", math.nan))
        except (TypeError, ValueError, OverflowError):
            continue
        measurand = _measurand(sampled)
        why = _odd(measurand, value, str(sampled.get("phase", "")))
        if why:
            yield Violation((exchange.record.seq,), f"{measurand} of {value:g} {why}", f"{measurand}:{why}")


def _odd(measurand: str, value: float, phase: str) -> str:
    if value in _SENTINELS:
        return "is what meters say when they know nothing"
    if measurand.startswith("Current.") and phase in _LINE_TO_NEUTRAL:
        return f"on phase {phase}: line to neutral is a place for voltages"
    if measurand == "Frequency" and not 10 <= value <= 100 and value != 0:
        return "is no mains frequency"
    if measurand == "SoC" and not 0 <= value <= 100:
        return "is no share"
    if measurand == "Voltage" and not 0 <= value <= 1500:
        return "is no voltage of a charging station"
    return ""


NUMBERS = Rule(
    id="samples-are-numbers",
    requirement="OCPP 1.6 edition 2, 7.43 and 7.49: a raw value is a decimal number",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that cannot read one value drops the whole message, and with it the register that is billed.",
    watch=lambda: PerStation(object, _numbers, ("1.6",), _ACTIONS, answers=False),
)

UNITS = Rule(
    id="samples-have-their-unit",
    requirement="OCPP 1.6 edition 2, 7.31 and 7.45; OCPP 2.0.1 part 2 appendices, units of measure",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A reading in the unit of another quantity is taken for that quantity, a thousand times too much or too little.",
    watch=lambda: PerStation(object, _units, actions=_ACTIONS, answers=False),
)

SANE = Rule(
    id="samples-are-possible",
    requirement="OCPP 1.6 edition 2, 4.7: a sample is a value taken at that time; 7.34 for phases",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A placeholder of a meter that did not answer is stored and billed as if it had been measured.",
    watch=lambda: PerStation(object, _sane, actions=_ACTIONS, answers=False),
)
