"""Measurement uncertainty from data-sheet figures: half-widths in, expanded uncertainty U (k=2) out.

A data sheet states limits, not a spread: each figure is taken as the half-width `a` of a rectangular distribution,
whose standard uncertainty is a/sqrt(3); a register that counts in steps of r adds r/sqrt(12) a reading. Independent
contributions are summed as squares and expanded with k = 2 (JCGM 100:2008 (GUM), 4.3.7 and 6.2).
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from harness.model.strict import MisfitError, Range

COVERAGE_FACTOR = 2.0

QuantityKind = Literal[
    "voltage",
    "current",
    "power",
    "energy",
    "frequency",
    "pilot_voltage",
    "pilot_duty",
    "pilot_frequency",
    "temperature",
]
"""Kinds a data sheet states an accuracy for; a quantity's name begins with its kind (`current_l1_a`)."""

KINDS: tuple[QuantityKind, ...] = get_args(QuantityKind)

_PILOT_KINDS: dict[str, QuantityKind] = {
    "pilot_duty_pct": "pilot_duty",
    "pilot_high_v": "pilot_voltage",
    "pilot_low_v": "pilot_voltage",
    "pilot_frequency_hz": "pilot_frequency",
}


def kind_of(quantity: str) -> QuantityKind:
    """The kind of a quantity by its name. Raises ValueError for a name that belongs to none."""
    if quantity in _PILOT_KINDS:
        return _PILOT_KINDS[quantity]
    first = quantity.split("_", 1)[0]
    for kind in KINDS:
        if kind == first:
            return kind
    raise ValueError(f"{quantity!r} belongs to no kind of quantity ({', '.join(KINDS)})")


def rectangular(half_width: float) -> float:
    """Standard uncertainty of a value known to lie within +/- half_width."""
    return abs(half_width) / math.sqrt(3)


def expanded(*standard: float) -> float:
    """U (k=2) of independent standard uncertainties."""
    return COVERAGE_FACTOR * math.sqrt(math.fsum(u * u for u in standard))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What an instrument's data sheet or calibration states for one kind of quantity, in that quantity's unit.

    +/- (of_reading_pct % of the reading + of_range_pct % of the range + `digits` steps + `absolute`), shown in steps
    of `resolution`. `range` is the full scale of an instrument that stays in it, `ranges` those that one changes among by
    itself, the smallest that holds the reading. Beyond the highest nothing is stated.
    """

    of_reading_pct: Annotated[float, Range(0, 100)] = 0.0
    of_range_pct: Annotated[float, Range(0, 100)] = 0.0
    range: Annotated[float | None, Range(0)] = None
    ranges: tuple[Annotated[float, Range(0)], ...] = ()
    digits: Annotated[float, Range(0, 1000)] = 0.0
    absolute: Annotated[float, Range(0)] = 0.0
    resolution: Annotated[float, Range(0)] = 0.0

    def __post_init__(self) -> None:
        if self.range is not None and self.ranges:
            raise MisfitError("range and ranges are both given", "keep range if it is fixed, ranges if it is automatic")
        if list(self.ranges) != sorted(set(self.ranges)):
            raise MisfitError("ranges do not rise", "list each full scale once, the smallest first")
        if self.of_range_pct and self.highest is None:
            raise MisfitError("of_range_pct is given without a range", "add range = the range's full scale")
        if self.digits and not self.resolution:
            raise MisfitError("digits are given without a resolution", "add resolution = the value of one digit")
        if not (self.of_reading_pct or self.of_range_pct or self.digits or self.absolute):
            raise MisfitError(
                "the instrument would be exact", "give of_reading_pct, of_range_pct with range, digits or absolute"
            )

    @property
    def highest(self) -> float | None:
        """The highest full scale; None where no range is stated."""
        return self.ranges[-1] if self.ranges else self.range

    def beyond(self, value: float) -> bool:
        """Whether `value` lies beyond the highest range: its accuracy is not stated, and the true value may be any higher one."""
        return self.highest is not None and abs(value) > self.highest

    def half_width(self, value: float) -> float:
        """The stated limit of error at `value`, without the resolution's own rounding."""
        full_scale = next((each for each in self.ranges if abs(value) <= each), self.highest) or 0.0
        of_range = self.of_range_pct / 100 * full_scale
        return self.of_reading_pct / 100 * abs(value) + of_range + self.digits * self.resolution + self.absolute

    def u(self, value: float) -> float:
        """U (k=2) of one reading of `value`."""
        return expanded(rectangular(self.half_width(value)), rectangular(self.resolution / 2))

    def u_of_difference(self, first: float, last: float) -> float:
        """U (k=2) of last - first, both read from one register.

        The gain error is the same for both readings, so it weighs on the difference and not on the registers; the
        steps of the register are independent. Figures that do not grow with the reading count once a reading.
        """
        gain = rectangular(self.of_reading_pct / 100 * (last - first))
        fixed = rectangular(self.half_width(0.0))
        step = rectangular(self.resolution / 2)
        return expanded(gain, fixed, fixed, step, step)
