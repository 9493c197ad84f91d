"""Message ids are used once, and one request waits for its answer at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import Closed
from harness.trace.trace import Record
from harness.verdict import Strictness


def _reused(_: object, exchange: Exchange) -> Iterable[Violation]:
    """The endpoint notes ids that come again; a retry of the same request may keep its id (OCPP-J 1.6 errata 3.1)."""
    frame, before = exchange.frame, exchange.before
    if before is None or "id_reused" not in frame.anomalies or before.action == frame.action:
        return ()
    text = f"{frame.action} has the message id {frame.message_id!r} of an earlier {before.action or 'request'}"
    return (Violation((exchange.record.seq,), text, f"{frame.action}:{before.action or ''}"),)


@dataclass(slots=True)
class _Waiting:
    """Ids of a station's requests without an answer and when they were sent, by connection."""

    on: dict[int, dict[str, float]] = field(default_factory=dict)


def _one(state: _Waiting, exchange: Exchange) -> Iterable[Violation]:
    """The endpoint notes a request that comes while an earlier one has no answer."""
    frame, t = exchange.frame, exchange.record.t
    waiting = state.on.get(frame.connection)
    if not exchange.from_station:
        if waiting and frame.frame in ("result", "error"):
            waiting.pop(frame.message_id or "", None)
        return ()
    if frame.frame != "call":
        return ()
    if waiting is None:
        waiting = state.on[frame.connection] = {}
    youngest = max(waiting.values(), default=None) if "second_call" in frame.anomalies else None
    waiting[frame.message_id or ""] = t
    if len(waiting) > _MOST_OPEN:
        del waiting[next(iter(waiting))]
    if youngest is None or t - youngest > _GIVEN_UP_AFTER_S:
        return ()
    text = f"{frame.action} is sent {t - youngest:.3f} s after another request that has no answer yet"
    return (Violation((exchange.record.seq,), text, str(frame.action)),)


def _ended(state: _Waiting, record: Record) -> Iterable[Violation]:
    if isinstance(record.event, Closed):
        state.on.pop(record.event.connection, None)
    return ()


_MOST_OPEN = 100
_GIVEN_UP_AFTER_S = 5.0
"""A station may give a request up and send the next; how long it waits is its own affair. A request that is older than this is taken for given up."""

IDS = Rule(
    id="message-ids-unique",
    requirement="OCPP-J 1.6 4.1.4 with errata 3.1; OCPP 2.0.1 Part 4 4.1.4",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Answers are matched by their id: with one id for two requests an answer is taken for the wrong one.",
    watch=lambda: PerStation(object, _reused, calls=None, answers=(), trait="irregular"),
)

ONE_16 = Rule(
    id="one-request-at-a-time",
    requirement="OCPP-J 1.6 4.1.1 (SHOULD NOT)",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS that handles one request at a time may answer in the wrong order, or not at all.",
    watch=lambda: PerStation(_Waiting, _one, ("1.6",), calls=None, answers=None, closed=_ended),
)

ONE_2 = Rule(
    id="one-request-at-a-time-2",
    requirement="OCPP 2.0.1 Part 4 4.1.1 (SHALL NOT)",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that handles one request at a time may answer in the wrong order, or not at all.",
    watch=lambda: PerStation(_Waiting, _one, ("2.0.1", "2.1"), calls=None, answers=None, closed=_ended),
)
