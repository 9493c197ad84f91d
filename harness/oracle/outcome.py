"""What judging an expectation yields."""

from dataclasses import dataclass
from typing import Literal

from harness.verdict import Verdict

State = Literal["pending", "met", "violated", "inconclusive"]

VERDICTS: dict[State, Verdict] = {
    "pending": Verdict.INCONCLUSIVE,
    "met": Verdict.PASS,
    "violated": Verdict.FAIL,
    "inconclusive": Verdict.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`required` and `observed` in words, `evidence` as trace sequence numbers.

    `taken` are the messages that the expectation accounts for. `wake_at`: for a pending one, the clock time at which it can change
    by itself even if nothing more is observed. For a settled one, the clock time until which waiting on tells more of what was observed.
    """

    state: State
    required: str
    observed: str
    evidence: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()
    wake_at: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Pending is inconclusive: the trace ended before the question was settled."""
        return VERDICTS[self.state]
