"""Judging what instruments show: a value that settles in time and stays, or stays throughout.

Each sample decides with its own expanded uncertainty U (guard band, ILAC-G8): inside the bounds by more than U, outside by more than U, or
neither. The instant of settling lies between the last sample outside and the first inside, widened by the time stamps' own uncertainty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from harness.oracle.excess import WATCHED_S, longest, spacing
from harness.oracle.expectations import Settles, Stays
from harness.oracle.outcome import Outcome
from harness.quantity import rounded
from harness.trace.events import InstrumentTrouble, Sample
from harness.trace.trace import Trace

Place = Literal["inside", "outside", "unsure"]

_RANKS: dict[Place, int] = {"inside": 0, "unsure": 1, "outside": 2}


@dataclass(frozen=True, slots=True)
class _Point:
    """One sample; `name` and `reading` are the quantity that stands worst."""

    seq: int
    at: float
    t_u: float
    place: Place
    name: str
    reading: tuple[float, str, float]

    @property
    def worst(self) -> str:
        value, unit, u = self.reading
        return f"{self.name} {rounded(value, u)} ± {rounded(u, u)} {unit}"


def judge_settles(expectation: Settles, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Settles."""
    opened = trace[expectation.since].t
    required = f"{_bounds(expectation)} within {expectation.until - opened:.1f} s"
    if expectation.holds > 0:
        required += f", and for {expectation.holds:.1f} s from then on"
    horizon = expectation.until + max(expectation.holds, expectation.max_gap)
    points = _points(expectation, trace, opened, horizon)
    first = next((index for index, point in enumerate(points) if point.place == "inside"), None)
    if first is None or points[first].at - points[first].t_u > expectation.until:
        return _never_settled(expectation, trace, points, now, required)
    settled = points[first]
    end = settled.at + expectation.holds
    after = [point for point in points[first:] if point.at <= end]
    left = next((point for point in after if point.place == "outside"), None)
    if left is not None:
        observed = f"settled at {settled.at - opened:+.2f} s, but {left.worst} at {left.at - opened:+.2f} s"
        return _exceeded(expectation, trace, Outcome("violated", required, observed, _span(after)), settled.at, end)
    if now < end:
        return Outcome("pending", required, f"settled at {settled.at - opened:+.2f} s", _span(after), wake_at=end)
    return _settled(expectation, trace, points[: first + len(after)], first, required)


def _settled(expectation: Settles, trace: Trace, points: list[_Point], first: int, required: str) -> Outcome:
    opened, settled, seen = trace[expectation.since].t, points[first], points[first:]
    observed = f"settled at {settled.at - opened:+.2f} s, last {points[-1].worst}{_by_values(expectation, seen)}"
    gap = _widest_gap([settled.at, *(point.at for point in seen), settled.at + expectation.holds])
    unsure = next((point for point in seen if point.place == "unsure"), None)
    if gap > expectation.max_gap:
        why = _fault(expectation, trace, settled.at + expectation.holds)
        return Outcome("inconclusive", required, f"{observed}; but {gap:.1f} s went unobserved{why}", _span(points))
    if unsure is not None:
        return Outcome("inconclusive", required, f"{unsure.worst} is too close to the limit to tell", _span(points))
    if settled.at + settled.t_u > expectation.until:
        return Outcome("inconclusive", required, f"{observed}: too close to the deadline to tell", _span(points))
    return Outcome("met", required, observed, _span(points))


def _never_settled(expectation: Settles, trace: Trace, points: list[_Point], now: float, required: str) -> Outcome:
    """Too late is proven only by a sample outside *after* the deadline: between two samples the value may have settled."""
    opened = trace[expectation.since].t
    beyond = next((point for point in points if point.at - point.t_u > expectation.until), None)
    if beyond is None and now < expectation.until + expectation.max_gap:
        seen = points[-1].worst if points else "no sample yet"
        wake_at = expectation.until if now < expectation.until else expectation.until + expectation.max_gap
        return Outcome("pending", required, seen, _span(points), wake_at=wake_at)
    if beyond is None:
        observed = f"the bench saw nothing at the deadline{_fault(expectation, trace, expectation.until)}"
        return Outcome("inconclusive", required, observed, (expectation.since, *_span(points)))
    watched = [point for point in points if point.at <= beyond.at]
    observed = f"{beyond.worst} at {beyond.at - opened:+.2f} s, in {len(watched)} samples"
    if beyond.place == "outside":
        outcome = Outcome("violated", required, observed, _span(watched))
        return _exceeded(expectation, trace, outcome, expectation.until, max(now, expectation.until + WATCHED_S))
    return Outcome("inconclusive", required, f"{observed}: too close to the deadline to tell", _span(watched))


def judge_stays(expectation: Stays, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Stays."""
    opened = trace[expectation.since].t
    required = f"{_bounds(expectation)} for {expectation.until - opened:.1f} s"
    points = _points(expectation, trace, opened, expectation.until)
    left = next((point for point in points if point.place == "outside"), None)
    if left is not None:
        outcome = Outcome("violated", required, f"{left.worst} at {left.at - opened:+.2f} s", (left.seq,))
        return _exceeded(expectation, trace, outcome, opened, min(expectation.until, left.at + WATCHED_S))
    if now < expectation.until:
        return Outcome("pending", required, "within so far", _span(points), wake_at=expectation.until)
    gap = _widest_gap([opened, *(point.at for point in points), expectation.until])
    if not points or gap > expectation.max_gap:
        observed = f"{gap:.1f} s went unobserved{_fault(expectation, trace, expectation.until)}"
        return Outcome("inconclusive", required, observed, _span(points) or (expectation.since,))
    unsure = next((point for point in points if point.place == "unsure"), None)
    if unsure is not None:
        return Outcome("inconclusive", required, f"{unsure.worst} is too close to the limit to tell", _span(points))
    observed = f"within in {len(points)} samples{_by_values(expectation, points)}"
    return Outcome("met", required, observed, _span(points))


def _exceeded(expectation: Settles | Stays, trace: Trace, outcome: Outcome, since: float, until: float) -> Outcome:
    """With the longest excess from `since` to `until`, and the wish to wait until then, where it is to be told."""
    if expectation.value_s <= 0 or expectation.high is None:
        return outcome
    samples = [sample for _, sample in _samples(expectation, trace, since, until)]
    excess = longest(samples, expectation, since)
    if excess is None:
        return outcome
    told = f"{outcome.observed}; {excess.text(trace[expectation.since].t)}"
    told += _of_values(expectation, [sample.at for sample in samples])
    return replace(outcome, observed=told, wake_at=until)


def _by_values(expectation: Settles | Stays, points: list[_Point]) -> str:
    return _of_values(expectation, [point.at for point in points])


def _of_values(expectation: Settles | Stays, times: list[float]) -> str:
    """What a value is the mean of, and how often one was taken: an excess that is shorter shows less, or not at all."""
    if expectation.value_s <= 0:
        return ""
    return f"; each value is a mean over at most {1000 * expectation.value_s:.0f} ms, one every {1000 * spacing(times):.0f} ms"


def _fault(expectation: Settles | Stays, trace: Trace, end: float) -> str:
    """Why nothing was seen, where an instrument that is looked at here failed before `end`: the first such fault."""
    looked_at: set[str] = set()
    for record in trace.since(0):
        event, watched = record.event, record.seq > expectation.since and record.t < end
        if isinstance(event, Sample) and (event.role, event.evse) == (expectation.role, expectation.evse):
            looked_at.add(event.source)
        elif isinstance(event, InstrumentTrouble) and watched and event.instrument in looked_at:
            return f": {event.instrument} at {event.address}: {event.what}"
    return ""


def _bounds(expectation: Settles | Stays) -> str:
    low = "" if expectation.low is None else f"{expectation.low:g} <= "
    high = "" if expectation.high is None else f" <= {expectation.high:g}"
    return f"{low}{', '.join(expectation.quantities)}{high} ({expectation.role}, EVSE {expectation.evse})"


def _samples(expectation: Settles | Stays, trace: Trace, start: float, end: float) -> Iterator[tuple[int, Sample]]:
    for record in trace.since(expectation.since + 1):
        event = record.event
        if isinstance(event, Sample) and (event.role, event.evse) == (expectation.role, expectation.evse):
            if not start <= event.at <= end:
                continue
            yield record.seq, event


def _points(expectation: Settles | Stays, trace: Trace, start: float, end: float) -> list[_Point]:
    seen = (_point(seq, sample, expectation) for seq, sample in _samples(expectation, trace, start, end))
    return [point for point in seen if point is not None]


def _point(seq: int, sample: Sample, expectation: Settles | Stays) -> _Point | None:
    """How one sample stands; the worst of its quantities speaks. None when it lacks one of them."""
    worst: _Point | None = None
    for name in expectation.quantities:
        reading = sample.values.get(name)
        if reading is None:
            return None
        place = _place(reading[0], reading[2], expectation.low, expectation.high)
        if worst is None or _RANKS[place] > _RANKS[worst.place]:
            worst = _Point(seq, sample.at, sample.t_u, place, name, reading)
    return worst


def place_of(sample: Sample, expectation: Settles | Stays) -> Place | None:
    """Where a sample stands to the bounds; None when it lacks one of the quantities."""
    point = _point(0, sample, expectation)
    return point.place if point is not None else None


def _place(value: float, u: float, low: float | None, high: float | None) -> Place:
    if (high is not None and value - u > high) or (low is not None and value + u < low):
        return "outside"
    if (high is not None and value + u > high) or (low is not None and value - u < low):
        return "unsure"
    return "inside"


def _widest_gap(times: list[float]) -> float:
    return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


def _span(points: list[_Point]) -> tuple[int, ...]:
    return (points[0].seq, points[-1].seq) if len(points) > 1 else tuple(point.seq for point in points)
