"""A case laid out on one time axis: panels of curves one below the other, under the marks of messages and stimuli.

Everything is in pixels of a drawing that is WIDTH wide; `reports.plots.drawing` makes SVG of it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reports.assign import Line, is_plausible, time_of
from reports.plots.axis import FLAT, Axis, path_through, steps_between
from reports.plots.curves import Curve, Point, curves_of, thinned
from reports.plots.edges import Edge, edges_of
from reports.plots.marks import CHARACTER_PX, Mark, StepSpan, marks_of, steps_of
from reports.plots.panels import FREQUENCY, LEVEL, Kind, grouped, word_of
from reports.text import figure

WIDTH = 860.0
LEFT, RIGHT = 52.0, 12.0
HEAD, ROW, TITLE, FOOT, GUTTER = 18.0, 13.0, 17.0, 36.0, 8.0
"""Heights: of the key to the marks, of a row of labels, of a panel's title, of the time axis, and between panels."""
BUCKET_PX = 3.0
"""Samples that fall on so many pixels are drawn by their first, least, greatest and last."""

_DOTS_FROM_PX = 14.0
_VISIBLE_U_PX = 1.2
_LEVELS = {12.0: "A 12", 9.0: "B 9", 6.0: "C 6", 3.0: "D 3", 0.0: "E 0", -12.0: "-12"}
_SLOTS = {"L1": 0, "L2": 1, "L3": 2, "N": 5, "total": 3, "high": 3, "low": 5, "duty": 3}


@dataclass(slots=True)
class Drawn:
    """One curve. `slot` (from 0) chooses the colour, `dash` (from 0) how it is dashed: one for each instrument.

    `path`, `band` (the U around it, where that is to be seen) and `dots` (samples that stand apart) are data of SVG paths.
    """

    slot: int
    dash: int
    path: str
    band: str
    dots: str


@dataclass(slots=True)
class Legend:
    """An entry of a panel's legend: a stroke in a colour (or none, -1) and a dash (or none, -1), and a text, at `x`, in `row`."""

    slot: int
    dash: int
    text: str
    x: float = 0.0
    row: int = 0


@dataclass(slots=True)
class Tick:
    """A grid line at `at` pixels with its text."""

    at: float
    text: str


@dataclass(slots=True)
class Panel:
    """All curves of one kind on common axes, from `top` to `bottom`; its title and legend stand above."""

    title: str
    top: float
    bottom: float
    y_of: Axis
    curves: list[Drawn]
    legend: list[Legend]
    ticks: list[Tick]
    gaps: list[tuple[float, float, str]]


@dataclass(slots=True)
class Chart:
    """Panels over one time axis; `height` in pixels."""

    panels: list[Panel]
    x_of: Axis
    ticks: list[Tick]
    height: float
    marks: list[Mark] = field(default_factory=list)
    steps: list[StepSpan] = field(default_factory=list)
    steps_top: float = 0.0
    edges: list[Edge] = field(default_factory=list)

    @property
    def bottom(self) -> float:
        """Where the time axis is."""
        return self.height - FOOT

    @property
    def edges_top(self) -> float:
        """Where the rows of the edges begin, one below the other."""
        return self.panels[-1].bottom + GUTTER + TITLE


def chart_of(lines: Sequence[Line], start: float, curves: list[Curve] | None = None) -> Chart | None:
    """The chart of a case whose trace lines these are, times counted from `start`.

    `curves`: what was sampled, where that is known better than by the trace. None where nothing of what is drawn was sampled.
    """
    panels = grouped(curves_of(lines, start) if curves is None else curves)
    times = [point.t for _, own in panels for curve in own for point in (curve.points[0], curve.points[-1])]
    if not times:
        return None
    told = [time_of(line) - start for line in lines if line.get("t") is not None and is_plausible(line.get("t"))]
    low, high = min(0.0, *times), max(*times, *told)
    x_of = Axis(low, high if high - low > FLAT else low + 1.0, LEFT, WIDTH - RIGHT)
    marks, steps = marks_of(lines, start, x_of), steps_of(lines, start, x_of)
    rows = max((mark.row for mark in marks), default=-1) + 1
    steps_top = HEAD + ROW * rows + GUTTER if marks else 0.0
    top, laid = steps_top + (ROW + GUTTER if steps else 0.0), []
    for kind, own in panels:
        laid.append(_panel(kind, own, x_of, top))
        top = laid[-1].bottom + GUTTER
    ticks = [Tick(x_of(v), figure(v)) for v in steps_between(x_of.low, x_of.high, 10)]
    edges = edges_of(lines, start, x_of)
    bottom = laid[-1].bottom + (GUTTER + TITLE + ROW * len(edges) if edges else 0.0)
    return Chart(laid, x_of, ticks, bottom + FOOT, marks, steps, steps_top, edges)


def _panel(kind: Kind, curves: list[Curve], x_of: Axis, top: float) -> Panel:
    unit, factor = kind.unit, 1.0
    low, high = _range(kind, curves)
    if unit == "W" and max(abs(low), abs(high)) >= 1000:
        unit, factor = "kW", 1e-3
    legend = _legend(curves, unit, factor, f"{kind.title} / {unit}", x_of)
    top += TITLE + ROW * max(entry.row for entry in legend)
    y_of = Axis(low, high, top + kind.height, top)
    keys = _styles(curves)
    drawn = [_drawn(curve, keys[id(curve)], x_of, y_of) for curve in curves]
    return Panel(
        f"{kind.title} / {unit}",
        top,
        top + kind.height,
        y_of,
        drawn,
        legend,
        _y_ticks(kind, y_of, factor),
        _gaps(curves, x_of),
    )


def _range(kind: Kind, curves: list[Curve]) -> tuple[float, float]:
    """What the panel's axis spans: what was measured, and zero unless what moves is far from it."""
    values = [point.value for curve in curves for point in curve.points]
    low, high = min(values), max(values)
    if kind is LEVEL:
        return min(low, -12.0) - 1.5, max(high, 12.0) + 1.5
    if kind is not FREQUENCY:
        low, high = min(0.0, low), max(0.0, high)
    if high - low < FLAT:
        return low, low + 1.0
    return low - (0.06 * (high - low) if low < 0 or kind is FREQUENCY else 0.0), high + 0.06 * (high - low)


def _y_ticks(kind: Kind, y_of: Axis, factor: float) -> list[Tick]:
    if kind is LEVEL:
        return [Tick(y_of(v), text) for v, text in _LEVELS.items()]
    about = max(2, round(kind.height / 38))
    return [Tick(y_of(v / factor), figure(v)) for v in steps_between(y_of.low * factor, y_of.high * factor, about)]


def _styles(curves: list[Curve]) -> dict[int, tuple[int, int]]:
    """Colour and dash of each curve: a colour for what it is, a dash for the instrument that says so."""
    sources = list(dict.fromkeys((curve.source, curve.evse) for curve in curves))
    words = list(dict.fromkeys(word_of(curve, several_evses=False) for curve in curves))
    spare = iter([slot for slot in (4, 6, 7, 0, 1, 2, 3, 5) if slot not in {_SLOTS.get(word) for word in words}] * 9)
    slots = {word: _SLOTS[word] if word in _SLOTS else next(spare) for word in words}
    return {
        id(curve): (slots[word_of(curve, several_evses=False)], min(sources.index((curve.source, curve.evse)), 2))
        for curve in curves
    }


def _legend(curves: list[Curve], unit: str, factor: float, title: str, x_of: Axis) -> list[Legend]:
    """Each quantity with its range by the first instrument, then the instruments, then the uncertainty, wrapped to the width."""
    several = len({curve.evse for curve in curves}) > 1
    keys, entries = _styles(curves), []
    first: dict[int, Curve] = {}
    for curve in curves:
        first.setdefault(keys[id(curve)][0], curve)
    for slot, curve in first.items():
        values = [point.value * factor for point in curve.points]
        entries.append(Legend(slot, -1, f"{word_of(curve, several_evses=False)} {_extent(min(values), max(values))}"))
    sources = {(c.source, c.evse): keys[id(c)][1] for c in reversed(curves)}
    for (source, evse), dash in sorted(sources.items(), key=lambda item: item[1]):
        entries.append(Legend(-1, dash, f"{source} (EVSE {evse})" if several else source))
    u = max((point.u * factor for curve in curves for point in curve.points), default=0.0)
    if u > 0:
        entries.append(Legend(-1, -1, f"U ≤ {figure(float(f'{u:.2g}'))} {unit} (k=2)"))
    x, row = x_of.start + len(title) * CHARACTER_PX * 1.1 + 14, 0
    for entry in entries:
        width = len(entry.text) * CHARACTER_PX + (16 if entry.slot < 0 and entry.dash < 0 else 38)
        if x + width > x_of.end and x > x_of.start:
            x, row = x_of.start, row + 1
        entry.x, entry.row = x, row
        x += width
    return entries


def _extent(low: float, high: float) -> str:
    return figure(low) if figure(low) == figure(high) else f"{figure(low)} to {figure(high)}"


def _drawn(curve: Curve, style: tuple[int, int], x_of: Axis, y_of: Axis) -> Drawn:
    paths, bands, dots = [], [], []
    buckets = max(1, round((x_of.end - x_of.start) / BUCKET_PX))
    for stretch in curve.stretches():
        share = (stretch[-1].t - stretch[0].t) / (x_of.high - x_of.low)
        kept = thinned(stretch, max(1, round(buckets * share)))
        at = [(x_of(point.t), y_of(point.value)) for point in kept]
        paths.append(path_through(at))
        if style[1] == 0 and max(point.u for point in kept) * y_of.scale >= _VISIBLE_U_PX:
            bands.append(_band(kept, x_of, y_of))
        dots += [f"M{x:.1f} {y:.1f}h0" for x, y in _apart(at)] if style[1] == 0 or len(at) == 1 else []
    return Drawn(*style, "".join(path for path in paths if "L" in path), "".join(bands), "".join(dots))


def _band(points: list[Point], x_of: Axis, y_of: Axis) -> str:
    """What lies within U of the curve, cut off at the panel's edges."""
    upper = [(x_of(p.t), max(y_of(p.value + p.u), y_of.end)) for p in points]
    lower = [(x_of(p.t), min(y_of(p.value - p.u), y_of.start)) for p in points]
    back = path_through([(-x, y) for x, y in reversed(lower)]).replace("M-", "L").replace("L-", "L")
    return f"{path_through(upper)}{back}Z"


def _apart(at: list[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """The samples between which a line says more than was measured."""
    if len(at) == 1:
        return at
    wide = [after[0] - before[0] >= _DOTS_FROM_PX for before, after in itertools.pairwise(at)]
    return [point for i, point in enumerate(at) if any(wide[max(0, i - 1) : i + 1])]


def _gaps(curves: list[Curve], x_of: Axis) -> list[tuple[float, float, str]]:
    """Spans of pixels in which the first instrument was not sampled, each with what is to be said of it."""
    first = curves[0]
    return [
        (x_of(begin), x_of(end), f"no sample of {first.source} from {begin:+.3f} s to {end:+.3f} s {why}".rstrip())
        for begin, end, why in first.gaps
        if end > x_of.low and begin < x_of.high
    ]
