"""Edges in a captured waveform: when the pilot left a state, when voltage or current ended for good, what flowed at a closing,
how steep a pulse rises.

Pure functions over samples. An edge is known to lie between two instants: the last at which the old state was seen, and the first
at which it was gone. It is told as the middle of that span, with the uncertainty of a rectangular distribution over it (JCGM
100:2008, 4.3.7), expanded with k = 2. Two things widen the span beyond the sample interval: the negative part of the
pilot's PWM, which shows no state (IEC 61851-1 Annex A, second hand), and the zero crossings of the mains, at which a sine
that goes on is as small as one that has ended.
"""

import math
from array import array
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from harness.uncertainty import expanded, rectangular

PILOT_POSITIVE_V = 1.0
"""A pilot above this is in the positive part of its PWM in the states A to D, whose levels are 3 V and more."""

QUIET_HALF_CYCLES = 3
"""Half cycles of silence, up to the end of the capture, after which something has ended for good."""

NOISE_STEPS = 3
"""Steps of the converter below which a sample is not told from zero."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Samples `step_s` apart; the first is `start_s` after the trigger. `resolution`: one step of the converter, in their unit.

    `clipped`: samples at the end of the converter's range, whose true value may lie beyond.
    """

    start_s: float
    step_s: float
    values: "array[float]"
    resolution: float = 0.0
    clipped: int = 0

    def __post_init__(self) -> None:
        if not (self.step_s > 0 and math.isfinite(self.step_s) and math.isfinite(self.start_s)):
            raise ValueError(f"samples {self.step_s} s apart from {self.start_s} s on are no waveform")

    def t(self, index: int) -> float:
        """Seconds from the trigger to a sample."""
        return self.start_s + index * self.step_s

    @property
    def end_s(self) -> float:
        """Seconds from the trigger to the last sample."""
        return self.t(len(self.values) - 1)

    def index(self, t: float) -> int:
        """The first sample at or after `t` seconds, at most the number of samples."""
        return min(max(0, math.ceil((t - self.start_s) / self.step_s - 1e-9)), len(self.values))

    def since(self, t: float) -> "Waveform":
        """What was captured from `t` seconds on."""
        index = self.index(t)
        return Waveform(self.t(index), self.step_s, self.values[index:], self.resolution, self.clipped)

    def between(self, t1: float, t2: float) -> "array[float]":
        """The samples from `t1` up to, not including, `t2`."""
        return self.values[self.index(t1) : self.index(t2)]


@dataclass(frozen=True, slots=True)
class Edge:
    """Something changed `t` seconds after the trigger, give or take `u` (k=2). `open`: it had not come to an end when the capture did,
    and `t` is the last instant at which it was seen."""

    t: float
    u: float
    open: bool = False

    @classmethod
    def between(cls, before: float, after: float) -> "Edge":
        """An edge that lies somewhere between two instants."""
        return cls((before + after) / 2, expanded(rectangular((after - before) / 2)))


def threshold(rms: float, wave: Waveform) -> float:
    """The instantaneous value above which a sine of this RMS value, or noise, does not come."""
    return max(math.sqrt(2) * rms, NOISE_STEPS * wave.resolution)


def pilot_rises(pilot: Waveform, level_v: float) -> Edge | None:
    """When the pilot's positive level first came above `level_v`: C to B at 7.5 V, B to A at 10.5 V. None when it never was below, or never rose.

    PWM shows its level for a part of each period only: the edge lies between the last positive sample below and the first above.
    A sample that was taken while a pulse rises shows no level, unless no other is there.
    """
    last_below: int | None = None
    last_rising: int | None = None
    was_positive = False
    for index, volts in enumerate(pilot.values):
        if volts > level_v:
            before = last_rising if last_below is None else last_below
            return None if before is None else Edge.between(pilot.t(before), pilot.t(index))
        if volts > PILOT_POSITIVE_V:
            last_below, last_rising = (index, last_rising) if was_positive else (last_below, index)
        was_positive = volts > PILOT_POSITIVE_V
    return None


def transition(wave: Waveform) -> tuple[Edge, Edge]:
    """When the one transition of a capture passed 10 % and 90 % of its way, rising or falling.

    Each lies between the first sample that may be beyond and the last that may not be, by one step of the converter. The
    levels are the medians of the capture's first and last fifth. Raises ValueError for a capture of fewer than ten samples, one
    in which nothing moves by more than ten steps, and one that does not rest for its first and last fifth.
    """
    fifth = len(wave.values) // 5
    if fifth < 2:
        raise ValueError(f"a capture of {len(wave.values)} samples has no levels")
    ends_of_it = (wave.values[:fifth], wave.values[-fifth:])
    low, high = map(median, ends_of_it)
    height = high - low
    if abs(height) <= 10 * wave.resolution or height == 0:
        raise ValueError(f"from {low:.3g} to {high:.3g} is no transition")
    if max(max(one) - min(one) for one in ends_of_it) > 0.1 * abs(height):
        raise ValueError("the transition is not in the capture as a whole")
    way = array("d", ((value - low) / height for value in wave.values))
    step = wave.resolution / abs(height)
    return _passes(wave, way, 0.1, step), _passes(wave, way, 0.9, step)


def _passes(wave: Waveform, way: "array[float]", share: float, step: float) -> Edge:
    first = next((index for index, value in enumerate(way) if value >= share - step), 0)
    last = next((index for index in range(len(way) - 1, -1, -1) if way[index] <= share + step), 0)
    return Edge.between(wave.t(min(first - 1, last)), wave.t(max(first, last + 1)))


def ends(wave: Waveform, above: float, half_cycle_s: float) -> Edge | None:
    """When a current ended for good: after its last sample beyond `above`, in either direction. None when there was none.

    It may have ended later than that sample by as long as it used to stay below while it flowed: at zero crossings, or between
    the pulses of a rectifier.
    """
    beyond = [index for index, value in enumerate(wave.values) if abs(value) > above]
    if not beyond:
        return None
    last = beyond[-1]
    if wave.end_s - wave.t(last) < QUIET_HALF_CYCLES * half_cycle_s:
        return Edge(wave.t(last), wave.step_s, open=True)
    return Edge.between(wave.t(last), wave.t(last) + _usual_gap(wave, beyond, half_cycle_s))


def supply_ends(wave: Waveform, above: float, half_cycle_s: float) -> Edge | None:
    """When a mains voltage ended for good: after the last half wave that was of the other sign than the one before. None without one.

    What stays on one side of zero is a charge that is left in the EV's filters, and no supply. The mains were there
    when the last half wave began; had they gone on, the next one would have come half a cycle later.
    """
    sign, begins = 0, []
    last_beyond = None
    for index, value in enumerate(wave.values):
        if abs(value) > above:
            last_beyond = index
            if (value > 0) != (sign > 0) or sign == 0:
                sign = 1 if value > 0 else -1
                begins.append(index)
    if last_beyond is None or len(begins) < 2:
        return None
    began = wave.t(begins[-1])
    if wave.end_s - began < QUIET_HALF_CYCLES * half_cycle_s:
        return Edge(began, half_cycle_s, open=True)
    latest = min(began + half_cycle_s, wave.t(last_beyond) + _gap_at_zero(wave, above, half_cycle_s))
    return Edge.between(began, max(latest, began) + wave.step_s)


def openings(wave: Waveform, above: float, half_cycle_s: float) -> list[tuple[float, float | None]]:
    """Where a mains voltage that was there is gone, from and until; None: it did not come back in the capture.

    Half a cycle at least: a shorter one is not told from a zero crossing. What stays on one side of zero for longer is a charge, and no
    supply.
    """
    halves = _half_waves(wave, above, half_cycle_s)
    found: list[tuple[float, float | None]] = [
        (earlier, begin) for (_, earlier), (begin, _) in pairwise(halves) if begin - earlier > half_cycle_s
    ]
    if halves and wave.end_s - halves[-1][1] > QUIET_HALF_CYCLES * half_cycle_s:
        found.append((halves[-1][1], None))
    return found


def _half_waves(wave: Waveform, above: float, half_cycle_s: float) -> list[tuple[float, float]]:
    """From when until when each half wave was seen; none is longer than half a cycle."""
    halves: list[tuple[float, float]] = []
    sign, last_t = 0, -math.inf
    for index, value in enumerate(wave.values):
        if abs(value) <= above:
            continue
        t, its_sign = wave.t(index), 1 if value > 0 else -1
        if its_sign == sign and t - last_t <= half_cycle_s:
            begin = halves[-1][0]
            halves[-1] = (begin, min(t, begin + half_cycle_s))
        else:
            halves.append((t, t))
        sign, last_t = its_sign, t
    return halves


def begins(wave: Waveform, above: float, half_cycle_s: float) -> Edge | None:
    """When a voltage or current began: before its first sample beyond `above`, by no longer than it stays below it at a zero crossing.

    None when it never began, or was there from the first sample on.
    """
    beyond = [index for index, value in enumerate(wave.values) if abs(value) > above]
    if not beyond or wave.t(beyond[0]) - wave.start_s < 2 * half_cycle_s:
        return None
    first = wave.t(beyond[0])
    return Edge.between(first - _usual_gap(wave, beyond, half_cycle_s), first)


def peak(wave: Waveform, t1: float, t2: float) -> float:
    """The largest absolute value from `t1` to `t2`. Raises ValueError when no sample lies there."""
    samples = _some(wave, t1, t2)
    return max(map(abs, samples))


def rms(wave: Waveform, t1: float, t2: float) -> float:
    """Root of the mean square from `t1` to `t2`. Raises ValueError when no sample lies there."""
    samples = _some(wave, t1, t2)
    return math.sqrt(math.fsum(value * value for value in samples) / len(samples))


def square_integral(wave: Waveform, t1: float, t2: float) -> float:
    """The integral of the square from `t1` to `t2`, in the square of the unit times seconds. Raises ValueError as `rms`."""
    return math.fsum(value * value for value in _some(wave, t1, t2)) * wave.step_s


def _some(wave: Waveform, t1: float, t2: float) -> "array[float]":
    samples = wave.between(t1, t2)
    if not samples:
        raise ValueError(
            f"no sample lies between {t1} s and {t2} s: the capture has {wave.start_s} s to {wave.end_s} s"
        )
    return samples


def _usual_gap(wave: Waveform, beyond: list[int], half_cycle_s: float) -> float:
    """The longest time for which something that flows stays small, at most half a cycle: longer ones are pauses, not its shape."""
    most = half_cycle_s / wave.step_s
    gaps = [late - early for early, late in pairwise(beyond) if late - early <= most]
    return min(max(gaps, default=1) * wave.step_s + wave.step_s, half_cycle_s + wave.step_s)


def _gap_at_zero(wave: Waveform, above: float, half_cycle_s: float) -> float:
    """How long a sine of this waveform's height stays below `above` at a zero crossing."""
    height = max(map(abs, wave.values))
    return 2 * half_cycle_s / math.pi * math.asin(min(1.0, above / height)) + wave.step_s
