"""Two runs of the same cases: what fails now and did not, what was fixed, what fails still, and which measurements moved."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.record import CaseRecord, Finding, Measurement, RunRecord
from harness.verdict import RESULTS, Result
from reports.tally import NEVER_JUDGED, in_order
from reports.text import figure

NEW, FIXED, STILL, OTHER, ADDED, GONE = "new", "fixed", "still failing", "other change", "added", "gone"
KINDS = (NEW, STILL, FIXED, OTHER, ADDED, GONE)
"""`new`: red now and judged green before; `added` and `gone`: cases of one of the two runs only."""


@dataclass(frozen=True, slots=True)
class Change:
    """A case, or a rule, in both runs; the words are those of results, empty where the run had no such case. `now` is the case of this run."""

    kind: str
    name: str
    where: str
    before_word: str
    now_word: str
    reason: str = ""
    now: CaseRecord | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A measurement whose two values lie farther apart than both uncertainties allow (root sum of squares, k=2)."""

    case: str
    where: str
    name: str
    unit: str
    before: float
    before_u: float
    now: float
    now_u: float

    def text(self) -> str:
        """`2.1 s ± 0.1 s, was 1.4 s ± 0.1 s`."""
        unit = f" {self.unit}" if self.unit else ""
        told = [
            f"{figure(v)}{unit} ± {figure(u)}{unit}" for v, u in ((self.now, self.now_u), (self.before, self.before_u))
        ]
        return f"{told[0]}, was {told[1]}"


@dataclass(slots=True)
class Comparison:
    """This run against an earlier one, `against` its id and `started_utc` its start. `differs`: what else was different."""

    against: str
    started_utc: str
    changes: list[Change] = field(default_factory=list)
    rules: list[Change] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    same: int = 0

    def of(self, kind: str) -> list[Change]:
        """Changes of cases of one kind."""
        return [change for change in self.changes if change.kind == kind]


def compare_runs(now: RunRecord, before: RunRecord) -> Comparison:
    """What changed. A case is the same by id, station, OCPP version and EVSE."""
    found = Comparison(before.run.id, before.run.started_utc)
    then = {_key(case): case for case in before.cases}
    for case in in_order(now):
        old = then.pop(_key(case), None)
        kind = _kind(case.result, old.result if old is not None else None)
        if kind:
            found.changes.append(_change(kind, case, old))
        else:
            found.same += 1
        if old is not None:
            found.moved += _moved(case, old)
    found.changes += [_change(GONE, old, old, here=False) for old in then.values()]
    found.changes.sort(key=lambda change: KINDS.index(change.kind))
    found.rules = _rules(now.findings, before.findings)
    found.differs = list(_differences(now, before))
    return found


def _key(case: CaseRecord) -> tuple[str, str, str, int]:
    return case.id, case.station, case.ocpp, case.evse


def _is_red(result: Result) -> bool:
    return not RESULTS[result].green and result not in NEVER_JUDGED


def _kind(now: Result, before: Result | None) -> str:
    """Empty for what did not change and is not red."""
    if before is None:
        return ADDED
    if _is_red(now):
        return STILL if _is_red(before) else NEW
    if _is_red(before) and RESULTS[now].counts_as_pass:
        return FIXED
    return OTHER if now is not before else ""


def _change(kind: str, case: CaseRecord, old: CaseRecord | None, *, here: bool = True) -> Change:
    return Change(
        kind,
        case.id,
        f"OCPP {case.ocpp}, {case.station}, EVSE {case.evse}",
        old.result.value if old is not None else "",
        case.result.value if here else "",
        case.reason,
        case if here else None,
    )


def _measurements(case: CaseRecord) -> dict[tuple[int, str, int], Measurement]:
    """By step, name, and how often the name came in the step before."""
    found: dict[tuple[int, str, int], Measurement] = {}
    for step in case.steps:
        for one in step.measurements:
            number = sum(key[:2] == (step.index, one.name) for key in found)
            found[step.index, one.name, number] = one
    return found


def _moved(case: CaseRecord, old: CaseRecord) -> Iterator[Moved]:
    then = _measurements(old)
    for key, now in _measurements(case).items():
        before = then.get(key)
        if before is None or before.unit != now.unit:
            continue
        if abs(now.value - before.value) > math.hypot(now.u, before.u):
            where = f"OCPP {case.ocpp}, {case.station}, EVSE {case.evse}, step {key[0]}"
            yield Moved(case.id, where, now.name, now.unit, before.value, before.u, now.value, now.u)


def _rules(now: list[Finding], before: list[Finding]) -> list[Change]:
    here, then = _broken(now), _broken(before)
    kinds = [(NEW, here - then), (STILL, here & then), (FIXED, then - here)]
    return [
        Change(kind, rule, strictness, "broken" if kind != NEW else "", "broken" if kind != FIXED else "")
        for kind, rules in kinds
        for strictness, rule in sorted(rules)
    ]


def _broken(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.strictness.value, finding.rule) for finding in findings}


def _differences(now: RunRecord, before: RunRecord) -> Iterator[str]:
    """What else may be behind a change: firmware, bench, Plugproof, the decision rule."""
    pairs = [
        ("Plugproof", before.run.plugproof, now.run.plugproof),
        ("bench", str(before.run.bench.get("name", "")), str(now.run.bench.get("name", ""))),
        ("clock", before.run.clock, now.run.clock),
        ("decision rule", before.run.decision_rule, now.run.decision_rule),
        ("commit", str(before.environment.get("commit", "")), str(now.environment.get("commit", ""))),
        ("firmware as told", _told(before), _told(now)),
        ("cases", str(len(before.cases)), str(len(now.cases))),
    ]
    yield from (f"{name}: {was or 'not told'}, now {is_ or 'not told'}" for name, was, is_ in pairs if was != is_)


def _told(record: RunRecord) -> str:
    told = [f"{one.station} {'/'.join(one.told.get('firmware', ()))}" for one in record.identities]
    return ", ".join(dict.fromkeys(told))
