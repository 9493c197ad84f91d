"""Meter values as they stand in a message, read once for all the rules that look at them.

A station sends the same few kinds of values over and over, in the same few sets: what can be said of a value without its number, and of a
set without its numbers, is worked out when it is first seen, and looked up after that.
"""

import math
from typing import Any, Literal

import msgspec

from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.sample_kind import SENTINELS, Kind, kinds_of

LISTS = {"MeterValues": "meterValue", "StopTransaction": "transactionData", "TransactionEvent": "meterValue"}
OF_METERS = tuple(LISTS)
"""Actions whose requests carry meter values."""

_FIELDS = ("meterValue", "transactionData")

Trait = Literal[
    "misfit", "doubled", "signed", "no unit", "at end", "at bounds", "odd text", "odd size", "irregular", "odd time"
]
"""What few requests are, and what some rules look for. Of sets of values: a unit of another quantity, two values that look the same, signed data, a
power without a unit, values of the end or of either end of a transaction, a text that may be no number, a number that may be none of its measurand.
Of any: the endpoint saw something odd with it; a time that no clock tells which is right."""

Traits = frozenset[Trait]
_NONE: Traits = frozenset()

Places = tuple[tuple[int, str, float], ...]
"""Index of a value within the set, its line, and what its number is to be multiplied by."""


Loads = tuple[tuple[str, int, float, int, float], ...]
"""A line, the index and the factor of its current, and those of its voltage."""

_LINES = 3


class Shape(msgspec.Struct, gc=False):
    """What a set of values is without its numbers.

    `current` and `voltage`: the places at the outlet, of each line the first. `watts`: places of what makes up the overall power; `volt_amperes`:
    of each line that has both current and voltage, these two; either is empty where something is missing. `loads`: as `volt_amperes`, of lines that have
    both, whatever others have. `total`: of the register of all lines.
    `registers`: of the import register as it is billed; `coarse`: those of them that may be rounded to more than a Wh. `bounded`: with the least and the most that a number can be. `odd_place`: some value
    is on a phase that it cannot have. `periodic`: some are, whose measurands are `names`, in small letters, with and without their phase.
    """

    current: Places
    voltage: Places
    watts: tuple[tuple[int, float], ...]
    volt_amperes: Loads
    loads: Loads
    total: int | None
    registers: tuple[tuple[int, float, float], ...]
    coarse: tuple[int, ...]
    bounded: tuple[tuple[int, float, float], ...]
    odd_place: bool
    periodic: bool
    names: frozenset[str]
    traits: Traits


class Samples(msgspec.Struct, gc=False):
    """One MeterValue: the samples of one point in time.

    `field` is where it stands in the message; `t` its timestamp as seconds since 1970, None for what is none. `listed` are its samples that are
    objects, `kinds` what they are and `numbers` their values, None for what is no number: in the same order. `whole`: each is a number.
    """

    field: str
    t: float | None
    listed: list[dict[str, Any]]
    kinds: tuple[Kind, ...]
    shape: Shape
    numbers: list[float | None]
    whole: bool
    traits: Traits


def samples_of(exchange: Exchange) -> list[Samples]:
    """All MeterValues of a message, in its order."""
    samples = exchange.samples
    if samples is None:
        samples = exchange.samples = []
        payload = exchange.payload
        for name in _FIELDS:
            if name in payload and isinstance(values := payload[name], list):
                samples += [_read(name, value) for value in values if isinstance(value, dict)]
    return samples


def traits_of(exchange: Exchange) -> Traits:
    """What any of its sets of values is."""
    samples = samples_of(exchange)
    return samples[0].traits if len(samples) == 1 else _NONE.union(*[one.traits for one in samples])


def _read(name: str, value: dict[str, Any]) -> Samples:
    sampled = value.get("sampledValue")
    listed = [one for one in sampled if type(one) is dict] if isinstance(sampled, list) else []
    kinds = kinds_of(listed)
    shape = shape_of(kinds)
    numbers: list[Any]
    try:
        written = [one["value"] for one in listed]
        numbers, whole, traits = list(map(float, written)), True, shape.traits
        if not _plainly_written(written, numbers):
            traits = traits | {"odd text"}
        if not _plainly_possible(shape, numbers):
            traits = traits | {"odd size"}
    except (KeyError, TypeError, ValueError, OverflowError):
        numbers, whole = [_number(one.get("value")) for one in listed], False
        traits = shape.traits | {"odd text", "odd size"}
    return Samples(name, seconds_of(value.get("timestamp")), listed, kinds, shape, numbers, whole, traits)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _plainly_written(written: list[Any], numbers: list[Any]) -> bool:
    """Whether each is the text of a finite number, without blanks and underscores, which Python allows. Numbers are no texts."""
    try:
        digits = "".join(written)
    except TypeError:
        return False
    return "_" not in digits and digits.split() == [digits] and math.isfinite(sum(numbers))


def _plainly_possible(shape: Shape, numbers: list[Any]) -> bool:
    if shape.odd_place or not SENTINELS.isdisjoint(numbers):
        return False
    for place, least, most in shape.bounded:  # noqa: SIM110 - all() takes three times as long, and this is done for every set
        if not least <= numbers[place] <= most:
            return False
    return True


_shapes: dict[tuple[Kind, ...], Shape] = {}
_MOST_SHAPES = 500


def shape_of(kinds: tuple[Kind, ...]) -> Shape:
    """What a set of these is."""
    return _shapes.get(kinds) or _learned(kinds)


def _learned(kinds: tuple[Kind, ...]) -> Shape:
    shape = _made(kinds)
    if len(_shapes) >= _MOST_SHAPES:
        _shapes.clear()
    if all(kind.known for kind in kinds):
        _shapes[kinds] = shape
    return shape


def _made(kinds: tuple[Kind, ...]) -> Shape:
    current, voltage = _by_line(kinds, "current"), _by_line(kinds, "voltage")
    loads = _loads(current, voltage)
    lines = [line for _, line, _ in current if line] or [line for _, line, _ in current]
    apparent = tuple(load for load in loads if load[0] in lines)
    totals = (place for place, kind in enumerate(kinds) if kind.quantity == "register" and not kind.line)
    return Shape(
        current=current,
        voltage=voltage,
        watts=_watts(kinds),
        volt_amperes=apparent if len(apparent) == len(lines) else (),
        loads=loads,
        total=next(totals, None),
        registers=tuple((place, *kind.billed) for place, kind in enumerate(kinds) if kind.billed is not None),
        coarse=tuple(place for place, kind in enumerate(kinds) if kind.billed is not None and kind.scale > 1.0),
        bounded=tuple((place, *kind.bounds) for place, kind in enumerate(kinds) if kind.bounds is not None),
        odd_place=any(kind.odd_place for kind in kinds),
        periodic=any(kind.periodic for kind in kinds),
        names=frozenset(name for kind in kinds if kind.periodic for name in kind.names),
        traits=_traits(kinds),
    )


def _traits(kinds: tuple[Kind, ...]) -> Traits:
    first_sight = None if any(kind.no_text for kind in kinds) else {kind.at_first_sight for kind in kinds}
    has: dict[Trait, bool] = {
        "misfit": any(kind.misfit for kind in kinds),
        "doubled": first_sight is not None and len(first_sight) < len(kinds),
        "signed": any(kind.signed for kind in kinds),
        "no unit": any(kind.no_unit for kind in kinds),
        "at end": any(kind.context_told == "Transaction.End" for kind in kinds),
        "at bounds": any(kind.at_bounds for kind in kinds),
    }
    return frozenset(trait for trait, holds in has.items() if holds)


def _by_line(kinds: tuple[Kind, ...], quantity: str) -> Places:
    """Of each line the first."""
    first: dict[str, tuple[int, str, float]] = {}
    for place, kind in enumerate(kinds):
        if kind.quantity == quantity:
            first.setdefault(kind.line, (place, kind.line, kind.scale))
    return tuple(first.values())


def _watts(kinds: tuple[Kind, ...]) -> tuple[tuple[int, float], ...]:
    power = _by_line(kinds, "power")
    overall = tuple((place, scale) for place, line, scale in power if not line)
    return overall or (tuple((place, scale) for place, _, scale in power) if len(power) == _LINES else ())


def _loads(current: Places, voltage: Places) -> Loads:
    volts = {line: (place, scale) for place, line, scale in voltage}
    return tuple((line, place, scale, *volts[line]) for place, line, scale in current if line in volts)
