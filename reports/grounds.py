"""Why a case ended as it did: the checks, measurements and errors that decided it, in one shape for every report."""

from dataclasses import dataclass

from harness.record import CaseRecord, Check, Measurement, Step
from harness.verdict import Result, Verdict
from reports.text import figure

_DECIDED_BY = {
    Result.FAIL: Verdict.FAIL,
    Result.KNOWN_DEVIATION: Verdict.FAIL,
    Result.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Result.ERROR: Verdict.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a result. `step` is None when the reason lies in no step; `verdict` is `error` for a defect of ours."""

    verdict: str
    step: int | None
    title: str
    required: str
    observed: str
    evidence: tuple[int, ...] = ()
    requirement: str = ""
    rule: str = ""
    caveats: tuple[str, ...] = ()


def measurement_required(measurement: Measurement) -> str:
    """What a measured value had to be: its name and its limit (the limit alone where that already names it)."""
    named = measurement.name and measurement.name in measurement.limit
    return measurement.limit if named else f"{measurement.name} {measurement.limit}".strip()


def measurement_observed(measurement: Measurement) -> str:
    """The measured value with its expanded uncertainty: `0.42 A (±0.05 A, k=2)`."""
    unit = f" {measurement.unit}" if measurement.unit else ""
    return f"{figure(measurement.value)}{unit} (±{figure(measurement.u)}{unit}, k=2)"


def _decides(check: Check, measurement: Measurement) -> bool:
    """A measurement is judged by the check that stands beside it in its step: one decision, told once."""
    return check.verdict is measurement.verdict and check.required == f"{measurement.name} {measurement.limit}"


def _of_step(step: Step, case: CaseRecord, wanted: Verdict) -> list[Ground]:
    checks = [check for check in step.checks if check.verdict is wanted]
    measurements = [measurement for measurement in step.measurements if measurement.verdict is wanted]
    found = [
        Ground(
            wanted.value,
            step.index,
            step.title,
            check.required,
            check.observed,
            tuple(check.evidence),
            check.requirement or step.requirement or case.requirement,
            next((m.decision_rule for m in measurements if _decides(check, m)), ""),
            tuple(check.caveats),
        )
        for check in checks
    ]
    found += [
        Ground(
            wanted.value,
            step.index,
            step.title,
            measurement_required(measurement),
            measurement_observed(measurement),
            tuple(measurement.evidence),
            step.requirement or case.requirement,
            measurement.decision_rule,
            tuple(measurement.caveats),
        )
        for measurement in measurements
        if not any(_decides(check, measurement) for check in checks)
    ]
    if not found and step.verdict is wanted:
        requirement = step.requirement or case.requirement
        found.append(
            Ground(wanted.value, step.index, step.title, step.title, step.detail or case.reason, (), requirement)
        )
    return found


def _error(case: CaseRecord) -> Ground:
    observed = case.error or case.reason or "nothing was judged"
    return Ground("error", None, "", "the case runs to its end and judges something", observed)


def grounds(case: CaseRecord) -> list[Ground]:
    """What decided `case`, in the order of its steps; empty for a plain pass. An error of ours stands last, beside any proven fail."""
    wanted = _DECIDED_BY.get(case.result)
    found = [ground for step in case.steps for ground in _of_step(step, case, wanted)] if wanted else []
    if case.error is not None or (case.result is Result.ERROR and not found):
        found.append(_error(case))
    if not found and case.result in (Result.FAIL, Result.INCONCLUSIVE, Result.DEVIATION_GONE):
        required = case.requirement or case.title
        found.append(Ground(case.verdict.value, None, "", required, case.reason or "no reason was recorded"))
    return found
