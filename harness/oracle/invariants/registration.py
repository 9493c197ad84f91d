"""Before a station is accepted it keeps quiet, and it asks again no sooner than it was told to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, whole
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_ASKED_FOR = {
    "TriggerMessage": None,
    "ExtendedTriggerMessage": None,
    "GetBaseReport": "NotifyReport",
    "GetReport": "NotifyReport",
}
"""What makes a station that is Pending send something, and what (None: what the request names)."""

_FOLLOWED = frozenset({"BootNotification", *_ASKED_FOR})
_OF_BOOTS = ("BootNotification", "TriggerMessage", "ExtendedTriggerMessage")
_RESTARTS = ("Reset", "UpdateFirmware", "SignedUpdateFirmware")
"""Commands that a station carries out by starting anew, which it may do without giving its connection up."""

_BOOT = ("BootNotification",)

_EARLY_S = 1.0
"""What a station's own clock and the way of messages may take off an interval, seconds."""


@dataclass(slots=True)
class _Registration:
    status: Literal["unknown", "Accepted", "Pending", "Rejected", "asking"] = "unknown"
    triggered: set[str] = field(default_factory=set)


def _quiet(state: _Registration, exchange: Exchange) -> Iterable[Violation]:
    """What a station says although it is not accepted yet."""
    if exchange.frame.action in _FOLLOWED:
        found = _too_soon_said(state, exchange)
        _follow(state, exchange)
        return found
    return () if state.status == "Accepted" else _too_soon_said(state, exchange)


def _too_soon_said(state: _Registration, exchange: Exchange) -> tuple[Violation, ...]:
    frame = exchange.frame
    if not exchange.from_station or frame.frame != "call" or frame.action == "BootNotification":
        return ()
    if state.status not in ("Pending", "Rejected", "asking"):
        return ()
    action = str(frame.action)
    if state.status == "Pending" and action in state.triggered:
        return ()
    said = "has not been answered" if state.status == "asking" else f"was answered {state.status}"
    text, cause = f"{action} is sent although BootNotification {said}", f"{state.status}:{action}"
    return (Violation((exchange.record.seq,), text, cause),)


def _follow(state: _Registration, exchange: Exchange) -> None:
    if exchange.is_call("BootNotification") and exchange.from_station:
        # one that was asked for by a trigger, of a station that is registered, changes nothing until it is answered
        if state.status != "Accepted":
            state.status, state.triggered = "asking", set()
    elif exchange.is_result("BootNotification") and not exchange.from_station:
        status = exchange.payload.get("status")
        if status in ("Accepted", "Pending", "Rejected"):
            state.status, state.triggered = status, set()
    elif exchange.frame.frame == "error" and exchange.frame.action == "BootNotification":
        state.status = "unknown" if state.status == "asking" else state.status
    elif exchange.is_result(*_ASKED_FOR) and exchange.payload.get("status") == "Accepted":
        named = _ASKED_FOR[str(exchange.frame.action)] or str(exchange.asked.get("requestedMessage", ""))
        state.triggered.add(named)
        if named in ("SignChargePointCertificate", "SignChargingStationCertificate", "SignV2GCertificate"):
            state.triggered.add("SignCertificate")


def _ended(state: _Registration, _: object) -> Iterable[Violation]:
    """A BootNotification whose connection ended has no answer any more; what comes next on another is not judged until it boots again."""
    if state.status == "asking":
        state.status = "unknown"
    return ()


@dataclass(slots=True)
class _Wait:
    until: float = 0.0
    interval_s: float = 0.0
    status: str = ""
    triggered: bool = False
    accepted: bool = False


def _patient(state: _Wait, exchange: Exchange) -> Iterable[Violation]:
    """Whether BootNotification comes again before its time."""
    if exchange.is_result("TriggerMessage", "ExtendedTriggerMessage") and exchange.from_station:
        if (
            exchange.asked.get("requestedMessage") == "BootNotification"
            and exchange.payload.get("status") == "Accepted"
        ):
            state.triggered = True
    elif exchange.is_result(*_RESTARTS) and exchange.from_station:
        state.triggered = state.triggered or _restarts(exchange)
    elif exchange.is_result("BootNotification") and not exchange.from_station:
        interval = exchange.payload.get("interval")
        state.interval_s = interval if isinstance(interval, float) else whole(interval) or 0.0
        state.status = str(exchange.payload.get("status", ""))
        state.until = exchange.record.t + state.interval_s if state.status in ("Pending", "Rejected") else 0.0
    elif exchange.is_call("BootNotification") and exchange.from_station:
        early_s = state.until - exchange.record.t
        asked_for, state.triggered = state.triggered, False
        if early_s > _EARLY_S and state.interval_s > 0 and not asked_for:
            text = f"BootNotification again {early_s:.1f} s before the {state.interval_s:g} s that the answer {state.status} gave"
            return (Violation((exchange.record.seq,), text, state.status),)
    return ()


def _restarts(answer: Exchange) -> bool:
    return bool(answer.payload.get("status", "Accepted") != "Rejected")


def _restarted(state: _Wait, _: object) -> Iterable[Violation]:
    """A new connection may be that of a station that has just started: it knows of no interval."""
    state.until = 0.0
    return ()


def _again(state: _Wait, exchange: Exchange) -> Iterable[Violation]:
    """Whether BootNotification comes again on the connection on which it was accepted."""
    if exchange.is_result("TriggerMessage", "ExtendedTriggerMessage") and exchange.from_station:
        if exchange.asked.get("requestedMessage") == "BootNotification":
            state.triggered = True
    elif exchange.is_result(*_RESTARTS) and exchange.from_station:
        state.triggered = state.triggered or _restarts(exchange)
    elif exchange.is_result("BootNotification") and not exchange.from_station:
        state.accepted = exchange.payload.get("status") == "Accepted"
    elif exchange.is_call("BootNotification") and exchange.from_station:
        asked_for, state.triggered = state.triggered, False
        if state.accepted and not asked_for:
            text = "BootNotification comes again on the connection on which it was accepted, and nobody asked for it"
            return (Violation((exchange.record.seq,), text, "again"),)
    return ()


def _forget(state: _Wait, _: object) -> Iterable[Violation]:
    state.accepted = state.triggered = False
    return ()


QUIET = Rule(
    id="quiet-before-accepted",
    requirement="OCPP 1.6 edition 2, 4.2; OCPP 2.0.1 B01.FR.08, B02.FR.02, B03.FR.02",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that has not accepted a station may drop what it says: transactions and statuses sent too early are lost.",
    watch=lambda: PerStation(_Registration, _quiet, calls=None, answers=_FOLLOWED, closed=_ended),
)

_IMPATIENT = "A fleet that asks again at once, after a CSMS said when, keeps that CSMS from recovering."

PATIENT_16 = Rule(
    id="boot-interval-kept",
    requirement="OCPP 1.6 edition 2, 4.2 (SHOULD NOT)",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation=_IMPATIENT,
    watch=lambda: PerStation(
        _Wait, _patient, ("1.6",), calls=_BOOT, answers=(*_OF_BOOTS, *_RESTARTS), closed=_restarted, opened=_restarted
    ),
)

PATIENT_2 = Rule(
    id="boot-interval-kept-2",
    requirement="OCPP 2.0.1 B02.FR.04 (SHALL NOT)",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation=_IMPATIENT,
    watch=lambda: PerStation(
        _Wait,
        _patient,
        ("2.0.1", "2.1"),
        calls=_BOOT,
        answers=(*_OF_BOOTS, *_RESTARTS),
        closed=_restarted,
        opened=_restarted,
    ),
)

ONCE = Rule(
    id="boot-not-repeated",
    requirement="OCPP 1.6 edition 2, 4.2; OCPP 2.0.1 B01.FR.03: a BootNotification tells of a start of the station",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS takes it for a restart: it closes transactions, resends lists and profiles, and counts reboots that never were.",
    watch=lambda: PerStation(
        _Wait, _again, calls=_BOOT, answers=(*_OF_BOOTS, *_RESTARTS), closed=_forget, opened=_forget
    ),
)
