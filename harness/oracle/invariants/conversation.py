"""What most rules over messages share: state by station, and results beside the CALLs that they answer.

All such rules of a trace are fed by one `Hub`, which pairs a message once and shows it only to the rules that asked for its action.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Generic, Protocol, TypeVar

from harness.oracle.invariants.csms_clock import TIME_TOLD, CsmsClock
from harness.oracle.invariants.exchange import Exchange, exchange_of
from harness.oracle.invariants.message_times import has_odd_time
from harness.oracle.invariants.meters import OF_METERS, Trait, traits_of
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.requests import Requests
from harness.oracle.invariants.rule import Violation
from harness.trace.events import Closed, Frame, Handshake, Note, RunResumed
from harness.trace.trace import Record

S = TypeVar("S")

_MOST_OPEN = 200
"""CALLs of one station whose answers are waited for; far more than can be open in earnest."""


class Waits(Protocol):
    """State of a rule that waits for something."""

    @property
    def due(self) -> float:
        """Until when, on the run's clock in seconds; infinite while it waits for nothing."""
        ...


class PerStation(Generic[S]):
    """A rule's own function, with a state of its own for each station.

    A station's state begins anew where another one takes its name: at another OCPP version, and where the run says that a configuration
    was put under test. `versions`: only messages of these are looked at. `calls`: the actions whose requests reach `say`, and `answers` those
    whose answers do, CALLERRORs and texts that are no message among them; None for all. `trait`: of requests only those that have it. What a rule does not ask for it never sees, so that it costs nothing. `say` gives violations; `closed` and `opened` are told of
    ends and beginnings of connections, and `leapt` of answers with which the CSMS's clock leaps. `late`: called before the first message after the state's `due` (`Waits`), whichever that is; a state begins to wait in `say` alone.
    """

    hears = None

    def __init__(
        self,
        fresh: Callable[[], S],
        say: Callable[[S, Exchange], Iterable[Violation]],
        versions: tuple[str, ...] = ("1.6", "2.0.1", "2.1"),
        *,
        calls: Iterable[str] | None,
        answers: Iterable[str] | None,
        trait: Trait | None = None,
        closed: Callable[[S, Record], Iterable[Violation]] | None = None,
        opened: Callable[[S, Record], Iterable[Violation]] | None = None,
        late: Callable[[S, Record], Iterable[Violation]] | None = None,
        leapt: Callable[[S, Exchange], None] | None = None,
    ) -> None:
        self.fresh = fresh
        self.say = say
        self.versions = versions
        self.calls = None if calls is None else frozenset(calls)
        self.answers = None if answers is None else frozenset(answers)
        self.trait = trait
        self.closed = closed
        self.opened = opened
        self.late = late
        self.leapt = leapt
        self._hub: Hub | None = None

    def wants_call(self, action: str | None, traits: frozenset[Trait]) -> bool:
        """Whether such requests are for this rule."""
        named = self.calls is None or action in self.calls
        return named and (self.trait is None or self.trait in traits)

    def wants_answer(self, action: str | None) -> bool:
        """Whether answers to such requests are for this rule."""
        return self.answers is None or action in self.answers

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record, as the only rule."""
        if self._hub is None:
            self._hub = Hub([self])
        return [violation for _, violation in self._hub.feed(record)]


Listener = tuple[int, Callable[[Any, Exchange], Iterable[Violation]], Any]
"""Number of the rule, what it says, its state of the station."""

Heard = tuple[list[Listener], list[Waits]]
"""Who hears a message, and the states of those that may begin to wait with it."""

_REQUESTS = ("call", "send")

_MOST_ACTIONS = 500
"""Names of actions of which a station's table is kept; a hostile station may invent more."""

_NONE: frozenset[Trait] = frozenset()
_IRREGULAR: frozenset[Trait] = frozenset({"irregular"})
_ODD_TIME: frozenset[Trait] = frozenset({"odd time"})


@dataclass(slots=True)
class _Station:
    ocpp: str
    states: list[Any]
    requests: Requests
    open: dict[int, Exchange] = field(default_factory=dict)
    of_calls: dict[tuple[str | None, frozenset[Trait]], Heard] = field(default_factory=dict)
    of_answers: dict[str | None, Heard] = field(default_factory=dict)
    due: float = inf
    clock: CsmsClock = field(default_factory=CsmsClock)


class Hub:
    """Feeds many rules; violations come with the number of their rule."""

    def __init__(self, rules: Sequence[PerStation[Any]]) -> None:
        self._rules = rules
        self._waiting = [number for number, rule in enumerate(rules) if rule.late is not None]
        self._stations: dict[str, _Station] = {}

    def feed(self, record: Record) -> Sequence[tuple[int, Violation]]:
        """Look at the next record."""
        event = record.event
        if type(event) is Frame:
            return self.message(record, event)
        if isinstance(event, Closed | Handshake):
            return list(self._connection(record, event))
        if isinstance(event, Note):
            if "station" in event.data:
                self._stations.pop(str(event.data["station"]), None)
        elif isinstance(event, RunResumed) and event.new_station:
            self._stations.clear()
        return ()

    def message(self, record: Record, frame: Frame) -> Sequence[tuple[int, Violation]]:
        """Look at the next record, which is that of a frame."""
        station = self._stations.get(frame.station)
        if station is None or station.ocpp != frame.ocpp:
            requests = Requests() if station is None else station.requests  # ids go on
            states = [rule.fresh() for rule in self._rules]
            station = self._stations[frame.station] = _Station(frame.ocpp, states, requests)
        if frame.frame in _REQUESTS:
            exchange = exchange_of(record, frame, station.clock)
            traits = self._request(station, exchange, frame)
            heard = station.of_calls.get((frame.action, traits)) or self._of_calls(station, frame.action, traits)
        else:
            question = None if frame.answers is None else station.open.pop(frame.answers, None)
            exchange = exchange_of(record, frame, station.clock, question)
            if question is not None and question.said is not None and frame.frame == "result":
                question.said.confirmed = record.seq
            if frame.action in TIME_TOLD and frame.direction == "out":
                self._time_told(station, exchange)
            heard = station.of_answers.get(frame.action) or self._of_answers(station, frame.action)
        listeners, waiting = heard
        found = self._late(station, record) if record.t > station.due else []
        for number, say, state in listeners:
            said = say(state, exchange)
            if said:
                found += [(number, violation) for violation in said]
        for waits in waiting:
            station.due = min(station.due, waits.due)
        return found

    def _request(self, station: _Station, exchange: Exchange, frame: Frame) -> frozenset[Trait]:
        """Remember it. What it is that few are."""
        if frame.frame == "call":
            station.open[exchange.record.seq] = exchange
            if len(station.open) > _MOST_OPEN:
                del station.open[next(iter(station.open))]
        traits = traits_of(exchange) if frame.action in OF_METERS else _NONE
        if frame.anomalies:
            exchange.before = station.requests.before(frame)
            traits |= _IRREGULAR
        if exchange.from_station:
            exchange.said = station.requests.note(frame)
            if has_odd_time(exchange):
                traits |= _ODD_TIME
        return traits

    def _time_told(self, station: _Station, exchange: Exchange) -> None:
        told = seconds_of(exchange.payload.get("currentTime"))
        if told is None or not exchange.is_result(*TIME_TOLD):
            return
        boots = exchange.frame.action == "BootNotification"
        if station.clock.hear(told, exchange.record.t, exchange.payload.get("status"), boots=boots):
            for rule, state in zip(self._rules, station.states, strict=True):
                if rule.leapt is not None:
                    rule.leapt(state, exchange)

    def _late(self, station: _Station, record: Record) -> list[tuple[int, Violation]]:
        """What the rules say that have waited too long."""
        found: list[tuple[int, Violation]] = []
        for number in self._waiting:
            late, state = self._rules[number].late, station.states[number]
            if late is not None and state.due < record.t:
                found += [(number, violation) for violation in late(state, record)]
        station.due = min([station.states[number].due for number in self._waiting], default=inf)
        return found

    def _of_calls(self, station: _Station, action: str | None, traits: frozenset[Trait]) -> Heard:
        if len(station.of_calls) >= _MOST_ACTIONS:
            station.of_calls.clear()
        heard = station.of_calls[action, traits] = self._heard(station, lambda rule: rule.wants_call(action, traits))
        return heard

    def _of_answers(self, station: _Station, action: str | None) -> Heard:
        if len(station.of_answers) >= _MOST_ACTIONS:
            station.of_answers.clear()
        heard = station.of_answers[action] = self._heard(station, lambda rule: rule.wants_answer(action))
        return heard

    def _heard(self, station: _Station, wanted: Callable[[PerStation[Any]], bool]) -> Heard:
        listeners = [
            (number, rule.say, station.states[number])
            for number, rule in enumerate(self._rules)
            if station.ocpp in rule.versions and wanted(rule)
        ]
        return listeners, [state for number, _, state in listeners if number in self._waiting]

    def _connection(self, record: Record, event: Closed | Handshake) -> Iterator[tuple[int, Violation]]:
        station = self._stations.get(event.station)
        if station is None:
            return
        for number, rule in enumerate(self._rules):
            hear = rule.closed if isinstance(event, Closed) else rule.opened
            if hear is not None and station.ocpp in rule.versions:
                yield from ((number, violation) for violation in hear(station.states[number], record))
