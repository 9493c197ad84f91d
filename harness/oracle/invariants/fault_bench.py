"""Faults that a bench makes, plugs, and what the one station of a trace tells of its connectors meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from harness.model.station import Station
from harness.oracle.invariants.connector_states import WHOLE, Place, states_told
from harness.oracle.invariants.evse_transactions import EvseTransactions
from harness.oracle.invariants.rule import Violation, events, frames
from harness.trace.events import Closed, Frame, Handshake, Note, RunResumed, SafetyTrip, Sample, Stimulus
from harness.trace.trace import Record

CLEARS_S = 50.0
"""How long a connector may be Faulted once nothing is wrong with it any more; within the minute after which a bench takes the supply away."""

_WELD = "welded_contactor"
_FLOWS_A = 1.0
_FACTORS = frozenset({"ac_source", "relay_board", "network_cutter", "panel"})
"""What may take supply or network away, or be another fault: after it nothing is known."""

_GIVES_BACK = frozenset({"restore"})

_PLUGS = {"plug_in": True, "unplug": False}
_MOST_OPEN = 50
_LONGEST_S = 3600.0


@dataclass(slots=True)
class Made:
    """A fault in force: since which record, and by when it has to be told. `drew`: current was seen since; `heard`: a message of the station."""

    kind: str
    seq: int
    t: float
    due: float
    drew: bool = False
    heard: bool = False


@dataclass(slots=True)
class Over:
    """A fault that was removed: by which record, and by when Faulted has to be over (never while the plug is in)."""

    seq: int
    due: float


class FaultBench:
    """Faults, plugs and states of the one station of a trace. `least_s`: the longest MinimumStatusDuration that was spoken of."""

    hears = frames("both") | events(Stimulus, Sample, Closed, Handshake, Note, RunResumed, SafetyTrip)

    def __init__(self, stations: Mapping[str, Station]) -> None:
        self._stations = stations
        self._identity = ""
        self._several = False
        self._ocpp = ""
        self._registered = True
        self.least_s = 0.0
        self._states: dict[Place, tuple[str, int]] = {}
        self._plugged: dict[int, bool] = {}
        self.made: dict[int, Made] = {}
        self.over: dict[int, Over] = {}
        self._transactions = EvseTransactions()
        self._waits: Record | None = None

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        found = list(self.overdue(record)) if (self.made or self.over) and self._can_tell() else ()
        event = record.event
        if isinstance(event, Frame):
            self._seen(event.station)
            self._frame(record, event)
            if event.direction == "in":
                found = [*found, *self.alive()]
        elif isinstance(event, Sample):
            self._sample(event)
        elif isinstance(event, Stimulus):
            self._stimulus(record, event)
        elif isinstance(event, Handshake | Closed):
            self._seen(event.station)
            self.forget()
        elif isinstance(event, RunResumed | SafetyTrip) or (isinstance(event, Note) and "station" in event.data):
            self.forget()
            self._states.clear()
        return found

    def overdue(self, record: Record) -> Iterator[Violation]:
        """What should have been told by now; asked only while the station can tell it."""
        raise NotImplementedError

    def alive(self) -> Iterable[Violation]:
        """The station was heard, on the connection that it had all the time."""
        return ()

    # -- what is known

    def _seen(self, identity: str) -> None:
        """Of a run of several stations nobody knows at whose EVSE something was done."""
        self._several = self._several or (self._identity not in {"", identity})
        self._identity = identity

    @property
    def station(self) -> Station | None:
        """The description of the station; None without one, and of several."""
        return None if self._several else self._stations.get(self._identity)

    def _can_tell(self) -> bool:
        return self._registered and self._waits is None and self.station is not None

    def told_of(self, evse: int) -> list[tuple[str, int]]:
        """What is told of an EVSE and of the station as a whole: states, each with its record, the latest last."""
        station = self.station
        places = {WHOLE, *(self._numbers(station, evse) if station is not None else ())}
        told = [told for place, told in self._states.items() if place[0] in places]
        return sorted(told, key=lambda one: one[1])

    def forget(self) -> None:
        """Nothing is known of faults any more."""
        self.made.clear()
        self.over.clear()
        self._waits = None

    # -- what is done

    def _stimulus(self, record: Record, event: Stimulus) -> None:
        if event.role in _FACTORS and event.verb not in _GIVES_BACK:
            self.forget()
        elif event.role == "ev_simulator" and event.evse and event.verb in _PLUGS and event.phase != "begin":
            self._plug(event.evse, record, plugged=_PLUGS[event.verb])
        elif event.role == "fault_injector":
            evse = event.evse or event.args.get("evse")
            if isinstance(evse, int) and event.phase != "begin":
                self._injector(record, event, evse)

    def _plug(self, evse: int, record: Record, *, plugged: bool) -> None:
        if self._plugged.get(evse, False) is plugged:
            return
        self._plugged[evse] = plugged
        over = self.over.get(evse)
        if over is not None:
            over.due = inf if plugged else record.t + CLEARS_S

    def _injector(self, record: Record, event: Stimulus, evse: int) -> None:
        before = self.made.pop(evse, None)
        station = self.station
        if station is None or event.phase == "failed":
            return
        if event.verb == "inject":
            self.over.pop(evse, None)
            self._inject(record, station, evse, event.args.get("kind"))
        elif before is not None and before.kind == station.pixit.fault_condition:
            self.over[evse] = Over(record.seq, inf if self._plugged.get(evse) else record.t + CLEARS_S)

    def _inject(self, record: Record, station: Station, evse: int, kind: object) -> None:
        if kind == station.pixit.fault_condition:
            self.made[evse] = Made(kind, record.seq, record.t, record.t + self._patience_s(station))
        elif kind == _WELD and station.pics.answer("HIL-WeldDetection") is True:
            self.made[evse] = Made(_WELD, record.seq, record.t, inf)

    def _patience_s(self, station: Station) -> float:
        return station.pixit.message_timeout_s + self.least_s

    def _sample(self, sample: Sample) -> None:
        made = self.made.get(sample.evse)
        if made is not None and not made.drew and sample.role == "power_analyzer" and sample.at >= made.t:
            made.drew = any(
                value - u > _FLOWS_A for name, (value, _, u) in sample.values.items() if name.startswith("current_l")
            )

    # -- what is told

    def _frame(self, record: Record, frame: Frame) -> None:
        payload = record.payload if isinstance(record.payload, dict) else {}
        if frame.direction == "out":
            self._of_csms(record, frame, payload)
        elif frame.frame == "call":
            self._waits, self._ocpp = record, frame.ocpp
            self._told(record, frame, payload)
        elif frame.action == "GetConfiguration" and isinstance(listed := payload.get("configurationKey"), list):
            for one in listed:
                self._lasts(one)
        place, station = self._transactions.ended_by(record, frame, payload), self.station
        if place is not None and station is not None:
            self._switched_off(record, station, place)

    def _switched_off(self, record: Record, station: Station, place: int) -> None:
        """A transaction ended, and with it the current: contacts that are welded can be seen to be."""
        for evse, made in self.made.items():
            if made.kind == _WELD and made.drew and place in self._numbers(station, evse):
                made.due = min(made.due, record.t + self._patience_s(station))

    def _numbers(self, station: Station, evse: int) -> tuple[int, ...]:
        """By what an EVSE is named in messages."""
        return station.connector_numbers16(evse) if self._ocpp == "1.6" else (evse,)

    def _of_csms(self, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        if frame.frame == "call":
            if frame.action == "ChangeConfiguration":
                self._lasts(payload)
            return
        if frame.action == "BootNotification":
            self._registered = payload.get("status") == "Accepted"
        if self._waits is not None and frame.answers == self._waits.seq:
            late_s = record.t - self._waits.t
            self._waits = None
            waiting: tuple[Made | Over, ...] = (*self.made.values(), *self.over.values())
            for one in waiting:
                one.due += late_s  # it can send one request at a time

    def _lasts(self, setting: object) -> None:
        """A state may have to last for MinimumStatusDuration before it is told (OCPP 1.6 9.1.20): the longest that was ever spoken of."""
        if not isinstance(setting, dict) or str(setting.get("key")).casefold() != "minimumstatusduration":
            return
        value = setting.get("value")
        if isinstance(value, str) and value.isdecimal() and len(value) < len(str(int(_LONGEST_S))) + 1:
            self.least_s = max(self.least_s, float(value))

    def _told(self, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        if frame.action == "BootNotification":
            self.forget()
            self._states.clear()
            self._registered = False
            self._waits = record
        for place, state in states_told(frame, payload):
            self._states[place] = (state, record.seq)
            if len(self._states) > _MOST_OPEN:
                del self._states[next(iter(self._states))]
