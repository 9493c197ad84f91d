"""Energy and transactions: what an instrument sees flow belongs to a transaction that the station told of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import CaseStarted, Closed, Frame, Handshake, Note, RunResumed, Sample, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

FLOWS_A = 1.0
"""Less than this is a station's own consumption, or the EV's pilot electronics."""

TOLD_WITHIN_S = 60.0
"""No text says how soon a transaction is told, or how soon energy ends: energy that flows so long without one was not going to be."""

_AT_ONCE_S = 5.0
_HISTORY_S = 20.0
"""A message that is answered so fast, and tells of what was so short a time ago, does not come from a queue."""

_TOLD_BY = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})
_IDLE = frozenset({"Available", "Preparing", "Finishing", "Reserved", "Unavailable"})
_LETS_IN = frozenset({"Authorized", "RemoteStart"})
_CURRENTS = ("current_l1_a", "current_l2_a", "current_l3_a")
_MOST_KEPT = 200


@dataclass(slots=True)
class _Flow:
    """Energy at one EVSE since a time, with the first sample that shows it."""

    since: float
    seq: int
    told: bool = False


@dataclass(slots=True)
class _Station:
    """What a station said of its transactions. `clear`: it was seen without any, so that none is from before the record.

    `owed_since`: since then the CSMS has not taken over a message of a transaction, so that those behind it wait. `quiet_since`: from then on
    nothing of this kind explains energy that flows.
    """

    statuses: dict[int, str] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    connectors: dict[object, int] = field(default_factory=dict)
    open: set[object] = field(default_factory=set)
    unknown_users: set[object] = field(default_factory=set)
    clear: bool = False
    connected: bool = True
    owed_since: float | None = None
    quiet_since: float = 0.0
    last: int = 0
    flows: dict[int, _Flow] = field(default_factory=dict)


class EnergyWatcher:
    """Feeds on frames and on samples of the power analyzer, of the station under test."""

    hears = frames("both") | events(Sample, CaseStarted, RunResumed, Note, Stimulus, Closed, Handshake)

    def __init__(self) -> None:
        self._identity = ""
        self._station = _Station()
        self._excused = False

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if type(event) is Frame:
            if event.station == self._identity:
                self._frame(record, event)
            return ()
        if type(event) is Sample:
            return self._sample(record, event)
        self._other(record)
        return ()

    def _other(self, record: Record) -> None:
        event, station = record.event, self._station
        if isinstance(event, CaseStarted):
            self._excused = False
            if event.station != self._identity:
                self._identity, self._station = event.station, _Station(quiet_since=record.t)
        elif isinstance(event, RunResumed) or (isinstance(event, Note) and "station" in event.data):
            self._station = _Station(quiet_since=record.t)
        elif isinstance(event, Stimulus) and event.role == "fault_injector":
            self._excused = True  # a welded contactor is not the firmware's doing
        elif isinstance(event, Closed) and event.station == self._identity:
            station.connected = False
        elif isinstance(event, Handshake) and event.station == self._identity and event.status == 101:
            station.connected, station.owed_since, station.quiet_since = True, None, record.t

    def _frame(self, record: Record, frame: Frame) -> None:
        station, payload = self._station, record.payload
        if frame.direction == "in" and frame.frame == "call":
            if frame.action == "BootNotification":
                station.connected = False  # nothing may be told before it is accepted
            elif frame.action in _TOLD_BY:
                self._told(record, frame.action, payload if isinstance(payload, dict) else {})
            if isinstance(payload, dict):
                self._said(record, frame.action or "", payload)
        elif frame.direction == "out" and frame.frame in {"result", "error"}:
            self._answered(record, frame, payload if isinstance(payload, dict) else {})

    def _told(self, record: Record, action: str, payload: dict[str, Any]) -> None:
        station = self._station
        if station.owed_since is None:
            station.owed_since = record.t
        bounds = action != "MeterValues" and payload.get("eventType") != "Updated"
        if bounds or _is_history(payload, record):
            station.quiet_since, station.last = record.t, record.seq

    def _answered(self, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        station = self._station
        if frame.action == "BootNotification" and payload.get("status") == "Accepted":
            station.connected, station.quiet_since = True, record.t
        if frame.action not in _TOLD_BY or frame.frame == "error":
            return
        if station.owed_since is not None and record.t > station.owed_since + _AT_ONCE_S:
            station.quiet_since = record.t
        station.owed_since = None
        connector = station.starts.pop(frame.answers if frame.answers is not None else -1, None)
        if connector is not None and "transactionId" in payload:
            station.connectors[payload["transactionId"]] = connector
            if len(station.connectors) > _MOST_KEPT:
                del station.connectors[next(iter(station.connectors))]

    def _said(self, record: Record, action: str, payload: dict[str, Any]) -> None:
        station = self._station
        if action == "StatusNotification":
            self._status(payload)
        elif action == "StartTransaction" and isinstance(payload.get("connectorId"), int):
            station.starts[record.seq] = payload["connectorId"]
            station.open.add(payload["connectorId"])
        elif action == "StopTransaction":
            station.open.discard(station.connectors.get(payload.get("transactionId")))
        elif action == "TransactionEvent":
            self._transaction_event(payload)

    def _status(self, payload: dict[str, Any]) -> None:
        station = self._station
        place = payload.get("evseId", payload.get("connectorId"))
        if isinstance(place, int) and place > 0:
            station.statuses[place] = str(payload.get("status", payload.get("connectorStatus")))
        station.clear = station.clear or (bool(station.statuses) and set(station.statuses.values()) <= _IDLE)

    def _transaction_event(self, payload: dict[str, Any]) -> None:
        station, info = self._station, payload.get("transactionInfo")
        transaction = info.get("transactionId") if isinstance(info, dict) else None
        if payload.get("eventType") == "Started":
            station.unknown_users.add(transaction)
        if "idToken" in payload or payload.get("triggerReason") in _LETS_IN:
            station.unknown_users.discard(transaction)
        if payload.get("eventType") == "Ended":
            station.open.discard(transaction)
            station.unknown_users.discard(transaction)
        else:
            station.open.add(transaction)

    def _sample(self, record: Record, sample: Sample) -> Iterable[Violation]:
        station = self._station
        if sample.role != "power_analyzer" or not any(name in sample.values for name in _CURRENTS):
            return ()
        flows = any(
            value - u > FLOWS_A
            for value, unit, u in (sample.values[name] for name in _CURRENTS if name in sample.values)
            if unit == "A"
        )
        if not flows:
            station.flows.pop(sample.evse, None)
            return ()
        flow = station.flows.setdefault(sample.evse, _Flow(sample.at, record.seq))
        explained = bool(station.open - station.unknown_users) or not station.clear or self._excused
        owed = station.owed_since is not None and sample.at > station.owed_since + _AT_ONCE_S
        if explained or owed or not station.connected:
            station.quiet_since = max(station.quiet_since, sample.at)
            return ()
        lasts_s = sample.at - max(flow.since, station.quiet_since)
        if lasts_s <= TOLD_WITHIN_S or flow.told:
            return ()
        flow.told = True
        whose = (
            "in a transaction that nobody was authorised for"
            if station.open
            else "and the station tells of no transaction"
        )
        text = f"current has flowed at EVSE {sample.evse} for {lasts_s:.0f} s {whose}"
        return (Violation((record.seq, flow.seq, station.last), text, str(sample.evse)),)


def _is_history(payload: dict[str, Any], record: Record) -> bool:
    """Whether a message waited in a queue: what it tells of is over, and more may wait behind it."""
    values = payload.get("meterValue")
    first = values[0] if isinstance(values, list) and values and isinstance(values[0], dict) else {}
    said, now = seconds_of(payload.get("timestamp", first.get("timestamp"))), seconds_of(record.utc)
    return said is not None and now is not None and now - said > _HISTORY_S


RULE = Rule(
    id="energy-in-a-transaction",
    requirement="OCPP 1.6 edition 2, 4.1, 4.8: energy after authorization only, and StartTransaction for a transaction that started; 4.10; OCPP 2.0.1 C01.FR.01, E01",
    strictness=Strictness.MUST,
    needs=("wire", "bench"),
    explanation="Energy that belongs to no transaction is paid by nobody, or an outlet is live that everybody takes for dead.",
    watch=EnergyWatcher,
)
