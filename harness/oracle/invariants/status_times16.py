"""Times of statuses in OCPP 1.6: in their order, each status with a time of its own, and no history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_V16 = ("1.6",)
_TOLD = ("StatusNotification",)
_BOOTED = ("BootNotification",)
_OF_STATUS = frozenset((*_TOLD, *_BOOTED))

_STEP_S = 60.0
"""What a clock that the CSMS corrects may go back, seconds."""

_LATER_S = 10.0
"""So much later another status has a time of its own."""

_SLOW_S = 5.0
"""A CALL that waits longer for its answer holds back what was to be sent after it (OCPP-J 1.6, 4.1.1)."""

_OLD_S = 3600.0
"""What began longer ago than this, and is over, is history."""


class _Told(msgspec.Struct, frozen=True, gc=False):
    status: str
    stamp: str
    seconds: float
    t: float
    seq: int


@dataclass(slots=True)
class _Statuses:
    """By connector, on this connection: the latest that was told, and the old ones that were no errors.

    `asked`: when the latest CALL of the station went out, while it is unanswered; `held`: when one last waited long for its answer.
    `now`: how far the CSMS's clock is from the run's; `booted`: its time at the boot, or when it was set last; `early`: connectors of which a status of before it was told.
    """

    last: dict[int, _Told] = field(default_factory=dict)
    old: dict[int, _Told] = field(default_factory=dict)
    now: float | None = None
    booted: float | None = None
    early: set[int] = field(default_factory=set)
    asked: float | None = None
    held: float = float("-inf")


def _told(exchange: Exchange) -> tuple[int, _Told] | None:
    if not exchange.is_call("StatusNotification") or "id_reused" in exchange.frame.anomalies:
        return None
    connector, stamp = exchange.payload.get("connectorId"), exchange.payload.get("timestamp")
    seconds = seconds_of(stamp)
    if not isinstance(connector, int) or not isinstance(stamp, str) or seconds is None:
        return None
    record = exchange.record
    return connector, _Told(str(exchange.payload.get("status")), stamp, seconds, record.t, record.seq)


def _booted(state: _Statuses, exchange: Exchange) -> bool:
    """Whether the station's clock begins anew with this answer."""
    if not exchange.is_result("BootNotification"):
        return False
    _set_anew(state, exchange)
    return True


def _set_anew(state: _Statuses, exchange: Exchange) -> None:
    """The station sets its clock: it booted, or the CSMS's clock leapt."""
    state.last.clear()
    state.old.clear()
    told = seconds_of(exchange.payload.get("currentTime"))
    state.now = None if told is None else told - exchange.record.t
    state.booted = told
    state.early.clear()


def _order(state: _Statuses, exchange: Exchange) -> Iterator[Violation]:
    if _booted(state, exchange) or (found := _told(exchange)) is None:
        return
    connector, told = found
    before = state.last.get(connector)
    if before is None or told.seconds >= before.seconds - _STEP_S:
        state.last[connector] = told
        return
    if state.booted is not None and told.seconds < state.booted and connector not in state.early:
        state.early.add(connector)  # it began before the station's clock was set (4.2)
        return
    text = f"connector {connector} is told to be {told.status} at {told.stamp}, after {before.status} at {before.stamp}"
    yield Violation((told.seq, before.seq), text, str(connector))


def _held_back(state: _Statuses, exchange: Exchange) -> None:
    """Follow how long the station waits for its answers."""
    calls = exchange.frame.frame == "call"
    if calls is not exchange.from_station:
        return
    t = exchange.record.t
    if state.asked is not None and t - state.asked > _SLOW_S:
        state.held = t
    state.asked = t if calls else None


def _own_time(state: _Statuses, exchange: Exchange) -> Iterable[Violation]:
    _held_back(state, exchange)
    return _of_one_time(state, exchange) if exchange.frame.action in _OF_STATUS else ()


def _of_one_time(state: _Statuses, exchange: Exchange) -> Iterator[Violation]:
    if _booted(state, exchange) or (found := _told(exchange)) is None:
        return
    connector, told = found
    before = state.last.get(connector)
    state.last[connector] = told
    if before is None or told.stamp != before.stamp or told.status == before.status or told.t - before.t < _LATER_S:
        return
    if state.held >= before.t:
        return  # both may have happened at once: the second had to wait
    late_s = told.t - before.t
    text = f"connector {connector} is told to be {told.status} at the very time of its {before.status}, {late_s:.0f} s after that was told"
    yield Violation((told.seq, before.seq), text, str(connector))


def _history(state: _Statuses, exchange: Exchange) -> Iterator[Violation]:
    if _booted(state, exchange) or (found := _told(exchange)) is None or state.now is None:
        return
    connector, told = found
    error = told.status == "Faulted" or exchange.payload.get("errorCode") != "NoError"
    if error or told.seconds > state.now + told.t - _OLD_S:
        return
    before = state.old.get(connector)
    state.old[connector] = told
    if before is None or before.status == told.status:
        return
    text = f"connector {connector} is told to have been {before.status} at {before.stamp} and {told.status} at {told.stamp}: only one can hold now"
    yield Violation((told.seq, before.seq), text, str(connector))


def _anew(state: _Statuses, _: object) -> Iterable[Violation]:
    """What was told on another connection says nothing of this one's order."""
    state.last.clear()
    state.old.clear()
    return ()


ORDER = Rule(
    id="statuses-in-order",
    requirement="OCPP 1.6 edition 2, 4.9: StatusNotifications are sent in the order in which what they describe occurred",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS shows what it was told last: an outlet that works is shown as faulted or out of service.",
    watch=lambda: PerStation(
        _Statuses, _order, _V16, calls=_TOLD, answers=_BOOTED, closed=_anew, opened=_anew, leapt=_set_anew
    ),
)

OWN_TIME = Rule(
    id="status-has-its-own-time",
    requirement="OCPP 1.6 edition 2, 6.47: the timestamp is the time for which the status is reported",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="The length of a fault is computed from these times: it comes out as nothing, or as never ending.",
    watch=lambda: PerStation(
        _Statuses, _own_time, _V16, calls=None, answers=None, closed=_anew, opened=_anew, leapt=_set_anew
    ),
)

HISTORY = Rule(
    id="no-status-history",
    requirement="OCPP 1.6 edition 2, 4.9 (SHOULD NOT); errata 3.22: the current status",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS takes each for the status that holds now, and sends drivers away from a free outlet.",
    watch=lambda: PerStation(
        _Statuses, _history, _V16, calls=_TOLD, answers=_BOOTED, closed=_anew, opened=_anew, leapt=_set_anew
    ),
)
