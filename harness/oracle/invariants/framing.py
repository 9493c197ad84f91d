"""Message ids are used once, and one request waits for its answer at a time."""

from collections import OrderedDict
from collections.abc import Iterable

from harness.oracle.invariants.rule import Rule, Violation, frames
from harness.trace.events import Frame
from harness.trace.trace import Record
from harness.verdict import Strictness


class _Ids:
    """The endpoint notes ids that come again; a retry of the same request may keep its id (OCPP-J 1.6 errata 3.1)."""

    hears = frames("in", "call", "send")

    def __init__(self) -> None:
        self._actions: OrderedDict[tuple[str, str], str] = OrderedDict()

    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        if type(frame) is not Frame or frame.direction != "in" or frame.frame not in ("call", "send"):
            return ()
        key = (frame.station, frame.message_id or "")
        first = self._actions.setdefault(key, frame.action or "")
        if len(self._actions) > _REMEMBERED:
            self._actions.popitem(
                last=False
            )  # a plain dictionary would look for its first entry, among all that were deleted
        if "id_reused" not in frame.anomalies or first == frame.action:
            return ()
        text = f"{frame.action} has the message id {frame.message_id!r} of an earlier {first or 'request'}"
        return (Violation((record.seq,), text, f"{frame.action}:{first}"),)


_REMEMBERED = 20_000
"""Ids that are remembered, of all stations together."""


class _One:
    """The endpoint notes a request that comes while an earlier one has no answer."""

    hears = frames("in", "call") | frames("out", "result", "error")

    def __init__(self, ocpp: tuple[str, ...], patience_s: float) -> None:
        self._ocpp = ocpp
        self._patience_s = patience_s
        self._open: dict[tuple[str, int], dict[str, float]] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        if type(frame) is not Frame or frame.ocpp not in self._ocpp:
            return ()
        key = (frame.station, frame.connection)
        waiting = self._open.get(key)
        if frame.direction == "out":
            if waiting and frame.frame in ("result", "error"):
                waiting.pop(frame.message_id or "", None)
            return ()
        if frame.frame != "call":
            return ()
        if waiting is None:
            waiting = self._open[key] = {}
        youngest = max(waiting.values(), default=None) if "second_call" in frame.anomalies else None
        waiting[frame.message_id or ""] = record.t
        if len(waiting) > _MOST_OPEN:
            del waiting[next(iter(waiting))]
        if youngest is None or record.t - youngest > self._patience_s:
            return ()
        text = f"{frame.action} is sent {record.t - youngest:.3f} s after another request that has no answer yet"
        return (Violation((record.seq,), text, str(frame.action)),)


_MOST_OPEN = 100
_GIVEN_UP_AFTER_S = 5.0
"""A station may give a request up and send the next; how long it waits is its own affair. A request that is older than this is taken for given up."""

IDS = Rule(
    id="message-ids-unique",
    requirement="OCPP-J 1.6 4.1.4 with errata 3.1; OCPP 2.0.1 Part 4 4.1.4",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Answers are matched by their id: with one id for two requests an answer is taken for the wrong one.",
    watch=_Ids,
)

ONE_16 = Rule(
    id="one-request-at-a-time",
    requirement="OCPP-J 1.6 4.1.1 (SHOULD NOT)",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS that handles one request at a time may answer in the wrong order, or not at all.",
    watch=lambda: _One(("1.6",), _GIVEN_UP_AFTER_S),
)

ONE_2 = Rule(
    id="one-request-at-a-time-2",
    requirement="OCPP 2.0.1 Part 4 4.1.1 (SHALL NOT)",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that handles one request at a time may answer in the wrong order, or not at all.",
    watch=lambda: _One(("2.0.1", "2.1"), _GIVEN_UP_AFTER_S),
)
