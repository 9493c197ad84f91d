"""Preparing in OCPP 1.6 is not given up before ConnectionTimeOut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_OF_PREPARING = (
    "StatusNotification",
    "GetConfiguration",
    "ChangeConfiguration",
    "Authorize",
    "RemoteStartTransaction",
    "StartTransaction",
    "BootNotification",
    "UnlockConnector",
    "Reset",
    "ChangeAvailability",
    "ReserveNow",
    "CancelReservation",
)

_CONFIGURES = ("GetConfiguration", "ChangeConfiguration")
_KEY = "connectiontimeout"
_ROUNDING_S = 5.0


@dataclass(slots=True)
class _Waiting:
    """ConnectionTimeOut in seconds where it is known; connectors that wait for somebody to be authorised: record, time, own timestamp.

    `used`: connectors where a transaction began, until they are told to be done with it: it may end before it charged.
    """

    timeout_s: float | None = None
    preparing: dict[int, tuple[int, float, float | None]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)


def _preparing(state: _Waiting, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("StatusNotification"):
        yield from _status(state, exchange)
    elif exchange.is_result("GetConfiguration"):
        listed = exchange.payload.get("configurationKey")
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and str(entry.get("key")).lower() == _KEY:
                state.timeout_s = _seconds(entry.get("value"))
    elif exchange.frame.action == "ChangeConfiguration":
        if str(exchange.payload.get("key", exchange.asked.get("key"))).lower() == _KEY:
            _changed(state, exchange)
    elif exchange.frame.frame == "call":
        state.preparing.clear()  # somebody is authorised, or refused, or the CSMS commands otherwise: other times run
        connector = exchange.payload.get("connectorId")
        if exchange.frame.action == "StartTransaction" and isinstance(connector, int):
            state.used.add(connector)


def _changed(state: _Waiting, exchange: Exchange) -> None:
    state.preparing.clear()
    state.timeout_s = None
    if exchange.is_result("ChangeConfiguration") and exchange.payload.get("status") == "Accepted":
        state.timeout_s = _seconds(exchange.asked.get("value"))


def _seconds(text: object) -> float | None:
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _status(state: _Waiting, exchange: Exchange) -> Iterator[Violation]:
    connector, status = exchange.payload.get("connectorId"), exchange.payload.get("status")
    if not isinstance(connector, int) or connector == 0:
        return
    now = (exchange.record.seq, exchange.record.t, seconds_of(exchange.payload.get("timestamp")))
    before = state.preparing.pop(connector, None)
    if status == "Preparing":
        state.preparing[connector] = before or now
    used = connector in state.used
    if status in ("Available", "Finishing"):
        state.used.discard(connector)
    if status != "Finishing" or used or before is None or state.timeout_s is None:
        return
    lasted_s = max(now[1] - before[1], 0.0 if None in {now[2], before[2]} else (now[2] or 0.0) - (before[2] or 0.0))
    if lasted_s < state.timeout_s - _ROUNDING_S:
        text = f"connector {connector} goes from Preparing to Finishing after {lasted_s:.0f} s; ConnectionTimeOut is {state.timeout_s:g} s"
        yield Violation((now[0], before[0]), text, str(connector))


def _anew(state: _Waiting, _: object) -> Iterable[Violation]:
    state.preparing.clear()
    return ()


RULE = Rule(
    id="preparing-until-time-out",
    requirement="OCPP 1.6 edition 2, 4.9 B6 and 9.1.6, errata 3.20, 3.89: given up when ConnectionTimeOut is over",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Who plugged in and looks for his card finds the outlet closed, and has to plug in again to be let in.",
    watch=lambda: PerStation(
        _Waiting, _preparing, ("1.6",), calls=_OF_PREPARING, answers=_CONFIGURES, closed=_anew, opened=_anew
    ),
)
