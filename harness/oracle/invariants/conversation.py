"""What most rules over messages share: state by station, and results beside the CALLs that they answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from harness.oracle.invariants.rule import Violation
from harness.trace.events import Closed, Frame, Handshake, Note, RunResumed
from harness.trace.trace import Record

S = TypeVar("S")

_MOST_OPEN = 200
"""CALLs of one station whose answers are waited for; far more than can be open in earnest."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message of a conversation, with what a rule asks of it. `call`: for an answer, the record of the CALL that it answers."""

    record: Record
    frame: Frame
    payload: dict[str, Any]
    call: Record | None = None

    @property
    def from_station(self) -> bool:
        """Whether the station said it."""
        return self.frame.direction == "in"

    def is_call(self, *actions: str) -> bool:
        """Whether it is a request of one of these actions."""
        return self.frame.frame == "call" and self.frame.action in actions

    def is_result(self, *actions: str) -> bool:
        """Whether it is a CALLRESULT to one of these actions whose CALL was seen."""
        return self.frame.frame == "result" and self.frame.action in actions and self.call is not None

    @property
    def asked(self) -> dict[str, Any]:
        """Payload of the CALL that this answers; empty where that was not seen or had none."""
        payload = self.call.payload if self.call is not None else None
        return payload if isinstance(payload, dict) else {}


@dataclass(slots=True)
class _Kept(Generic[S]):
    state: S
    ocpp: str
    open: dict[int, Record] = field(default_factory=dict)


class PerStation(Generic[S]):
    """Feeds a rule's own function with each message and a state of its own for each station.

    A station's state begins anew where another one takes its name: at another OCPP version, and where the run says that a configuration
    was put under test. `versions`: only messages of these are looked at. `say` gives violations; `closed` is told of ends of connections.
    """

    def __init__(
        self,
        fresh: Callable[[], S],
        say: Callable[[S, Exchange], Iterable[Violation]],
        versions: tuple[str, ...] = ("1.6", "2.0.1", "2.1"),
        closed: Callable[[S, Record], Iterable[Violation]] | None = None,
        opened: Callable[[S, Record], Iterable[Violation]] | None = None,
    ) -> None:
        self._fresh = fresh
        self._say = say
        self._versions = versions
        self._closed = closed
        self._opened = opened
        self._stations: dict[str, _Kept[S]] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if isinstance(event, Frame):
            return self._message(record, event) if event.ocpp in self._versions else ()
        if isinstance(event, Closed | Handshake):
            return self._connection(record, event)
        if isinstance(event, Note):
            if "station" in event.data:
                self._stations.pop(str(event.data["station"]), None)
        elif isinstance(event, RunResumed) and event.new_station:
            self._stations.clear()
        return ()

    def _message(self, record: Record, frame: Frame) -> Iterable[Violation]:
        kept = self._stations.get(frame.station)
        if kept is None or kept.ocpp != frame.ocpp:
            kept = self._stations[frame.station] = _Kept(self._fresh(), frame.ocpp)
        call = None
        if frame.frame == "call":
            kept.open[record.seq] = record
            if len(kept.open) > _MOST_OPEN:
                del kept.open[next(iter(kept.open))]
        elif frame.answers is not None:
            call = kept.open.pop(frame.answers, None)
        payload = record.payload
        return self._say(kept.state, Exchange(record, frame, payload if isinstance(payload, dict) else {}, call))

    def _connection(self, record: Record, event: Closed | Handshake) -> Iterable[Violation]:
        hear = self._closed if isinstance(event, Closed) else self._opened
        kept = self._stations.get(event.station)
        return hear(kept.state, record) if hear is not None and kept is not None else ()
