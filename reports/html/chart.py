"""Curves of what the bench sampled in one case, laid out for SVG: current and power over time, with the messages as marks."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from reports.html.assign import Line, is_plausible, time_of
from reports.text import clip, figure

MOST_POINTS = 400
MOST_SERIES = 8
MOST_MARKS = 80
WIDTH, HEIGHT = 860, 150
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 22
_UNITS = {"A": "Current", "W": "Power", "kW": "Power"}
_ROUTINE = frozenset({"Heartbeat", "MeterValues"})
_LABEL_ROWS, _LABEL_PX = 3, 5.6
_FLAT = 1e-9  # a span below this is drawn as a flat line

Points = list[tuple[float, float]]


@dataclass(slots=True)
class Series:
    """One curve. `path` holds the SVG path's data; `slot` (from 0) chooses its colour."""

    label: str
    slot: int
    path: str
    least: str
    most: str


@dataclass(slots=True)
class Tick:
    """A grid line at `at` pixels with its text."""

    at: float
    text: str


@dataclass(slots=True)
class Panel:
    """All curves of one unit on common axes."""

    title: str
    unit: str
    series: list[Series]
    y_ticks: list[Tick]


@dataclass(slots=True)
class Mark:
    """A message or stimulus on the time axis; `row` is the label's row, or -1 where there is no room for one.

    `before`: the label stands left of the mark.
    """

    at: float
    kind: str
    label: str
    told: str
    row: int = -1
    before: bool = False


@dataclass(slots=True)
class Chart:
    """Panels over one time axis."""

    panels: list[Panel]
    x_ticks: list[Tick]
    marks: list[Mark] = field(default_factory=list)


def downsample(points: Points, most: int = MOST_POINTS) -> Points:
    """At most `most` points, keeping the least and the greatest value of each stretch, so that no peak is lost."""
    if len(points) <= most:
        return points
    stretches = most // 2
    kept: Points = []
    for i in range(stretches):
        part = points[i * len(points) // stretches : (i + 1) * len(points) // stretches]
        low, high = min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])
        kept += sorted({low, high})
    return kept


def _collect(lines: Iterable[Line], start: float) -> dict[str, dict[tuple[str, str], Points]]:
    """Points by unit and (source, quantity)."""
    found: dict[str, dict[tuple[str, str], Points]] = {}
    for line in lines:
        values = line.get("values") if line.get("kind") == "sample" else None
        for name, triple in values.items() if isinstance(values, dict) else ():
            if not isinstance(triple, list | tuple) or len(triple) < 2:
                continue
            value, unit = triple[0], triple[1]
            if not isinstance(unit, str) or unit not in _UNITS or not is_plausible(value):
                continue
            key = (str(line.get("source", "")), str(name))
            found.setdefault(unit, {}).setdefault(key, []).append((time_of(line) - start, float(value)))
    return found


def steps_between(low: float, high: float, about: int) -> list[float]:
    """Round figures from `low` to `high`, near `about` of them."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _name(source: str, quantity: str, sources: set[str]) -> str:
    phase = re.search(r"_l([123n])", quantity.lower())
    word = f"L{phase[1].upper()}" if phase else re.sub(r"_(a|w|kw)$", "", quantity).replace("_", " ")
    return f"{word} · {source}" if len(sources) > 1 else word


def _panel(unit: str, curves: dict[tuple[str, str], Points], x_of: "Axis") -> Panel:
    chosen = dict(sorted(curves.items())[:MOST_SERIES])
    sources = {source for source, _ in chosen}
    values = [value for points in chosen.values() for _, value in points]
    low, high = min(0.0, *values), max(0.0, *values)
    high = high + 0.08 * (high - low) if high - low > _FLAT else low + 1.0
    y_of = Axis(low, high, HEIGHT - BOTTOM, TOP)
    series = []
    for slot, ((source, quantity), points) in enumerate(chosen.items()):
        drawn = [f"{x_of(t):.1f} {y_of(v):.1f}" for t, v in downsample(points)]
        own = [v for _, v in points]
        path = "M" + "L".join(drawn) + ("h0.1" if len(drawn) == 1 else "")
        series.append(Series(_name(source, quantity, sources), slot, path, figure(min(own)), figure(max(own))))
    ticks = [Tick(y_of(v), figure(v)) for v in steps_between(low, high, 4)]
    return Panel(_UNITS[unit], unit, series, ticks)


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high` laid on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixels of `value`."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _mark(line: Line, start: float, axis: Axis) -> Mark | None:
    kind, t = line.get("kind"), time_of(line) - start
    if not axis.low <= t <= axis.high:
        return None
    if kind == "frame" and line.get("frame") in ("call", "send"):
        way = "out" if line.get("direction") == "out" else "in"
        label = str(line.get("action") or "")
    elif kind == "stimulus" and line.get("phase") != "begin":
        way, label = "bench", str(line.get("verb") or "")
    else:
        return None
    return Mark(axis(t), way, label, f"{label} at {t:+.3f} s")


def _marks(lines: Iterable[Line], start: float, axis: Axis) -> list[Mark]:
    found = [mark for line in lines if (mark := _mark(line, start, axis))]
    if len(found) > MOST_MARKS:
        found = [mark for mark in found if mark.label not in _ROUTINE][:MOST_MARKS]
    free = [0.0] * _LABEL_ROWS
    for mark in found:
        mark.label = clip(mark.label, 28)
        if mark.label in _ROUTINE:
            continue
        width = len(mark.label) * _LABEL_PX + 8
        mark.before = mark.at + width > WIDTH
        left, right = (mark.at - width, mark.at) if mark.before else (mark.at, mark.at + width)
        mark.row = next((i for i in range(_LABEL_ROWS) if free[i] <= left), -1)
        if mark.row >= 0:
            free[mark.row] = right
    return found


def chart_of(lines: list[Line], start: float) -> Chart | None:
    """The chart of a case whose lines these are, times counted from `start`; None where no current or power was sampled."""
    found = _collect(lines, start)
    times = [t for curves in found.values() for points in curves.values() for t, _ in points]
    if not times:
        return None
    low, high = min(0.0, *times), max(*times, *(time_of(line) - start for line in lines))
    axis = Axis(low, high if high - low > _FLAT else low + 1.0, LEFT, WIDTH - RIGHT)
    panels = [_panel(unit, found[unit], axis) for unit in _UNITS if unit in found]
    ticks = [Tick(axis(v), f"{figure(v)} s") for v in steps_between(axis.low, axis.high, 8)]
    return Chart(panels, ticks, _marks(lines, start, axis))
