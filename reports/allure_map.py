"""A case as Allure shows it, as plain data: the pytest side attaches it. Status words come from the one table.

Allure knows no *inconclusive* and no *known deviation*: they show under the status of harness.verdict.RESULTS, and the true word
stands in a label, in a parameter and first in the details. `CATEGORIES` sorts them in Allure's own overview.
"""

from dataclasses import dataclass
from typing import Any, Literal

from harness.record import CaseRecord, Check, Measurement, RunRecord, Step
from harness.verdict import RESULTS, Result, Verdict
from reports.grounds import Ground, grounds, measurement_observed, measurement_required
from reports.text import clip, lines_text, visible

Status = Literal["passed", "failed", "broken", "skipped", "unknown"]
_LONGEST = 10_000
_OF_VERDICT: dict[Verdict, Result] = {
    Verdict.NONE: Result.NOT_RUN,
    Verdict.PASS: Result.PASS,
    Verdict.INCONCLUSIVE: Result.INCONCLUSIVE,
    Verdict.FAIL: Result.FAIL,
}


@dataclass(frozen=True, slots=True)
class AllureStep:
    """One node of the step tree. `start_s` and `stop_s` are on the run's clock; `parameters` are shown beside the title."""

    name: str
    status: Status
    start_s: float
    stop_s: float
    parameters: tuple[tuple[str, str], ...] = ()
    details: str = ""
    children: "tuple[AllureStep, ...]" = ()


@dataclass(frozen=True, slots=True)
class AllureAttachment:
    """A file beside the case. `body` is text; `mime` tells Allure how to show it."""

    name: str
    mime: str
    body: str
    extension: str


def _said(text: str, limit: int = _LONGEST) -> str:
    return visible(clip(text, limit), multiline=True)


def status(result: Result) -> Status:
    """Allure's word for a result."""
    return RESULTS[result].allure


def step_status(verdict: Verdict) -> Status:
    """Allure's word for a step's verdict: that of the result a case with this verdict alone would have."""
    return RESULTS[_OF_VERDICT[verdict]].allure


def labels(case: CaseRecord, run_id: str) -> list[tuple[str, str]]:
    """Label names and values: suites by station, version and EVSE; tags for the result word and the version."""
    found = [
        ("framework", "plugproof"),
        ("parentSuite", case.station),
        ("suite", f"OCPP {case.ocpp}"),
        ("subSuite", f"EVSE {case.evse}"),
        ("feature", case.section or case.module),
        ("story", case.requirement),
        ("tag", case.result.value),
        ("tag", f"OCPP {case.ocpp}"),
        ("run", run_id),
    ]
    return [(name, _said(value, 300)) for name, value in found if value]


def parameters(case: CaseRecord) -> list[tuple[str, str]]:
    """What tells two executions of one case apart, and the verdict word."""
    return [
        ("station", _said(case.station, 300)),
        ("ocpp", _said(case.ocpp, 20)),
        ("evse", str(case.evse)),
        ("result", case.result.value),
    ]


def _ground(ground: Ground) -> str:
    head = f'step {ground.step} "{ground.title}"\n' if ground.step is not None else ""
    told = f"{head}Required: {ground.required}\nObserved: {ground.observed}"
    if ground.evidence:
        told += f"\nEvidence: {lines_text(ground.evidence)}"
    told += "".join(f"\nCaveat: {caveat}" for caveat in ground.caveats)
    return _said(told)


def details(case: CaseRecord) -> tuple[str, str]:
    """Message and trace of Allure's status details: the result word with its reason, and every ground."""
    found = grounds(case)
    reason = case.reason or (found[0].observed if found else "")
    message = f"{case.result.value}: {reason}" if reason else case.result.value
    return _said(message, 500), "\n\n".join(_ground(ground) for ground in found)


def _check(check: Check, step: Step) -> AllureStep:
    told = (("required", _said(check.required)), ("observed", _said(check.observed)))
    evidence = (("evidence", lines_text(check.evidence)),)
    name = _said(check.required, 200)
    return AllureStep(name, step_status(check.verdict), step.started, step.ended, told + evidence)


def _measurement(measurement: Measurement, step: Step) -> AllureStep:
    told = (
        ("observed", _said(measurement_observed(measurement))),
        ("limit", _said(measurement.limit)),
        ("decision rule", _said(measurement.decision_rule)),
        *((name, _said(told)) for name, told in measurement.conditions.items()),
        ("evidence", lines_text(measurement.evidence)),
    )
    name = _said(measurement_required(measurement), 200)
    return AllureStep(name, step_status(measurement.verdict), step.started, step.ended, told)


def step_tree(case: CaseRecord) -> tuple[AllureStep, ...]:
    """The case's steps, each with its checks and measurements as children."""
    return tuple(
        AllureStep(
            _said(f"{step.kind} {step.index}: {step.title}", 300),
            step_status(step.verdict),
            step.started,
            step.ended,
            (("requirement", _said(step.requirement, 300)),) if step.requirement else (),
            _said(step.detail),
            tuple(_check(c, step) for c in step.checks) + tuple(_measurement(m, step) for m in step.measurements),
        )
        for step in case.steps
    )


def attachments(case: CaseRecord, trace_lines: list[str]) -> list[AllureAttachment]:
    """The case's part of the trace, and its grounds when it has any. `trace_lines` are the JSON lines of the case."""
    found = []
    if reasons := details(case)[1]:
        found.append(AllureAttachment("required, observed, evidence", "text/plain", reasons, "txt"))
    body = "\n".join(visible(line.rstrip("\n")) for line in trace_lines)
    name = f"trace lines {case.first_event}-{case.last_event}"
    return [*found, AllureAttachment(name, "application/x-ndjson", body, "jsonl")]


CATEGORIES: list[dict[str, Any]] = [
    {"name": "Known deviation gone", "messageRegex": "(?s)known deviation gone.*", "matchedStatuses": ["failed"]},
    {"name": "Fail: the station broke a requirement", "matchedStatuses": ["failed"]},
    {
        "name": "Inconclusive: the evidence does not decide",
        "messageRegex": "(?s)inconclusive.*",
        "matchedStatuses": ["broken"],
    },
    {"name": "Error: a defect of the harness", "matchedStatuses": ["broken"]},
    {"name": "Not run", "matchedStatuses": ["unknown"]},
    {"name": "Waived", "messageRegex": "(?s)waived.*", "matchedStatuses": ["skipped"]},
    {"name": "Not applicable", "matchedStatuses": ["skipped"]},
]
"""Content of `categories.json` in Allure's results folder."""


def environment_properties(record: RunRecord) -> str:
    """Content of `environment.properties`: what was tested, with what and by which rule, as Java reads properties (ASCII, escaped)."""
    run = record.run
    told = {
        "run": run.id,
        "started": run.started_utc,
        "plugproof": run.plugproof,
        "clock": run.clock,
        "decided_by": run.decision_rule,
        **{
            f"station.{key}": run.station[key]
            for key in ("identity", "vendor", "model", "firmware", "serial", "ocpp")
            if key in run.station
        },
        **{f"bench.{key}": run.bench[key] for key in ("name", "file") if key in run.bench},
    }
    return "".join(f"{name} = {_property(_said(_words(value), 300))}\n" for name, value in told.items() if value)


def _words(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)


def _property(text: str) -> str:
    """One line of ASCII: a backslash is doubled, all else that is not plain is written as UTF-16 code units."""
    units = text.encode("utf-16-be")
    codes = [units[index] << 8 | units[index + 1] for index in range(0, len(units), 2)]
    return "".join("\\\\" if code == 0x5C else chr(code) if 0x20 <= code < 0x7F else f"\\u{code:04x}" for code in codes)
