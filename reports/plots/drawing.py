"""A chart as SVG: inside an HTML report, or as a file of its own. The classes are the same, so that it is one drawing."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from reports.plots.chart import HEAD, LEFT, RIGHT, ROW, WIDTH, Chart, Legend, Panel
from reports.plots.marks import Mark
from reports.text import visible

STYLE = Path(__file__).parent / "plot.css"
PALETTE = {
    "card": "#ffffff", "ink": "#1c2329", "soft": "#4d5761", "line": "#dfe3e7", "wash": "#eceff2", "amiss": "#f6c9c4",
    "in": "#2b6cb0", "out": "#b4622d", "bench": "#6b7785",
    "s0": "#2b6cb0", "s1": "#c05621", "s2": "#2f855a", "s3": "#805ad5", "s4": "#b83280", "s5": "#718096", "s6": "#0987a0", "s7": "#975a16",
}  # fmt: skip
"""Colours of a file of its own: those of the report on a light background."""

_KINDS = {"in": "from the station", "out": "to the station", "bench": "bench"}
_TITLE_PX = 46.0


def inline(chart: Chart) -> str:
    """The drawing as an element of an HTML page that has `plot.css` and its colours."""
    told = _text(", ".join(panel.title for panel in chart.panels))
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH:g} {chart.height:g}" role="img" aria-label="{told} over time">'
        f"{''.join(_parts(chart))}</svg>"
    )


def standalone(chart: Chart, title: str, subtitle: str) -> str:
    """The drawing as a file: with a title, its own colours, and a background."""
    height = chart.height + _TITLE_PX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot file" width="{WIDTH:g}" height="{height:g}" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{_text(title)}"><style>{_style()}</style>'
        f'<rect class="ground" width="{WIDTH:g}" height="{height:g}"/>'
        f'<text class="title" x="12" y="20">{_text(title)}</text><text x="12" y="36">{_text(subtitle)}</text>'
        f'<g transform="translate(0 {_TITLE_PX:g})">{"".join(_parts(chart))}</g></svg>\n'
    )


def _style() -> str:
    """The style sheet with every colour in place: not every renderer knows variables."""
    sheet = STYLE.read_text(encoding="utf-8")
    return re.sub(r"var\(--(\w+)\)", lambda match: PALETTE[match[1]], sheet)


def _text(text: str) -> str:
    return escape(visible(text))


def _parts(chart: Chart) -> Iterator[str]:
    for panel in chart.panels:
        yield from _under(panel)
    yield from _head(chart)
    yield from _steps(chart)
    for panel in chart.panels:
        yield from _over(panel)
    yield from _edges(chart)
    yield from _time_axis(chart)


def _head(chart: Chart) -> Iterator[str]:
    """The marks, and above them what their colours and dashes mean."""
    x = LEFT
    for kind in dict.fromkeys(mark.kind for mark in chart.marks):
        yield f'<path class="m {kind}" d="M{x:g} 8h20"/><text class="{kind}" x="{x + 25:g}" y="11.5">{_KINDS[kind]}</text>'
        x += 140
    for mark in chart.marks:
        yield _mark(mark, chart.bottom, chart.panels[0].top)
    for mark in chart.marks:
        if mark.row >= 0:
            yield _label(mark)


def _steps(chart: Chart) -> Iterator[str]:
    """The steps as a strip, numbered as in the report; a step that did not pass stands out."""
    if chart.steps:
        yield f'<text x="{LEFT - 6:g}" y="{chart.steps_top + 10:g}" text-anchor="end">Step</text>'
    for i, step in enumerate(chart.steps):
        tone = " amiss" if step.verdict not in ("pass", "", "none") else " odd" if i % 2 else ""
        width = max(step.end - step.begin, 0.5)
        box = f'x="{step.begin:.1f}" y="{chart.steps_top:g}" width="{width:.1f}" height="{ROW:g}"'
        yield f'<rect class="step{tone}" {box}><title>{_text(step.told)}</title></rect>'
        if width > 8 * len(str(step.number)):
            middle = step.begin + width / 2
            yield f'<text x="{middle:.1f}" y="{chart.steps_top + 10:g}" text-anchor="middle">{step.number}</text>'


def _mark(mark: Mark, bottom: float, plain_top: float) -> str:
    top = HEAD + ROW * mark.row if mark.row >= 0 else plain_top
    line = f'<path class="m {mark.kind}" d="M{mark.at:.1f} {top:g}V{bottom:g}"'
    return f"{line}/>" if mark.row >= 0 else f"{line}><title>{_text(mark.told)}</title></path>"


def _label(mark: Mark) -> str:
    """Over all the lines, so that none crosses it out."""
    side = f'x="{mark.at - 3:.1f}" text-anchor="end"' if mark.before else f'x="{mark.at + 3:.1f}"'
    return f'<text class="over {mark.kind}" {side} y="{HEAD + ROW * mark.row + 9:g}">{_text(mark.label)}</text>'


def _under(panel: Panel) -> Iterator[str]:
    for begin, end, told in panel.gaps:
        x, width = max(begin, LEFT), min(end, WIDTH - RIGHT) - max(begin, LEFT)
        box = f'x="{x:.1f}" y="{panel.top:g}" width="{width:.1f}" height="{panel.bottom - panel.top:g}"'
        yield f'<rect class="gap" {box}><title>{_text(told)}</title></rect>'
    grid = "".join(f"M{LEFT:g} {tick.at:.1f}H{WIDTH - RIGHT:g}" for tick in panel.ticks)
    yield f'<path class="grid" d="{grid}"/>'
    ticks = "".join(f'<text x="{LEFT - 6:g}" y="{tick.at + 3.5:.1f}">{tick.text}</text>' for tick in panel.ticks)
    yield f'<g class="y">{ticks}</g>'


def _over(panel: Panel) -> Iterator[str]:
    top = panel.top - 6 - ROW * max((entry.row for entry in panel.legend), default=0)
    yield f'<text class="head over" x="{LEFT:g}" y="{top:g}">{_text(panel.title)}</text>'
    yield f'<g class="over">{"".join(_key(entry, top + ROW * entry.row) for entry in panel.legend)}</g>'
    for curve in panel.curves:
        if curve.band:
            yield f'<path class="s{curve.slot} band" d="{curve.band}"/>'
    for curve in reversed(panel.curves):
        if curve.path:
            yield f'<path class="s{curve.slot} d{curve.dash}" d="{curve.path}"/>'
        if curve.dots:
            yield f'<path class="s{curve.slot} dots" d="{curve.dots}"/>'


def _key(entry: Legend, y: float) -> str:
    if entry.slot < 0 and entry.dash < 0:
        return f'<text x="{entry.x:.1f}" y="{y:g}">{_text(entry.text)}</text>'
    style = f"s{entry.slot} d0" if entry.slot >= 0 else f"by d{entry.dash}"
    return (
        f'<path class="{style}" d="M{entry.x:.1f} {y - 3.5:g}h18"/>'
        f'<text x="{entry.x + 23:.1f}" y="{y:g}">{_text(entry.text)}</text>'
    )


def _edges(chart: Chart) -> Iterator[str]:
    """A row for each edge, and a line at it through the panels above."""
    if not chart.edges:
        return
    yield f'<text class="head over" x="{LEFT:g}" y="{chart.edges_top - 6:g}">Edges (oscilloscope)</text>'
    for row, edge in enumerate(chart.edges):
        y = chart.edges_top + ROW * row
        yield f'<path class="edge" d="M{edge.at:.1f} {chart.panels[0].top:g}V{y + 11:g}"/>'
    for row, edge in enumerate(chart.edges):
        side = f'x="{edge.at - 4:.1f}" text-anchor="end"' if edge.before else f'x="{edge.at + 4:.1f}"'
        yield f'<text class="over" {side} y="{chart.edges_top + ROW * row + 9:g}">{_text(edge.label)}</text>'


def _time_axis(chart: Chart) -> Iterator[str]:
    bottom = chart.bottom
    ticks = "".join(f"M{tick.at:.1f} {bottom:g}v4" for tick in chart.ticks)
    yield f'<path class="axis" d="M{LEFT:g} {bottom:g}H{WIDTH - RIGHT:g}{ticks}"/>'
    figures = "".join(f'<text x="{tick.at:.1f}" y="{bottom + 16:g}">{tick.text}</text>' for tick in chart.ticks)
    yield f'<g class="x">{figures}</g>'
    yield f'<text class="head" x="{WIDTH - RIGHT:g}" y="{bottom + 30:g}" text-anchor="end">Time since the case began / s</text>'
