"""`summary.md`: a run in brief, for a comment in CI. Nothing of what a station said becomes markup, a link or a mention."""

import re
from collections.abc import Iterator

from harness.record import CaseRecord, RunRecord
from harness.verdict import RESULTS
from reports.compare import FIXED, KINDS, NEW, Comparison
from reports.grounds import grounds
from reports.tally import broken_rules, counts, in_order, needs_attention, why_red
from reports.terms import expired_calibrations, simple_rule
from reports.text import clip, duration, lines_text, visible

_MOST = 25
_SIGNS = re.compile(r"[\\`*_{}\[\]()<>#|~!@&^$]|(?<=:)//|(?<=[wW]{3})\.|^[-+=]")


def told(text: str, limit: int = 300) -> str:
    """Text as Markdown shows it: every sign that could be markup, a link or a mention as a character reference."""
    shown = visible(clip(text, limit))
    return _SIGNS.sub(lambda match: "".join(f"&#{ord(sign)};" for sign in match.group()), shown)


def summary_md(record: RunRecord, comparison: Comparison | None = None) -> bytes:
    """The verdict, counts, what needs attention with its ground, broken rules, and what changed since an earlier run."""
    return ("\n".join(_lines(record, comparison)) + "\n").encode()


def _lines(record: RunRecord, comparison: Comparison | None) -> Iterator[str]:
    run = record.run
    reasons = ", ".join(why_red(record)) or "every judged case passed"
    name = " ".join(str(run.station.get(key, "")) for key in ("vendor", "model", "firmware")).strip()
    yield f"## {'🟢 Green' if record.green else '🔴 Red'}: {told(reasons)}"
    yield ""
    yield (
        f"OCPP conformance of {told(name or str(run.station.get('name', 'a station')))}, run {told(run.id)}, "
        f"{len(record.cases)} cases in {duration(run.wall_seconds)}. Passing is not certification."
    )
    for note in _notes(record):
        yield f"\n> {note}"
    yield "\n| result | cases |\n|---|---|"
    for result, number in counts(record).items():
        yield f"| {RESULTS[result].symbol} {result.value} | {number} |"
    if comparison is not None:
        yield from _compared(comparison)
    red = [case for case in in_order(record) if needs_attention(case)]
    if red:
        yield "\n### Needs attention\n"
        yield from (_case(case) for case in red[:_MOST])
        if len(red) > _MOST:
            yield f"- and {len(red) - _MOST} more in report.html"
    yield from _rules(record)


def _notes(record: RunRecord) -> Iterator[str]:
    if not record.run.complete:
        yield "The run was cut."
    if simple_rule(record):
        yield f"Measurements were decided by {told(simple_rule(record))}: U was left out."
    if expired := expired_calibrations(record):
        yield f"Calibration expired before this run: {told(', '.join(expired))}"
    yield from (f"Defect outside of the cases: {told(defect)}" for defect in record.defects[:5])


def _case(case: CaseRecord) -> str:
    head = f"- **{told(case.id, 60)}** {case.result.value} (OCPP {told(case.ocpp, 20)}, {told(case.station, 60)}, EVSE {case.evse})"
    found = grounds(case)
    if not found:
        return f"{head}: {told(case.reason)}"
    first = found[0]
    step = f" step {first.step}" if first.step is not None else ""
    evidence = f", {lines_text(first.evidence)}" if first.evidence else ""
    source = f" ({told(first.requirement, 150)})" if first.requirement else ""
    return f"{head}:{step} required {told(first.required)}; observed {told(first.observed)}{evidence}{source}"


def _rules(record: RunRecord) -> Iterator[str]:
    rules = broken_rules(record)
    if rules:
        yield "\n### Always-on rules\n"
    for rule in rules[:_MOST]:
        message = told(rule.findings[0].message) if rule.findings else ""
        yield f"- {rule.strictness.value} **{told(rule.rule, 80)}** violated {rule.times}x ({told(rule.requirement, 150)}): {message}"


def _compared(comparison: Comparison) -> Iterator[str]:
    yield f"\n### Compared with {told(comparison.against)}\n"
    numbers = [f"{len(found)} {kind}" for kind in KINDS if (found := comparison.of(kind))]
    moved = f"; {len(comparison.moved)} measurements moved" if comparison.moved else ""
    yield f"{', '.join(numbers) or 'no case changed'}{moved}."
    for kind in (NEW, FIXED):
        names = [f"{told(change.name, 60)} ({told(change.where, 100)})" for change in comparison.of(kind)]
        if names:
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield f"\n**{kind}**: {', '.join(names[:_MOST])}{more}"
