"""Lines for the terminal. Pure: text comes back, the caller prints it. Nothing that a station said reaches it unescaped."""

from collections.abc import Callable, Sequence

from harness.adjudication import Adjudicated, Disagreement
from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS, Result
from reports.compare import FIXED, KINDS, NEW, STILL, Comparison
from reports.grounds import Ground, grounds
from reports.tally import NEVER_JUDGED, broken_rules, by_profile, counts, spread, why_red
from reports.terms import expired_calibrations, simple_rule
from reports.text import clip, duration, lines_text, visible

_LONGEST = 2_000
_COLOURS = {"pass": "32", "failure": "31", "error": "33", "skipped": "2"}
Paint = Callable[[str, Result], str]


def _said(text: str, limit: int = _LONGEST) -> str:
    return visible(clip(text, limit))


def paint(text: str, result: Result) -> str:
    """`text` in the colour of `result`, as an ANSI sequence of ours."""
    return f"\x1b[{_COLOURS[RESULTS[result].junit]}m{text}\x1b[0m"


def plain(text: str, result: Result) -> str:  # noqa: ARG001 - the other way to paint
    """`text` as it is: for a file, a pipe or NO_COLOR."""
    return text


def remaining_s(done: int, total: int, elapsed_s: float) -> float | None:
    """Seconds that the rest should take at the pace so far; None while nothing is done."""
    return elapsed_s / done * (total - done) if done else None


def progress_line(
    number: int,
    total: int,
    case: CaseRecord,
    *,
    place: str = "",
    elapsed_s: float | None = None,
    style: Paint = plain,
) -> str:
    """`[ 3/26] TC_010_CS 1.6  pass  0.31 s  elapsed 12.4 s, about 1 min 35 s left`.

    `number` counts from 1 and includes this case; `place` names its station and EVSE where the run has several. With `elapsed_s` None the two times at the end are left out. For a case that
    was never judged the reason stands in place of its time.
    """
    width = len(str(total))
    line = f"[{number:>{width}}/{total}] {_said(case.id, 60)} {_said(case.ocpp, 20)}{f' {_said(place, 80)}' if place else ''}  {style(case.result.value, case.result)}"
    if case.result in NEVER_JUDGED:
        return f"{line}  {_said(case.reason, 200)}".rstrip()
    line += f"  {duration(case.wall_seconds)}"
    bench_s = case.ended - case.started
    if bench_s >= 2 * case.wall_seconds and bench_s >= 1:
        line += f" ({duration(bench_s)} on the bench)"
    if elapsed_s is not None:
        line += f"  elapsed {duration(elapsed_s)}"
        left = remaining_s(number, total, elapsed_s)
        if left:
            line += f", about {duration(left)} left"
    return line


def _ground_lines(case: CaseRecord, ground: Ground, trace: str, style: Paint) -> list[str]:
    result = Result.ERROR if ground.verdict == "error" else case.result
    head = f"{style(result.value.upper(), result)}  {_said(case.id, 60)}"
    if ground.step is not None:
        head += f'  step {ground.step} "{_said(ground.title, 200)}"'
    lines = [
        f"{head}  (OCPP {_said(case.ocpp, 20)}, EVSE {case.evse} of {_said(case.station, 60)})",
        f"  Required: {_said(ground.required)}",
        f"  Observed: {_said(ground.observed)}",
    ]
    if ground.evidence:
        lines.append(f"  Evidence: {trace} {lines_text(ground.evidence)}")
    elif case.last_event:
        lines.append(f"  Evidence: {trace} lines {case.first_event}-{case.last_event} (the whole case)")
    if ground.requirement:
        lines.append(f"  Source:   {_said(ground.requirement)}")
    if ground.rule:
        lines.append(f"  Rule:     {_said(ground.rule)}")
    lines += [f"  Caveat:   {_said(caveat)}" for caveat in ground.caveats]
    return lines


def failure_block(case: CaseRecord, trace: str, *, style: Paint = plain) -> list[str]:
    """What was required, what was observed and where the evidence is, for each ground of a result that is not a pass.

    `trace` is the trace's path as the reader can open it. Empty for a case without grounds (pass, not applicable, ...).
    """
    lines: list[str] = []
    for ground in grounds(case):
        lines += [*([""] if lines else []), *_ground_lines(case, ground, trace, style)]
    if lines and case.attempts:
        lines.append(f"  Attempts: {', '.join(f'{one.number} {one.result.value}' for one in case.attempts)}")
    return lines


def _never_judged(record: RunRecord) -> list[str]:
    lines: list[str] = []
    where = spread(record)
    deselected = record.run.selection.get("deselected")
    if deselected:
        lines.append(f"  deselected on the command line: {_said(str(deselected), 20)}")
    for result in (Result.NOT_RUN, Result.WAIVED, Result.NOT_APPLICABLE):
        reasons: dict[str, list[str]] = {}
        for case in record.cases:
            if case.result is result:
                reasons.setdefault(case.reason or "no reason was recorded", []).append(where.named(case))
        for reason, ids in reasons.items():
            named = ", ".join(_said(i, 120) for i in ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
            lines.append(f"  {result.value}: {_said(reason, 200)}: {named}")
    return lines


def _by_profile(record: RunRecord) -> list[str]:
    """Nothing where there is but one profile on one configuration: the counts say it all."""
    rows = by_profile(record)
    heads = [(_said(row.profile or "no profile", 60), _said(f"{row.station} {row.ocpp}", 80)) for row in rows]
    widths = [max((len(head[column]) for head in heads), default=0) for column in (0, 1)]
    told = [", ".join(f"{number} {result.value}" for result, number in row.results.items()) for row in rows]
    lines = [
        f"  {head[0]:<{widths[0]}}  {head[1]:<{widths[1]}}  {text}" for head, text in zip(heads, told, strict=True)
    ]
    return lines if len(lines) > 1 else []


def _findings(record: RunRecord) -> list[str]:
    lines: list[str] = []
    for group in broken_rules(record):
        lines.append(
            f"  {group.strictness.value:<6} {_said(group.rule, 80)}  {group.times}x  {_said(group.requirement, 120)}"
        )
        for finding in group.findings[:3]:
            place = _said(finding.case, 60) or "between cases"
            lines.append(f"         {place}: {_said(finding.message, 300)} ({lines_text(finding.evidence)})")
        if len(group.findings) > 3:
            lines.append(f"         and {len(group.findings) - 3} more causes in the report")
    return lines


def _bench_trouble(record: RunRecord) -> list[str]:
    lines = []
    for fault in record.instrument_faults[:10]:
        told = "; ".join(f"{key}: {value}" for key, value in fault.items() if value not in (None, ""))
        lines.append(f"  {_said(told, 400)}")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def adjudication(
    record: RunRecord,
    adjudicated: Adjudicated,
    disagreements: Sequence[Disagreement],
    *,
    source: str,
    style: Paint = plain,
) -> list[str]:
    """The verdict on a station whose faults are known, in the place of green and red: as adjudicated, or all that is not.

    `source` is the file of the expectations, or the files, as the reader can open them.
    """
    held = f"{_counted(len(adjudicated.cases), 'case')} and {_counted(len(adjudicated.findings), 'finding')}"
    alone = ", ".join(f"{number} {result.value}" for result, number in counts(record).items()) or "no case"
    if not disagreements:
        head = f"{style('AS ADJUDICATED', Result.PASS)}  {_said(adjudicated.title, 120)}: {held} came out as in {_said(source)}"
        return [f"{head} (by themselves: {alone}). Passing is not certification."]
    differ = f"{len(disagreements)} {'differs' if len(disagreements) == 1 else 'differ'} from {_said(source)}"
    head = f"{style('NOT AS ADJUDICATED', Result.FAIL)}  {_said(adjudicated.title, 120)}: {differ} ({held}; by themselves: {alone})"
    return [head, *(_said(line) for item in disagreements for line in item.lines())]


def _verdict(record: RunRecord, style: Paint) -> str:
    word = style("GREEN", Result.PASS) if record.green else style("RED", Result.FAIL)
    reasons = why_red(record)
    return f"{word}  {', '.join(reasons) if reasons else 'every judged case passed'}. Passing is not certification."


def summary(record: RunRecord, report: str, *, style: Paint = plain, verdict: Sequence[str] | None = None) -> list[str]:
    """The end of a run: counts, what was not judged and why, findings, faults of the bench, the verdict, and the report's path.

    `verdict` (see `adjudication`) takes the place of green or red.
    """
    run = record.run
    lines = [f"Run {_said(run.id, 120)}: {len(record.cases)} cases in {duration(run.wall_seconds)}"]
    if simple_rule(record):
        lines.append(f"Measurements decided by {simple_rule(record)}")
    if run.clock_seconds > 2 * run.wall_seconds:
        lines[0] += f" ({duration(run.clock_seconds)} on the bench)"
    for result, number in counts(record).items():
        lines.append(style(f"  {RESULTS[result].symbol} {result.value:<22}{number:>5}", result))
    for title, block in (
        ("By profile and configuration", _by_profile(record)),
        ("Not judged", _never_judged(record)),
        ("Findings of the always-on rules", _findings(record)),
        ("Faults of the bench", _bench_trouble(record)),
        ("Calibration expired before the run", [f"  {_said(one, 200)}" for one in expired_calibrations(record)]),
        ("Defects outside of the cases", [f"  {_said(text, 400)}" for text in record.defects[:10]]),
    ):
        if block:
            lines += ["", f"{title}:", *block]
    return [*lines, "", *(verdict or [_verdict(record, style)]), f"Report: {_said(report)}"]


def comparison_lines(comparison: Comparison) -> list[str]:
    """What changed since an earlier run: counts, each new and fixed case, rules, and how many measurements moved."""
    told = [f"{len(found)} {kind}" for kind in KINDS if (found := comparison.of(kind))]
    lines = [f"Compared with run {_said(comparison.against, 120)}: {', '.join(told) or 'no case changed'}"]
    for change in (*comparison.of(NEW), *comparison.of(STILL), *comparison.of(FIXED)):
        words = f"{change.before_word or 'not there'} -> {change.now_word}"
        lines.append(f"  {change.kind:<13} {_said(change.name, 60)} ({_said(change.where, 120)}): {words}")
    lines += [f"  {change.kind:<13} rule {_said(change.name, 80)} ({change.where})" for change in comparison.rules]
    if comparison.moved:
        lines.append(f"  {_counted(len(comparison.moved), 'measurement')} moved by more than both uncertainties")
    return [*lines, *(f"  also different: {_said(text, 300)}" for text in comparison.differs)]
