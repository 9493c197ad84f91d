"""What an endpoint reports: every message in and out, and every irregularity, as an object of its own.

`t` is the caller's clock in seconds, `latency` a difference on it. `problems` are those of the schema, empty for a
valid payload and for endpoints without schemas. The frame of an event keeps the verbatim text in `raw`.
"""

import msgspec

from harness.ocppj.frames import Call, CallError, CallResult, CallResultError, Frame, Malformed, Send
from harness.ocppj.schemas import Problem

Reply = CallResult | CallError


class _Event(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Two events are the same only when they are one; making one is cheap, for every message makes two."""


class CallSent(_Event, frozen=True, eq=False, gc=False):
    """A request went to the peer; its reply is due before `deadline` (same clock as `t`), if one was given.

    `frame` is Malformed for a deliberately broken request whose id could be read. `outstanding` are the own requests
    that were still unanswered when this one was sent.
    """

    t: float
    frame: Call | Malformed
    message_id: str
    action: str | None
    deadline: float | None
    problems: tuple[Problem, ...]
    outstanding: tuple["CallSent", ...]


class CallReceived(_Event, frozen=True, eq=False, gc=False):
    """The peer's request arrived. Answer it with `Endpoint.reply` or `Endpoint.reply_error`."""

    t: float
    frame: Call
    problems: tuple[Problem, ...]


class ReplySent(_Event, frozen=True, eq=False, gc=False):
    """A reply went to the peer. `call` is None where the peer sent no such request; `repeated` where it had been
    answered, or lost with its connection, before."""

    t: float
    frame: Reply
    call: CallReceived | None
    problems: tuple[Problem, ...]
    latency: float | None
    repeated: bool


class SendSent(_Event, frozen=True, eq=False, gc=False):
    """An unconfirmed message (OCPP 2.1 SEND) went to the peer."""

    t: float
    frame: Send
    problems: tuple[Problem, ...]


class OtherSent(_Event, frozen=True, eq=False, gc=False):
    """Something else went to the peer: a CALLRESULTERROR, or raw text or bytes that are no frame."""

    t: float
    frame: Frame


class SendReceived(_Event, frozen=True, eq=False, gc=False):
    """The peer's unconfirmed message (OCPP 2.1 SEND) arrived; it must not be answered (Part 4, 4.2.4)."""

    t: float
    frame: Send
    problems: tuple[Problem, ...]


class ResultReceived(_Event, frozen=True, eq=False, gc=False):
    """A CALLRESULT answered `call`, in time."""

    t: float
    frame: CallResult
    call: CallSent
    problems: tuple[Problem, ...]
    latency: float


class ErrorReceived(_Event, frozen=True, eq=False, gc=False):
    """A CALLERROR answered `call`, in time."""

    t: float
    frame: CallError
    call: CallSent
    latency: float


class ReplyLate(_Event, frozen=True, eq=False, gc=False):
    """A reply to `call` came after the call had expired, or after its connection was lost."""

    t: float
    frame: Reply
    call: CallSent
    problems: tuple[Problem, ...]
    latency: float


class ReplyRepeated(_Event, frozen=True, eq=False, gc=False):
    """A further reply to `call`, which had its reply already."""

    t: float
    frame: Reply
    call: CallSent
    problems: tuple[Problem, ...]
    latency: float


class ReplyUnmatched(_Event, frozen=True, eq=False, gc=False):
    """A reply with a message id that was never sent. The id "-1" answers a message whose id the peer could not read
    (OCPP 2.x Part 4, 4.2.3)."""

    t: float
    frame: Reply


class ResultErrorReceived(_Event, frozen=True, eq=False, gc=False):
    """The peer could not process a CALLRESULT (OCPP 2.1). `reply` is that result, None where no recent one has the id."""

    t: float
    frame: CallResultError
    reply: ReplySent | None
    latency: float | None


class MalformedReceived(_Event, frozen=True, eq=False, gc=False):
    """Something arrived that is no frame. `call` is the unanswered request whose id it carries as a reply; that request
    stays unanswered."""

    t: float
    frame: Malformed
    call: CallSent | None


class CallOverlapped(_Event, frozen=True, eq=False, gc=False):
    """The peer sent a request while `outstanding` ones of its own had no reply yet (OCPP-J 1.6, 4.1.1: SHOULD NOT; 2.x
    Part 4, 4.1.1: SHALL NOT, unless those have timed out on its side; their age tells)."""

    t: float
    frame: Call
    outstanding: tuple[CallReceived, ...]


class MessageIdReused(_Event, frozen=True, eq=False, gc=False):
    """The peer used a message id again, first used at `first_t` for `first_action`.

    `may_be_retry` holds for the same kind of message with the same action, since a retry may keep its id (OCPP-J 1.6
    errata 3.1; OCPP 2.0.1 errata, Part 4, 4.6; OCPP 2.1 Part 4, 4.1.4); `same_text` tells that the text was the same.
    """

    t: float
    frame: Call | Send
    first_t: float
    first_action: str
    may_be_retry: bool
    same_text: bool


class CallExpired(_Event, frozen=True, eq=False, gc=False):
    """`call` had no reply by its deadline; `waited` seconds after it was sent."""

    t: float
    call: CallSent
    waited: float


class CallAbandoned(_Event, frozen=True, eq=False, gc=False):
    """`call` had no reply when the connection was lost; `waited` seconds after it was sent."""

    t: float
    call: CallSent
    waited: float


SentEvent = CallSent | ReplySent | SendSent | OtherSent
ReceivedEvent = (
    CallReceived
    | SendReceived
    | ResultReceived
    | ErrorReceived
    | ReplyLate
    | ReplyRepeated
    | ReplyUnmatched
    | ResultErrorReceived
    | MalformedReceived
)
"""Exactly one of these for every message received."""
IrregularityEvent = CallOverlapped | MessageIdReused
"""Precede the event of the message that they are about."""
TimeEvent = CallExpired | CallAbandoned
EndpointEvent = SentEvent | ReceivedEvent | IrregularityEvent | TimeEvent
