"""A station's times against the time that the CSMS told it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.message_times import AHEAD_S, OLDEST, span_of
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_QUEUED = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})
_QUEUE_S = 120.0
"""What was queued before the time was known may come so long after it: without a clock of its own the station cannot date it (4.2.1)."""

_NEXT_S = 10.0
"""A long queue takes longer; so long after one of its messages the next one comes."""


def _stamps(payload: dict[str, Any]) -> list[tuple[str, object]]:
    found = [("timestamp", payload["timestamp"])] if "timestamp" in payload else []
    for name in ("meterValue", "transactionData"):
        values = payload.get(name)
        told = values if isinstance(values, list) else []
        found += [
            (f"{name}.timestamp", one["timestamp"]) for one in told if isinstance(one, dict) and "timestamp" in one
        ]
    return found


def _ahead(exchange: Exchange) -> list[tuple[str, object, float]]:
    """Times of a request that lie too far after the CSMS's, and by how much; none where that time is not known."""
    clock = exchange.clock
    now = clock.now(exchange.record.t)
    if now is None or not clock.accepted or clock.stepped or not exchange.from_station:
        return []
    if span_of(exchange)[0] <= now + AHEAD_S:
        return []
    seconds = [(name, text, seconds_of(text)) for name, text in _stamps(exchange.payload)]
    return [(name, text, t - now) for name, text, t in seconds if t is not None and t > now + AHEAD_S]


def _future(_: object, exchange: Exchange) -> Iterable[Violation]:
    for name, text, ahead_s in _ahead(exchange):
        said = f"{exchange.frame.action}.{name} {text!r} lies {ahead_s:.0f} s after the time of the CSMS"
        return (Violation((exchange.record.seq,), said, str(exchange.frame.action)),)
    return ()


@dataclass(slots=True)
class _Queue:
    """Until when what comes still belongs to what was queued before the time was known."""

    until: float = -math.inf


def _unset(state: _Queue, exchange: Exchange) -> Iterable[Violation]:
    clock = exchange.clock
    if not exchange.from_station or not clock.accepted:
        return ()
    if span_of(exchange)[1] >= OLDEST:
        return ()
    came = exchange.record.t
    if exchange.frame.action in _QUEUED and (came - clock.accepted_at < _QUEUE_S or came <= state.until):
        state.until = came + _NEXT_S
        return ()
    for name, text in _stamps(exchange.payload):
        t = seconds_of(text)
        if isinstance(text, str) and (t is None or t < OLDEST) and text[:4].isdigit() and int(text[:4]) < 2010:
            said = f"{exchange.frame.action}.{name} {text!r} is the time of a clock that was never set"
            return (Violation((exchange.record.seq,), said, str(exchange.frame.action)),)
    return ()


_HALF_HOUR_S = 1800.0
_STARTED_BEFORE_S = 60.0
"""By how much a transaction's start may lie before the request that it follows: clocks differ, and a message takes its time."""


def _zone(_: object, exchange: Exchange) -> Iterable[Violation]:
    """A time that is ahead by whole half hours, within seconds, is one of another zone."""
    for name, text, ahead_s in _ahead(exchange):
        halves = round(ahead_s / _HALF_HOUR_S)
        if halves >= 1 and abs(ahead_s - halves * _HALF_HOUR_S) <= AHEAD_S:
            said = f"{exchange.frame.action}.{name} {text!r} is that of a zone {halves / 2:g} h ahead of the one that it names"
            return (Violation((exchange.record.seq,), said, str(exchange.frame.action)),)
    return ()


@dataclass(slots=True)
class _Asked:
    """The remote start that was accepted last: its record, and its time by the CSMS's clock."""

    seq: int = 0
    tag: str = ""
    time: float | None = None


def _before_asked(state: _Asked, exchange: Exchange) -> Iterator[Violation]:
    clock = exchange.clock
    if exchange.is_result("RemoteStartTransaction") and exchange.from_station and exchange.call is not None:
        state.time = None
        if exchange.payload.get("status") == "Accepted":
            state.seq, state.tag = exchange.call.seq, str(exchange.asked.get("idTag", "")).casefold()
            state.time = clock.now(exchange.call.t)
    elif exchange.is_call("StartTransaction") and state.time is not None:
        asked, state.time = state.time, None
        begun = seconds_of(exchange.payload.get("timestamp"))
        if begun is None or str(exchange.payload.get("idTag", "")).casefold() != state.tag:
            return
        if asked - begun > _STARTED_BEFORE_S and not clock.stepped:
            text = f"the transaction began {asked - begun:.0f} s before the remote start that it follows was sent"
            yield Violation((exchange.record.seq, state.seq), text, "start")


ZONE = Rule(
    id="time-in-its-zone",
    requirement="OCPP 1.6 edition 2, 3.15: ISO 8601, in which Z is UTC; OCPP 2.0.1 part 2, 3.1: RFC 3339",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Sessions are billed by the wrong tariff, and at the change to summer time some last less than no time.",
    watch=lambda: PerStation(object, _zone, calls=None, answers=(), trait="odd time"),
)

ASKED = Rule(
    id="start-not-before-asked",
    requirement="OCPP 1.6 edition 2, 6.45: the date and time on which the transaction is started; 5.11: after the request",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="The clock is minutes behind: sessions overlap, are billed by the wrong tariff, or are taken for older ones that came late.",
    watch=lambda: PerStation(
        _Asked,
        _before_asked,
        ("1.6",),
        calls=("StartTransaction",),
        answers=("RemoteStartTransaction",),
    ),
)

FUTURE = Rule(
    id="time-not-in-future",
    requirement="OCPP 1.6 edition 2, 4.2 and 4.6 (synchronizing is recommended); OCPP 2.0.1 B01.FR.06",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="Sessions are sorted, tariffs chosen and signatures checked by these times; one from the future is often refused.",
    watch=lambda: PerStation(object, _future, calls=None, answers=(), trait="odd time"),
)

UNSET = Rule(
    id="time-was-set",
    requirement="OCPP 1.6 edition 2, 4.2: the answer to BootNotification brings the time; 6.31, 6.45, 6.47, 6.49: the time of what is told",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A reading dated 1970 belongs to no session: it is dropped, or the session is billed for half a century.",
    watch=lambda: PerStation(_Queue, _unset, calls=None, answers=(), trait="odd time"),
)
