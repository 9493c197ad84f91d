"""One side of an OCPP-J conversation, sans I/O.

The caller moves text and tells the time; the endpoint matches, validates and remembers. After every message received,
call `receive` and act on the events, in order. What a method named for sending returns, the caller must send: its
`frame.raw` is the text. Nothing here raises for what the peer does; a peer's misbehaviour is an event.

An endpoint belongs to a station, not to a connection, since message ids must not come again on a later connection: call
`connection_lost` when one ends, and hand `history` to the successor where the OCPP version changes.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from harness.ocppj.endpoint_events import (
    CallAbandoned,
    CallExpired,
    CallOverlapped,
    CallReceived,
    CallSent,
    ErrorReceived,
    IrregularityEvent,
    MalformedReceived,
    MessageIdReused,
    OtherSent,
    ReceivedEvent,
    Reply,
    ReplyLate,
    ReplyRepeated,
    ReplySent,
    ReplyUnmatched,
    ResultErrorReceived,
    ResultReceived,
    SendReceived,
    SendSent,
    SentEvent,
)
from harness.ocppj.frames import (
    CALLERROR,
    CALLRESULT,
    CALLRESULTERROR,
    Call,
    CallError,
    CallResult,
    CallResultError,
    JsonObject,
    Malformed,
    Send,
    encode,
    parse,
)
from harness.ocppj.json_text import dumps, loads
from harness.ocppj.message_ids import MessageIds
from harness.ocppj.schemas import Problem, Schemas
from harness.ocppj.version import OcppVersion

_REPLIES = frozenset({CALLRESULT, CALLERROR, CALLRESULTERROR})
_MOST_PENDING = 100
"""Requests without an answer that are remembered where a window is set: more of them are a log without answers."""

_REPLIES_KEPT = 8  # an error on a result follows that result at once; keeping more costs time and memory


class _Use(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The first use of a message id. It holds the frame's text, which the trace keeps anyway, and not the frame with its payload."""

    t: float
    is_call: bool
    action: str
    raw: str


class IdHistory:
    """The message ids that a station has used for its requests, over all its connections.

    `window`: only so many of the latest are remembered, so that a log of any length takes bounded memory; None for all.
    """

    def __init__(self, window: int | None = None) -> None:
        self._first: OrderedDict[str, _Use] = OrderedDict()  # a plain one has to look for its oldest entry
        self._window = window

    def note(self, frame: Call | Send, t: float) -> MessageIdReused | None:
        """Remember the id of a request received at `t`; give the event when it was used before."""
        use = _Use(t, type(frame) is Call, frame.action, frame.raw)
        first = self._first.setdefault(frame.message_id, use)
        if first is use:
            if self._window is not None and len(self._first) > self._window:
                self._first.popitem(last=False)
            return None
        same = first.is_call is use.is_call and first.action == use.action
        return MessageIdReused(
            t, frame, first.t, first.action, may_be_retry=same, same_text=same and first.raw == use.raw
        )


class Endpoint:
    """The harness's side of the conversation with one station (it serves as well for a station's side).

    `validator` None leaves every `problems` empty. `message_ids` gives an id for each request that does not bring its
    own; share one instance between the endpoints of a run. `history` remembers the station's ids. `window`: of own requests
    that are over only so many of the latest are remembered, and in either direction only the latest hundred that have no answer, for a
    log may hold one direction alone; None for all. `check_sent`: without it, what is sent is not held against the schema.
    """

    def __init__(
        self,
        version: OcppVersion,
        validator: Schemas | None,
        message_ids: Iterator[str] | None = None,
        history: IdHistory | None = None,
        window: int | None = None,
        *,
        check_sent: bool = True,
    ) -> None:
        """Raise ValueError when the schemas are those of another version."""
        if validator is not None and validator.version is not version:
            raise ValueError(f"schemas are of OCPP {validator.version}, the endpoint speaks {version}; load its own")
        self.version = version
        self.history = history if history is not None else IdHistory()
        self._window = window
        self._validator = validator
        self._check_sent = check_sent
        self._ids = message_ids if message_ids is not None else MessageIds()
        self._waiting: list[CallSent] = []
        self._over: OrderedDict[str, tuple[CallSent, bool]] = (
            OrderedDict()
        )  # whether it was answered, else expired or abandoned
        self._to_answer: list[CallReceived] = []
        self._replies: deque[ReplySent] = deque(maxlen=_REPLIES_KEPT)

    @property
    def awaiting_reply(self) -> tuple[CallSent, ...]:
        """Own requests without a reply, oldest first."""
        return tuple(self._waiting)

    @property
    def to_answer(self) -> tuple[CallReceived, ...]:
        """The peer's requests that were not answered, oldest first."""
        return tuple(self._to_answer)

    def next_deadline(self) -> float | None:
        """Give the time at which `expire` next has something to say, None when nothing is due."""
        if not self._waiting:
            return None
        return min((call.deadline for call in self._waiting if call.deadline is not None), default=None)

    # -- receiving

    def receive(self, raw: str | bytes, t: float) -> list[IrregularityEvent | ReceivedEvent]:
        """Take one WebSocket message (str: text, bytes: binary) that arrived at `t`.

        The last event is about the message itself; irregularities that came to light with it stand before.
        """
        frame = parse(raw, self.version)
        match frame:
            case Call():
                return self._receive_call(frame, t)
            case CallResult() | CallError():
                return [self._receive_reply(frame, t)]
            case Send():
                reused = self.history.note(frame, t)
                event = SendReceived(t, frame, self._problems("send", frame.action, frame.payload))
                return [event] if reused is None else [reused, event]
            case CallResultError():
                reply = self._reply_of(frame.message_id)
                return [ResultErrorReceived(t, frame, reply, None if reply is None else t - reply.t)]
            case Malformed():
                answers = frame.type_id in {CALLRESULT, CALLERROR} and frame.message_id is not None
                return [MalformedReceived(t, frame, self._find_waiting(frame.message_id) if answers else None)]

    def _receive_call(self, frame: Call, t: float) -> list[IrregularityEvent | ReceivedEvent]:
        reused = self.history.note(frame, t)
        overlapped = CallOverlapped(t, frame, tuple(self._to_answer)) if self._to_answer else None
        received = CallReceived(t, frame, self._problems("call", frame.action, frame.payload))
        self._to_answer.append(received)
        if self._window is not None and len(self._to_answer) > _MOST_PENDING:
            del self._to_answer[0]
        if reused is None and overlapped is None:
            return [received]
        return [event for event in (reused, overlapped, received) if event is not None]

    def _receive_reply(self, frame: Reply, t: float) -> ReceivedEvent:
        call = self._find_waiting(frame.message_id)
        if call is not None:
            self._waiting.remove(call)
            self._remember(call, answered=True)
            if isinstance(frame, CallError):
                return ErrorReceived(t, frame, call, t - call.t)
            return ResultReceived(t, frame, call, self._reply_problems(frame, call.action), t - call.t)
        if frame.message_id not in self._over:
            return ReplyUnmatched(t, frame)
        call, answered = self._over[frame.message_id]
        if not answered:
            self._over[frame.message_id] = (call, True)
        make = ReplyRepeated if answered else ReplyLate
        return make(t, frame, call, self._reply_problems(frame, call.action), t - call.t)

    def _find_waiting(self, message_id: str | None) -> CallSent | None:
        return next((call for call in self._waiting if call.message_id == message_id), None)

    # -- sending

    def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        t: float,
        message_id: str | None = None,
        deadline: float | None = None,
    ) -> CallSent:
        """Make a request. `deadline` is a time on the clock of `t`, not a duration.

        Neither the payload's validity nor the one-at-a-time rule is enforced, for both are broken on purpose at times:
        see `problems` and `outstanding`. Raises ValueError or TypeError for what JSON cannot carry.
        """
        wanted = message_id if message_id is not None else next(self._ids)
        raw = encode(Call(wanted, action, dict(payload)))
        return self._call_sent(Call(wanted, action, _payload_of(raw), raw), t, deadline)

    def send(self, action: str, payload: Mapping[str, Any], t: float, message_id: str | None = None) -> SendSent:
        """Make an unconfirmed message (OCPP 2.1 Part 4, 4.2.4).

        Raises ValueError for older versions, which have none, and for what JSON cannot carry.
        """
        self._needs_2_1("SEND")
        wanted = message_id if message_id is not None else next(self._ids)
        raw = encode(Send(wanted, action, dict(payload)))
        return self._send_sent(Send(wanted, action, _payload_of(raw), raw), t)

    def reply(self, call: CallReceived, payload: Mapping[str, Any], t: float) -> ReplySent:
        """Answer a request with a CALLRESULT. Raises ValueError or TypeError for what JSON cannot carry."""
        message_id = call.frame.message_id
        raw = dumps([CALLRESULT, message_id, payload if isinstance(payload, dict) else dict(payload)])
        return self._reply_sent(CallResult(message_id, _payload_of(raw), raw), call, t)

    def reply_error(
        self,
        call: CallReceived | MalformedReceived,
        code: str,
        t: float,
        description: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> ReplySent:
        """Answer a request with a CALLERROR, also one that is malformed.

        The id is "-1" where none could be read, as OCPP 2.x has it (Part 4, 4.2.3); 1.6 knows no such answer. Raises
        ValueError or TypeError for what JSON cannot carry.
        """
        received = call if isinstance(call, CallReceived) else None
        message_id = "-1" if call.frame.message_id is None else call.frame.message_id
        raw = encode(CallError(message_id, code, description, dict(details or {})))
        return self._reply_sent(CallError(message_id, code, description, _payload_of(raw), raw), received, t)

    def reply_result_error(
        self,
        result: ResultReceived,
        code: str,
        t: float,
        description: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> OtherSent:
        """Tell the peer that its CALLRESULT could not be processed (OCPP 2.1 Part 4, 4.2.3, CALLRESULTERROR).

        Raises ValueError for older versions, which have none, and for what JSON cannot carry.
        """
        self._needs_2_1("CALLRESULTERROR")
        message_id = result.frame.message_id
        raw = encode(CallResultError(message_id, code, description, dict(details or {})))
        return OtherSent(t, CallResultError(message_id, code, description, _payload_of(raw), raw))

    def send_raw(self, raw: str | bytes, t: float, deadline: float | None = None) -> SentEvent:
        """Take note of a text (or binary message) that is sent as it stands, broken or not.

        It is read as the peer may read it: a request is awaited even when only its id can be read, and so is a message of a type
        that does not exist, which is answered as well (OCPP 2.0.1 Part 4, 4.4); a reply answers what it belongs to, so that what
        comes back is matched.
        """
        frame = parse(raw, self.version)
        match frame:
            case Call():
                return self._call_sent(frame, t, deadline)
            case CallResult() | CallError():
                return self._reply_sent(frame, self._find_received(frame.message_id), t)
            case Send():
                return self._send_sent(frame, t)
            case Malformed() if frame.type_id not in _REPLIES and frame.message_id is not None:
                return self._call_sent(frame, t, deadline)
            case _:
                return OtherSent(t, frame)

    # -- time

    def expire(self, now: float) -> list[CallExpired]:
        """Give up every own request whose deadline is `now` or before; a reply that still comes is `ReplyLate`."""
        due = [call for call in self._waiting if call.deadline is not None and call.deadline <= now]
        for call in due:
            self._give_up(call)
        return [CallExpired(now, call, now - call.t) for call in due]

    def connection_lost(self, t: float) -> list[CallAbandoned]:
        """Give up every request in both directions, for a reply belongs to the connection of its request."""
        lost = list(self._waiting)
        for call in lost:
            self._give_up(call)
        self._to_answer.clear()
        return [CallAbandoned(t, call, t - call.t) for call in lost]

    # -- bookkeeping

    def _give_up(self, call: CallSent) -> None:
        self._waiting.remove(call)
        self._remember(call, answered=False)

    def _remember(self, call: CallSent, *, answered: bool) -> None:
        self._over[call.message_id] = (call, answered)
        if self._window is not None and len(self._over) > self._window:
            self._over.popitem(last=False)

    def _call_sent(self, frame: Call | Malformed, t: float, deadline: float | None) -> CallSent:
        problems: tuple[Problem, ...] = ()
        if self._check_sent and isinstance(frame, Call):
            problems = self._problems("call", frame.action, frame.payload)
        sent = CallSent(t, frame, frame.message_id or "", frame.action, deadline, problems, tuple(self._waiting))
        self._waiting.append(sent)
        if self._window is not None and len(self._waiting) > _MOST_PENDING:
            self._give_up(self._waiting[0])
        return sent

    def _send_sent(self, frame: Send, t: float) -> SendSent:
        return SendSent(t, frame, self._problems("send", frame.action, frame.payload))

    def _reply_sent(self, frame: Reply, call: CallReceived | None, t: float) -> ReplySent:
        if call is None:
            sent = ReplySent(t, frame, None, self._reply_problems(frame, None), None, repeated=False)
        else:
            outstanding = call in self._to_answer
            if outstanding:
                self._to_answer.remove(call)
            problems = self._reply_problems(frame, call.frame.action) if self._check_sent else ()
            sent = ReplySent(t, frame, call, problems, t - call.t, repeated=not outstanding)
        self._replies.append(sent)
        return sent

    def _reply_of(self, message_id: str) -> ReplySent | None:
        """The latest reply with this id, of the few that are kept."""
        return next((reply for reply in reversed(self._replies) if reply.frame.message_id == message_id), None)

    def _find_received(self, message_id: str) -> CallReceived | None:
        for call in self._to_answer:
            if call.frame.message_id == message_id:
                return call
        earlier = self._reply_of(message_id)
        return None if earlier is None else earlier.call

    def _problems(self, kind: Literal["call", "send"], action: str, payload: JsonObject) -> tuple[Problem, ...]:
        if self._validator is None:
            return ()
        check = self._validator.check_call if kind == "call" else self._validator.check_send
        found = check(action, payload)
        return tuple(found) if found else ()

    def _reply_problems(self, frame: Reply, action: str | None) -> tuple[Problem, ...]:
        """Check a result against the action that it answers; there is no schema for errors, nor for unknown actions."""
        if self._validator is None or action not in self._validator.call_actions or isinstance(frame, CallError):
            return ()
        return tuple(self._validator.check_result(action, frame.payload))

    def _needs_2_1(self, kind: str) -> None:
        if self.version is not OcppVersion.V2_1:
            raise ValueError(f"OCPP {self.version} has no {kind} message; to send one on purpose, use send_raw")


def _payload_of(raw: str) -> JsonObject:
    """Give the payload as the wire has it, so that checks see JSON's types and not the caller's."""
    if raw.endswith(",{}]"):
        return {}
    frame: Any = loads(raw)
    payload: JsonObject = frame[-1]
    return payload
