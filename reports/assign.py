"""Which case a line of the trace belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.record import CaseRecord

Line = dict[str, Any]
_LARGEST = 1e12


@dataclass(slots=True)
class Assigned:
    """Trace lines by case (in the order the cases were given), and those of no case."""

    cases: list[list[Line]]
    outside: list[Line] = field(default_factory=list)


def key_of(case: CaseRecord) -> str:
    """The key that trace lines of this case carry in `case`."""
    return f"{case.id}/{case.station}/{case.ocpp}/{case.evse}"


def assign(cases: Sequence[CaseRecord], lines: Iterable[Line]) -> Assigned:
    """Give each line to the case whose range holds it and whose key it carries, in one pass.

    A line without a key goes to the first case whose range holds it. What is no JSON object, or has no number, is left out.
    """
    found = Assigned([[] for _ in cases])
    ranged = [i for i, case in enumerate(cases) if case.last_event > 0]
    waiting = sorted(ranged, key=lambda i: cases[i].first_event, reverse=True)
    active: list[int] = []
    for line in lines:
        seq = line.get("seq") if isinstance(line, dict) else None
        if not isinstance(seq, int):
            continue
        while waiting and cases[waiting[-1]].first_event <= seq:
            active.append(waiting.pop())
        active = [i for i in active if cases[i].last_event >= seq]
        key = line.get("case")
        owner = next((i for i in active if not key or key in (key_of(cases[i]), cases[i].id)), None)
        (found.outside if owner is None else found.cases[owner]).append(line)
    return found


def is_plausible(value: object) -> bool:
    """Whether this is a number that anything on a bench can be: finite, no truth value, and below 1e12 in size."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def time_of(line: Line) -> float:
    """The line's time on the run's clock in seconds; 0.0 where it has none."""
    t = line.get("t")
    return float(t) if t is not None and is_plausible(t) else 0.0
