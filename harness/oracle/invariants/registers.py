"""The import register of a transaction never goes back, and its times never either."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import Exchange, PerStation, plain, whole
from harness.oracle.invariants.leaps import TIME_TOLD, CsmsClock
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_ACTIONS = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")
_REGISTER = "Energy.Active.Import.Register"
_TO_WH = {"Wh": 1.0, "kWh": 1000.0}
_STEP_WH = 1.0
"""meterStart and meterStop are whole watt-hours: they may lie so much above or below a finer register."""

_MOST_POINTS = 400
_MOST_OPEN = 200

Point = tuple[float, float, int]
"""Seconds since 1970, Wh, record."""


@dataclass(slots=True)
class _Readings:
    """Of one transaction, by time; the oldest are let go."""

    points: list[Point] = field(default_factory=list)

    def add(self, point: Point) -> Point | None:
        """Put it in; gives the reading beside it that it contradicts, if one does."""
        place = bisect_right(self.points, point)
        self.points.insert(place, point)
        earlier = self.points[place - 1] if place else None
        later = self.points[place + 1] if place + 1 < len(self.points) else None
        if len(self.points) > _MOST_POINTS:
            del self.points[0]
        if earlier is not None and earlier[1] > point[1] + _STEP_WH:
            return earlier
        same_time = later is not None and later[0] == point[0]
        return later if later is not None and not same_time and later[1] < point[1] - _STEP_WH else None


@dataclass(slots=True)
class _Open:
    """Readings by transaction, and the CSMS's clock; None stands for the readings of one during which that clock leapt."""

    by_id: dict[str, _Readings | None] = field(default_factory=dict)
    clock: CsmsClock = field(default_factory=CsmsClock)

    def of(self, transaction: object) -> _Readings | None:
        """Those of this transaction; None where their times cannot be compared."""
        kept = self.by_id.setdefault(str(transaction), _Readings())
        if len(self.by_id) > _MOST_OPEN:
            del self.by_id[next(iter(self.by_id))]
        return kept


def _wh(sampled: Any) -> float | None:
    """A reading of the whole import register at the outlet, in Wh; None for any other sample."""
    if not isinstance(sampled, dict) or sampled.get("measurand", _REGISTER) != _REGISTER or "phase" in sampled:
        return None
    if sampled.get("location", "Outlet") != "Outlet" or sampled.get("format", "Raw") != "Raw":
        return None
    unit, scale = sampled.get("unit", "Wh"), 1.0
    try:
        if isinstance(of := sampled.get("unitOfMeasure"), dict):
            unit, scale = of.get("unit", "Wh"), 10.0 ** int(of.get("multiplier", 0))
        return float(sampled["value"]) * scale * _TO_WH[str(unit)]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _sampled(values: Any, seq: int) -> Iterator[Point]:
    for value in values if isinstance(values, list) else ():
        if not isinstance(value, dict):
            continue
        t = seconds_of(value.get("timestamp"))
        listed = value.get("sampledValue")
        for sampled in listed if isinstance(listed, list) else ():
            wh = _wh(sampled)
            if t is not None and wh is not None:
                yield t, wh, seq


def readings_of(exchange: Exchange) -> list[tuple[object, Point]]:
    """Transaction and reading, in every message that tells both; gathered once for all rules."""
    if exchange.registers is None:
        exchange.registers = list(_readings_of(exchange))
    return exchange.registers


def _readings_of(exchange: Exchange) -> Iterator[tuple[object, Point]]:
    payload, seq = exchange.payload, exchange.record.seq
    if exchange.is_result("StartTransaction") and exchange.call is not None:
        t, begin_wh = seconds_of(exchange.asked.get("timestamp")), whole(exchange.asked.get("meterStart"))
        if t is not None and begin_wh is not None:
            yield exchange.transaction, (t, begin_wh, exchange.call.seq)
    elif exchange.is_call("StopTransaction"):
        transaction = exchange.transaction
        for point in _sampled(payload.get("transactionData"), seq):
            yield transaction, point
        t, end_wh = seconds_of(payload.get("timestamp")), whole(payload.get("meterStop"))
        if t is not None and end_wh is not None:
            yield transaction, (t, end_wh, seq)
    elif exchange.is_call("MeterValues") and "transactionId" in payload:
        for point in _sampled(payload.get("meterValue"), seq):
            yield exchange.transaction, point
    elif exchange.is_call("TransactionEvent"):
        info = payload.get("transactionInfo")
        for point in _sampled(payload.get("meterValue"), seq):
            yield plain(info.get("transactionId")) if isinstance(info, dict) else None, point


UNKNOWN = frozenset({None, -1, 0})


def _decreasing(state: _Open, exchange: Exchange) -> Iterator[Violation]:
    if state.clock.leaps(exchange):
        state.by_id = dict.fromkeys(state.by_id)
    for transaction, point in readings_of(exchange):
        if transaction in UNKNOWN:
            continue
        readings = state.of(transaction)
        against = None if readings is None else readings.add(point)
        if against is not None:
            first, second = sorted((point, against))
            text = (
                f"the import register of transaction {transaction} goes from {first[1]:.10g} Wh back to {second[1]:.10g} Wh "
                f"within {second[0] - first[0]:.1f} s"
            )
            yield Violation((point[2], against[2]), text, str(transaction))


@dataclass(slots=True)
class _Started:
    """When the transactions of a station began, and the record that told it, for as long as the CSMS's clock went on evenly."""

    at: dict[object, tuple[float, int]] = field(default_factory=dict)
    clock: CsmsClock = field(default_factory=CsmsClock)


def _stops_after_start(state: _Started, exchange: Exchange) -> Iterable[Violation]:
    if state.clock.leaps(exchange):
        state.at.clear()
    if exchange.is_result("StartTransaction") and exchange.call is not None:
        began = seconds_of(exchange.asked.get("timestamp"))
        if began is not None:
            state.at[exchange.transaction] = (began, exchange.call.seq)
            if len(state.at) > _MOST_OPEN:
                del state.at[next(iter(state.at))]
    elif exchange.is_call("StopTransaction"):
        start = state.at.get(exchange.transaction)
        ended = seconds_of(exchange.payload.get("timestamp"))
        if start is not None and ended is not None and ended < start[0] - 1.0:
            text = f"the transaction stops {start[0] - ended:.1f} s before it started"
            return (Violation((exchange.record.seq, start[1]), text, "stop"),)
    return ()


MONOTONIC = Rule(
    id="register-never-decreases",
    requirement="OCPP 1.6 edition 2, 7.31 with errata 3.78; OCPP 2.0.1 J02.FR.16: energy is the difference of two register readings",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Billed is the difference of readings: one that goes back takes energy off the bill, or turns it negative.",
    watch=lambda: PerStation(_Open, _decreasing, actions=(*_ACTIONS, *TIME_TOLD)),
)

STOP_TIME = Rule(
    id="transaction-stops-after-start",
    requirement="OCPP 1.6 edition 2, 6.45 and 6.49: date and time at which the transaction is started and stopped",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A session of negative length is refused by billing, or billed for a whole day.",
    watch=lambda: PerStation(_Started, _stops_after_start, ("1.6",), (*_ACTIONS, *TIME_TOLD)),
)
