"""After an accepted boot the status of every connector is told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, plain
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import Frame
from harness.trace.trace import Record
from harness.verdict import Strictness

_WITHIN_S = 180.0
"""No text gives a time; a station that takes longer has not done it after its boot."""

_NEXT_S = 60.0
"""After one status, or one message of before, the next comes as soon as the CSMS has answered."""

_ANSWER_S = 1.0
"""An answer, or a request of the CSMS, shows nothing: the station's next message does."""

_KEPT = frozenset(
    {"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent", "SecurityEventNotification"}
)
_MOST = 200
_TELLING = ("StatusNotification", "NotifyEvent")

Place = tuple[object, object]
"""Connector and None (1.6), or EVSE and connector."""


@dataclass(slots=True)
class _Places:
    """Those of which a status was ever told; those that are owed since the boot of this record, which the CSMS took at `booted`, by its clock.

    `until`: when all have to be told of.
    """

    known: dict[Place, None] = field(default_factory=dict)
    owed: set[Place] = field(default_factory=set)
    boot: Record | None = None
    booted: float | None = None
    until: float = inf

    @property
    def due(self) -> float:
        """When all have to be told of; later, where the CSMS is slow."""
        return inf if self.boot is None else self.until


def _told(exchange: Exchange) -> Iterator[Place]:
    payload: dict[str, Any] = exchange.payload
    if exchange.frame.action == "StatusNotification":
        one = exchange.frame.ocpp == "1.6"
        yield (
            (plain(payload.get("connectorId")), None)
            if one
            else (plain(payload.get("evseId")), plain(payload.get("connectorId")))
        )
    elif exchange.frame.action == "NotifyEvent" and isinstance(listed := payload.get("eventData"), list):
        for data in listed:
            component = data.get("component") if isinstance(data, dict) else None
            evse = component.get("evse") if isinstance(component, dict) else None
            if isinstance(evse, dict):
                yield plain(evse.get("id")), plain(evse.get("connectorId"))


def _held_up_s(state: _Places, record: Record) -> float:
    """How much longer a station is given: what it has kept from before the boot may come first, in its order."""
    event, payload = record.event, record.payload
    if not isinstance(event, Frame) or event.frame != "call" or event.direction == "out":
        return _ANSWER_S
    if event.action not in _KEPT or not isinstance(payload, dict) or state.booted is None:
        return 0.0
    values = payload.get("meterValue")
    first = values[0] if isinstance(values, list) and values and isinstance(values[0], dict) else {}
    said = seconds_of(payload.get("timestamp", first.get("timestamp")))
    return _NEXT_S if said is not None and said < state.booted else 0.0


def _overdue(state: _Places, record: Record) -> Iterable[Violation]:
    boot, owed = state.boot, state.owed
    if boot is not None and owed and (more_s := _held_up_s(state, record)):
        state.until = record.t + more_s
        return ()
    state.boot, state.owed = None, set()
    if boot is None or not owed:
        return ()
    names = ", ".join(sorted(_name(place) for place in owed))
    text = f"no status of {names} is told in the {record.t - boot.t:.0f} s after the accepted boot"
    return (Violation((boot.seq, record.seq), text, names),)


def _after_boot(state: _Places, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_result("BootNotification"):
        accepted = exchange.payload.get("status") == "Accepted"
        state.boot, state.owed = (exchange.record, set(state.known)) if accepted else (None, set())
        state.until = exchange.record.t + _WITHIN_S
        state.booted = seconds_of(exchange.payload.get("currentTime"))
    elif exchange.from_station and exchange.frame.frame == "call":
        for place in _told(exchange):
            if place in state.owed:
                state.owed.discard(place)
                state.until = max(state.until, exchange.record.t + _NEXT_S)
            if exchange.frame.action == "NotifyEvent":
                continue  # it may be of a component that is no connector
            state.known[place] = None
            if len(state.known) > _MOST:
                del state.known[next(iter(state.known))]
    return ()


def _name(place: Place) -> str:
    return f"connector {place[0]}" if place[1] is None else f"connector {place[1]} of EVSE {place[0]}"


def _lost(state: _Places, _: Record) -> Iterable[Violation]:
    """What could not be told on this connection is another matter (4.9; B04.FR.01)."""
    state.boot, state.owed = None, set()
    return ()


RULE = Rule(
    id="statuses-after-boot",
    requirement="OCPP 1.6 errata 3.22 (4.9): after BootNotification.conf Accepted the current status of connector 0 and all connectors; OCPP 2.0.1 B01.FR.05",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS goes on showing what a connector was before the restart: drivers are sent to an outlet in use, or to none.",
    watch=lambda: PerStation(
        _Places, _after_boot, calls=_TELLING, answers=("BootNotification",), closed=_lost, opened=_lost, late=_overdue
    ),
)
