"""Why a transaction ended, against what the bench did: a plug that nobody touched was not pulled, and a supply that stayed was not lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from harness.oracle.invariants.exchange import plain
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import CaseStarted, Frame, Note, OperatorAnswer, RunResumed, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_CLOCKS_APART_S = 120.0
"""How far the clocks of station and bench may be apart without a stimulus being taken for one of an earlier time."""

_MOST_KEPT = 200

_HARMLESS = frozenset({"plug_in", "set_demand", "set_phases", "set_power_factor", "set_polite", "pilot_state"})
"""What an EV does that ends no session."""

_UNPLUGS = frozenset(
    {"unplug", "unplug_ev_side", "set_pilot_open", "set_pilot_short", "set_diode_bypass", "set_proximity"}
)
_ANYTHING = frozenset({"ac_source", "relay_board", "fault_injector", "panel", "operator"})
"""Roles that may do whatever a reason speaks of: who switches a relay or presses a button may end a session in any way."""

_CAUSES = {
    "EVDisconnected": (_ANYTHING | {"plug"}, "nobody touched the plug"),
    "Local": (_ANYTHING | {"plug", "ev", "id_reader", "bay"}, "nobody did anything at the station"),
    "PowerLoss": (_ANYTHING | {"restart"}, "nobody touched the supply"),
    "EmergencyStop": (_ANYTHING, "nobody pressed anything"),
}
"""By reason: what may have led to it, and what is said where none of that happened."""

_RESTARTS = frozenset({"Reset", "UpdateFirmware", "SignedUpdateFirmware"})


@dataclass(slots=True)
class _Begun:
    """A transaction that runs: the record that told it, and the earliest time at which it may have begun, seconds since 1970."""

    seq: int
    at: float


@dataclass(slots=True)
class _Stops:
    """By kind, when something was done last (seconds since 1970); transactions by station and id; starts without an answer by their record."""

    hears = None

    ocpp: tuple[str, ...]
    done: dict[str, float] = field(default_factory=dict)
    running: dict[tuple[str, object], _Begun] = field(default_factory=dict)
    asked: dict[int, Record] = field(default_factory=dict)
    drives: bool = False

    def feed(self, record: Record) -> Iterable[Violation]:
        """Follow what is done, and look at ends."""
        event = record.event
        if type(event) is Frame:
            if event.ocpp in self.ocpp and isinstance(record.payload, dict):
                return self._message(record, event, record.payload)
        elif isinstance(event, Stimulus):
            self._stimulus(record, event)
        elif isinstance(event, OperatorAnswer):
            self._did(record, "operator")
        elif isinstance(event, CaseStarted | RunResumed) or (isinstance(event, Note) and "station" in event.data):
            self.running.clear()
            self.asked.clear()
            self.done.clear()  # what came before a case ends no transaction of it
            self.drives = False
        return ()

    def _did(self, record: Record, kind: str) -> None:
        self.done[kind] = seconds_of(record.utc) or inf

    def _stimulus(self, record: Record, event: Stimulus) -> None:
        if event.role == "parking_bay":
            self._did(record, "bay")
        elif event.role != "ev_simulator":
            self._did(record, event.role)
        elif event.verb in _UNPLUGS:
            self._did(record, "plug")
        elif event.verb not in _HARMLESS and event.args.get("on") is not True:
            self._did(record, "ev")  # an EV that asks for energy stops nothing
        self.drives = self.drives or (event.role, event.verb) == ("ev_simulator", "plug_in")

    def _message(self, record: Record, frame: Frame, payload: dict[str, Any]) -> Iterable[Violation]:
        if frame.direction == "out":
            self._of_csms(record, frame, payload)
        elif frame.frame == "call" and frame.action == "StartTransaction":
            self.asked[record.seq] = record
            if len(self.asked) > _MOST_KEPT:
                del self.asked[next(iter(self.asked))]
        elif frame.frame == "call" and frame.action == "StopTransaction":
            key = (frame.station, plain(payload.get("transactionId")))
            return self._ended(record, key, payload.get("reason"))
        elif frame.frame == "call" and frame.action == "TransactionEvent":
            return self._event(record, frame, payload)
        return ()

    def _of_csms(self, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        if frame.frame == "call" and frame.action in _RESTARTS:
            self._did(record, "restart")
        start = self.asked.pop(frame.answers, None) if frame.answers is not None else None
        if start is not None:
            self._began(start, (frame.station, plain(payload.get("transactionId"))))

    def _event(self, record: Record, frame: Frame, payload: dict[str, Any]) -> Iterable[Violation]:
        info = payload.get("transactionInfo")
        if not isinstance(info, dict):
            return ()
        key = (frame.station, plain(info.get("transactionId")))
        if payload.get("eventType") == "Started":
            self._began(record, key)
        elif payload.get("eventType") == "Ended":
            return self._ended(record, key, info.get("stoppedReason"))
        return ()

    def _began(self, record: Record, key: tuple[str, object]) -> None:
        said = seconds_of(record.payload.get("timestamp")) if isinstance(record.payload, dict) else None
        seen = seconds_of(record.utc)
        if said is None or seen is None or not self.drives:
            return
        self.running[key] = _Begun(record.seq, min(said, seen))
        if len(self.running) > _MOST_KEPT:
            del self.running[next(iter(self.running))]

    def _ended(self, record: Record, key: tuple[str, object], reason: object) -> Iterator[Violation]:
        begun = self.running.pop(key, None)
        if begun is None or not isinstance(reason, str) or reason not in _CAUSES:
            return
        causes, said = _CAUSES[reason]
        if any(self.done.get(cause, -inf) >= begun.at - _CLOCKS_APART_S for cause in causes):
            return
        text = f"transaction {key[1]} stops with reason {reason}, and since it began {said}"
        yield Violation((record.seq, begun.seq), text, reason)


RULE_16 = Rule(
    id="stop-reason-was-seen",
    requirement="OCPP 1.6 edition 2, 4.10: a correct reason SHOULD be set; 7.36: what each reason stands for",
    strictness=Strictness.SHOULD,
    needs=("wire", "stimulus"),
    explanation="An operator looks for a driver who pulled the plug, or for a power cut, that never was; the station's own fault stays hidden.",
    watch=lambda: _Stops(("1.6",)),
)

RULE_2 = Rule(
    id="stopped-reason-was-seen",
    requirement="OCPP 2.0.1 E06.FR.08; part 2, 3.67 ReasonEnumType: what each reason stands for",
    strictness=Strictness.MUST,
    needs=("wire", "stimulus"),
    explanation="An operator looks for a driver who pulled the plug, or for a power cut, that never was; the station's own fault stays hidden.",
    watch=lambda: _Stops(("2.0.1", "2.1")),
)
