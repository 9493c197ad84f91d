"""What a station says on a connection that follows another: nothing that is confirmed, no boot without a restart, one version."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import Closed, Frame, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_POWERING = frozenset(("ac_source", "relay_board", "panel", "fault_injector"))
_RESTARTING = frozenset(
    [
        "Reset",
        "UpdateFirmware",
        "SignedUpdateFirmware",
        "ChangeConfiguration",
        "SetVariables",
        "SetNetworkProfile",
        "CertificateSigned",
    ]
)
_EXCUSED_S = 600.0
"""For so long after a request that may lead to a restart, one needs no other cause."""


def _repeated(_: object, exchange: Exchange) -> Iterable[Violation]:
    """What a request said with the same id, and was answered with a CALLRESULT, is in the exchange."""
    frame, before = exchange.frame, exchange.before
    if before is None or before.confirmed is None or frame.frame != "call":
        return ()
    if "id_reused" not in frame.anomalies or before.raw != frame.raw:
        return ()
    text = f"{frame.action} with id {frame.message_id!r} is sent again, word for word, although it was confirmed"
    return (Violation((before.confirmed, exchange.record.seq), text, str(frame.action)),)


@dataclass(slots=True)
class _Life:
    accepted: bool = False
    ended_by_csms: bool = False
    excused_until: float = 0.0
    said: Any = None


class _Boots:
    """Knows of each station why it may have restarted since its last accepted boot."""

    hears = frames("both") | events(Stimulus, Closed)

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if isinstance(event, Frame):
            return self._message(record, event)
        if isinstance(event, Stimulus):
            if event.role in _POWERING:
                self._lives.clear()
        elif isinstance(event, Closed) and event.station in self._lives:
            self._lives[event.station].ended_by_csms = event.by == "csms"
        return ()

    def _message(self, record: Record, frame: Frame) -> Iterable[Violation]:
        life = self._lives.setdefault(frame.station, _Life())
        if frame.direction == "out":
            if frame.action == "BootNotification" and frame.frame == "result":
                payload = record.payload
                life.accepted = isinstance(payload, dict) and payload.get("status") == "Accepted"
            elif frame.action in _RESTARTING or "Trigger" in (frame.action or "") or frame.deliberate:
                life.excused_until = record.t + _EXCUSED_S
        elif frame.frame == "call" and frame.action == "BootNotification":
            return self._boot(record, life)
        return ()

    def _boot(self, record: Record, life: _Life) -> Iterable[Violation]:
        before, life.said = life.said, record.payload
        suspicious = life.accepted and life.ended_by_csms and record.t > life.excused_until
        life.ended_by_csms = False
        if not suspicious or before != record.payload:
            return ()
        text = "BootNotification after the CSMS had ended the connection, with nothing in it that changed, and no cause for a restart"
        return (Violation((record.seq,), text, "boot"),)


@dataclass(slots=True)
class _Spoken:
    told: set[str] = field(default_factory=set)


_OTHERS = {
    "1.6": ("chargingStation", "reason"),
    "2.0.1": ("chargePointVendor", "chargePointModel"),
    "2.1": ("chargePointVendor", "chargePointModel"),
}
"""Fields of BootNotification.req that only the other generation of OCPP has."""


def _version(_: _Spoken, exchange: Exchange) -> Iterable[Violation]:
    if not (exchange.from_station and exchange.is_call("BootNotification")):
        return ()
    foreign = [name for name in _OTHERS[exchange.frame.ocpp] if name in exchange.payload]
    if not foreign:
        return ()
    text = f"BootNotification has {', '.join(foreign)} on a connection for OCPP {exchange.frame.ocpp}"
    return (Violation((exchange.record.seq,), text, "version"),)


CONFIRMED = Rule(
    id="confirmed-not-repeated",
    requirement="OCPP-J 1.6 4.1.4 with errata 3.1 (an id may come again where no response was received); OCPP 2.0.1 Part 4 4.1.4",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Readings are stored twice, and those of the present wait behind them.",
    watch=lambda: PerStation(object, _repeated, calls=None, answers=(), trait="irregular"),
)

BOOT = Rule(
    id="no-boot-for-a-reconnect",
    requirement="OCPP-J 1.6 5.4 (should not); OCPP 2.0.1 Part 4 5.3 (should not)",
    strictness=Strictness.SHOULD,
    needs=("wire", "stimulus"),
    explanation="Every restart of the CSMS looks like one of the whole fleet; if the stations did restart, their sessions are gone.",
    watch=_Boots,
)

VERSION = Rule(
    id="negotiated-version-spoken",
    requirement="OCPP-J 1.6 3.1.2, 3.2; OCPP 2.0.1 Part 4 3.1.2, 3.2: the messages are of the version that was agreed upon",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="The CSMS refuses the boot: the station is connected and can do nothing.",
    watch=lambda: PerStation(_Spoken, _version, calls=("BootNotification",), answers=()),
)
