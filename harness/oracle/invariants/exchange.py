"""One message of a conversation as rules look at it."""

from typing import Any

import msgspec

from harness.oracle.invariants.csms_clock import CsmsClock
from harness.oracle.invariants.requests import Said
from harness.trace.events import Frame
from harness.trace.trace import Record


def plain(value: Any) -> Any:
    """A value that may be an id; None for an object or an array, which is none and which no dictionary can keep."""
    return None if isinstance(value, (list, dict)) else value  # no union: that is made anew each time


def whole(value: Any) -> float | None:
    """A whole number as a float; None for anything else, and for one that no float holds."""
    try:
        return float(value) if isinstance(value, int) else None
    except OverflowError:
        return None


class Exchange(msgspec.Struct, eq=False, gc=False):
    """A message of a conversation, with what a rule asks of it.

    `payload` is empty for what is no object. `question`: for an answer, the CALL that it answers. `clock`: what the CSMS told the station of the
    time so far, this message included. `transaction`: the id of the transaction that a message of OCPP 1.6 names; None without one, and for what can
    be none. `said`: for a request of the station, what is remembered under its id; `before`: what was until then, where
    the endpoint saw something odd with it. `samples`, `registers`, `told` and `moments`: what rules gathered from it, None before the first one looked.
    """

    record: Record
    frame: Frame
    payload: dict[str, Any]
    from_station: bool
    question: "Exchange | None"
    clock: CsmsClock
    transaction: Any = None
    said: Said | None = None
    before: Said | None = None
    samples: list[Any] | None = None
    registers: list[Any] | None = None
    told: list[Any] | None = None
    moments: list[Any] | None = None

    def is_call(self, *actions: str) -> bool:
        """Whether it is a request of one of these actions."""
        return self.frame.frame == "call" and self.frame.action in actions

    def is_result(self, *actions: str) -> bool:
        """Whether it is a CALLRESULT to one of these actions whose CALL was seen."""
        return self.frame.frame == "result" and self.frame.action in actions and self.question is not None

    @property
    def call(self) -> Record | None:
        """For an answer, the record of the CALL that it answers."""
        return None if self.question is None else self.question.record

    @property
    def asked(self) -> dict[str, Any]:
        """Payload of the CALL that this answers; empty where that was not seen or had none."""
        return {} if self.question is None else self.question.payload


def exchange_of(record: Record, frame: Frame, clock: CsmsClock, question: Exchange | None = None) -> Exchange:
    """The message of this record."""
    payload = record.payload
    if not isinstance(payload, dict):
        payload = {}
    transaction = plain(payload["transactionId"]) if "transactionId" in payload else None
    return Exchange(record, frame, payload, frame.direction == "in", question, clock, transaction)
