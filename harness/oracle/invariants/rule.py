"""What an always-on rule is: a fact about the standard and a watcher that is fed the trace record by record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, Protocol, get_args

from harness.trace.events import Event, FrameType
from harness.trace.trace import Record
from harness.verdict import Strictness

Evidence = Literal["wire", "stimulus", "bench"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: where it shows, what was wrong, and `cause`, by which repetitions are told apart from new ones."""

    evidence: tuple[int, ...]
    message: str
    cause: str


Sound = tuple[str, str] | type[Event]
"""What can be heard in a trace: a frame by its direction and kind (`("in", "call")`), anything else by its type."""


def frames(direction: Literal["in", "out", "both"], *kinds: FrameType) -> frozenset[Sound]:
    """Frames of this direction and of these kinds, of all kinds where none is named."""
    directions = ("in", "out") if direction == "both" else (direction,)
    return frozenset(product(directions, kinds or get_args(FrameType)))


def events(*kinds: type[Event]) -> frozenset[Sound]:
    """Events of these types, which are no frames."""
    return frozenset(kinds)


class Watcher(Protocol):
    """State of one rule over one trace; bounded, and linear in the number of records.

    `hears`: what in a trace concerns the rule, None for all of it. Nothing else reaches `feed`, so that it costs nothing.
    """

    @property
    def hears(self) -> frozenset[Sound] | None: ...

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
