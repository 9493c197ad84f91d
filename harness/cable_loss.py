"""Energy that a charging cable turns into heat, from the currents sampled on its way: sum over the conductors of R times the integral of i^2."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import hypot

from harness.uncertainty import COVERAGE_FACTOR, rectangular

_WH = 1 / 3600


@dataclass(frozen=True, slots=True)
class Currents:
    """RMS currents of the phases at an instant `at` (s), each with its expanded uncertainty (k=2), in the same order."""

    at: float
    current_a: tuple[float, ...]
    u_a: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CableLoss:
    """Energy lost in Wh with its standard uncertainty (k=1)."""

    energy_wh: float
    u_wh: float


def squares_a2(current_a: Sequence[float]) -> float:
    """Sum of the squared currents of all conductors: the phases', and that of the neutral, which carries their phasor sum.

    One loaded phase makes two carrying conductors, two make three, and three alike make three: their neutral carries nothing. Phases that
    lie 120 degrees apart and loads of one power factor are taken for granted.
    """
    own = sum(amps * amps for amps in current_a)
    return 2 * own - sum(a * b for a, b in combinations(current_a, 2))


def cable_loss(conductor_ohm: float, accuracy_pct: float, samples: Sequence[Currents]) -> CableLoss:
    """What the cable lost from the first sample to the last one.

    `conductor_ohm` is one conductor's resistance, `accuracy_pct` the half-width of its error in percent. Between two samples the current is
    taken to go straight from one to the other; it may have gone at either end of that span, which is part of the uncertainty, as is the
    error of the ammeter: one and the same in all samples and phases. Raises ValueError for fewer than two samples.
    """
    if len(samples) < 2:
        raise ValueError(
            f"{len(samples)} samples of current span no time: sample before, while and after current flows"
        )
    area = doubt = error = (
        0.0  # A2s: the integral, the half-width of its shape, the standard uncertainty of the ammeter
    )
    for one, other in pairwise(samples):
        span = other.at - one.at
        begin, end = squares_a2(one.current_a), squares_a2(other.current_a)
        area += span * (begin + end) / 2
        doubt += span * abs(end - begin) / 2
        error += span * (_u_squares(one) + _u_squares(other)) / 2
    energy_wh = conductor_ohm * area * _WH
    u_wh = hypot(
        rectangular(accuracy_pct / 100 * energy_wh),
        conductor_ohm * rectangular(doubt) * _WH,
        conductor_ohm * error * _WH,
    )
    return CableLoss(energy_wh, u_wh)


def _u_squares(sample: Currents) -> float:
    """Standard uncertainty of `squares_a2` of a sample, in A2."""
    total = sum(sample.current_a)
    slopes = (5 * amps - total for amps in sample.current_a)
    return sum(abs(slope) * u / COVERAGE_FACTOR for slope, u in zip(slopes, sample.u_a, strict=True))
