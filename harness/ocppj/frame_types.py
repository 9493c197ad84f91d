"""OCPP-J frames: what each kind holds.

Sources: OCPP-J 1.6, 4.2; OCPP 2.0.1 Part 4, 4.2; OCPP 2.1 Part 4, 4.2 (which adds CALLRESULTERROR and SEND). `raw` is the
text as it stood on the wire; two frames are equal when they mean the same, whatever their text.
"""

from typing import Any

import msgspec

from harness.ocppj.findings import Defect, Remark

JsonObject = dict[str, Any]

MAX_MESSAGE_ID_LENGTH = 36
"""Longest message id in characters (OCPP-J 1.6, 4.1.4, table 3; OCPP 2.x Part 4, 4.1.4, table 4)."""


class _Frame(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Cheap to make, for every message makes two. None of its values can hold itself, so the collector need not look at it."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__struct_fields__ if name not in _TEXT)

    __hash__ = None  # type: ignore[assignment] # a payload is a dict


_TEXT = frozenset({"raw", "remarks"})


class Call(_Frame, frozen=True, eq=False, gc=False):
    """CALL, message type 2: a request."""

    message_id: str
    action: str
    payload: JsonObject
    raw: str = ""
    remarks: tuple[Remark, ...] = ()


class CallResult(_Frame, frozen=True, eq=False, gc=False):
    """CALLRESULT, message type 3: the answer to the CALL of the same message id."""

    message_id: str
    payload: JsonObject
    raw: str = ""
    remarks: tuple[Remark, ...] = ()


class CallError(_Frame, frozen=True, eq=False, gc=False):
    """CALLERROR, message type 4: why the CALL of the same message id was not handled."""

    message_id: str
    code: str
    description: str
    details: JsonObject
    raw: str = ""
    remarks: tuple[Remark, ...] = ()


class CallResultError(_Frame, frozen=True, eq=False, gc=False):
    """CALLRESULTERROR, message type 5, OCPP 2.1: why the CALLRESULT of the same message id could not be processed."""

    message_id: str
    code: str
    description: str
    details: JsonObject
    raw: str = ""
    remarks: tuple[Remark, ...] = ()


class Send(_Frame, frozen=True, eq=False, gc=False):
    """SEND, message type 6, OCPP 2.1: a message that nobody answers."""

    message_id: str
    action: str
    payload: JsonObject
    raw: str = ""
    remarks: tuple[Remark, ...] = ()


class Malformed(msgspec.Struct, frozen=True, gc=False):
    """A message that is no OCPP-J frame of the connection's version.

    `reason` names place, value and rule. `message_id`, `type_id` and `action` are what could be read all the same, so
    that the sender may be answered with a CALLERROR; None where it could not.
    """

    raw: str | bytes
    defect: Defect
    reason: str
    message_id: str | None = None
    type_id: int | None = None
    action: str | None = None


Message = Call | CallResult | CallError | CallResultError | Send
Frame = Message | Malformed
