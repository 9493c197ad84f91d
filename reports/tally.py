"""Counting a run: how many cases ended how, in which order they are shown, and why a run is red."""

from collections import Counter
from dataclasses import dataclass, field

from harness.record import CaseRecord, Finding, RunRecord
from harness.verdict import RESULTS, Result, Strictness

SHOWN_IN_ORDER: tuple[Result, ...] = (
    Result.FAIL,
    Result.DEVIATION_GONE,
    Result.ERROR,
    Result.INCONCLUSIVE,
    Result.NOT_RUN,
    Result.KNOWN_DEVIATION,
    Result.PASS_MESSAGES_ONLY,
    Result.PASS,
    Result.WAIVED,
    Result.NOT_APPLICABLE,
)
"""What needs attention comes first."""

NEVER_JUDGED = (Result.NOT_APPLICABLE, Result.NOT_RUN, Result.WAIVED)


def counts(record: RunRecord) -> dict[Result, int]:
    """Cases by result, counted anew, those that occur, what needs attention first."""
    found = Counter(case.result for case in record.cases)
    return {result: found[result] for result in SHOWN_IN_ORDER if found[result]}


def in_order(record: RunRecord) -> list[CaseRecord]:
    """The cases, what needs attention first, else in the order in which they ran."""
    return sorted(record.cases, key=lambda case: SHOWN_IN_ORDER.index(case.result))


def needs_attention(case: CaseRecord) -> bool:
    """Whether a reader must look at it: judged, and red."""
    return not RESULTS[case.result].green and case.result not in NEVER_JUDGED


@dataclass(frozen=True, slots=True)
class Spread:
    """What tells the places of a run's cases apart: only that is shown beside a case."""

    stations: bool
    evses: bool

    def of(self, case: CaseRecord) -> str:
        """Station and EVSE of a case where the run has several; empty where it has one."""
        told = [case.station] if self.stations else []
        return " ".join([*told, f"EVSE {case.evse}"] if self.evses else told)

    def named(self, case: CaseRecord) -> str:
        """The case's id, with its place in brackets where there are several."""
        place = self.of(case)
        return f"{case.id} ({place})" if place else case.id


def spread(record: RunRecord) -> Spread:
    """Over how many stations and EVSEs the cases of a run are spread."""
    return Spread(len({c.station for c in record.cases}) > 1, len({c.evse for c in record.cases}) > 1)


@dataclass(frozen=True, slots=True)
class ProfileCount:
    """How many cases of one profile ended how, on one station configuration and OCPP version."""

    profile: str
    station: str
    ocpp: str
    results: dict[Result, int]


def by_profile(record: RunRecord) -> list[ProfileCount]:
    """Cases by profile, station configuration and OCPP version, in the order in which these first occur."""
    found: dict[tuple[str, str, str], Counter[Result]] = {}
    for case in record.cases:
        found.setdefault((case.module, case.station, case.ocpp), Counter())[case.result] += 1
    profiles = list(dict.fromkeys(profile for profile, _, _ in found))
    rows = sorted(found, key=lambda key: profiles.index(key[0]))
    return [ProfileCount(*key, {r: found[key][r] for r in SHOWN_IN_ORDER if found[key][r]}) for key in rows]


def why_red(record: RunRecord) -> list[str]:
    """Every reason why the run is red, in words; empty for a green run."""
    reasons = [f"{n} {result.value}" for result, n in counts(record).items() if not RESULTS[result].green]
    broken = len({f.rule for f in record.findings if f.strictness is Strictness.MUST})
    if broken:
        reasons.append(f"{broken} MUST rule{'s' if broken > 1 else ''} broken")
    if not any(RESULTS[case.result].counts_as_pass for case in record.cases):
        reasons.append("no case passed")
    if record.defects:
        reasons.append(f"{len(record.defects)} defect{'s' if len(record.defects) > 1 else ''} outside of the cases")
    if not record.run.complete:
        reasons.append("the run was cut")
    return reasons


@dataclass(slots=True)
class BrokenRule:
    """All findings of one rule. `times` counts the violations, `findings` the causes."""

    rule: str
    strictness: Strictness
    requirement: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def times(self) -> int:
        """How often the rule was violated."""
        return sum(finding.count for finding in self.findings)


def broken_rules(record: RunRecord) -> list[BrokenRule]:
    """Findings grouped by rule, MUST before SHOULD, then the most frequent first."""
    groups: dict[tuple[str, Strictness], BrokenRule] = {}
    for finding in record.findings:
        key = (finding.rule, finding.strictness)
        group = groups.setdefault(key, BrokenRule(finding.rule, finding.strictness, finding.requirement))
        group.findings.append(finding)
    return sorted(groups.values(), key=lambda g: (g.strictness is not Strictness.MUST, -g.times, g.rule))
