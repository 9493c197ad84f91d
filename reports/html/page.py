"""Record and trace to one HTML file.

Jinja2 escapes every value, and before that every value passes through `visible`: no template author has to remember either. The file
carries a content security policy that allows this script and nothing else, and no network at all.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS, Result, Verdict
from reports.assign import Line, assign, time_of
from reports.grounds import Ground, grounds, measurement_observed, measurement_required
from reports.html.rows import LONGEST_BRIEF, Row, rows_of
from reports.plots.chart import chart_of
from reports.plots.drawing import STYLE, inline
from reports.tally import NEVER_JUDGED, broken_rules, by_profile, counts, in_order, spread, why_red
from reports.terms import expired_calibrations, simple_rule
from reports.text import UNSEEN, clip, duration, figure, line_refs, plain, ranges, visible

_HERE = Path(__file__).parent
_TEXT_LIMIT = 4_000


@dataclass(slots=True)
class Budget:
    """What the file may hold, so that it stays one that opens. Cases that need attention draw on it first."""

    rows: int = 10_000
    rows_a_case: int = 1_500
    characters: int = 2_000_000
    characters_a_frame: int = 8_000

    def take(self, lines: list[Line], start: float, evidence: set[int]) -> tuple[list[Row], int]:
        """The rows of these lines that still fit, their long texts cut, and how many are left out."""
        if self.rows <= 0:
            return [], len(lines)
        rows = rows_of(lines, start, evidence)
        taken = rows[: min(self.rows_a_case, self.rows)]
        self.rows -= len(taken)
        for row in taken:
            row.body = clip(row.body, self.characters_a_frame if self.characters > 0 else LONGEST_BRIEF)
            self.characters -= len(row.body)
        return taken, len(rows) - len(taken)


@dataclass(slots=True)
class CaseView:
    """A case as the template shows it."""

    number: int
    case: CaseRecord
    slug: str
    symbol: str
    attention: bool
    grounds: list[Ground]
    rows: list[Row]
    left_out: int
    plot: Markup
    messages: tuple[int, int]
    anchors: dict[int, int] = field(default_factory=dict)


def slug(result: Result) -> str:
    """A result's word as a CSS class."""
    return result.value.replace(" ", "-").strip("()").replace("(", "").replace(")", "")


def _evidence_of(found: Sequence[Ground]) -> set[int]:
    return {line for ground in found for line in ground.evidence}


def _anchors(rows: list[Row]) -> dict[int, int]:
    return {number: row.line for row in rows for number in row.lines}


def _message_counts(lines: list[Line]) -> tuple[int, int]:
    ways = [line.get("direction") for line in lines if line.get("kind") == "frame"]
    return ways.count("in"), ways.count("out")


def _case_view(number: int, case: CaseRecord, lines: list[Line], budget: Budget) -> CaseView:
    found = grounds(case)
    start = case.started
    rows, left_out = budget.take(lines, start, _evidence_of(found))
    attention = not RESULTS[case.result].green and case.result not in NEVER_JUDGED
    return CaseView(
        number,
        case,
        slug(case.result),
        RESULTS[case.result].symbol,
        attention,
        found,
        rows,
        left_out,
        _plot(lines, start) if rows else Markup(),
        _message_counts(lines),
        _anchors(rows),
    )


def _plot(lines: list[Line], start: float) -> Markup:
    """The curves of a case; empty where nothing of what is drawn was sampled."""
    chart = chart_of(lines, start)
    return Markup(inline(chart)) if chart is not None else Markup()  # noqa: S704 - escaped where it is drawn


def _marked(text: object) -> Markup:
    """Text of a station for an element's content: what cannot be seen stands out as what it is."""
    parts: list[str] = []
    at, source = 0, clip(str(text), _TEXT_LIMIT)
    for match in UNSEEN.finditer(source):
        parts += [
            _escaped(source[at : match.start()]),
            Markup('<span class="unseen">{}</span>').format(visible(match.group())),
        ]
        at = match.end()
    return Markup("").join([*parts, _escaped(source[at:])])


def _escaped(text: str) -> Markup:
    """Text for an element's content, where quotes need no escape; what is expected is full of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


def _content(text: str) -> Markup:
    """Long text, its lines as they are."""
    return _escaped(visible(text, multiline=True))


def _finalize(value: Any) -> Any:
    """Every printed value: markup stays, all else becomes visible text, which Jinja2 then escapes."""
    return value if isinstance(value, Markup) else visible(clip(str(value), 20_000), multiline=True)


def _never_judged(record: RunRecord) -> list[tuple[Result, str, list[CaseRecord]]]:
    groups: dict[tuple[Result, str], list[CaseRecord]] = {}
    for case in in_order(record):
        if case.result in NEVER_JUDGED:
            groups.setdefault((case.result, case.reason or "no reason was recorded"), []).append(case)
    return [(result, reason, cases) for (result, reason), cases in groups.items()]


def _segments(record: RunRecord) -> list[dict[str, Any]]:
    total, at = max(len(record.cases), 1), 0.0
    found = []
    for result, number in counts(record).items():
        width = 1000 * number / total
        symbol = RESULTS[result].symbol
        found.append({"slug": slug(result), "word": result.value, "n": number, "x": at, "w": width, "symbol": symbol})
        at += width
    return found


def _facts(table: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, list[dict[str, Any]]]]]:
    """A free-form table as single facts and as lists of like things (which are shown as tables)."""
    single: list[tuple[str, str]] = []
    many: list[tuple[str, list[dict[str, Any]]]] = []
    for key, value in table.items():
        name = str(key).replace("_", " ")
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            many.append((name, value))
        elif value not in (None, "", [], {}):
            single.append((name, plain(value)))
    return single, many


def _moment(utc: str) -> str:
    """An RFC 3339 time in UTC as people write it; anything else as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", utc)
    return f"{match[1]} {match[2]} UTC" if match else utc


def _offset(seconds: float) -> str:
    """Seconds since the start of the case, signed, without a negative zero."""
    return f"{round(seconds, 3) + 0.0:+.3f}"


_CHIPS = {"step": "", "in": "", "out": "", "person": "operator", "judge": "check", "link": "link", "other": "note"}


def _row_class(row: Row) -> str:
    """What the style sheet needs to know of a row: `re` is a reply, which has a dashed arrow."""
    reply = "re" if row.lane in {"in", "out"} and row.tag else ""
    quiet = "quiet" if row.lane in {"judge", "other", "link"} or row.tag == "samples" else ""
    return " ".join(word for word in (row.lane, row.tone, reply, quiet, "marked" if row.marked else "") if word)


def _chip(row: Row) -> Markup:
    """Who did it, where it is no message: those have an arrow."""
    word = _CHIPS.get(row.lane, "bench")
    return Markup("<i>{}</i>").format(word) if word else Markup()


def _told(row: Row) -> Markup:
    """What kind of thing it is, and what it says in brief. The elements are short because a report has thousands of them."""
    tag = Markup(" <i>{}</i>").format(_marked(row.tag)) if row.tag and row.tag != "samples" else Markup()
    return tag + (Markup(" <span>{}</span>").format(_marked(row.brief)) if row.brief else Markup())


def _sym(verdict: Verdict) -> Markup:
    return Markup("<u>{}</u>").format(_SYMBOLS.get(verdict, "–"))


_SYMBOLS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}


def _columns(table: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for row in table for key in row))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        marked=_marked,
        content=_content,
        moment=_moment,
        offset=_offset,
        duration=duration,
        figure=figure,
        plain=plain,
        slug=slug,
        refs=line_refs,
        facts=_facts,
        columns=_columns,
        row_class=_row_class,
        chip=_chip,
        told=_told,
        sym=_sym,
    )
    made.globals.update(
        measurement_required=measurement_required, measurement_observed=measurement_observed, ranges=ranges
    )
    return made


def _profiles(record: RunRecord) -> list[dict[str, object]]:
    """Counts by profile, station configuration and version; none where there is but one of these."""
    rows = by_profile(record)
    results = [result for result in counts(record) if any(result in row.results for row in rows)]
    table: list[dict[str, object]] = [
        {"profile": row.profile or "no profile", "station": row.station, "OCPP": row.ocpp}
        | {result.value: row.results.get(result, "") for result in results}
        for row in rows
    ]
    return table if len(table) > 1 else []


def _asset(path: Path) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 - our own file, no input in it


def render(record: RunRecord, trace_lines: Iterable[Line], budget: Budget | None = None) -> str:
    """The whole report. `trace_lines` are the trace's JSON lines, decoded, in order; unknown kinds are shown as they are.

    What does not fit into `budget` is left out and said, with the place in the trace where it stands.
    """
    budget = budget or Budget()
    assigned = assign(record.cases, trace_lines)
    by_case = {id(case): lines for case, lines in zip(record.cases, assigned.cases, strict=True)}
    views = [_case_view(n, case, by_case[id(case)], budget) for n, case in enumerate(in_order(record), 1)]
    start = time_of(assigned.outside[0]) if assigned.outside else 0.0
    outside, outside_left = budget.take(assigned.outside, start, set())
    anchors = _anchors(outside)
    for view in views:
        anchors |= view.anchors
    script = _asset(_HERE / "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            record=record,
            run=record.run,
            views=views,
            outside=outside,
            outside_left=outside_left,
            anchors=anchors,
            segments=_segments(record),
            red=why_red(record),
            never_judged=_never_judged(record),
            profiles=_profiles(record),
            where=spread(record),
            rules=broken_rules(record),
            simple=simple_rule(record),
            expired=expired_calibrations(record),
            css=_asset(_HERE / "report.css") + _asset(STYLE),
            script=script,
            script_digest=digest,
        )
    )
