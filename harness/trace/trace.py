"""The append-only list of everything observed in a run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import msgspec

from harness.trace.events import AnyEvent, CaseStarted, Frame, StepStarted


class UtcClock(Protocol):
    """Tells UTC for times on a record's clock."""

    def at(self, t: float) -> str:
        """The text of UTC at `t` seconds; empty where it is not known."""
        ...


class _Later(Enum):
    """Stands for a payload that is decoded from the frame's text whenever it is asked for."""

    LATER = "later"


_LARGE = 500
"""Characters of a frame from which on its payload is not kept beside its text: it takes several times the text's memory."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One event with its place: `seq` counts from 0, `t` is the run's clock in seconds, `case` the running case's key or "".

    `decoded` and `clock_utc` are what the record was made with; look at `payload` and `utc`.
    """

    seq: int
    t: float
    clock_utc: str | UtcClock
    case: str
    event: AnyEvent
    decoded: Any = None

    @property
    def utc(self) -> str:
        """UTC as text. Where a clock stands for it, it is made when it is asked for, which it is of few of a log's messages."""
        return self.clock_utc if isinstance(self.clock_utc, str) else self.clock_utc.at(self.t)

    @property
    def payload(self) -> Any:
        """The decoded payload of a frame (None for anything else, and for a frame that did not parse)."""
        if self.decoded is not _Later.LATER:
            return self.decoded
        return payload_of(self.event) if isinstance(self.event, Frame) else None

    @property
    def frame(self) -> Frame | None:
        """The event when it is a frame, else None."""
        return self.event if isinstance(self.event, Frame) else None


@dataclass(slots=True)
class Trace:
    """Events in the order in which they were observed. `t` never decreases.

    Times are kept to the microsecond, here as in the file, so that a stored run is judged on the very figures of the live one.

    Listeners are called with each record as it is appended; they must not append.
    """

    records: list[Record] = field(default_factory=list)
    listeners: list[Callable[[Record], None]] = field(default_factory=list)
    case: str = ""

    def append(self, event: AnyEvent, t: float, utc: str, payload: Any = None) -> Record:
        """Add an event observed at clock time `t` and return its record."""
        if isinstance(event, Frame):
            if payload and len(event.raw) >= _LARGE and isinstance(payload, dict):
                payload = _Later.LATER
        elif isinstance(event, CaseStarted):
            self.case = f"{event.id}/{event.station}/{event.ocpp}/{event.evse}"
        record = Record(len(self.records), round(t, 6), utc, self.case, event, payload)
        self.records.append(record)
        if self.listeners:
            for listener in self.listeners:
                listener(record)
        return record

    def end_case(self) -> None:
        """What follows belongs to no case."""
        self.case = ""

    def since(self, seq: int) -> Iterator[Record]:
        """Records from sequence number `seq` on."""
        yield from self.records[max(seq, 0) :]

    def step_start(self, seq: int) -> int:
        """Sequence number of the step that record `seq` lies in, or of the trace's start."""
        for record in reversed(self.records[: seq + 1]):
            if isinstance(record.event, StepStarted | CaseStarted):
                return record.seq
        return 0

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, seq: int) -> Record:
        return self.records[seq]


def payload_of(frame: Frame) -> Any:
    """Decode a frame's payload from its raw text: the object after the action or id, None when there is none."""
    place = {"call": 3, "send": 3, "result": 2, "error": 4, "result_error": 4}.get(frame.frame)
    if place is None or not frame.raw:
        return None
    try:
        items = msgspec.json.decode(frame.raw.encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return items[place] if isinstance(items, list) and len(items) > place else None
