"""One row of a case's timeline, and rows that stand for many lines: samples with the range of each quantity, pings with their count."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reports.text import clip, figure

LONGEST_BRIEF = 160


@dataclass(slots=True)
class Row:
    """One row. `lane` is where it is drawn: `in`, `out` (messages), `link`, `bench`, `person`, `judge`, `step` or `other`.

    `line` is its first trace line, `lines` are all of them; `notes` are things wrong with it; `tone` is empty, `good`, `warn` or `bad`.
    Of a message, `frame` is its kind and `offending` the paths in its payload at which something is wrong.
    """

    line: int
    lines: list[int]
    at: float
    lane: str
    head: str
    tag: str = ""
    brief: str = ""
    body: str = ""
    tone: str = ""
    notes: list[str] = field(default_factory=list)
    marked: bool = False
    frame: str = ""
    offending: list[str] = field(default_factory=list)
    ranges: dict[tuple[str, str], tuple[float, float, str]] = field(default_factory=dict)


def merged(rows: Iterable[Row]) -> list[Row]:
    """Consecutive samples become one row with the range of each quantity; consecutive pings one row with their count."""
    found: list[Row] = []
    count = 0
    for row in rows:
        mergeable = row.tag == "samples" or row.head.startswith("WebSocket p")
        before = found[-1] if found else None
        if before is None or not mergeable or (before.lane, before.tag) != (row.lane, row.tag):
            found.append(row)
            count = 1
        else:
            count += 1
            before.lines += row.lines
            for name, (low, high, unit) in row.ranges.items():
                was = before.ranges.get(name)
                if was is None or low < was[0] or high > was[1]:
                    lowest, highest = (low, high) if was is None else (min(was[0], low), max(was[1], high))
                    before.ranges[name] = (lowest, highest, unit)
        if mergeable:
            found[-1].head = (
                _sample_head(count)
                if row.tag == "samples"
                else f"WebSocket ping or pong, {count}x"
                if count > 1
                else row.head
            )
    return [_with_ranges(row) if row.tag == "samples" else row for row in found]


def _sample_head(count: int) -> str:
    return f"{count} sample{'s' if count > 1 else ''}"


def _with_ranges(row: Row) -> Row:
    """In brief the first instrument that tells currents, or else the first; all of them in full."""
    named = {source for source, name in row.ranges if name.startswith("current_")}
    chosen = next((source for source, _ in row.ranges if source in (named or {source})), "")
    first = {key: told for key, told in row.ranges.items() if key[0] == chosen and (not named or "current_" in key[1])}
    others = [source for source in dict.fromkeys(source for source, _ in row.ranges) if source != chosen]
    told = _table(first).replace("\n", " · ") or row.brief
    return replace(row, brief=clip(" · ".join([told, *others]), LONGEST_BRIEF), body=_table(row.ranges))


def _table(ranges: dict[tuple[str, str], tuple[float, float, str]]) -> str:
    """A line for each instrument and kind of quantity, the phases beside each other: a report has thousands of these."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for (source, name), (low, high, unit) in ranges.items():
        phase = re.search(r"_l([123n])(?=_|$)", name)
        kind = name.replace(phase.group(), "", 1) if phase else name
        lines.setdefault((source, kind, unit), []).append((f"L{phase[1]} " if phase else "") + _range(low, high))
    return "\n".join(
        f"{source} {kind} {', '.join(told)} {unit}".rstrip() for (source, kind, unit), told in lines.items()
    )


def _range(low: float, high: float) -> str:
    return figure(low) if low == high else f"{figure(low)} to {figure(high)}"
