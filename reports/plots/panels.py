"""Which curves are drawn together, and whether they say anything."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.plots.curves import Curve

MOST_CURVES = 12

_FIRST = ("power_analyzer", "reference_meter", "pilot_scope")
_PHASE = re.compile(r"_l([123n])(_|$)")


@dataclass(frozen=True, slots=True)
class Kind:
    """A panel: the quantities whose names begin as `quantities` (a pattern) says, in `unit`, with a height in pixels.

    `always`: drawn wherever it was sampled; else only where some curve of it moves by more than `moves` of its greatest value.
    """

    quantities: str
    title: str
    unit: str
    height: int
    always: bool = True
    moves: float = 0.0


POWER = Kind("power_", "Power", "W", 120)
FREQUENCY = Kind("frequency_", "Frequency", "Hz", 90, always=False, moves=0.005)
LEVEL = Kind("pilot_(high|low)_", "Control pilot level", "V", 120)
KINDS = (
    Kind("current_", "Current", "A", 170),
    POWER,
    Kind("voltage_", "Voltage", "V", 100, always=False, moves=0.02),
    FREQUENCY,
    Kind("temperature_", "Temperature", "°C", 90, always=False, moves=0.02),
    Kind("pilot_duty_", "Control pilot duty", "%", 90),
    LEVEL,
)


def grouped(curves: Iterable[Curve]) -> list[tuple[Kind, list[Curve]]]:
    """The panels of these curves from top to bottom, in each the curves to draw: the first instrument's first."""
    known = list(curves)
    found = []
    for kind in KINDS:
        own = _of(kind, known)
        if own and (kind.always or any(_moves(curve, kind.moves) for curve in own)):
            found.append((kind, own[:MOST_CURVES]))
    return found


def _of(kind: Kind, curves: Sequence[Curve]) -> list[Curve]:
    own = [
        curve
        for curve in curves
        if curve.unit == kind.unit and curve.points and re.match(kind.quantities, curve.quantity)
    ]
    if kind is POWER:
        own = _totals(own)
    return sorted(own, key=lambda curve: (_rank(curve.role), curve.evse, curve.source, curve.quantity))


def _totals(curves: list[Curve]) -> list[Curve]:
    """Of an instrument that tells its total power, that alone."""
    whole = {(curve.source, curve.evse) for curve in curves if curve.quantity == "power_w"}
    return [c for c in curves if c.quantity == "power_w" or (c.source, c.evse) not in whole]


def _rank(role: str) -> int:
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)


def _moves(curve: Curve, part: float) -> bool:
    values = [point.value for point in curve.points]
    return max(values) - min(values) > part * max(abs(max(values)), abs(min(values)))


def word_of(curve: Curve, *, several_evses: bool) -> str:
    """What a legend calls the curve, without its instrument: `L1`, `total`, `high`."""
    phase = _PHASE.search(curve.quantity.lower())
    if phase:
        word = f"L{phase[1]}".upper() if phase[1] != "n" else "N"
    elif curve.quantity == "power_w":
        word = "total"
    else:
        word = re.sub(r"^(pilot|current|voltage|power)_|_(a|w|v|hz|pct|c)$", "", curve.quantity)
        word = re.sub(r"^(pilot|current|voltage|power)_|_(a|w|v|hz|pct|c)$", "", word).replace("_", " ")
    return f"{word} EVSE {curve.evse}" if several_evses else word
