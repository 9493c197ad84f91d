"""What is told of an end in OCPP 1.6 is told once: the last reading of a transaction, and the reservation that it ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import samples_of, traits_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.same_moment import alike
from harness.verdict import Strictness

_MOST_KEPT = 500
_UNKNOWN = frozenset({None, -1})
_OF_ENDS = ("MeterValues", "StopTransaction")


@dataclass(slots=True)
class _Used:
    """Reservations that ended by a transaction: what that said, and where. One that is made again begins anew."""

    by_id: dict[int, tuple[dict[str, Any], int]] = field(default_factory=dict)


def _used_once(state: _Used, exchange: Exchange) -> Iterable[Violation]:
    number = exchange.payload.get("reservationId")
    if not isinstance(number, int) or exchange.frame.frame != "call":
        return ()
    if exchange.is_call("ReserveNow"):
        state.by_id.pop(number, None)
        return ()
    before = state.by_id.setdefault(number, (exchange.payload, exchange.record.seq))
    if len(state.by_id) > _MOST_KEPT:
        del state.by_id[next(iter(state.by_id))]
    if alike(before[0], exchange.payload):
        return ()  # the first one, or a retry of it
    text = f"a second transaction ends the reservation {number}, which was not made again meanwhile"
    return (Violation((exchange.record.seq, before[1]), text, str(number)),)


@dataclass(slots=True)
class _Ends:
    """Of each transaction, where the CSMS took over a reading at its end."""

    taken: dict[object, int] = field(default_factory=dict)


def _tells_end(asked: Exchange) -> bool:
    """Whether a request has a value of the end of its transaction."""
    if "at end" not in traits_of(asked):
        return False
    field = "meterValue" if "meterValue" in asked.payload else "transactionData"
    return any("at end" in samples.traits for samples in samples_of(asked) if samples.field == field)


def _end_once(state: _Ends, exchange: Exchange) -> Iterable[Violation]:
    asked = exchange.question or exchange
    if not _tells_end(asked) or asked.transaction in _UNKNOWN:
        return ()
    transaction = asked.transaction
    if exchange.is_result("MeterValues", "StopTransaction"):
        state.taken[transaction] = exchange.record.seq
        if len(state.taken) > _MOST_KEPT:
            del state.taken[next(iter(state.taken))]
    elif exchange.is_call("MeterValues") and transaction in state.taken:
        text = f"a reading at the end of transaction {transaction} is told again, which the CSMS has taken over"
        return (Violation((exchange.record.seq, state.taken[transaction]), text, "end"),)
    return ()


RESERVATION_ONCE = Rule(
    id="reservation-ends-once",
    requirement="OCPP 1.6 edition 2, 6.45 and 5.13: reservationId is that of the reservation which this transaction ends",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS takes a reservation for used that is somebody else's, or refuses a session for one that it does not know.",
    watch=lambda: PerStation(_Used, _used_once, ("1.6",), calls=("StartTransaction", "ReserveNow"), answers=()),
)

END_ONCE = Rule(
    id="end-reading-once",
    requirement="OCPP 1.6 edition 2, 7.35 with errata 4.25: Transaction.End is the value at the end of a transaction, which has one",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS that has closed and billed a session gets more readings of it, and opens it again or logs an error.",
    watch=lambda: PerStation(_Ends, _end_once, ("1.6",), calls=_OF_ENDS, answers=_OF_ENDS, trait="at end"),
)
