"""The import register of a transaction never goes back, and its times never either."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, plain, whole
from harness.oracle.invariants.meters import OF_METERS, samples_of
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.readings import Reading
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_STEP_WH = 1.0
"""meterStart and meterStop are whole watt-hours: they may lie so much above or below a finer register."""

_MOST_POINTS = 400
_MOST_OPEN = 200

Point = tuple[float, float, int]
"""Seconds since 1970, Wh, record."""


@dataclass(slots=True)
class _Readings:
    """Of one transaction, by time; the oldest are let go. `step_wh`: by how much the coarsest may be rounded, or a whole Wh."""

    points: list[Point] = field(default_factory=list)
    step_wh: float = _STEP_WH

    def add(self, point: Point) -> Point | None:
        """Put it in; gives the reading beside it that it contradicts, if one does."""
        points = self.points
        if not points or point >= points[-1]:
            earlier, later = points[-1] if points else None, None
            points.append(point)
        else:
            place = bisect_right(points, point)
            earlier = points[place - 1] if place else None
            later = points[place] if place < len(points) else None  # what is no number goes to the end
            points.insert(place, point)
        if len(points) > _MOST_POINTS:
            del points[0]
        if earlier is not None and earlier[1] > point[1] + self.step_wh:
            return earlier
        same_time = later is not None and later[0] == point[0]
        return later if later is not None and not same_time and later[1] < point[1] - self.step_wh else None


@dataclass(slots=True)
class _Open:
    """Readings by transaction; None stands for the readings of one during which the CSMS's clock leapt."""

    by_id: dict[str, _Readings | None] = field(default_factory=dict)

    def of(self, transaction: object) -> _Readings | None:
        """Those of this transaction; None where their times cannot be compared."""
        name = str(transaction)
        try:
            return self.by_id[name]
        except KeyError:
            readings = self.by_id[name] = _Readings()
        if len(self.by_id) > _MOST_OPEN:
            del self.by_id[next(iter(self.by_id))]
        return readings


def _sampled(exchange: Exchange, transaction: object, field: str) -> list[tuple[object, Point]]:
    """Readings of the whole import register at the outlet."""
    found: list[tuple[object, Point]] = []
    for samples in samples_of(exchange):
        if samples.t is None or samples.field != field:
            continue
        for place, scale, to_wh in samples.shape.registers:
            number = samples.numbers[place]
            if number is not None:
                found.append((transaction, (samples.t, number * scale * to_wh, exchange.record.seq)))
    return found


def readings_of(exchange: Exchange) -> list[tuple[object, Point]]:
    """Transaction and reading, in every message that tells both; gathered once for all rules."""
    if exchange.registers is None:
        exchange.registers = _readings_of(exchange)
    return exchange.registers


def _readings_of(exchange: Exchange) -> list[tuple[object, Point]]:
    if exchange.is_call("MeterValues"):
        return _sampled(exchange, exchange.transaction, "meterValue")
    if exchange.is_call("TransactionEvent"):
        info = exchange.payload.get("transactionInfo")
        transaction = plain(info.get("transactionId")) if isinstance(info, dict) else None
        return _sampled(exchange, transaction, "meterValue")
    if exchange.is_call("StopTransaction"):
        at_end = _at(exchange.payload, "meterStop", exchange.record.seq)
        sampled = _sampled(exchange, exchange.transaction, "transactionData")
        return [*sampled, *((exchange.transaction, point) for point in at_end)]
    if exchange.is_result("StartTransaction") and exchange.call is not None:
        return [(exchange.transaction, point) for point in _at(exchange.asked, "meterStart", exchange.call.seq)]
    return []


def _at(payload: dict[str, Any], field: str, seq: int) -> tuple[Point, ...]:
    """The register at a bound of the transaction, where it is told with its time."""
    t, wh = seconds_of(payload.get("timestamp")), whole(payload.get(field))
    return () if t is None or wh is None else ((t, wh, seq),)


UNKNOWN = frozenset({None, -1, 0})


def _coarsest(exchange: Exchange) -> float:
    """By how many Wh less than its last digit the coarsest reading of a message may be off: one in kWh may be rounded, beside bounds in Wh."""
    step_wh = _STEP_WH
    for samples in samples_of(exchange):
        for place in samples.shape.coarse:
            reading = Reading(samples.kinds[place], 0.0, samples.listed[place].get("value"))
            step_wh = max(step_wh, reading.step - 0.5)
    return step_wh


def _decreasing(state: _Open, exchange: Exchange) -> Sequence[Violation]:
    found: list[Violation] = []
    step_wh = _STEP_WH if exchange.frame.frame != "call" else _coarsest(exchange)
    for transaction, point in readings_of(exchange):
        readings = None if transaction in UNKNOWN else state.of(transaction)
        if readings is not None and step_wh > readings.step_wh:
            readings.step_wh = step_wh
        against = None if readings is None else readings.add(point)
        if against is not None:
            first, second = sorted((point, against))
            text = (
                f"the import register of transaction {transaction} goes from {first[1]:.10g} Wh back to {second[1]:.10g} Wh "
                f"within {second[0] - first[0]:.1f} s"
            )
            found.append(Violation((point[2], against[2]), text, str(transaction)))
    return found


def _incomparable(state: _Open, _: Exchange) -> None:
    state.by_id = dict.fromkeys(state.by_id)


@dataclass(slots=True)
class _Started:
    """When the transactions of a station began, and the record that told it, for as long as the CSMS's clock went on evenly."""

    at: dict[object, tuple[float, int]] = field(default_factory=dict)


def _stops_after_start(state: _Started, exchange: Exchange) -> Iterable[Violation]:
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


def _forgotten(state: _Started, _: Exchange) -> None:
    state.at.clear()


MONOTONIC = Rule(
    id="register-never-decreases",
    requirement="OCPP 1.6 edition 2, 7.31 with errata 3.78; OCPP 2.0.1 J02.FR.16: energy is the difference of two register readings",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Billed is the difference of readings: one that goes back takes energy off the bill, or turns it negative.",
    watch=lambda: PerStation(_Open, _decreasing, calls=OF_METERS, answers=("StartTransaction",), leapt=_incomparable),
)

STOP_TIME = Rule(
    id="transaction-stops-after-start",
    requirement="OCPP 1.6 edition 2, 6.45 and 6.49: date and time at which the transaction is started and stopped",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A session of negative length is refused by billing, or billed for a whole day.",
    watch=lambda: PerStation(
        _Started,
        _stops_after_start,
        ("1.6",),
        calls=("StopTransaction",),
        answers=("StartTransaction",),
        leapt=_forgotten,
    ),
)
