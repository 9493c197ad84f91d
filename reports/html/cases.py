"""The cases of a page, one after the other as the trace is read: what needs attention stands in the file as it is, the rest packed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS
from reports.assign import Batch, Line, batches, time_of
from reports.grounds import Ground, grounds
from reports.html.printing import packed, slug
from reports.html.row import LONGEST_BRIEF, Row
from reports.html.rows import rows_of
from reports.offences import offences
from reports.plots.chart import chart_of
from reports.plots.drawing import inline
from reports.tally import in_order, needs_attention, spread
from reports.text import clip


@dataclass(slots=True)
class Allowance:
    """What may still be shown: rows, and characters of what they unfold to."""

    rows: int
    characters: int


@dataclass(slots=True)
class Budget:
    """What the file may hold, so that it stays one that opens: cases that need attention in full, others packed, and how many of those."""

    plain: Allowance = field(default_factory=lambda: Allowance(10_000, 2_000_000))
    packed: Allowance = field(default_factory=lambda: Allowance(60_000, 24_000_000))
    cases: int = 3_000
    rows_a_case: int = 1_500
    characters_a_frame: int = 8_000

    def has_room(self, *, packing: bool) -> bool:
        """Whether any row would be shown."""
        return (self.packed if packing else self.plain).rows > 0

    def take(self, rows: list[Row], *, packing: bool) -> tuple[list[Row], int]:
        """The rows that still fit, their long texts cut, and how many are left out."""
        left = self.packed if packing else self.plain
        taken = rows[: max(0, min(self.rows_a_case, left.rows))]
        left.rows -= len(taken)
        for row in taken:
            row.body = clip(row.body, self.characters_a_frame if left.characters > 0 else LONGEST_BRIEF)
            left.characters -= len(row.body)
        return taken, len(rows) - len(taken)


@dataclass(slots=True)
class CaseView:
    """A case as the template shows it. `inside` is what it unfolds to; `packed` the same, packed, in its place."""

    number: int
    case: CaseRecord
    slug: str
    symbol: str
    attention: bool
    grounds: list[Ground]
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    plot: Markup = field(default_factory=Markup)
    messages: tuple[int, int] = (0, 0)
    inside: Markup = field(default_factory=Markup)
    packed: Markup = field(default_factory=Markup)


@dataclass(slots=True)
class Outside:
    """What happened before, between and after the cases, packed; `rows` many."""

    packed: Markup = field(default_factory=Markup)
    rows: int = 0


@dataclass(slots=True)
class Cases:
    """The cases that are shown, in the order of the page; where on the page evidence stands (line to anchor); how many were left out."""

    views: list[CaseView]
    outside: Outside
    anchors: dict[int, int]
    left_out: int


class CasePages:
    """Makes the views of one page."""

    def __init__(self, record: RunRecord, made: Environment, budget: Budget) -> None:
        self._record = record
        self._budget = budget
        self._ordered = in_order(record)
        self._numbers = {id(case): number for number, case in enumerate(self._ordered, 1)}
        self._anchors: dict[int, int] = {}
        self._told = {line for finding in record.findings for line in finding.evidence}
        variables = {"run": record.run, "anchors": self._anchors, "where": spread(record)}
        self._parts: Any = made.get_template("case.html.j2").make_module(variables)

    def read(self, lines: Iterable[Line]) -> Cases:
        """All of them, the trace read once. Beyond the budget's number of cases, those that need no attention are left out."""
        views: dict[int, CaseView] = {}
        outside = Outside()
        for batch in batches(self._record.cases, lines):
            if batch.index is None:
                outside = self._outside(batch)
            else:
                case = self._record.cases[batch.index]
                views[self._numbers[id(case)]] = self._view(case, batch)
        room = self._budget.cases - sum(needs_attention(case) for case in self._ordered)
        shown, left_out = [], 0
        for number, case in enumerate(self._ordered, 1):
            room -= not needs_attention(case)
            if room < 0 and not needs_attention(case):
                left_out += 1
            else:
                shown.append(views.get(number) or self._view(case, Batch(0)))
        return Cases(shown, outside, self._anchors, left_out)

    def _view(self, case: CaseRecord, batch: Batch) -> CaseView:
        found, attention = grounds(case), needs_attention(case)
        rows, left_out = self._rows(batch, case.started, found, packing=not attention)
        self._anchor(rows, _evidence(case))
        view = CaseView(
            self._numbers[id(case)],
            case,
            slug(case.result),
            RESULTS[case.result].symbol,
            attention,
            found,
            rows,
            left_out,
            _plot(batch.lines, case.started) if rows else Markup(),
            _message_counts(batch.lines),
        )
        inside: Markup = self._parts.inside(view)
        view.rows, view.plot = [], Markup()
        if attention or not case.last_event:
            view.inside = inside
        else:
            view.packed = packed(inside)
        return view

    def _rows(self, batch: Batch, start: float, found: list[Ground], *, packing: bool) -> tuple[list[Row], int]:
        if not self._budget.has_room(packing=packing):
            return [], len(batch.lines) + batch.dropped
        evidence = {line for ground in found for line in ground.evidence}
        rows = rows_of(batch.lines, start, evidence, offences(batch.lines) if found else {})
        taken, left_out = self._budget.take(rows, packing=packing)
        return taken, left_out + batch.dropped

    def _anchor(self, rows: list[Row], wanted: set[int]) -> None:
        """Remember where on the page stands what somebody cites."""
        for row in rows:
            for line in row.lines:
                if line in wanted or line in self._told:
                    self._anchors[line] = row.line

    def _outside(self, batch: Batch) -> Outside:
        start = time_of(batch.lines[0]) if batch.lines else 0.0
        rows, left_out = self._rows(batch, start, [], packing=True)
        self._anchor(rows, set())
        if not rows and not left_out:
            return Outside()
        return Outside(packed(self._parts.sequence(rows, left_out)), len(rows) + left_out)


def _evidence(case: CaseRecord) -> set[int]:
    """Every line that something of the case cites."""
    found = set(case.unexpected)
    for step in case.steps:
        found.update(line for check in step.checks for line in check.evidence)
        found.update(line for measurement in step.measurements for line in measurement.evidence)
    return found


def _message_counts(lines: list[Line]) -> tuple[int, int]:
    ways = [line.get("direction") for line in lines if line.get("kind") == "frame"]
    return ways.count("in"), ways.count("out")


def _plot(lines: list[Line], start: float) -> Markup:
    """The curves of a case; empty where nothing of what is drawn was sampled."""
    chart = chart_of(lines, start)
    return Markup(inline(chart)) if chart is not None else Markup()  # noqa: S704 - escaped where it is drawn
