"""When something happened that instruments saw: the instant between two of their readings, and the time from one to another."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench.errors import BenchError
from fixtures.csms.facade import Seen
from harness.pilot import PWM_SWING_V, STATE_C_BELOW_V
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular

LIVE_V = 100.0
"""An outlet with more than this is switched on: far above what is induced, far below any supply."""

FAST_S = 0.1
"""How often instruments are read where seconds are judged."""

Shows = Callable[[Sample], bool]


@dataclass(frozen=True, slots=True)
class Instant:
    """A time on the run's clock, what it is uncertain by (expanded parts in s, by name), and the readings that show it.

    `seen`: False where it had not happened by the last reading; then `at` is that reading's, and it happened later, if at all.
    """

    at: float
    parts: dict[str, float]
    evidence: tuple[int, ...]
    seen: bool = True


def of_message(seen: Seen) -> Instant:
    """When a message arrived: the run's clock dates it as it comes in."""
    return Instant(seen.t, {}, (seen.seq,))


def first(readings: list[Record], shows: Shows, what: str) -> Instant:
    """When the readings of one instrument began to show it. Raises BenchError when they do from the first on, or when there are none."""
    before: Record | None = None
    for record in readings:
        event = record.event
        assert isinstance(event, Sample)
        if shows(event):
            if before is None:
                break
            return _between(before, record)
        before = record
    if before is None:
        raise BenchError(f"no reading shows the bench before {what}. Cure: run `plugproof doctor` on the bench file")
    event = before.event
    assert isinstance(event, Sample)
    return Instant(event.at, _own(event), (before.seq,), seen=False)


def elapsed(begin: Instant, end: Instant) -> Quantity:
    """Seconds from `begin` to `end`; at least so many where the end was not seen."""
    budget = {f"begin: {name}": part for name, part in begin.parts.items()}
    budget |= {f"end: {name}": part for name, part in end.parts.items()}
    return Quantity.of_budget(end.at - begin.at, "s", budget)


def dead(quantities: tuple[str, ...], high_v: float) -> Shows:
    """Readings in which no phase has more than `high_v`."""
    return partial(_all_below, quantities, high_v)


def live(quantities: tuple[str, ...]) -> Shows:
    """Readings in which every phase is switched on."""
    return lambda sample: all(_value(sample, name) > LIVE_V for name in quantities)


def released(sample: Sample) -> bool:
    """Whether the lock lets the plug go."""
    return _value(sample, "plug_held") == 0


def pwm(sample: Sample) -> bool:
    """Whether there is PWM on the pilot."""
    return _value(sample, "pilot_high_v") - _value(sample, "pilot_low_v") > PWM_SWING_V


def steady(sample: Sample) -> bool:
    """Whether there is no PWM on the pilot."""
    return not pwm(sample)


def asks_for_energy(sample: Sample) -> bool:
    """Whether the pilot is in state C2: the EV closed S2, and there is PWM."""
    return pwm(sample) and _value(sample, "pilot_high_v") < STATE_C_BELOW_V


def _all_below(quantities: tuple[str, ...], high_v: float, sample: Sample) -> bool:
    return all(_value(sample, name) <= high_v for name in quantities)


def _value(sample: Sample, name: str) -> float:
    if name not in sample.values:
        raise BenchError(f"{sample.source} measured no {name}. Cure: run `plugproof doctor` on the bench file")
    return sample.values[name][0]


def _between(before: Record, after: Record) -> Instant:
    one, other = before.event, after.event
    assert isinstance(one, Sample)
    assert isinstance(other, Sample)
    half_s = (other.at - one.at) / 2
    parts = {f"{other.role}: time between readings": expanded(rectangular(half_s)), **_own(other)}
    return Instant((one.at + other.at) / 2, parts, (before.seq, after.seq))


def _own(sample: Sample) -> dict[str, float]:
    """An instrument shows a value that may be as old as its display, and takes its time to answer."""
    return {f"{sample.role}: age of a reading": expanded(rectangular(sample.t_u))} if sample.t_u > 0 else {}
