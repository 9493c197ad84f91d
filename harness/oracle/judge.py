"""`judge(expectation, trace, now)`: the one function that decides, live and offline.

It reads nothing but its arguments. Live, the fixtures call it again whenever the trace grows or its `wake_at` is reached; offline,
`now` is the time at which the live run stopped waiting.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.limits import not_adopted
from harness.oracle.expectations import (
    AllOf,
    Connection,
    Expectation,
    Fields,
    Holds,
    Message,
    Opening,
    Reply,
    Settles,
    Shown,
    Silence,
    Stays,
    Transferred,
)
from harness.oracle.judge_messages import judge_all_of, judge_message, judge_silence
from harness.oracle.judge_openings import judge_opening, judge_shown
from harness.oracle.judge_replies import judge_connection, judge_fields, judge_reply
from harness.oracle.judge_samples import judge_settles, judge_stays
from harness.oracle.judge_transfers import judge_transferred
from harness.oracle.matchers import Between
from harness.oracle.outcome import Outcome
from harness.trace.events import Note
from harness.trace.trace import Trace


def judge(expectation: Expectation, trace: Trace, now: float) -> Outcome:
    """Decide `expectation` on what `trace` holds up to clock time `now`."""
    outcome = _JUDGES[type(expectation)](expectation, trace, now)
    if outcome.state == "violated":
        outcome = _excuse_ourselves(expectation, trace, outcome)
    return _spare_unadopted(expectation, outcome)


def _judge_holds(expectation: Holds, trace: Trace, now: float) -> Outcome:  # noqa: ARG001 - one signature for all
    bounds = Between(expectation.low, expectation.high)
    unit = f" {expectation.unit}" if expectation.unit else ""
    required = f"{bounds.text(expectation.name)}{unit}"
    state = "met" if bounds.matches(expectation.value) else "violated"
    observed = f"{expectation.name} is {expectation.value:g}{unit}"
    # What a figure was computed from is accounted for.
    return Outcome(state, required, observed, expectation.inputs, expectation.inputs)  # type: ignore[arg-type]


_JUDGES: dict[type, Callable[[Any, Trace, float], Outcome]] = {
    Message: judge_message,
    AllOf: judge_all_of,
    Silence: judge_silence,
    Reply: judge_reply,
    Fields: judge_fields,
    Connection: judge_connection,
    Settles: judge_settles,
    Stays: judge_stays,
    Holds: _judge_holds,
    Transferred: judge_transferred,
    Opening: judge_opening,
    Shown: judge_shown,
}


def _spare_unadopted(expectation: Expectation, outcome: Outcome) -> Outcome:
    """A limit whose source was not read, or that is only recommended, fails nothing until the station adopts it."""
    bases = expectation.bases if isinstance(expectation, Settles | Stays | Holds) else ()
    strange = [basis for basis in bases if not basis.adopted]
    if outcome.state != "violated" or not strange:
        return outcome
    said = "; ".join(not_adopted(basis) for basis in strange)
    return _undecided(outcome, said)


def _excuse_ourselves(expectation: Expectation, trace: Trace, outcome: Outcome) -> Outcome:
    """What the run itself missed or was late for proves nothing against the station; what it saw all the same does."""
    since = expectation.call if isinstance(expectation, Reply) else getattr(expectation, "since", None)
    until = getattr(expectation, "until", None)
    if since is None or until is None or since >= len(trace):
        return outcome
    if not isinstance(expectation, Settles) and _shown(expectation, trace):
        return outcome
    margin = getattr(expectation, "within", None) or until - trace[since].t
    notes = [record for record in trace.since(since) if isinstance(record.event, Note) and record.t <= until + margin]
    defect = next((note.event.data["defect"] for note in notes if "defect" in note.event.data), None)  # type: ignore[union-attr]
    if defect is not None:
        return _undecided(outcome, f"the run itself failed meanwhile: {defect}")
    worst = max((_lag(note.event) for note in notes if note.t >= until - margin), default=0.0)
    if worst * 3 <= margin:
        return outcome
    return _undecided(
        outcome, f"the run itself lagged by {worst:.2f} s, more than a third of the {margin:.2f} s margin"
    )


def _shown(expectation: Expectation, trace: Trace) -> bool:
    """Whether the violation is something that was seen, and not something that was not seen in time."""
    at_once: Outcome = _JUDGES[type(expectation)](expectation, trace, float("-inf"))
    return at_once.state == "violated"


def _undecided(outcome: Outcome, why: str) -> Outcome:
    return replace(outcome, state="inconclusive", observed=f"{outcome.observed}; but {why}")


def _lag(event: object) -> float:
    return float(event.data.get("lag_s", 0.0)) if isinstance(event, Note) else 0.0
