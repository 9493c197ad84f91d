"""What most rules over messages share: state by station, and results beside the CALLs that they answer.

All such rules of a trace are fed by one `Hub`, which pairs a message once and shows it only to the rules that asked for its action.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from harness.oracle.invariants.rule import Violation
from harness.trace.events import Closed, Frame, Handshake, Note, RunResumed
from harness.trace.trace import Record

S = TypeVar("S")

_MOST_OPEN = 200
"""CALLs of one station whose answers are waited for; far more than can be open in earnest."""


def plain(value: Any) -> Any:
    """A value that may be an id; None for an object or an array, which is none and which no dictionary can keep."""
    return None if isinstance(value, list | dict) else value


def whole(value: Any) -> float | None:
    """A whole number as a float; None for anything else, and for one that no float holds."""
    try:
        return float(value) if isinstance(value, int) else None
    except OverflowError:
        return None


class Exchange:
    """A message of a conversation, with what a rule asks of it.

    `payload` is empty for what is no object. `call`: for an answer, the record of the CALL that it answers. `samples`, `registers`, `told` and
    `moments`: what rules about meter values gathered from it, None before the first one looked.
    """

    __slots__ = ("call", "frame", "from_station", "moments", "payload", "record", "registers", "samples", "told")

    def __init__(self, record: Record, frame: Frame, call: Record | None) -> None:
        self.record = record
        self.frame = frame
        self.call = call
        self.from_station = frame.direction == "in"
        payload = record.payload
        self.payload: dict[str, Any] = payload if isinstance(payload, dict) else {}
        self.samples: list[dict[str, Any]] | None = None
        self.registers: list[Any] | None = None
        self.told: list[Any] | None = None
        self.moments: list[Any] | None = None

    def is_call(self, *actions: str) -> bool:
        """Whether it is a request of one of these actions."""
        return self.frame.frame == "call" and self.frame.action in actions

    def is_result(self, *actions: str) -> bool:
        """Whether it is a CALLRESULT to one of these actions whose CALL was seen."""
        return self.frame.frame == "result" and self.frame.action in actions and self.call is not None

    @property
    def transaction(self) -> Any:
        """The id of the transaction that a message of OCPP 1.6 names; None without one, and for what can be none."""
        return plain(self.payload.get("transactionId"))

    @property
    def asked(self) -> dict[str, Any]:
        """Payload of the CALL that this answers; empty where that was not seen or had none."""
        payload = self.call.payload if self.call is not None else None
        return payload if isinstance(payload, dict) else {}


class PerStation(Generic[S]):
    """A rule's own function, with a state of its own for each station.

    A station's state begins anew where another one takes its name: at another OCPP version, and where the run says that a configuration
    was put under test. `versions`: only messages of these are looked at. `actions`: only these, requests and answers; None for all.
    `answers`: without it, only requests. `say` gives violations; `closed` and `opened` are told of ends and beginnings of connections.
    """

    def __init__(
        self,
        fresh: Callable[[], S],
        say: Callable[[S, Exchange], Iterable[Violation]],
        versions: tuple[str, ...] = ("1.6", "2.0.1", "2.1"),
        actions: Iterable[str] | None = None,
        closed: Callable[[S, Record], Iterable[Violation]] | None = None,
        opened: Callable[[S, Record], Iterable[Violation]] | None = None,
        *,
        answers: bool = True,
    ) -> None:
        self.fresh = fresh
        self.say = say
        self.versions = versions
        self.actions = None if actions is None else frozenset(actions)
        self.answers = answers
        self.closed = closed
        self.opened = opened
        self._hub: Hub | None = None

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record, as the only rule."""
        if self._hub is None:
            self._hub = Hub([self])
        return [violation for _, violation in self._hub.feed(record)]


Listener = tuple[int, Callable[[Any, Exchange], Iterable[Violation]], Any]
"""Number of the rule, what it says, its state of the station."""


@dataclass(slots=True)
class _Station:
    ocpp: str
    states: list[Any]
    open: dict[int, Record] = field(default_factory=dict)
    by_action: dict[tuple[str | None, bool], list[Listener]] = field(default_factory=dict)


class Hub:
    """Feeds many rules; violations come with the number of their rule."""

    def __init__(self, rules: Sequence[PerStation[Any]]) -> None:
        self._rules = rules
        self._stations: dict[str, _Station] = {}

    def feed(self, record: Record) -> Sequence[tuple[int, Violation]]:
        """Look at the next record."""
        event = record.event
        if type(event) is Frame:
            return self._message(record, event)
        if isinstance(event, Closed | Handshake):
            return list(self._connection(record, event))
        if isinstance(event, Note):
            if "station" in event.data:
                self._stations.pop(str(event.data["station"]), None)
        elif isinstance(event, RunResumed) and event.new_station:
            self._stations.clear()
        return ()

    def _message(self, record: Record, frame: Frame) -> Sequence[tuple[int, Violation]]:
        station = self._stations.get(frame.station)
        if station is None or station.ocpp != frame.ocpp:
            states = [rule.fresh() for rule in self._rules]
            station = self._stations[frame.station] = _Station(frame.ocpp, states)
        call = None
        if frame.frame == "call":
            station.open[record.seq] = record
            if len(station.open) > _MOST_OPEN:
                del station.open[next(iter(station.open))]
        elif frame.answers is not None:
            call = station.open.pop(frame.answers, None)
        key = (frame.action, frame.frame == "call")
        listeners = station.by_action.get(key)
        if listeners is None:
            listeners = station.by_action[key] = self._listeners(station, *key)
        if not listeners:
            return ()
        exchange, found = Exchange(record, frame, call), []
        for number, say, state in listeners:
            said = say(state, exchange)
            if said:
                found += [(number, violation) for violation in said]
        return found

    def _listeners(self, station: _Station, action: str | None, is_call: bool) -> list[Listener]:
        return [
            (number, rule.say, station.states[number])
            for number, rule in enumerate(self._rules)
            if station.ocpp in rule.versions
            and (rule.actions is None or action in rule.actions)
            and (is_call or rule.answers)
        ]

    def _connection(self, record: Record, event: Closed | Handshake) -> Iterator[tuple[int, Violation]]:
        station = self._stations.get(event.station)
        if station is None:
            return
        for number, rule in enumerate(self._rules):
            hear = rule.closed if isinstance(event, Closed) else rule.opened
            if hear is not None and station.ocpp in rule.versions:
                yield from ((number, violation) for violation in hear(station.states[number], record))
