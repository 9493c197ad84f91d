"""Samples of a case as curves: by instrument and quantity, broken where sampling was, and thinned without losing a peak."""

import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reports.assign import Line, is_plausible, time_of

GAP_FACTOR = 2.5
"""An interval between two samples is a gap when it is longer than this many usual ones (and than its neighbours)."""


class Point(NamedTuple):
    """One sample of one quantity: seconds since the case began, value, U (k=2) in the value's unit, and half-width (k=2) of the time."""

    t: float
    value: float
    u: float
    t_u: float = 0.0


class Gap(NamedTuple):
    """From the last sample before to the first after (seconds since the case began), and why, where that is known."""

    begin: float
    end: float
    why: str = ""


@dataclass(slots=True)
class Curve:
    """What one instrument said of one quantity, in the order of time. `gaps` are the spans in which it was not sampled as it should."""

    source: str
    role: str
    evse: int
    quantity: str
    unit: str
    points: list[Point] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def stretches(self) -> list[list[Point]]:
        """The points between gaps; none of these is empty."""
        found: list[list[Point]] = []
        ends = [gap.end for gap in self.gaps]
        at = 0
        for point in self.points:
            crossed = False
            while at < len(ends) and point.t >= ends[at]:
                at, crossed = at + 1, True
            if crossed or not found:
                found.append([])
            found[-1].append(point)
        return found


def sampled_at(line: Line) -> float:
    """The middle of the reading on the run's clock, in seconds; the time at which it was recorded where that is not told."""
    at = line.get("at")
    return float(at) if at is not None and is_plausible(at) else time_of(line)


def curves_of(lines: Iterable[Line], start: float) -> list[Curve]:
    """The curves in the samples among a trace's lines, times counted from `start`. What is no number of a known shape is left out."""
    found: dict[tuple[str, int, str, str], Curve] = {}
    known: dict[tuple[float, ...], list[Gap]] = {}
    for line in lines:
        values = line.get("values") if line.get("kind") == "sample" else None
        if not isinstance(values, dict):
            continue
        source, role, evse, t = _text(line, "source"), _text(line, "role"), line.get("evse"), sampled_at(line) - start
        evse = evse if isinstance(evse, int) else 0
        t_u = _half_width(line)
        for quantity, told in values.items():
            read = _read(told)
            if read is None:
                continue
            value, unit, u = read
            key = (source, evse, str(quantity), unit)
            curve = found.get(key)
            if curve is None:
                curve = found[key] = Curve(source, role, evse, str(quantity), unit)
            curve.points.append(Point(t, value, u, t_u))
    for curve in found.values():
        curve.points.sort(key=lambda point: point.t)
        times = tuple(point.t for point in curve.points)
        if times not in known:  # what one instrument tells together has the same gaps
            known[times] = gaps_in(times)
        curve.gaps = list(known[times])
    return list(found.values())


def _text(line: Line, key: str) -> str:
    value = line.get(key)
    return value if isinstance(value, str) else ""


def _half_width(line: Line) -> float:
    t_u = line.get("t_u")
    return float(t_u) if t_u is not None and is_plausible(t_u) else 0.0


def _read(told: Any) -> tuple[float, str, float] | None:
    if type(told) is list and len(told) == 3:  # as nearly all are: this is asked for each value of each sample
        value, unit, u = told
        if type(value) is float and type(unit) is str and type(u) is float and is_plausible(value) and is_plausible(u):
            return value, unit, abs(u)
    if not isinstance(told, list | tuple) or len(told) < 2 or not is_plausible(told[0]) or not isinstance(told[1], str):
        return None
    u = told[2] if len(told) > 2 and is_plausible(told[2]) else 0.0
    return float(told[0]), told[1], abs(float(u))


def gaps_in(times: Sequence[float]) -> list[Gap]:
    """Where an instrument that is read at regular intervals was not: intervals much longer than the usual one.

    The usual one is the median; a neighbour that is as long shows that sampling was slower there, on purpose.
    """
    steps = [after - before for before, after in itertools.pairwise(times)]
    if len(steps) < 2:
        return []
    usual = statistics.median(steps)
    found = []
    for i, step in enumerate(steps):
        around = [steps[j] for j in (i - 1, i + 1) if 0 <= j < len(steps)]
        if step > GAP_FACTOR * max(usual, *around) > 0:
            found.append(Gap(times[i], times[i + 1]))
    return found


def thinned(points: list[Point], buckets: int) -> list[Point]:
    """At most four points for each of `buckets` equal spans of time: the first, the least, the greatest, the last.

    A line through them covers the very pixels of one through all points when a bucket is a pixel wide.
    """
    if len(points) <= 4 * buckets or buckets < 1:
        return points
    begin, span = points[0].t, (points[-1].t - points[0].t) or 1.0
    kept: list[Point] = []
    at = 0
    for bucket in range(1, buckets + 1):
        end, first = begin + span * bucket / buckets, at
        while at < len(points) and (points[at].t < end or bucket == buckets):
            at += 1
        part = points[first:at]
        if part:
            kept += sorted({part[0], min(part, key=_value), max(part, key=_value), part[-1]})
    return kept


def _value(point: Point) -> float:
    return point.value
