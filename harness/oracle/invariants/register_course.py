"""How the import register goes: no faster than any charger delivers, on from one transaction to the next, and told for all phases together."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, plain, whole
from harness.oracle.invariants.meters import OF_METERS
from harness.oracle.invariants.readings import Told, told
from harness.oracle.invariants.registers import UNKNOWN, Point, readings_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.invariants.sample_kind import CURRENT, PERIODIC, REGISTER
from harness.verdict import Strictness

_MOST_OPEN = 200
_MOST_POINTS = 400

_MOST_WH_A_SECOND = 4e6 / 3600
"""4 MW: more than any outlet there is."""

_SLACK_WH = 2000.0
"""Two steps of a register in whole kWh."""


@dataclass(slots=True)
class _Risen:
    """Readings of each transaction by time; the oldest are let go."""

    points: dict[str, list[Point]] = field(default_factory=dict)

    def neighbours(self, transaction: object, point: Point) -> list[tuple[Point, Point]]:
        """Put the reading in; gives it with the one before and the one after it, in their order in time."""
        name = str(transaction)
        points = self.points.get(name)
        if points is None:
            points = self.points[name] = []
            if len(self.points) > _MOST_OPEN:
                del self.points[next(iter(self.points))]
        if not points or point >= points[-1]:
            beside = [(points[-1], point)] if points else []
            points.append(point)
        else:
            place = bisect_right(points, point)
            beside = [(points[place - 1], point)] if place else []
            if place < len(points):  # what is no number goes to the end
                beside.append((point, points[place]))
            points.insert(place, point)
        if len(points) > _MOST_POINTS:
            del points[0]
        return beside


def _too_fast(state: _Risen, exchange: Exchange) -> Sequence[Violation]:
    found: list[Violation] = []
    if exchange.frame.frame != "call" and exchange.is_result("StartTransaction"):  # a CSMS may give an id again
        state.points.pop(str(exchange.payload.get("transactionId")), None)
    for transaction, point in readings_of(exchange):
        for first, second in () if transaction in UNKNOWN else state.neighbours(transaction, point):
            seconds, risen_wh = second[0] - first[0], second[1] - first[1]
            if risen_wh > _SLACK_WH + _MOST_WH_A_SECOND * seconds:
                text = (
                    f"the import register of transaction {transaction} rises from {first[1]:.10g} Wh to {second[1]:.10g} Wh "
                    f"within {seconds:.1f} s"
                )
                found.append(Violation((second[2], first[2]), text, str(transaction)))
    return found


@dataclass(slots=True)
class _Ends:
    """By connector or EVSE: the register at which its last transaction ended, with the record; `places` of transactions of OCPP 2.x."""

    last: dict[object, tuple[float, int]] = field(default_factory=dict)
    places: dict[object, object] = field(default_factory=dict)


_ROUNDING_WH = 1.0


def _goes_on(state: _Ends, exchange: Exchange) -> Iterator[Violation]:
    begun = _begun(exchange)
    if begun is not None:
        place, transaction, wh = begun
        state.places[transaction] = place
        if len(state.places) > _MOST_OPEN:
            del state.places[next(iter(state.places))]
        ended = state.last.pop(place, None) if wh is not None else None
        if ended is not None and wh is not None and wh < ended[0] - _ROUNDING_WH:
            text = (
                f"the last transaction at {place} ended at {ended[0]:.10g} Wh, and the next one begins at {wh:.10g} Wh"
            )
            yield Violation((exchange.record.seq, ended[1]), text, str(place))
    for transaction, wh in _ended(exchange):
        if transaction in state.places:
            state.last[state.places[transaction]] = (wh, exchange.record.seq)


def _begun(exchange: Exchange) -> tuple[object, object, float | None] | None:
    """Place, transaction and register of a transaction that begins with this message."""
    if exchange.is_result("StartTransaction"):
        return plain(exchange.asked.get("connectorId")), exchange.transaction, whole(exchange.asked.get("meterStart"))
    if not (exchange.is_call("TransactionEvent") and exchange.payload.get("eventType") == "Started"):
        return None
    evse = exchange.payload.get("evse")
    if not isinstance(evse, dict):
        return None
    return plain(evse.get("id")), *_register_at(exchange, "Transaction.Begin")


def _ended(exchange: Exchange) -> Iterator[tuple[object, float]]:
    if exchange.is_call("StopTransaction"):
        stop_wh = whole(exchange.payload.get("meterStop"))
        if stop_wh is not None:
            yield exchange.transaction, stop_wh
    elif exchange.is_call("TransactionEvent") and exchange.payload.get("eventType") == "Ended":
        transaction, wh = _register_at(exchange, "Transaction.End")
        if wh is not None:
            yield transaction, wh


def _register_at(exchange: Exchange, context: str) -> tuple[object, float | None]:
    """Transaction and register of the samples of this context; None where it has none."""
    transaction = None
    for one in told(exchange):
        transaction = one.transaction
        reading = one.value(REGISTER)
        if reading is not None and reading.kind.context == context:
            return transaction, reading.value
    info = exchange.payload.get("transactionInfo")
    return (plain(info.get("transactionId")) if isinstance(info, dict) else transaction), None


@dataclass(slots=True)
class _OnL1:
    """A transaction whose only sampled register is that of L1: its first and last value, and whether other lines carried current."""

    start_wh: int
    first_wh: float | None = None
    last_wh: float = 0.0
    others_carry: bool = False
    others_told: bool = False


_CARRIES_A = 2.0
_LEAST_WH = 50.0


def _all_phases(state: dict[object, _OnL1], exchange: Exchange) -> Iterable[Violation]:
    if exchange.frame.frame == "call":
        kept = state.get(exchange.transaction) if state else None
        if kept is None or kept.others_told:
            return ()
    return _of_all_phases(state, exchange)


def _of_all_phases(state: dict[object, _OnL1], exchange: Exchange) -> Iterator[Violation]:
    start_wh = exchange.asked.get("meterStart") if exchange.is_result("StartTransaction") else None
    if isinstance(start_wh, int) and whole(start_wh) is not None:
        state[exchange.transaction] = _OnL1(start_wh)
        if len(state) > _MOST_OPEN:
            del state[next(iter(state))]
        return
    for one in told(exchange):
        kept = state.get(one.transaction)
        if kept is not None and not kept.others_told:
            _look(kept, one)
            if _is_the_total(kept):
                del state[one.transaction]
                text = (
                    f"the register of transaction {one.transaction} is told for L1 alone, though L2 or L3 carries current: it rose from "
                    f"{kept.first_wh:.10g} Wh to {kept.last_wh:.10g} Wh, and meterStart of all phases is {kept.start_wh} Wh"
                )
                yield Violation((exchange.record.seq,), text, "register")


def _look(kept: _OnL1, one: Told) -> None:
    for reading in one.readings():
        kind = reading.kind
        if kind.measurand == REGISTER and kind.context == PERIODIC:
            if kind.line != "L1":
                kept.others_told = True
            else:
                kept.first_wh = reading.value if kept.first_wh is None else kept.first_wh
                kept.last_wh = reading.value
        elif kind.measurand == CURRENT and kind.line in {"L2", "L3"} and abs(reading.value) >= _CARRIES_A:
            kept.others_carry = True


def _is_the_total(kept: _OnL1) -> bool:
    """What L1 tells goes on from meterStart: it is the register of all phases under another name."""
    if kept.first_wh is None or kept.others_told or not kept.others_carry:
        return False
    risen_wh = kept.last_wh - kept.start_wh
    return risen_wh >= _LEAST_WH and kept.start_wh > 0 and kept.first_wh - kept.start_wh >= -_ROUNDING_WH


TOO_FAST = Rule(
    id="register-rises-no-faster-than-energy",
    requirement="OCPP 1.6 edition 2, 7.31 with errata 3.78; OCPP 2.0.1 part 2, MeasurandEnumType: the register of the energy imported (4 MW is our figure)",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A register that leaps bills more than the outlet can have delivered: words exchanged in a meter's answer, a placeholder, another base.",
    watch=lambda: PerStation(_Risen, _too_fast, calls=OF_METERS, answers=("StartTransaction",)),
)

GOES_ON = Rule(
    id="register-goes-on",
    requirement="OCPP 1.6 edition 2, 7.31 with errata 3.78; OCPP 2.0.1 J02.FR.17: SHOULD NOT be re-based at the start of transactions",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="Where a transaction begins below the end of the one before, energy that was lost or billed twice cannot be found by comparing the two.",
    watch=lambda: PerStation(
        _Ends, _goes_on, calls=("StopTransaction", "TransactionEvent"), answers=("StartTransaction",)
    ),
)

ALL_PHASES = Rule(
    id="register-of-all-phases",
    requirement="OCPP 1.6 edition 2, 7.34, 7.43: a value with a phase is of that phase, one without is the overall value",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that looks for the total finds none, and bills the session without its samples, or a third of it.",
    watch=lambda: PerStation(dict, _all_phases, ("1.6",), calls=("MeterValues",), answers=("StartTransaction",)),
)
