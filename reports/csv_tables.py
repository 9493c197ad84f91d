"""`results.csv` and `measurements.csv`: one row a case, one row a measured value, for spreadsheets and scripts.

UTF-8, commas, CR LF, a header (RFC 4180). A text that a spreadsheet would take for a formula has an apostrophe before it: what a station said
must not be computed.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from harness.record import CaseRecord, Measurement, RunRecord, Step
from reports.grounds import grounds
from reports.text import clip, visible

_LONGEST = 10_000
_FORMULA = ("=", "+", "-", "@")
RESULTS = (
    "run", "case", "ocpp", "station", "evse", "profile", "result", "verdict", "reason", "requirement", "section", "title", "clock_s",
    "wall_s", "attempts", "first_line", "last_line", "required", "observed",
)  # fmt: skip
"""Columns of `results.csv`; `required` and `observed` are those of the first ground of a result that is no plain pass."""
MEASUREMENTS = (
    "run", "case", "ocpp", "station", "evse", "step", "step_title", "name", "value", "unit", "u", "limit", "decision_rule", "verdict",
    "conditions", "budget", "caveats", "lines",
)  # fmt: skip
"""Columns of `measurements.csv`; `u` is expanded (k=2) and in `unit`, `lines` are those of the trace, from 1."""

Cell = str | int | float


def text_cell(text: str) -> str:
    """A text that any spreadsheet shows as what it is: no formula, no control character, one line."""
    shown = visible(clip(text, _LONGEST))
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def results_csv(record: RunRecord) -> bytes:
    """Every case in the order in which it ran."""
    return _table(RESULTS, (_case_row(record.run.id, case) for case in record.cases))


def measurements_csv(record: RunRecord) -> bytes:
    """Every measurement of every step."""
    return _table(MEASUREMENTS, _measured(record))


def _table(columns: tuple[str, ...], rows: Iterable[Iterable[Cell]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(columns)
    writer.writerows([text_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return made.getvalue().encode()


def _place(run: str, case: CaseRecord) -> tuple[Cell, ...]:
    return run, case.id, case.ocpp, case.station, case.evse


def _case_row(run: str, case: CaseRecord) -> tuple[Cell, ...]:
    found = grounds(case)
    ground = (found[0].required, found[0].observed) if found else ("", "")
    lines: tuple[Cell, Cell] = (case.first_event + 1, case.last_event + 1) if case.last_event else ("", "")
    return (
        *_place(run, case),
        case.module,
        case.result.value,
        case.verdict.value,
        case.reason,
        case.requirement,
        case.section,
        case.title,
        round(case.ended - case.started, 3),
        round(case.wall_seconds, 3),
        len(case.attempts) or 1,
        *lines,
        *ground,
    )


def _measured(record: RunRecord) -> Iterator[tuple[Cell, ...]]:
    for case in record.cases:
        for step in case.steps:
            for one in step.measurements:
                yield (*_place(record.run.id, case), *_measurement(step, one))


def _measurement(step: Step, one: Measurement) -> tuple[Cell, ...]:
    conditions = "; ".join(f"{name}: {told}" for name, told in one.conditions.items())
    budget = "; ".join(f"{name} {share:g}" for name, share in one.budget.items())
    lines = " ".join(str(line + 1) for line in one.evidence)
    told = (one.limit, one.decision_rule, one.verdict.value, conditions, budget, "; ".join(one.caveats), lines)
    return (step.index, step.title, one.name, one.value, one.unit, one.u, *told)
