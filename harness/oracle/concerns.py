"""Which records can settle a pending expectation, so that a long wait does not judge its whole window again at every record.

The answer may be yes too often, never too seldom; time alone settles through the outcome's `wake_at`.
"""

from collections.abc import Callable
from typing import Any

from harness.oracle.expectations import (
    AllOf,
    Connection,
    Expectation,
    Message,
    Opening,
    Reply,
    Settles,
    Silence,
    Stays,
    Transferred,
)
from harness.oracle.judge_messages import SEQUENCED, fits
from harness.oracle.judge_openings import is_attempt
from harness.oracle.judge_replies import is_event
from harness.oracle.judge_samples import Place, place_of
from harness.trace.events import Note, Sample, Transfer
from harness.trace.trace import Record, Trace

Concern = Callable[[Record], bool]


def concern(expectation: Expectation, trace: Trace) -> Concern:
    """A predicate for the records that come after the first judging; it keeps state, so ask it of each record once, in order."""
    made = _MAKERS.get(type(expectation))
    inner: Concern = made(expectation, trace) if made is not None else lambda _record: True
    return lambda record: isinstance(record.event, Note) or inner(record)


def _of_message(expectation: Message, trace: Trace) -> Concern:  # noqa: ARG001 - one signature for all
    actions = {pattern.action for pattern in expectation.patterns}
    any_of_action = expectation.word == "next" or SEQUENCED in actions

    def concerns(record: Record) -> bool:
        action = _action(record, expectation.station)
        return action in actions and (any_of_action or fits(record, expectation.patterns))

    return concerns


def _of_all(expectation: AllOf, trace: Trace) -> Concern:  # noqa: ARG001
    return lambda record: _action(record, expectation.station) is not None and fits(record, expectation.patterns)


def _of_silence(expectation: Silence, trace: Trace) -> Concern:  # noqa: ARG001
    def concerns(record: Record) -> bool:
        frame = record.frame
        return frame is not None and _is_call(record, expectation.station) and frame.action not in expectation.allowed

    return concerns


def _of_reply(expectation: Reply, trace: Trace) -> Concern:  # noqa: ARG001
    return lambda record: record.frame is None or record.frame.answers == expectation.call


def _of_connection(expectation: Connection, trace: Trace) -> Concern:  # noqa: ARG001
    return lambda record: is_event(record, expectation)


def _of_transfer(expectation: Transferred, trace: Trace) -> Concern:  # noqa: ARG001
    return lambda record: isinstance(record.event, Transfer)


def _of_opening(expectation: Opening, trace: Trace) -> Concern:  # noqa: ARG001
    return lambda record: is_attempt(record, expectation)


def _of_stays(expectation: Stays, trace: Trace) -> Concern:
    opened = trace[expectation.since].t
    return lambda record: _place(record, expectation, opened) == "outside"


def _of_settles(expectation: Settles, trace: Trace) -> Concern:
    """Where the value moves from one place to another, and what is not inside after the deadline."""
    opened = trace[expectation.since].t
    last: Place | None = None

    def concerns(record: Record) -> bool:
        nonlocal last
        place = _place(record, expectation, opened)
        if place is None:
            return False
        moved, last = place != last, place
        event = record.event
        assert isinstance(event, Sample)  # only a sample has a place
        return moved or (place != "inside" and event.at - event.t_u > expectation.until)

    return concerns


def _place(record: Record, expectation: Settles | Stays, opened: float) -> Place | None:
    event = record.event
    if not isinstance(event, Sample) or event.role != expectation.role or event.evse != expectation.evse:
        return None
    return place_of(event, expectation) if event.at >= opened else None


def _is_call(record: Record, station: str) -> bool:
    frame = record.frame
    if frame is None or frame.direction != "in" or frame.station != station:
        return False
    return frame.frame in {"call", "send"}


def _action(record: Record, station: str) -> str | None:
    return record.frame.action if record.frame is not None and _is_call(record, station) else None


_MAKERS: dict[type, Callable[[Any, Trace], Concern]] = {
    Message: _of_message,
    AllOf: _of_all,
    Silence: _of_silence,
    Reply: _of_reply,
    Connection: _of_connection,
    Stays: _of_stays,
    Settles: _of_settles,
    Transferred: _of_transfer,
    Opening: _of_opening,
}
