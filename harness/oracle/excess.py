"""How long a quantity was above its limit: the longest stretch of samples that all say so, and where it was.

A stretch lasted at least from its first sample to its last, and at most from the sample before to the one after. Samples that
have no neighbour there leave its end open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.oracle.expectations import Settles, Stays
from harness.quantity import rounded
from harness.trace.events import Sample

WATCHED_S = 30.0
"""For how long after a limit was found exceeded the excess is watched: whoever reads the verdict wants its length, and not at any price."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A stretch above the limit, in seconds of the run's clock; `highest` is the worst quantity in it: name, value, unit, U."""

    first_s: float
    last_s: float
    before_s: float
    after_s: float | None
    highest: tuple[str, float, str, float]

    @property
    def least_s(self) -> float:
        """It lasted at least so long."""
        return self.last_s - self.first_s

    def text(self, opened: float) -> str:
        """Its length, where it was and how high it went; times from `opened` on."""
        length = f"{1000 * self.least_s:.0f} ms"
        length = (
            f"at least {length}"
            if self.after_s is None
            else f"{length} to {1000 * (self.after_s - self.before_s):.0f} ms"
        )
        name, value, unit, u = self.highest
        height = f"{name} up to {rounded(value, u)} {unit}"
        return f"longest excess {length} from {self.first_s - opened:+.2f} s on, {height}"


def longest(samples: Sequence[Sample], expectation: Settles | Stays, since: float) -> Excess | None:
    """The longest stretch above `high` among these samples of the expectation's instrument, from `since` on. None without one."""
    found: Excess | None = None
    run: list[tuple[Sample, tuple[str, float, str, float]]] = []
    before_s = since
    for sample in samples:
        worst = _worst(sample, expectation)
        if worst is not None:
            run.append((sample, worst))
            continue
        found = _longer(found, run, before_s, sample.at)
        run, before_s = [], sample.at
    return _longer(found, run, before_s, None)


def spacing(times: Iterable[float]) -> float:
    """The usual time between samples: the median; 0 for fewer than two."""
    ordered = sorted(times)
    steps = sorted(later - earlier for earlier, later in pairwise(ordered))
    return steps[len(steps) // 2] if steps else 0.0


def _worst(sample: Sample, expectation: Settles | Stays) -> tuple[str, float, str, float] | None:
    """The quantity that is furthest above the limit by more than its U; None where none is."""
    readings = [(name, *sample.values[name]) for name in expectation.quantities if name in sample.values]
    high = expectation.high
    above = [one for one in readings if high is not None and one[1] - one[3] > high]
    return max(above, key=lambda one: one[1] - one[3], default=None)


def _longer(
    found: Excess | None,
    run: list[tuple[Sample, tuple[str, float, str, float]]],
    before_s: float,
    after_s: float | None,
) -> Excess | None:
    if not run:
        return found
    highest = max((worst for _, worst in run), key=lambda one: one[1])
    first_s, last_s = run[0][0].at, run[-1][0].at
    one = Excess(first_s, last_s, min(before_s, first_s), after_s, highest)
    return one if found is None or one.least_s > found.least_s else found
