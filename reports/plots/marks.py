"""Messages and stimuli as marks on the time axis, their labels in rows so that none covers another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.assign import Line, time_of
from reports.payload import shown
from reports.plots.axis import Axis
from reports.text import clip, visible

MOST_MARKS = 150
MOST_ROWS = 9
CHARACTER_PX = 6.1
"""Width of a character of a label, on the broad side: the font is the reader's own."""

_LONGEST = 40
_ROUTINE = frozenset({"Heartbeat", "MeterValues"})
_STATES = ("status", "connectorStatus", "eventType")


@dataclass(slots=True)
class Mark:
    """A message or stimulus at `at` pixels. `kind`: `in` (from the station), `out` (to it) or `bench`.

    `row` is the label's row from the top, or -1 where there is no room for one; `before`: the label stands left of the mark.
    """

    at: float
    kind: str
    label: str
    told: str
    row: int = -1
    before: bool = False


def marks_of(lines: Iterable[Line], start: float, axis: Axis) -> list[Mark]:
    """The calls and stimuli among a trace's lines, times counted from `start`, with as many labels as there is room for."""
    found = [mark for line in lines if (mark := _mark(line, start, axis))]
    if len(found) > MOST_MARKS:
        found = [mark for mark in found if mark.label not in _ROUTINE][:MOST_MARKS]
    free = [axis.start] * MOST_ROWS
    for mark in found:
        if mark.label in _ROUTINE:
            continue
        width = len(mark.label) * CHARACTER_PX + 9
        mark.before = mark.at + width > axis.end + 8
        left, right = (mark.at - width, mark.at) if mark.before else (mark.at, mark.at + width)
        mark.row = next((i for i in range(MOST_ROWS) if free[i] <= left + 0.01), -1)
        if mark.row >= 0:
            free[mark.row] = right
    return found


def _mark(line: Line, start: float, axis: Axis) -> Mark | None:
    kind, t = line.get("kind"), time_of(line) - start
    if not axis.low <= t <= axis.high:
        return None
    if kind == "frame" and line.get("frame") in ("call", "send"):
        way = "out" if line.get("direction") == "out" else "in"
        label = f"{line.get('action') or ''} {_state(line)}"
    elif kind == "stimulus" and line.get("phase") != "begin":
        way, label = "bench", f"{line.get('verb') or ''}{_told(line)}"
    else:
        return None
    label = clipped(visible(label).strip())
    return Mark(axis(t), way, label, f"{label} at {t:+.3f} s")


@dataclass(slots=True)
class StepSpan:
    """A step of the case, from `begin` to `end` pixels; `verdict` is the step's word, empty where the trace has none."""

    begin: float
    end: float
    number: int
    verdict: str
    told: str


def steps_of(lines: Iterable[Line], start: float, axis: Axis) -> list[StepSpan]:
    """The steps among a trace's lines, times counted from `start`. One that never ended reaches to the end of the axis."""
    found: list[StepSpan] = []
    for line in lines:
        kind, index = line.get("kind"), line.get("index")
        if kind not in ("step", "step_end") or not isinstance(index, int):
            continue
        at = axis(min(max(time_of(line) - start, axis.low), axis.high))
        if kind == "step":
            found.append(StepSpan(at, axis.end, index, "", f"Step {index}: {visible(str(line.get('title') or ''))}"))
        elif found and found[-1].number == index:
            found[-1].end, found[-1].verdict = at, str(line.get("verdict") or "")
    return found


def clipped(text: str, most: int = _LONGEST) -> str:
    """`text`, or as much of it as a label takes."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _state(line: Line) -> str:
    """The state that a message tells, where it tells one: `Charging`, `Ended`. Nothing that is secret."""
    raw, secrets = line.get("raw"), line.get("secrets")
    if not isinstance(raw, str) or line.get("action") in _ROUTINE:
        return ""
    named = [name for name in secrets if isinstance(name, str)] if isinstance(secrets, list) else []
    payload, _ = shown(str(line.get("frame")), raw, named)
    if not isinstance(payload, dict):
        return ""
    return next((clip(str(payload[key]), _LONGEST) for key in _STATES if isinstance(payload.get(key), str)), "")


def _told(line: Line) -> str:
    """The first argument of a stimulus, where it is a short one: ` on`, ` 16.0`."""
    args: Any = line.get("args")
    if not isinstance(args, dict) or not args:
        return "" if line.get("phase") != "failed" else " (failed)"
    first = next(iter(args.values()))
    word = {True: "on", False: "off"}.get(first, "") if isinstance(first, bool) else f"{first}"
    told = f" {word}" if word and len(word) <= 12 else ""
    return told + (" (failed)" if line.get("phase") == "failed" else "")
