"""Edges that an oscilloscope caught (contactor, control pilot): only these are drawn as edges, none is guessed from samples."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.assign import Line, is_plausible
from reports.plots.axis import Axis
from reports.plots.marks import CHARACTER_PX, clipped
from reports.text import figure, visible

MOST_EDGES = 24


@dataclass(slots=True)
class Edge:
    """An edge at `at` pixels; `label` says of what, how long after the trigger, and how well that is known. `before`: it stands left of it."""

    at: float
    label: str
    before: bool


def edges_of(lines: Iterable[Line], start: float, axis: Axis) -> list[Edge]:
    """The edges in the captures among a trace's lines, in their order, times counted from `start`."""
    found = []
    for line in lines:
        edges = line.get("edges")
        if line.get("kind") == "capture" and is_plausible(line.get("at")) and isinstance(edges, list | tuple):
            read = [_edge(told, float(line["at"]) - start, axis) for told in edges]
            found += [edge for edge in read if edge is not None]
    return found[:MOST_EDGES]


def _edge(told: Any, trigger: float, axis: Axis) -> Edge | None:
    if not isinstance(told, dict) or not is_plausible(told.get("t")):
        return None
    after, u = float(told["t"]), told.get("u")
    if not axis.low <= trigger + after <= axis.high:
        return None
    at = axis(trigger + after)
    what = clipped(visible(f"{told.get('signal', '')} {told.get('what', '')}".replace("_", " ")))
    known = f" ± {figure(float(f'{1000 * u:.2g}'))} ms" if u is not None and is_plausible(u) else ""
    still = ", not over at the end of the capture" if told.get("open") else ""
    label = f"{what}: {1000 * after:+.2f} ms{known} from the trigger at {trigger:+.3f} s{still}"
    return Edge(at, label, at + len(label) * CHARACTER_PX + 9 > axis.end)
