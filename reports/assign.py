"""Which case a line of the trace belongs to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.record import CaseRecord

Line = dict[str, Any]
_LARGEST = 1e12


MOST_LINES = 100_000
"""Lines of a case, and of no case, that are kept; what comes after them is counted only."""


@dataclass(slots=True)
class Batch:
    """The trace lines of the case at `index` (None: of no case), in their order. `dropped`: how many more there were."""

    index: int | None
    lines: list[Line] = field(default_factory=list)
    dropped: int = 0

    def add(self, line: Line) -> None:
        """Keep the line, or count it."""
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)
        else:
            self.dropped += 1


@dataclass(slots=True)
class Assigned:
    """Trace lines by case (in the order the cases were given), and those of no case."""

    cases: list[list[Line]]
    outside: list[Line] = field(default_factory=list)


def key_of(case: CaseRecord) -> str:
    """The key that trace lines of this case carry in `case`."""
    return f"{case.id}/{case.station}/{case.ocpp}/{case.evse}"


def batches(cases: Sequence[CaseRecord], lines: Iterable[Line]) -> Iterator[Batch]:
    """Give each line to the case whose range holds it and whose key it carries, in one pass; a batch comes once its case is over.

    The last batch holds what belongs to no case. A line without a key goes to the first case whose range holds it. What is no JSON
    object, or has no number, is left out. Holds no more in memory than the cases that go on at the same time.
    """
    ranged = [i for i, case in enumerate(cases) if case.last_event > 0]
    waiting = sorted(ranged, key=lambda i: cases[i].first_event, reverse=True)
    outside = Batch(None)
    active: list[Batch] = []
    for line in lines:
        seq = line.get("seq") if isinstance(line, dict) else None
        if not isinstance(seq, int):
            continue
        while waiting and cases[waiting[-1]].first_event <= seq:
            active.append(Batch(waiting.pop()))
        if any(_is_over(cases, batch, seq) for batch in active):
            yield from (batch for batch in active if _is_over(cases, batch, seq))
            active = [batch for batch in active if not _is_over(cases, batch, seq)]
        key = line.get("case")
        (next((batch for batch in active if not key or _carries(cases, batch, key)), None) or outside).add(line)
    yield from active
    yield outside


def _is_over(cases: Sequence[CaseRecord], batch: Batch, seq: int) -> bool:
    return batch.index is not None and cases[batch.index].last_event < seq


def _carries(cases: Sequence[CaseRecord], batch: Batch, key: object) -> bool:
    return batch.index is not None and key in {key_of(cases[batch.index]), cases[batch.index].id}


def assign(cases: Sequence[CaseRecord], lines: Iterable[Line]) -> Assigned:
    """All batches at once."""
    found = Assigned([[] for _ in cases])
    for batch in batches(cases, lines):
        if batch.index is None:
            found.outside = batch.lines
        else:
            found.cases[batch.index] = batch.lines
    return found


def is_plausible(value: object) -> bool:
    """Whether this is a number that anything on a bench can be: finite, no truth value, and below 1e12 in size."""
    if type(value) is float:  # as nearly all are: this is asked for each value of each sample
        return -_LARGEST < value < _LARGEST
    return isinstance(value, (int, float)) and type(value) is not bool and -_LARGEST < value < _LARGEST


def time_of(line: Line) -> float:
    """The line's time on the run's clock in seconds; 0.0 where it has none."""
    t = line.get("t")
    return float(t) if t is not None and is_plausible(t) else 0.0
