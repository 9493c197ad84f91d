"""What an always-on rule is: a fact about the standard and a watcher that is fed the trace record by record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from harness.trace.trace import Record
from harness.verdict import Strictness

Evidence = Literal["wire", "stimulus", "bench"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: where it shows, what was wrong, and `cause`, by which repetitions are told apart from new ones."""

    evidence: tuple[int, ...]
    message: str
    cause: str


class Watcher(Protocol):
    """State of one rule over one trace; bounded, and linear in the number of records."""

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record. Never raises for whatever a station sent."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """An always-on rule with its source. `explanation` tells a QA engineer what it costs to break it."""

    id: str
    requirement: str
    strictness: Strictness
    needs: tuple[Evidence, ...]
    explanation: str
    watch: Callable[[], Watcher] = field(repr=False)
