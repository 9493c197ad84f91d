"""The current stays within the limit in force, whatever else goes on: profiles on the wire beside what the analyser measures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harness.charging.known_limits import KnownLimits, in_words_of_16
from harness.charging.profiles16 import moment_of
from harness.model.pics import Pics
from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import CaseStarted, Closed, Frame, Handshake, Note, RunResumed, Sample, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

SETTLING_S = 60.0
"""After anything that may change the limit nothing is judged: four times what stations adopt for following a new one."""

_CLOCK_S = 10.0
"""A station's clock may differ so much from the CSMS's: its schedules may step so much early."""

_SHARE, _FLOOR_A = 1.05, 0.5
"""A limit is exceeded by currents beyond 5 % and half an ampere above it, and the uncertainty of the instrument besides."""

_MOVES = frozenset({"id_reader", "panel", "ac_source", "fault_injector", "relay_board"})
"""Roles whose stimuli may begin or end a session."""

_TELLS_TIME = ("BootNotification", "Heartbeat")
_CURRENTS = ("current_l1_a", "current_l2_a", "current_l3_a")
_MOST_OPEN = 200


@dataclass(slots=True)
class _Station:
    limits: KnownLimits = field(default_factory=KnownLimits)
    changed_t: float = 0.0
    changed_seq: int = 0
    open: dict[int, Record] = field(default_factory=dict)
    connected: bool = True
    blind: bool = False
    """Something may have happened that nobody told: until the next transaction ends."""


class _Watcher:
    """Follows what each station accepted, and looks at currents once that has settled."""

    hears = frames("both") | events(Sample, Closed, Handshake, Stimulus, RunResumed, CaseStarted, Note)

    def __init__(self, claims: Mapping[str, Pics]) -> None:
        self._claims = claims
        self._stations: dict[str, _Station] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if isinstance(event, Sample):
            return list(self._sample(record, event)) if event.role == "power_analyzer" else ()
        if isinstance(event, Frame):
            self._frame(record, event)
        elif isinstance(event, Closed | Handshake):
            station = self._of(event.station)
            station.connected = isinstance(event, Handshake)
            _note(station, record)
        elif isinstance(event, Stimulus):
            self._stimulus(record, event)
        elif isinstance(event, RunResumed | CaseStarted) or (isinstance(event, Note) and "station" in event.data):
            # what a case left behind is cleared by means that need not be on the wire
            self._stations.clear()
        return ()

    def _of(self, identity: str) -> _Station:
        return self._stations.setdefault(identity, _Station())

    def _stimulus(self, record: Record, event: Stimulus) -> None:
        plugs = event.role == "ev_simulator" and "plug" in event.verb
        for station in self._stations.values():
            if plugs or event.role in _MOVES:
                _note(station, record)
                station.blind = station.blind or not station.connected

    def _frame(self, record: Record, frame: Frame) -> None:
        station = self._of(frame.station)
        if frame.frame == "call":
            station.open[record.seq] = record
            if len(station.open) > _MOST_OPEN:
                del station.open[next(iter(station.open))]
            if frame.direction == "in" and isinstance(record.payload, dict):
                _told(station, record, frame, record.payload)
            return
        call = station.open.pop(frame.answers, None) if frame.answers is not None else None
        if call is None or frame.frame != "result" or not isinstance(call.payload, dict):
            return
        answer = record.payload if isinstance(record.payload, dict) else {}
        if frame.direction == "in":
            _answered(station, record, frame, call.payload, answer)
        elif frame.action in _TELLS_TIME:
            _clock(station, record, answer)
        elif frame.action == "StartTransaction" and isinstance(call.payload.get("connectorId"), int):
            station.limits.started(call.payload["connectorId"], answer.get("transactionId"))
            _note(station, record)

    def _sample(self, record: Record, sample: Sample) -> Iterator[Violation]:
        if len(self._stations) != 1:  # of several, nobody knows whose outlet this is
            return
        ((identity, station),) = self._stations.items()
        if station.blind or not station.limits.profiles or record.t - station.changed_t < SETTLING_S:
            return
        if identity not in self._claims or self._claims[identity].answer("GB-RandomDelay") is True:
            return
        drawn = [(sample.values[name], name) for name in _CURRENTS if name in sample.values]
        (value, _, u), name = max(drawn, default=((0.0, "A", 0.0), ""))
        begin = moment_of(record.utc) - timedelta(seconds=SETTLING_S)
        limit_a = station.limits.highest_a(sample.evse, begin, SETTLING_S + _CLOCK_S)
        if limit_a is not None and value - u > limit_a * _SHARE + _FLOOR_A:
            said = f"{name} is {value:.1f} A ± {u:.2f} A at EVSE {sample.evse}, and the profiles that were accepted allow {limit_a:g} A"
            yield Violation((station.changed_seq, record.seq), said, f"{identity}:{sample.evse}:{station.changed_seq}")


def _clock(station: _Station, record: Record, answer: dict[str, Any]) -> None:
    """A CSMS that tells another time moves the schedules of the station away from ours."""
    try:
        off = moment_of(str(answer.get("currentTime"))) - moment_of(record.utc)
    except ValueError:
        return
    station.limits.unsure = station.limits.unsure or abs(off.total_seconds()) > _CLOCK_S


def _note(station: _Station, record: Record) -> None:
    station.changed_t, station.changed_seq = record.t, record.seq


def _told(station: _Station, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
    """Transactions that begin and end by what the station tells, and restarts."""
    if frame.action == "BootNotification":
        station.limits.restarted()
        station.blind = False
    elif frame.action == "StopTransaction":
        station.limits.stopped(payload.get("transactionId"))
        station.blind = False
    elif frame.action == "TransactionEvent":
        _transaction_event(station, payload)
    elif frame.action != "StartTransaction":
        return
    _note(station, record)


def _transaction_event(station: _Station, payload: dict[str, Any]) -> None:
    info, evse = payload.get("transactionInfo"), payload.get("evse")
    transaction_id = info.get("transactionId") if isinstance(info, dict) else None
    if payload.get("eventType") == "Ended":
        station.limits.stopped(transaction_id)
        station.blind = False
    elif isinstance(evse, dict) and isinstance(evse.get("id"), int):
        station.limits.started(evse["id"], transaction_id)


def _answered(station: _Station, record: Record, frame: Frame, asked: dict[str, Any], answer: dict[str, Any]) -> None:
    accepted = answer.get("status") == "Accepted"
    if frame.action == "SetChargingProfile" and accepted:
        _set(station, frame.ocpp, asked)
    elif frame.action == "ClearChargingProfile":  # Unknown: then the station does not have it
        _clear(station, frame.ocpp, asked)
    elif frame.action in {"RemoteStartTransaction", "RequestStartTransaction"} and accepted:
        # a profile that comes with it is installed by the station in its own time
        station.blind = station.blind or "chargingProfile" in asked
    else:
        return
    _note(station, record)


def _set(station: _Station, ocpp: str, asked: dict[str, Any]) -> None:
    try:
        if ocpp == "1.6":
            evse, profile = asked["connectorId"], asked["csChargingProfiles"]
        else:
            evse, profile = asked["evseId"], in_words_of_16(asked["chargingProfile"])
    except (KeyError, TypeError, ValueError):
        station.limits.unsure = True
        return
    if profile.get("chargingProfilePurpose") == "TxProfile" and evse not in station.limits.running:
        station.limits.unsure = True  # it is of a transaction that nobody saw begin
    station.limits.set(evse, profile)


def _clear(station: _Station, ocpp: str, asked: dict[str, Any]) -> None:
    given = asked
    if ocpp != "1.6":
        given = {**asked, **(asked.get("chargingProfileCriteria") or {})}
    purpose = given.get("chargingProfilePurpose")
    station.limits.clear(
        profile_id=given.get("id" if ocpp == "1.6" else "chargingProfileId"),
        connector_id=given.get("connectorId" if ocpp == "1.6" else "evseId"),
        purpose="ChargePointMaxProfile" if purpose == "ChargingStationMaxProfile" else purpose,
        stack_level=given.get("stackLevel"),
    )


def rule(claims: Mapping[str, Pics]) -> Rule:
    """The rule over stations whose PICS is known: those with a random delay (GB-RandomDelay) follow limits in their own time."""
    return Rule(
        id="current-within-limit",
        requirement="OCPP 1.6 edition 2, 3.13.1 to 3.13.3, 3.13.6, 7.12; OCPP 2.0.1 K01.FR.04, K01.FR.15, K06.FR.01, K08.FR.04",
        strictness=Strictness.MUST,
        needs=("wire", "stimulus", "bench"),
        explanation="Whoever limits a station protects a fuse, a transformer or a contract: a current beyond the limit trips or costs.",
        watch=lambda: _Watcher(claims),
    )
