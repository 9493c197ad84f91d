"""What a dossier says, in its order: summary, station, conditions, results, deviations, findings, measurements, declarations, clauses, signatures."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import get_args

from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS, Result
from reports.grounds import grounds, measurement_observed, measurement_required
from reports.html.sections import identity_rows
from reports.json_report import record_json
from reports.pdf.sheet import GREEN, RED, SOFT, Cell, Paper, Sheet
from reports.tally import NEVER_JUDGED, broken_rules, counts, in_order, needs_attention, spread, why_red
from reports.terms import expired_calibrations, simple_rule
from reports.text import duration, figure, lines_text, plain

__all__ = ["PAPERS", "Paper", "render_pdf"]

PAPERS: tuple[str, ...] = get_args(Paper)
_NO_CERTIFICATE = (
    "This report tells what was tested and what was seen. Passing is not certification: certificates are issued by the Open Charge "
    "Alliance after tests in a laboratory that it has approved."
)
Row = list[Cell | str]
_MOST_ROWS = 3_000
_MOST_GROUNDS = 400


def render_pdf(record: RunRecord, paper: Paper) -> bytes:
    """The dossier of a run. The same record gives the same bytes: it is dated by the run's end. `paper` is one of PAPERS."""
    run = record.run
    title = f"OCPP conformance report, run {run.id}"
    sheet = Sheet(
        paper,
        title,
        f"OCPP conformance report · {_station(record)} · run {run.id}",
        "Passing is not certification.",
        _ended(run.ended_utc),
    )
    for part in (
        _summary,
        _stations,
        _conditions,
        _results,
        _deviations,
        _findings,
        _measurements,
        _declarations,
        _clauses,
    ):
        part(sheet, record)
    _signatures(sheet, record)
    return bytes(sheet.output())


def _ended(utc: str) -> datetime:
    try:
        found = datetime.fromisoformat(utc)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _station(record: RunRecord) -> str:
    station = record.run.station
    named = [str(station[key]) for key in ("vendor", "model") if station.get(key)]
    if not station.get("model") and station.get("name"):
        named.append(str(station["name"]))
    return " ".join(named) or "charging station"


def _utc(text: str) -> str:
    return f"{text[:10]} {text[11:19]} UTC" if len(text) >= 19 and text[10] == "T" else text


def _word(result: Result) -> Cell:
    attention = not RESULTS[result].green and result not in NEVER_JUDGED
    passed = RESULTS[result].counts_as_pass
    return Cell(result.value, "B" if attention else "", RED if attention else GREEN if passed else SOFT)


def _summary(sheet: Sheet, record: RunRecord) -> None:
    run = record.run
    sheet.set_y(22)
    sheet.paragraph("OCPP CONFORMANCE TEST REPORT", 8, SOFT)
    sheet.paragraph(_station(record), 19, style="B")
    reasons = ", ".join(why_red(record)) or "every judged case passed"
    sheet.paragraph(f"{'Green' if record.green else 'Red'}: {reasons}", 11, GREEN if record.green else RED, "B")
    sheet.note(_NO_CERTIFICATE)
    rows = [
        ("Run", run.id),
        (
            "Begun and ended",
            f"{_utc(run.started_utc)} to {_utc(run.ended_utc)}{'' if run.complete else ' (the run was cut)'}",
        ),
        ("Clock", f"{run.clock}; {duration(run.clock_seconds)} on it, {duration(run.wall_seconds)} of real time"),
        ("OCPP versions", ", ".join(sorted({case.ocpp for case in record.cases})) or "none"),
        ("Bench", plain(run.bench.get("name", ""))),
        ("Measurements decided by", run.decision_rule or "not recorded"),
        ("Made by", f"Plugproof {run.plugproof}, commit {record.environment.get('commit', 'not recorded')}"),
        ("Record", f"record.json, SHA-256 {sha256(record_json(record)).hexdigest()}"),
    ]
    sheet.grid(("", ""), (1, 3.2), [(Cell(name, "", SOFT), told) for name, told in rows])
    for note in _notes(record):
        sheet.note(note)
    sheet.heading("Results in brief")
    sheet.grid(("result", "cases"), (3, 1), [(_word(result), str(number)) for result, number in counts(record).items()])


def _notes(record: RunRecord) -> Iterator[str]:
    if simple_rule(record):
        yield f"Simple acceptance ({simple_rule(record)}): the uncertainty of a measurement was left out of its decision."
    if expired := expired_calibrations(record):
        yield f"Calibration expired before this run: {', '.join(expired)}."
    if record.run.clock == "simulated":
        yield "This run was made on a virtual bench with simulated time: no hardware was tested."
    yield from (f"A defect outside of the cases: {defect}" for defect in record.defects)


def _stations(sheet: Sheet, record: RunRecord) -> None:
    rows = identity_rows(record)
    if rows:
        sheet.heading("Station under test")
        names = ("station", "OCPP", "what", "by its file", "as it told")
        told: list[Row] = [[plain(row[name]) for name in names] + [Cell(row[""], "B", RED)] for row in rows]
        sheet.grid((*names, ""), (2, 0.8, 1.2, 2.2, 2.6, 0.9), told)


def _conditions(sheet: Sheet, record: RunRecord) -> None:
    sheet.heading("Measurement conditions")
    instruments = record.run.bench.get("instruments")
    if isinstance(instruments, list) and instruments:
        rows = [_instrument(one) for one in instruments if isinstance(one, dict)]
        sheet.grid(
            ("instrument", "role, EVSE", "identity as told", "calibration due", "stated conditions"),
            (1.4, 1.8, 2.6, 1.5, 2),
            rows,
        )
    else:
        sheet.paragraph("No instrument is recorded.", colour=SOFT)
    for fault in record.instrument_faults[:50]:
        sheet.paragraph(f"Fault of the bench: {plain(fault)}", 8, RED)
    failed = [step for step in record.safe_state if step.get("ok") is False]
    told = (
        f"{len(failed)} of {len(record.safe_state)} steps failed: {plain(failed[0])}"
        if failed
        else "reached and read back"
    )
    if record.safe_state:
        sheet.paragraph(f"Safe state at the end: {told}.", 8)


_NAMED = {"name", "roles", "role", "EVSE", "evse", "identity", "calibration due", "stations"}


def _instrument(one: dict[str, object]) -> Row:
    due = plain(one.get("calibration due", one.get("calibrated", "not stated")))
    stated = "; ".join(f"{key}: {plain(value)}" for key, value in one.items() if key not in _NAMED and value)
    roles = plain(one.get("roles", one.get("role", "")))
    evse = plain(one.get("EVSE", one.get("evse", "")))
    return [
        plain(one.get("name")),
        f"{roles}, {evse}",
        plain(one.get("identity")),
        Cell(due, "", RED if "expired" in due else SOFT),
        stated,
    ]


def _results(sheet: Sheet, record: RunRecord) -> None:
    sheet.heading("Results")
    where = spread(record)
    cases = record.cases if len(record.cases) <= _MOST_ROWS else in_order(record)[:_MOST_ROWS]
    rows: list[Row] = [
        [Cell(case.id, "B"), " ".join((case.ocpp, where.of(case))).strip(), case.title, _word(case.result), _why(case)]
        for case in cases
    ]
    sheet.grid(("case", "OCPP", "title", "result", "reason"), (1.7, 1.1, 3.6, 1.4, 2.8), rows)
    if len(record.cases) > len(cases):
        sheet.paragraph(
            f"{len(record.cases) - len(cases)} more cases, the last by urgency, stand in results.csv.", colour=SOFT
        )


def _why(case: CaseRecord) -> str:
    return case.reason or (f"{len(case.attempts)} attempts" if case.attempts else "")


def _deviations(sheet: Sheet, record: RunRecord) -> None:
    """What needs attention with its grounds, then what is excused: declared deviations."""
    sheet.heading("Deviations")
    found = [case for case in in_order(record) if needs_attention(case) or case.result is Result.KNOWN_DEVIATION]
    if not found:
        sheet.paragraph(
            "None: no case failed, was inconclusive or ended in an error, and no deviation is declared.", colour=SOFT
        )
    rows = [row for case in found for row in _deviation(case)]
    if rows:
        heads = ("case", "required", "observed", "evidence, source")
        sheet.grid(heads, (1.7, 3.2, 3.2, 2.2), rows[:_MOST_GROUNDS])
    if len(rows) > _MOST_GROUNDS:
        sheet.paragraph(f"{len(rows) - _MOST_GROUNDS} more stand in report.html and record.json.", colour=SOFT)


def _deviation(case: CaseRecord) -> Iterator[Row]:
    excused = f"; declared deviation: {plain(case.deviation)}" if case.deviation else ""
    head = Cell(f"{case.id} ({case.ocpp}): {case.result.value}", "B")
    for ground in grounds(case):
        step = f"step {ground.step}: " if ground.step is not None else ""
        evidence = "; ".join(
            part for part in (lines_text(ground.evidence) if ground.evidence else "", ground.requirement) if part
        )
        yield [head, f"{step}{ground.required}", ground.observed, evidence + excused]


def _findings(sheet: Sheet, record: RunRecord) -> None:
    rules = broken_rules(record)
    sheet.heading("Findings of the always-on rules")
    if not rules:
        sheet.paragraph("None.", colour=SOFT)
        return
    rows: list[Row] = [
        [
            Cell(one.strictness.value, "B"),
            one.rule,
            str(one.times),
            one.findings[0].message if one.findings else "",
            one.requirement,
        ]
        for one in rules
    ]
    sheet.grid(("", "rule", "times", "first cause", "source"), (0.9, 2, 0.7, 3.8, 3), rows)


def _measurements(sheet: Sheet, record: RunRecord) -> None:
    rule = record.run.decision_rule
    rows: list[Row] = [
        [
            Cell(f"{case.id} ({case.ocpp})", "B"),
            measurement_required(one),
            measurement_observed(one),
            _verdict(one.verdict.value),
            one.decision_rule if one.decision_rule != rule else "",
        ]
        for case in record.cases
        for step in case.steps
        for one in step.measurements
    ]
    if rows:
        sheet.heading("Measurements")
        if rule:
            sheet.paragraph(f"Decided by {rule} where nothing else is said.", 8, SOFT)
        sheet.paragraph(
            "Each value with its expanded uncertainty U (k=2). Conditions and budgets stand in measurements.csv.",
            8,
            SOFT,
        )
        sheet.grid(
            ("case", "required", "measured", "verdict", "decided by"), (1.9, 3.2, 2.4, 1.1, 2.2), rows[:_MOST_ROWS]
        )
    if len(rows) > _MOST_ROWS:
        sheet.paragraph(f"{len(rows) - _MOST_ROWS} more stand in measurements.csv.", colour=SOFT)


def _verdict(word: str) -> Cell:
    return Cell(word, "B" if word == "fail" else "", {"fail": RED, "pass": GREEN}.get(word, SOFT))


def _declarations(sheet: Sheet, record: RunRecord) -> None:
    """PICS and PIXIT of each station, in three pairs of columns."""
    for one in record.declared:
        for title, table in (("PICS", one.pics), ("PIXIT", one.pixit)):
            if not table:
                continue
            sheet.heading(f"{title} of {one.station}", 10)
            told = [
                (name, f"{_answer(value)}{' (default)' if title == 'PIXIT' and name in one.defaults else ''}")
                for name, value in table.items()
            ]
            told += [("", "")] * (-len(told) % 2)
            half = len(told) // 2
            sheet.grid(
                ("item", "", "item", ""),
                (2.2, 1.8, 2.2, 1.8),
                [(*a, *b) for a, b in zip(told[:half], told[half:], strict=True)],
            )


def _answer(value: object) -> str:
    return figure(value) if isinstance(value, float) else plain(value)


def _clauses(sheet: Sheet, record: RunRecord) -> None:
    if not record.traceability:
        return
    sheet.heading("Clauses")
    sheet.paragraph(
        "How many clauses the cases and always-on rules cite; which ones stands in report.html. A clause that is cited is not thereby tested in full.",
        8,
        SOFT,
    )
    rows: list[Row] = [
        [one.document, str(len(one.covered)), f"{len(one.uncovered)} of {one.indexed}" if one.indexed else "no index"]
        for one in record.traceability
    ]
    sheet.grid(("document", "cited", "known and not cited"), (5, 1, 2), rows)


def _signatures(sheet: Sheet, record: RunRecord) -> None:
    roles = ("Tested by", "Reviewed by", "For the manufacturer")
    sheet.heading("Signatures", follows=sheet.signature_height(roles) + 8)
    sheet.paragraph(f"For run {record.run.id} as recorded in record.json with the SHA-256 on page 1.", 8, SOFT)
    sheet.signature(roles)
