"""Statuses of OCPP 1.6: those of connector 0, each told once, and none that a running transaction contradicts.

The table of transitions (4.9) is not judged by itself: a station may leave out a status that was short, and how short is its maker's affair,
so that every way can be explained by a status between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record
from harness.verdict import Strictness

_V16 = ("1.6",)
_WHOLE_STATION = frozenset({"Available", "Unavailable", "Faulted"})


def _connector_zero(_: object, exchange: Exchange) -> Iterable[Violation]:
    if not (exchange.is_call("StatusNotification") and exchange.payload.get("connectorId") == 0):
        return ()
    status = exchange.payload.get("status")
    if not isinstance(status, str) or status in _WHOLE_STATION:
        return ()
    return (Violation((exchange.record.seq,), f"connector 0 is told to be {status}", status),)


@dataclass(slots=True)
class _Said:
    last: dict[int, tuple[dict[str, Any], int]] = field(default_factory=dict)


def _repeated(state: _Said, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_result("TriggerMessage") or exchange.is_result("BootNotification"):
        state.last.clear()
        return ()
    if not exchange.is_call("StatusNotification"):
        return ()
    payload = exchange.payload
    connector = payload.get("connectorId")
    if not isinstance(connector, int) or not isinstance(payload.get("timestamp"), str):
        return ()
    before = state.last.get(connector)
    state.last[connector] = (payload, exchange.record.seq)
    if before is None or before[0] != payload or "id_reused" in exchange.frame.anomalies:
        return ()
    text = f"the same status of connector {connector}, with the same timestamp, is told again"
    return (Violation((exchange.record.seq, before[1]), text, str(connector)),)


def _forgotten(state: _Said, _: object) -> Iterable[Violation]:
    """On a new connection it may be told again."""
    state.last.clear()
    return ()


@dataclass(slots=True)
class _Running:
    """Open transactions by connector, and what was told to be Available meanwhile: record, its time, its own timestamp.

    `owed`: the latest request of a transaction that the CSMS has not taken over. It is sent again, and what comes behind it waits.
    """

    open: dict[int, int] = field(default_factory=dict)
    doubtful: dict[int, tuple[int, float, float | None]] = field(default_factory=dict)
    owed: int | None = None

    @property
    def due(self) -> float:
        """When the first of them is no matter of order any more."""
        return min([t for _, t, _ in self.doubtful.values()], default=inf) + _SETTLE_S


_SETTLE_S = 60.0
"""StopTransaction may come after the status that its end brought about; later than this, it does not belong to it any more."""

_QUEUED = ("MeterValues", "StartTransaction", "StopTransaction")


def _available_in_transaction(state: _Running, exchange: Exchange) -> Iterable[Violation]:
    if exchange.frame.action in _QUEUED:
        if exchange.frame.frame == "call":
            state.owed = exchange.record.seq
        elif exchange.frame.frame == "result" and exchange.call is not None and exchange.call.seq == state.owed:
            state.owed = None
        if exchange.frame.action == "MeterValues":
            return ()
    return _of_running(state, exchange)


def _of_running(state: _Running, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_result("StartTransaction"):
        connector, transaction = exchange.asked.get("connectorId"), exchange.payload.get("transactionId")
        if isinstance(connector, int) and isinstance(transaction, int):
            state.open[connector] = transaction
            state.doubtful.pop(connector, None)
    elif exchange.is_call("StopTransaction"):
        for connector, transaction in list(state.open.items()):
            if transaction == exchange.payload.get("transactionId"):
                yield from _stopped(state, connector, exchange)
    elif exchange.is_result("BootNotification"):
        state.open.clear()  # of a transaction over a restart the status says nothing
        state.doubtful.clear()
    elif exchange.is_call("StatusNotification"):
        connector = exchange.payload.get("connectorId")
        if isinstance(connector, int) and connector in state.open and exchange.payload.get("status") == "Available":
            told = seconds_of(exchange.payload.get("timestamp"))
            state.doubtful.setdefault(connector, (exchange.record.seq, exchange.record.t, told))


def _stopped(state: _Running, connector: int, exchange: Exchange) -> Iterator[Violation]:
    del state.open[connector]
    doubtful = state.doubtful.pop(connector, None)
    stopped = seconds_of(exchange.payload.get("timestamp"))
    if doubtful is None or stopped is None or doubtful[2] is None:
        return
    if stopped > doubtful[2] + _CLOCK_STEP_S:
        yield _contradiction(connector, doubtful[0], f"its transaction stopped {stopped - doubtful[2]:.1f} s later")


_CLOCK_STEP_S = 2.0


def _overdue(state: _Running, record: Record) -> Iterator[Violation]:
    for connector, (seq, t, _) in list(state.doubtful.items()):
        if record.t - t <= _SETTLE_S:
            continue
        told = state.doubtful.pop(connector)
        if state.owed is not None:
            state.doubtful[connector] = (seq, record.t, told[2])
        else:
            yield _contradiction(connector, seq, f"its transaction {state.open.get(connector)} is not stopped")


def _contradiction(connector: int, seq: int, why: str) -> Violation:
    return Violation((seq,), f"connector {connector} is told to be Available, and {why}", str(connector))


def _gone(state: _Running, _: object) -> Iterable[Violation]:
    state.doubtful.clear()
    return ()


ZERO = Rule(
    id="connector-zero-status",
    requirement="OCPP 1.6 edition 2, 4.9: connector 0 is Available, Unavailable or Faulted",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Connector 0 is the station as a whole: a CSMS has no place for what is going on at an outlet there.",
    watch=lambda: PerStation(object, _connector_zero, _V16, calls=("StatusNotification",), answers=()),
)

REPEATED = Rule(
    id="status-not-repeated",
    requirement="OCPP 1.6 edition 2, 4.9 with errata 3.19: a status is sent when it changes",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="The same status over and over costs data volume, and hides the change that matters in a log.",
    watch=lambda: PerStation(
        _Said,
        _repeated,
        _V16,
        calls=("StatusNotification",),
        answers=("TriggerMessage", "BootNotification"),
        closed=_forgotten,
        opened=_forgotten,
    ),
)

NOT_AVAILABLE = Rule(
    id="not-available-in-transaction",
    requirement="OCPP 1.6 edition 2, 4.9 and 7.7: Available is a connector that is free for a new user",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS offers the outlet to the next driver, or closes the session, while energy is still being billed to the first.",
    watch=lambda: PerStation(
        _Running,
        _available_in_transaction,
        _V16,
        calls=("StatusNotification", *_QUEUED),
        answers=(*_QUEUED, "BootNotification"),
        closed=_gone,
        late=_overdue,
    ),
)
