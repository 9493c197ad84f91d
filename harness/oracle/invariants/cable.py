"""A connector with an EV at it is not free: by the stimulus log, the plug is in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import CaseStarted, Frame, Note, RunResumed, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_LASTS_S = 5.0
"""A contact that bounces while a plug goes in tells Available, too, and at once something else."""

_IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Occupied"})
"""Statuses of a connector that is used; from others (a time-out, a reservation, a fault) Available may follow with a cable in."""

_DISTURBS = frozenset({"unplug", "unplug_ev_side", "set_pilot_short", "set_pilot_open", "set_diode_bypass"})
"""What ends the connection with the EV, or makes it doubtful."""

Place = tuple[str, int, int]
"""Station, connector (EVSE in 2.0.1), connector of the EVSE."""


@dataclass(slots=True)
class _Cable:
    """By EVSE: since when the plug is in. By place: the status told last, with its record; Available that was told with the plug in."""

    hears = None

    plugged: dict[int, Record] = field(default_factory=dict)
    told: dict[Place, tuple[str, int]] = field(default_factory=dict)
    doubtful: dict[Place, tuple[Record, str]] = field(default_factory=dict)

    def feed(self, record: Record) -> Iterable[Violation]:
        """Follow the plugs, and look at what is told of their connectors."""
        event = record.event
        if isinstance(event, Stimulus):
            self._stimulus(record, event)
        elif isinstance(event, Frame):
            if event.direction == "in" and event.frame == "call" and isinstance(record.payload, dict):
                self._message(record, event, record.payload)
        elif isinstance(event, CaseStarted | RunResumed) or (isinstance(event, Note) and "station" in event.data):
            self.plugged.clear()
            self.told.clear()
            self.doubtful.clear()
        return list(self._lasting(record)) if self.doubtful else ()

    def _stimulus(self, record: Record, event: Stimulus) -> None:
        evse = event.evse
        if event.role == "fault_injector" and event.verb == "inject":
            evse = evse or int(event.args.get("evse") or 0)
            self._left(evse)
        elif event.role == "ev_simulator" and event.verb in _DISTURBS:
            self._left(evse)
        elif event.role == "ev_simulator" and event.verb == "plug_in" and event.phase == "done" and evse:
            self.plugged[evse] = record

    def _left(self, evse: int) -> None:
        self.plugged.pop(evse, None)
        self.doubtful = {place: one for place, one in self.doubtful.items() if place[1] != evse}

    def _message(self, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        if frame.action == "BootNotification":
            self.told = {place: told for place, told in self.told.items() if place[0] != frame.station}
        for evse, connector, status in _told(frame, payload):
            place = (frame.station, evse, connector)
            before, self.told[place] = self.told.get(place), (status, record.seq)
            self.doubtful.pop(place, None)
            since = self.plugged.get(evse)
            if status != "Available" or before is None or before[0] not in _IN_USE or since is None:
                continue
            if before[1] > since.seq:  # else it is of the plug before
                self.doubtful[place] = (record, before[0])

    def _lasting(self, record: Record) -> Iterator[Violation]:
        for place, (told, before) in list(self.doubtful.items()):
            if record.t - told.t <= _LASTS_S:
                continue
            del self.doubtful[place]
            station, evse, connector = place
            since = self.plugged[evse]
            name = f"connector {connector} of EVSE {evse}" if connector else f"connector {evse}"
            said = (
                f"{name} is told to be Available after {before}, and the plug has been in for {told.t - since.t:.0f} s"
            )
            yield Violation((told.seq, since.seq), said, f"{station}:{evse}")


def _told(frame: Frame, payload: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """EVSE (connector in 1.6), connector of the EVSE (0 in 1.6) and status, for each status in a message."""
    if frame.action == "StatusNotification":
        one = frame.ocpp == "1.6"
        evse, connector = payload.get("connectorId" if one else "evseId"), 0 if one else payload.get("connectorId")
        status = payload.get("status" if one else "connectorStatus")
        if isinstance(evse, int) and isinstance(connector, int) and isinstance(status, str):
            yield evse, connector, status
    elif frame.action == "NotifyEvent":
        listed = payload.get("eventData")
        for data in listed if isinstance(listed, list) else ():
            yield from _event(data)


def _event(data: object) -> Iterator[tuple[int, int, str]]:
    if not isinstance(data, dict):
        return
    component, variable = data.get("component"), data.get("variable")
    if not isinstance(component, dict) or not isinstance(variable, dict) or not isinstance(component.get("evse"), dict):
        return
    names = (str(component.get("name")).lower(), str(variable.get("name")).lower())
    evse, connector = component["evse"].get("id"), component["evse"].get("connectorId", 1)
    if names == ("connector", "availabilitystate") and isinstance(evse, int) and isinstance(connector, int):
        yield evse, connector, str(data.get("actualValue"))


RULE = Rule(
    id="not-available-with-cable",
    requirement="OCPP 1.6 edition 2, 7.7: Available is for a new user, Finishing a cable that was not removed; OCPP 2.0.1 G01.FR.04",
    strictness=Strictness.MUST,
    needs=("wire", "stimulus"),
    explanation="A CSMS sends the next driver to an outlet in which somebody's cable still is.",
    watch=_Cable,
)
