"""Deviations that a station file declares: a fail that is known, and no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record import CaseRecord, Check, Step
from harness.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation the station file declares: a fail of `step` (index or title) whose observation holds `observed`.

    `station`: the identity of the one that declares it; empty for any.
    """

    case: str
    step: str
    observed: str
    reason: str
    link: str = ""
    station: str = ""

    def covers(self, step: Step, check: Check) -> bool:
        """Whether this failing check is the declared one."""
        return self.step in {str(step.index), step.title} and self.observed in check.observed


def all_declared(case: CaseRecord, declared: Sequence[Deviation]) -> bool:
    """Whether the case failed, and nowhere but where one of these says so."""
    failing = [
        (step, check)
        for step in case.steps
        if step.kind == "test"
        for check in step.checks
        if check.verdict is Verdict.FAIL
    ]
    return bool(failing) and all(any(deviation.covers(*pair) for deviation in declared) for pair in failing)
