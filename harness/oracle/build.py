"""From a trace to the cases and findings of a record: the pure function behind every verdict.

The live run and `plugproof judge` both end here, so that a verdict never rests on anything but evidence. Every stored expectation is
judged again on the records that stood before it; what the live run thought of it is only compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from harness.limit_data import redecide
from harness.oracle.accounting import unexpected
from harness.oracle.attempts import join
from harness.oracle.calibration import Calibrations
from harness.oracle.deviations import Deviation, all_declared
from harness.oracle.discretion import SECRETIVE, Discretion
from harness.oracle.expectations import Expectation
from harness.oracle.invariants import Invariants, Rule, Violation
from harness.oracle.judge import judge
from harness.record import CaseRecord, Check, Finding, Measurement, Step
from harness.trace.events import (
    CaseEnded,
    CaseStarted,
    Expected,
    Measured,
    Note,
    RunResumed,
    RunStarted,
    StepEnded,
    StepStarted,
    Unobserved,
)
from harness.trace.trace import Record, Trace
from harness.verdict import Result, Verdict, resolve

MAX_EVIDENCE = 20
_E = TypeVar("_E")


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the catalogue says of a case."""

    title: str
    requirement: str
    section: str
    module: str = ""


@dataclass(slots=True)
class Built:
    """What a trace holds: cases in order, findings by cause, where the live run and the evidence disagree, our defects between cases."""

    cases: list[CaseRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def build(
    trace: Trace,
    facts: Mapping[tuple[str, str], CaseFacts],
    deviations: tuple[Deviation, ...] = (),
    rules: tuple[Rule, ...] = (),
) -> Built:
    """Judge every case of `trace`, and the always-on `rules`. `facts` is keyed by case id and OCPP version."""
    builder = RecordBuilder(facts, deviations, rules)
    for record in trace.records:
        builder.feed(record)
    builder.cut()
    return builder.built


class RecordBuilder:
    """Judges a trace as it grows: feed it every record in order; `built` holds the cases that ended and all findings.

    `discretion` knows the secrets seen so far: no text of the record holds one.
    """

    def __init__(
        self,
        facts: Mapping[tuple[str, str], CaseFacts],
        deviations: tuple[Deviation, ...],
        rules: tuple[Rule, ...],
    ) -> None:
        self.built = Built()
        self.discretion = Discretion()
        self._rules = rules
        self._invariants = Invariants(rules)
        self._causes: dict[tuple[str, str, str], Finding] = {}
        self._facts = facts
        self._deviations = deviations
        self._calibrations = Calibrations()
        self._seen = Trace()
        self._case: CaseRecord | None = None
        self._earlier: CaseRecord | None = None
        self._resumed = False
        self._step: Step | None = None
        self._taken: set[int] = set()
        self._messages_only: list[str] = []
        self._defects: list[str] = []
        self._excused: set[int] = set()
        self._handlers: dict[type, Callable[[Record], None]] = {
            RunStarted: lambda record: self._calibrations.learn(_as(record, RunStarted)),
            RunResumed: self._run_resumed,
            CaseStarted: self._case_started,
            CaseEnded: self._case_ended,
            StepStarted: self._step_started,
            StepEnded: self._step_ended,
            Expected: self._expected,
            Measured: self._measured,
            Unobserved: self._unobserved,
            Note: self._noted,
        }

    def feed(self, record: Record) -> list[Finding]:
        """Take the next record; returns the findings that it brought to light for the first time."""
        event = record.event
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(record)
        self._seen.records.append(record)
        if isinstance(event, SECRETIVE) and event.secrets:
            self.discretion.learn(record)
        broken = self._invariants.feed(record)
        if not broken:
            return []
        known = len(self.built.findings)
        for rule, violation in broken:
            self._broken(rule, violation)
        return self.built.findings[known:]

    def _case_started(self, record: Record) -> None:
        event = _as(record, CaseStarted)
        facts = self._facts.get((event.id, event.ocpp), CaseFacts(event.id, "", ""))
        self.cut()
        self._earlier = self._tried_before(event)
        self._taken, self._messages_only, self._step = set(), [], None
        self._defects, self._excused = [], set()
        self._case = CaseRecord(
            id=event.id,
            title=facts.title,
            ocpp=event.ocpp,
            station=event.station,
            evse=event.evse,
            result=Result.NOT_RUN,
            verdict=Verdict.NONE,
            requirement=facts.requirement,
            section=facts.section,
            module=facts.module,
            started=record.t,
            first_event=record.seq,
        )
        self.built.cases.append(self._case)

    def _case_ended(self, record: Record) -> None:
        case, event = self._case, _as(record, CaseEnded)
        if case is None:
            return
        case.ended, case.last_event, case.error, case.reason = record.t, record.seq, event.error, event.reason
        if event.result in {Result.NOT_APPLICABLE, Result.NOT_RUN, Result.WAIVED} and not self._decided(case):
            case.result = Result(event.result)
        else:
            self._conclude(case, event)
        self.discretion.mask_case(case)
        self._close(case)

    def _run_resumed(self, record: Record) -> None:
        """The case that was cut may come again, and so do those that were not come to; what was outstanding then is nobody's fault."""
        del record
        self.cut()
        self.built.cases[:] = [case for case in self.built.cases if case.result is not Result.NOT_RUN or case.steps]
        self._resumed, self._invariants = True, Invariants(self._rules)

    def _tried_before(self, event: CaseStarted) -> CaseRecord | None:
        """Take out the record of the earlier attempts that `event` adds one to."""
        key = (event.id, event.ocpp, event.station, event.evse)
        for case in reversed(self.built.cases):
            if (case.id, case.ocpp, case.station, case.evse) == key:
                again = event.attempt > 1 or (self._resumed and case.result is Result.NOT_RUN)
                if again:
                    self.built.cases.remove(case)
                return case if again else None
        return None

    def _close(self, case: CaseRecord) -> None:
        """The case is over: where it was tried before, one record stands for all attempts."""
        if self._earlier is not None:
            self.built.cases[-1] = join(self._earlier, case)
        self._case = self._step = self._earlier = None

    def _decided(self, case: CaseRecord) -> bool:
        """Whether what was seen before the case was left stands: evidence against the station, doubt, or a defect of ours."""
        doubt = any(step.verdict in {Verdict.FAIL, Verdict.INCONCLUSIVE} for step in case.steps)
        return doubt or bool(self._defects) or case.error is not None

    def _conclude(self, case: CaseRecord, event: CaseEnded) -> None:
        verdict = Verdict.NONE
        if self._defects:
            case.error = "\n".join([*([case.error] if case.error else []), *self._defects])
        for step in case.steps:
            verdict = verdict.combine(step.verdict if step.kind == "test" else _soften(step.verdict))
        if event.verdict == Verdict.INCONCLUSIVE:
            verdict = verdict.combine(Verdict.INCONCLUSIVE)
        case.verdict = verdict
        declared = [d for d in self._deviations if d.case == case.id and d.station in {"", case.station}]
        case.result = resolve(
            verdict,
            error=case.error,
            messages_only=bool(self._messages_only),
            declared_deviation=bool(declared),
            deviates_as_declared=bool(declared) and all_declared(case, declared),
        )
        self._explain(case, declared)
        case.unexpected = self._unexpected(case)

    def _explain(self, case: CaseRecord, declared: list[Deviation]) -> None:
        if case.result is Result.PASS_MESSAGES_ONLY:
            case.reason = "; ".join(dict.fromkeys(self._messages_only))
        elif declared:
            first = declared[0]
            case.deviation = {
                "step": first.step,
                "observed": first.observed,
                "reason": first.reason,
                "link": first.link,
            }
            case.reason = case.reason or f"declared deviation: {first.reason}"
        elif case.result is Result.ERROR and case.error is None:
            case.error = "the case ended without judging anything"

    def _unexpected(self, case: CaseRecord) -> list[int]:
        first_test = next((step.first_event for step in case.steps if step.kind == "test"), None)
        if first_test is None:
            return []
        return unexpected(self._seen.records[case.first_event :], self._taken, case.station, first_test)

    def _step_started(self, record: Record) -> None:
        event = _as(record, StepStarted)
        if self._case is not None:
            self._step = Step(
                event.index, event.step_kind, event.title, Verdict.NONE, record.t, record.t, event.requirement
            )
            self._step.first_event = self._step.last_event = record.seq
            self._case.steps.append(self._step)

    def _step_ended(self, record: Record) -> None:
        step, event = self._step, _as(record, StepEnded)
        if step is None:
            return
        step.ended, step.last_event, step.detail = record.t, record.seq, event.detail
        if event.verdict == Verdict.INCONCLUSIVE:
            step.verdict = step.verdict.combine(Verdict.INCONCLUSIVE)
        self._step = None
        idle = step.kind == "test" and step.verdict is Verdict.NONE and step.index not in self._excused
        if idle and event.verdict == Verdict.PASS:
            self._defects.append(f'step {step.index} "{step.title}" ended without judging anything')

    def _expected(self, record: Record) -> None:
        event = _as(record, Expected)
        try:
            expectation = msgspec.convert(event.spec, Expectation)
            outcome = judge(expectation, self._seen, event.at)
        except (msgspec.ValidationError, IndexError) as error:
            said = f"line {record.seq + 1}: this expectation cannot be judged again: {error}"
            self.built.disagreements.append(said)
            self._defects.append(said)
            return
        self._taken.update(outcome.taken)
        self._compare(record, event.verdict, outcome.verdict)
        self._add(
            event.step,
            Check(
                outcome.required,
                outcome.observed,
                outcome.verdict,
                list(outcome.evidence),
                event.requirement,
                self._calibrations.caveats(self._seen, outcome.evidence),
            ),
        )

    def _measured(self, record: Record) -> None:
        event = _as(record, Measured)
        verdict, text = redecide(event.value, event.unit, event.u, event.limit, event.decision_rule)
        self._compare(record, event.verdict, verdict)
        step, caveats = self._step_of(event.step), self._calibrations.caveats(self._seen, event.evidence)
        if step is not None:
            evidence = list(event.evidence)[:MAX_EVIDENCE]
            step.measurements.append(
                Measurement(
                    event.name,
                    event.value,
                    event.unit,
                    event.u,
                    event.limit_text,
                    event.decision_rule,
                    verdict,
                    evidence,
                    dict(event.budget),
                    dict(event.conditions),
                    caveats,
                )
            )
        required = f"{event.name} {event.limit_text}"
        self._add(event.step, Check(required, text, verdict, list(event.evidence), event.requirement, caveats))

    def _add(self, index: int, check: Check) -> None:
        """A check belongs to the step that asked for it, even where that one has ended meanwhile."""
        step = self._step_of(index)
        if step is not None:
            step.checks.append(check)
            step.verdict = step.verdict.combine(check.verdict)
        else:
            said = f"required {check.required}; observed {check.observed}"
            self._defects.append(f"a case judges inside its steps only; outside of them it {said}")

    def _step_of(self, index: int) -> Step | None:
        steps = self._case.steps if self._case is not None else []
        return next((step for step in reversed(steps) if step.index == index), None)

    def _compare(self, record: Record, recorded: str, evidence: Verdict) -> None:
        if recorded != evidence.value:
            said = f"line {record.seq + 1}: the run recorded {recorded}, the evidence says {evidence.value}"
            self.built.disagreements.append(said)

    def _unobserved(self, record: Record) -> None:
        event = _as(record, Unobserved)
        self._excused.add(event.step)
        self._messages_only.append(f"{event.effect} not observed: no {event.missing_role} on this bench")

    def _noted(self, record: Record) -> None:
        """A defect of ours is an error of the case in which it shows; between cases, of the run."""
        event = _as(record, Note)
        if "defect" in event.data:
            place = self._defects if self._case is not None else self.built.defects
            place.append(f"line {record.seq + 1}: {event.text}")

    def _broken(self, rule: Rule, violation: Violation) -> None:
        frame = self._seen[violation.evidence[0]].frame if violation.evidence else None
        station = frame.station if frame is not None else ""
        key = (rule.id, violation.cause, station)
        known = self._causes.get(key)
        if known is not None:
            known.count += 1
            known.evidence = [*known.evidence, *violation.evidence][:MAX_EVIDENCE]
            return
        case = self._case if self._case is not None and station in {"", self._case.station} else None
        self._causes[key] = Finding(
            rule=rule.id,
            strictness=rule.strictness,
            requirement=rule.requirement,
            message=self.discretion.mask(violation.message),
            case=case.id if case is not None else "",
            ocpp=frame.ocpp if frame is not None else "",
            station=station,
            evidence=list(violation.evidence),
        )
        self.built.findings.append(self._causes[key])

    def cut(self) -> None:
        """A case that never ended: what it proved stands, everything else is *not run*."""
        case = self._case
        if case is None:
            return
        proven = any(step.kind == "test" and step.verdict is Verdict.FAIL for step in case.steps)
        case.verdict = Verdict.FAIL if proven else Verdict.NONE
        case.result = Result.FAIL if proven else Result.NOT_RUN
        case.reason = "the run was cut in this case"
        last = self._seen.records[-1]
        case.ended, case.last_event = last.t, last.seq
        self.discretion.mask_case(case)
        self._close(case)


def _as(record: Record, kind: type[_E]) -> _E:
    event = record.event
    if not isinstance(event, kind):
        raise TypeError(f"record {record.seq} is {type(event).__name__}, not {kind.__name__}")
    return event


def _soften(verdict: Verdict) -> Verdict:
    """Outside the test steps nothing counts as a pass or a fail: trouble there is inconclusive."""
    return Verdict.INCONCLUSIVE if verdict in {Verdict.FAIL, Verdict.INCONCLUSIVE} else Verdict.NONE
