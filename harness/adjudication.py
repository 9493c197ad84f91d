"""Expected verdicts on a station whose faults are known: every case and finding, each with the clause that decides it.

Such a run is good when it comes out as adjudicated, failures included, and bad when anything differs: also where a station
does better than expected. An expectation that cites no clause is refused, so that none is changed just to get a run green.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from harness.model.strict import Key, Matches, MisfitError, ModelError, NonEmpty, Problem, Range, parse
from harness.record import CaseRecord, Finding, RunRecord, Step
from harness.verdict import Result, Verdict

Text = Annotated[str, NonEmpty()]
Document = Literal[
    "OCPP 1.6 Edition 2",
    "OCPP 1.6 errata",
    "OCPP-J 1.6",
    "OCPP-J 1.6 errata",
    "Security white paper Edition 3",
    "OCTT 1.6 test cases 2024-04",
    "OCPP 2.0.1 Part 2",
    "OCPP 2.0.1 Part 4",
    "OCPP 2.0.1 Part 6",
]


@dataclass(frozen=True, slots=True)
class Clause:
    """Where it is written: a document, and a section, requirement or test case in it."""

    document: Document
    section: Annotated[str, Matches(r".*[0-9].*", "a section, requirement or test case, e.g. 5.11 or TC_010_CS")]

    def __str__(self) -> str:
        return f"{self.document}, {self.section}"


@dataclass(frozen=True, slots=True)
class ExpectedCase:
    """What a case must come out as. `step` is the title of the one that fails, for any result that is no plain pass.

    `station` (an identity) and `evse` are for runs over several of them; without these it holds wherever the case ran.
    """

    id: Annotated[str, Matches(r"(TC|HIL|ROB)_[A-Za-z0-9_]+", "a case id, e.g. TC_010_CS")]
    result: Result
    clause: Clause
    why: Text
    ocpp: Literal["1.6", "2.0.1", "2.1"] = "1.6"
    step: str = ""
    observed: str = ""
    station: str = ""
    evse: Annotated[int, Range(1, 1000)] | None = None

    def __post_init__(self) -> None:
        if self.result is Result.FAIL and not self.step:
            raise MisfitError(f"{self.id} is expected to fail, at no step", 'add step = "title of the step that fails"')


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """What an always-on rule must find; `message` is contained in the finding's own. Without `always` it may find it:
    what hangs on the moments of a station that runs in real time does not show in every run."""

    rule: Text
    message: Text
    clause: Clause
    why: Text
    always: bool = True


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """All expectations on one station. The cases are the subset that is run."""

    title: Text
    cases: Annotated[tuple[ExpectedCase, ...], Key("case"), NonEmpty()]
    findings: Annotated[tuple[ExpectedFinding, ...], Key("finding")] = ()

    def __post_init__(self) -> None:
        keys = [(case.id, case.ocpp, case.station, case.evse) for case in self.cases]
        for key in keys:
            if keys.count(key) > 1:
                raise MisfitError(f"{key[0]} on OCPP {key[1]} is expected twice", "leave one of them")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that came out otherwise than adjudicated."""

    what: str
    expected: str
    got: str
    clause: str

    def lines(self) -> list[str]:
        """For the terminal."""
        return [
            f"  {self.what}",
            f"    expected: {self.expected}",
            f"    got:      {self.got}",
            f"    clause:   {self.clause}",
        ]


def load_adjudicated(text: str, source: str) -> Adjudicated:
    """Read expectations (TOML text); `source` names the file in errors. Raises harness.model.strict.ModelError."""
    return parse(Adjudicated, text, source)


def join(parts: Mapping[str, Adjudicated]) -> Adjudicated:
    """The expectations of several files, by the name of each, as one; the first gives the title.

    Raises harness.model.strict.ModelError, naming the file that repeats a case of an earlier one.
    """
    (first, whole), *others = parts.items()
    for source, part in others:
        try:
            whole = Adjudicated(whole.title, whole.cases + part.cases, whole.findings + part.findings)
        except MisfitError as error:
            raise ModelError(source, (Problem("case", f"{error.what}, here and in {first}", error.cure),)) from error
    return whole


def compare(record: RunRecord, adjudicated: Adjudicated) -> list[Disagreement]:
    """Everything in which a run differs from what was adjudicated; empty when it is whole and as expected."""
    return [*_cases(record, adjudicated), *_findings(record, adjudicated), *_run(record)]


def _run(record: RunRecord) -> Iterator[Disagreement]:
    """What spoils a run whatever its cases came out as."""
    if not record.run.complete:
        yield Disagreement("the run", "every case", "it was cut", _NO_STATION)
    for defect in record.defects:
        yield Disagreement("outside of the cases", "nothing", defect, _NO_STATION)


def _cases(record: RunRecord, adjudicated: Adjudicated) -> Iterator[Disagreement]:
    left = list(record.cases)
    for expected in sorted(adjudicated.cases, key=_nearness):
        meant = [case for case in left if _means(expected, case)]
        left = [case for case in left if not any(case is one for one in meant)]
        if not meant:
            yield Disagreement(_name(expected), _wanted(expected), "was not run", str(expected.clause))
        for case in meant:
            difference = _difference(case, expected)
            if difference:
                name = _name(expected) if len(meant) == 1 else _ran_as(case)
                yield Disagreement(name, _wanted(expected), difference, str(expected.clause))
    for case in left:
        yield Disagreement(_ran_as(case), "nothing: no expectation is stated", _shown(case), _MISSING)


def _nearness(expected: ExpectedCase) -> int:
    """What names a station or an EVSE is looked at before what holds everywhere."""
    return -(bool(expected.station) + (expected.evse is not None))


def _means(expected: ExpectedCase, case: CaseRecord) -> bool:
    same = (expected.id, expected.ocpp) == (case.id, case.ocpp)
    return same and expected.station in {"", case.station} and expected.evse in {None, case.evse}


def _ran_as(case: CaseRecord) -> str:
    return f"{case.id} {case.ocpp} on {case.station}, EVSE {case.evse}"


_NO_STATION = "none: this is no matter of the station"
_MISSING = "none yet: read the standard, and add the expectation with its clause"


def _difference(case: CaseRecord, expected: ExpectedCase) -> str:
    """In what `case` differs, or nothing."""
    if case.result is not expected.result:
        return _shown(case)
    if not expected.step:
        return ""
    step = _decisive(case)
    if step is None or step.title != expected.step:
        return _shown(case)
    return "" if expected.observed in _observed(step) else _shown(case)


def _decisive(case: CaseRecord) -> Step | None:
    """The step that decided a case which is no plain pass."""
    broken = [step for step in case.steps if step.verdict is not Verdict.PASS]
    judged = [step for step in broken if step.verdict is not Verdict.NONE]
    return next((step for step in judged if step.verdict is case.verdict), next(iter(judged + broken), None))


def _observed(step: Step) -> str:
    seen = [check.observed for check in step.checks if check.verdict is not Verdict.PASS]
    return "; ".join((*seen, step.detail))


def _name(expected: ExpectedCase) -> str:
    at = [expected.station] if expected.station else []
    at += [f"EVSE {expected.evse}"] if expected.evse is not None else []
    return f"{expected.id} {expected.ocpp}" + (f" on {', '.join(at)}" if at else "")


def _wanted(expected: ExpectedCase) -> str:
    step = f' at "{expected.step}"' if expected.step else ""
    observed = f", observed {expected.observed!r}" if expected.observed else ""
    return f"{expected.result.value}{step}{observed} ({expected.why})"


def _shown(case: CaseRecord) -> str:
    step = _decisive(case) if case.verdict is not Verdict.PASS else None
    place = f' at "{step.title}"' if step is not None else ""
    return f"{case.result.value}{place}" + (f": {case.reason}" if case.reason else "")


def _findings(record: RunRecord, adjudicated: Adjudicated) -> Iterator[Disagreement]:
    for expected in adjudicated.findings:
        if expected.always and not any(_fits(finding, expected) for finding in record.findings):
            what = f"finding {expected.rule}"
            yield Disagreement(what, f"{expected.message} ({expected.why})", "not found", str(expected.clause))
    for finding in record.findings:
        if not any(_fits(finding, expected) for expected in adjudicated.findings):
            place = finding.case or "between cases"
            yield Disagreement(f"finding {finding.rule}", "nothing", f"{finding.message} ({place})", _MISSING)


def _fits(finding: Finding, expected: ExpectedFinding) -> bool:
    return finding.rule == expected.rule and expected.message in finding.message
