"""What is sampled can be what it says: a number, in a unit of its measurand, on a phase that it can have, of a size that exists."""

import math
from collections.abc import Iterator

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import OF_METERS, Samples, Trait, samples_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.invariants.sample_kind import SENTINELS, Kind
from harness.verdict import Strictness


def _with(trait: Trait, exchange: Exchange) -> list[Samples]:
    return [one for one in samples_of(exchange) if trait in one.traits] if exchange.from_station else []


def _numbers(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("odd text", exchange):
        yield from _no_numbers(samples, exchange.record.seq)


def _no_numbers(samples: Samples, seq: int) -> Iterator[Violation]:
    for kind, sampled in zip(samples.kinds, samples.listed, strict=True):
        text = sampled.get("value")
        if not kind.raw or not isinstance(text, str):
            continue
        try:
            number = float(text) if text == text.strip() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            yield Violation((seq,), f"the value of {kind.measurand} is {text!r}, which is no number", kind.measurand)


def _units(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("misfit", exchange):
        yield from _misfits(samples, exchange.record.seq)


def _misfits(samples: Samples, seq: int) -> Iterator[Violation]:
    for kind in samples.kinds:
        if kind.misfit:
            yield Violation((seq,), f"{kind.measurand} has the unit {kind.unit}", f"{kind.measurand}:{kind.unit}")


def _sane(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("odd size", exchange):
        yield from _insane(samples, exchange.record.seq)


def _insane(samples: Samples, seq: int) -> Iterator[Violation]:
    for kind, number, sampled in zip(samples.kinds, samples.numbers, samples.listed, strict=True):
        if number is None and "value" in sampled:
            continue
        value = math.nan if number is None else number
        why = _odd(kind, value)
        if why:
            yield Violation((seq,), f"{kind.measurand} of {value:g} {why}", f"{kind.measurand}:{why}")


_ODD_SIZES = {
    "Frequency": "is no mains frequency",
    "SoC": "is no share",
    "Voltage": "is no voltage of a charging station",
}


def _odd(kind: Kind, value: float) -> str:
    if value in SENTINELS:
        return "is what meters say when they know nothing"
    if kind.odd_place:
        return f"on phase {kind.phase}: line to neutral is a place for voltages"
    if kind.bounds is not None and not kind.bounds[0] <= value <= kind.bounds[1]:
        # a frequency of zero is that of an outlet that is off
        return "" if kind.measurand == "Frequency" and value == 0 else _ODD_SIZES[kind.measurand]
    return ""


NUMBERS = Rule(
    id="samples-are-numbers",
    requirement="OCPP 1.6 edition 2, 7.43 and 7.49: a raw value is a decimal number",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that cannot read one value drops the whole message, and with it the register that is billed.",
    watch=lambda: PerStation(object, _numbers, ("1.6",), calls=OF_METERS, answers=(), trait="odd text"),
)

UNITS = Rule(
    id="samples-have-their-unit",
    requirement="OCPP 1.6 edition 2, 7.31 and 7.45; OCPP 2.0.1 part 2 appendices, units of measure",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A reading in the unit of another quantity is taken for that quantity, a thousand times too much or too little.",
    watch=lambda: PerStation(object, _units, calls=OF_METERS, answers=(), trait="misfit"),
)

SANE = Rule(
    id="samples-are-possible",
    requirement="OCPP 1.6 edition 2, 4.7: a sample is a value taken at that time; 7.34 for phases",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A placeholder of a meter that did not answer is stored and billed as if it had been measured.",
    watch=lambda: PerStation(object, _sane, calls=OF_METERS, answers=(), trait="odd size"),
)
