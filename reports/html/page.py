"""Record and trace to one HTML file.

Jinja2 escapes every value, and before that every value passes through `visible`: no template author has to remember either. The file
carries a content security policy that allows this script and nothing else, and no network at all. Most of what unfolds is packed (zlib,
Base64) and unpacked by that script: a report of many megabytes of messages stays a file that one can mail.
"""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS, Result
from reports.assign import Line
from reports.compare import KINDS, Comparison
from reports.html.cases import Budget, CasePages, CaseView
from reports.html.printing import environment, slug
from reports.html.sections import (
    advised,
    clause_rows,
    identity_rows,
    pics_rows,
    pixit_rows,
    timing_rows,
    volume_rows,
)
from reports.plots.drawing import STYLE
from reports.tally import NEVER_JUDGED, by_profile, counts, in_order, spread, why_red
from reports.terms import expired_calibrations, simple_rule

__all__ = ["Budget", "render", "slug"]

_HERE = Path(__file__).parent


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


def _changes(comparison: Comparison | None, views: list[CaseView]) -> tuple[dict[int, str], dict[int, int]]:
    """What became of each case that is shown, by its number on the page; and that number by the case."""
    numbers = {id(view.case): view.number for view in views}
    told = {}
    for change in comparison.changes if comparison is not None else ():
        number = numbers.get(id(change.now))
        if number is not None:
            told[number] = change.kind.replace(" ", "-")
    return told, numbers


def render(
    record: RunRecord,
    trace_lines: Iterable[Line],
    budget: Budget | None = None,
    comparison: Comparison | None = None,
) -> str:
    """The whole report. `trace_lines` are the trace's JSON lines, decoded, in order; unknown kinds are shown as they are.

    What does not fit into `budget` is left out and said, with the place in the trace where it stands. `comparison`: with an earlier run.
    """
    made = environment()
    cases = CasePages(record, made, budget or Budget()).read(trace_lines)
    changes, numbers = _changes(comparison, cases.views)
    script = _asset(_HERE / "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    volumes, more_volumes = volume_rows(record)
    return made.get_template("report.html.j2").render(
        record=record,
        run=record.run,
        views=cases.views,
        cases_left=cases.left_out,
        outside=cases.outside,
        anchors=cases.anchors,
        segments=_segments(record),
        red=why_red(record),
        never_judged=_never_judged(record),
        profiles=_profiles(record),
        where=spread(record),
        advised=advised(record),
        simple=simple_rule(record),
        expired=expired_calibrations(record),
        comparison=comparison,
        kinds=KINDS,
        changes=changes,
        numbers=numbers,
        identities=identity_rows(record),
        timing=timing_rows(record),
        volumes=volumes,
        more_volumes=more_volumes,
        documents=clause_rows(record),
        pics=pics_rows(record),
        pixit=pixit_rows(record),
        css=_asset(_HERE / "report.css") + _asset(STYLE),
        script=script,
        script_digest=digest,
    )
