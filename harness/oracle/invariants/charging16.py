"""Charging in OCPP 1.6 is told of a connector where a transaction runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record
from harness.verdict import Strictness

_FREE = frozenset({"Available", "Preparing", "Reserved"})
_EARLY_S = 5.0
"""Charging may be told before its StartTransaction, and clocks tell whole seconds; so much sooner nothing had begun."""

_QUEUED_S = 120.0
"""How long StartTransaction may wait behind other messages for a CSMS that is slow."""


@dataclass(slots=True)
class _Charging:
    """By connector: whether it was told to be without a transaction, its transaction (None: id not known yet), and Charging without one."""

    free: set[int] = field(default_factory=set)
    open: dict[int, object] = field(default_factory=dict)
    early: dict[int, tuple[int, float, float | None]] = field(default_factory=dict)

    @property
    def due(self) -> float:
        """When the first of them has waited too long for its StartTransaction."""
        return min([t for _, t, _ in self.early.values()], default=inf) + _QUEUED_S


def _charging(state: _Charging, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("StatusNotification"):
        _status(state, exchange)
    elif exchange.is_call("StartTransaction"):
        yield from _started(state, exchange)
    elif exchange.is_result("StartTransaction"):
        connector = exchange.asked.get("connectorId")
        if isinstance(connector, int) and connector in state.open:
            state.open[connector] = exchange.transaction
    elif exchange.is_call("StopTransaction"):
        stopped = exchange.transaction
        for connector in [one for one, open_ in state.open.items() if open_ == stopped]:
            del state.open[connector]
    elif exchange.is_result("BootNotification"):
        state.free.clear()  # a transaction of before may go on
        state.early.clear()


def _status(state: _Charging, exchange: Exchange) -> None:
    connector, status = exchange.payload.get("connectorId"), exchange.payload.get("status")
    if not isinstance(connector, int) or connector == 0 or not isinstance(status, str):
        return
    if status in _FREE:
        state.free.add(connector)
    elif status == "Charging" and connector in state.free and connector not in state.open:
        told = (exchange.record.seq, exchange.record.t, seconds_of(exchange.payload.get("timestamp")))
        state.early.setdefault(connector, told)


def _started(state: _Charging, exchange: Exchange) -> Iterator[Violation]:
    connector = exchange.payload.get("connectorId")
    if not isinstance(connector, int):
        return
    state.open[connector] = None
    state.free.discard(connector)
    early = state.early.pop(connector, None)
    began = seconds_of(exchange.payload.get("timestamp"))
    if early is None or early[2] is None or began is None:
        return
    sooner_s = min(began - early[2], exchange.record.t - early[1])
    if sooner_s > _EARLY_S:
        text = f"connector {connector} is told to be Charging {sooner_s:.0f} s before its transaction began"
        yield Violation((early[0], exchange.record.seq), text, str(connector))


def _overdue(state: _Charging, record: Record) -> Iterator[Violation]:
    for connector, (seq, t, _) in list(state.early.items()):
        if record.t - t > _QUEUED_S:
            del state.early[connector]
            state.free.discard(connector)
            text = f"connector {connector} is told to be Charging, and no StartTransaction came within {_QUEUED_S:g} s"
            yield Violation((seq,), text, str(connector))


def _gone(state: _Charging, _: object) -> Iterable[Violation]:
    """What began while the station was away is told later."""
    state.early.clear()
    state.free.clear()
    return ()


RULE = Rule(
    id="charging-in-transaction",
    requirement="OCPP 1.6 edition 2, 7.7 with 4.8: the contactor closes for a transaction, and of that StartTransaction tells",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Energy flows, by the station's own word, that belongs to no session: nobody will be billed for it.",
    watch=lambda: PerStation(
        _Charging,
        _charging,
        ("1.6",),
        calls=("StatusNotification", "StartTransaction", "StopTransaction"),
        answers=("StartTransaction", "BootNotification"),
        closed=_gone,
        opened=_gone,
        late=_overdue,
    ),
)
