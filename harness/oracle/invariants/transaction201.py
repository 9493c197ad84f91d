"""Transactions of OCPP 2.x: one beginning, one end, numbers that count, and an id of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.same_moment import same_moment
from harness.trace.trace import Record
from harness.verdict import Strictness

_V2 = ("2.0.1", "2.1")
_MOST_KEPT = 300
_LATE_S = 60.0
"""Events may come in any order; a number that is missing so long after the end will not come any more."""


@dataclass(slots=True)
class _Seen:
    """Events of one transaction: content by seqNo with the record, the end's number and time; `excused`: a connection ended meanwhile."""

    events: dict[int, tuple[tuple[str, object], int]] = field(default_factory=dict)
    started: int | None = None
    ended: int | None = None
    ended_at: float = 0.0
    excused: bool = False


def _content(payload: dict[str, Any]) -> tuple[str, object]:
    return repr((payload.get("eventType"), payload.get("triggerReason"))), payload.get("timestamp")


def _same(one: tuple[str, object], other: tuple[str, object]) -> bool:
    return one[0] == other[0] and same_moment(one[1], other[1])


@dataclass(slots=True)
class _Book:
    seen: dict[str, _Seen] = field(default_factory=dict)


def _counted(book: _Book, exchange: Exchange) -> Iterator[Violation]:
    yield from _gaps(book, exchange.record)
    if not (exchange.from_station and exchange.is_call("TransactionEvent")):
        return
    payload, seq = exchange.payload, exchange.record.seq
    info, number = payload.get("transactionInfo"), payload.get("seqNo")
    if not isinstance(info, dict) or not isinstance(number, int) or isinstance(number, bool):
        return
    transaction = str(info.get("transactionId"))
    seen = book.seen.setdefault(transaction, _Seen())
    if len(book.seen) > _MOST_KEPT:
        del book.seen[next(iter(book.seen))]
    content = _content(payload)
    before = seen.events.get(number)
    if before is not None:
        if not _same(before[0], content):
            text = f"two events of transaction {transaction} have the seqNo {number}"
            yield Violation((seq, before[1]), text, "seqNo")
        return
    seen.events[number] = (content, seq)
    yield from _bounds(seen, transaction, str(payload.get("eventType")), number, exchange.record)


def _bounds(seen: _Seen, transaction: str, kind: str, number: int, record: Record) -> Iterator[Violation]:
    if kind == "Started":
        if seen.started is not None:
            yield Violation((record.seq,), f"transaction {transaction} starts twice", "started")
        seen.started = number
    elif kind == "Ended":
        if seen.ended is not None:
            yield Violation((record.seq,), f"transaction {transaction} ends twice", "ended")
        seen.ended, seen.ended_at = number, record.t
    if seen.ended is not None and number > seen.ended:
        yield Violation(
            (record.seq,), f"an event of transaction {transaction} counts on after its end", "after the end"
        )
    if seen.started is not None and number < seen.started:
        yield Violation((record.seq,), f"an event of transaction {transaction} has a number before its start", "before")


def _gaps(book: _Book, record: Record) -> Iterator[Violation]:
    for transaction, seen in list(book.seen.items()):
        if seen.ended is None or seen.started is None or record.t - seen.ended_at < _LATE_S:
            continue
        missing = list(islice((number for number in range(seen.started, seen.ended) if number not in seen.events), 5))
        if missing and not seen.excused:
            last = seen.events[seen.ended][1]
            text = f"events {', '.join(map(str, missing))} of transaction {transaction} never came"
            yield Violation((last,), text, "gap")
        del book.seen[transaction]


def _lost(book: _Book, _: Record) -> Iterator[Violation]:
    """While it is offline a station may drop events in the middle (E12.FR.04)."""
    for seen in book.seen.values():
        seen.excused = True
    return iter(())


COUNTED = Rule(
    id="transaction-events-counted",
    requirement="OCPP 2.0.1 part 2, E: Sequence Number Generation; E01.FR.07",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS knows by these numbers that it has a whole transaction: with gaps or doubles it waits, or bills what it has.",
    watch=lambda: PerStation(_Book, _counted, _V2, calls=None, answers=None, closed=_lost),
)
