"""Transactions of OCPP 1.6: one start, one stop, and the id that the CSMS gave in every message of theirs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import samples_of
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.same_moment import same_moment
from harness.verdict import Strictness

_V16 = ("1.6",)
_BOUNDS = ("StartTransaction", "StopTransaction")
_STARTED = ("StartTransaction",)
_MOST_KEPT = 500
_CLOCK_STEP_S = 2.0
"""Timestamps of one moment may differ by the rounding of a station's clock."""


@dataclass(slots=True)
class _Start:
    """A StartTransaction: what it said, and the ids that it was answered with (several after retries)."""

    connector: int
    said: tuple[Any, ...]
    seq: int
    ids: set[int] = field(default_factory=set)
    answered: bool = False
    stopped: tuple[Any, ...] | None = None
    stopped_at: float | None = None


@dataclass(slots=True)
class _Book:
    """Starts by connector, the latest last; `connectors` that were ever named."""

    starts: list[_Start] = field(default_factory=list)
    connectors: set[int] = field(default_factory=set)

    def latest(self, connector: object) -> _Start | None:
        """The last start on this connector."""
        for start in reversed(self.starts):
            if start.connector == connector:
                return start
        return None

    def of(self, transaction: object) -> _Start | None:
        """The start that was answered with this id, the latest if several were."""
        for start in reversed(self.starts):
            if transaction in start.ids:
                return start
        return None

    def known_by(self, transaction: object, connector: object) -> bool:
        """Whether the id was given to a transaction on this connector."""
        return any(start.connector == connector and transaction in start.ids for start in reversed(self.starts))

    def complete(self) -> bool:
        """Whether every connector that was named had a start here, so that no transaction is from before the record."""
        return self.connectors <= {start.connector for start in self.starts}


_START = ("connectorId", "idTag", "meterStart")
"""What stays as it was in a message that is sent again, beside its time."""


def _said(payload: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return *(repr(payload.get(name)) for name in names), payload.get("timestamp")


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return one[:-1] == other[:-1] and same_moment(one[-1], other[-1])


def _note(book: _Book, exchange: Exchange) -> None:
    """Keep the book: after the rule has looked at the message."""
    payload = exchange.payload
    connector = payload.get("connectorId")
    if exchange.from_station and isinstance(connector, int) and connector > 0:
        book.connectors.add(connector)
    if exchange.frame.action not in _BOUNDS:
        return
    if exchange.is_call("StartTransaction"):
        if isinstance(connector, int) and _retried(book, exchange) is None:
            book.starts.append(_Start(connector, _said(payload, _START), exchange.record.seq))
            del book.starts[:-_MOST_KEPT]
    elif exchange.is_result("StartTransaction"):
        start = next((one for one in reversed(book.starts) if _same(one.said, _said(exchange.asked, _START))), None)
        if start is not None and isinstance(payload.get("transactionId"), int):
            start.ids.add(payload["transactionId"])
            start.answered = True
    elif exchange.is_call("StopTransaction"):
        start = book.of(exchange.transaction)
        if start is not None and start.stopped is None:
            start.stopped = _said(payload, _STOP)
            start.stopped_at = seconds_of(payload.get("timestamp"))


_STOP = ("transactionId", "meterStop")


def _retried(book: _Book, exchange: Exchange) -> _Start | None:
    said = _said(exchange.payload, _START)
    return next((start for start in book.starts if _same(start.said, said)), None)


def _ids(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    found: Iterable[Violation] = ()
    if exchange.is_call("MeterValues"):
        found = _wrong_in_samples(book, exchange)
    elif exchange.is_call("StopTransaction"):
        found = _wrong_in_stop(book, exchange)
    _note(book, exchange)
    return found


def _wrong_in_samples(book: _Book, exchange: Exchange) -> tuple[Violation, ...]:
    if "transactionId" not in exchange.payload:
        return ()
    connector, transaction = exchange.payload.get("connectorId"), exchange.transaction
    latest = book.latest(connector)
    if latest is None or not latest.answered or transaction in latest.ids or book.known_by(transaction, connector):
        return ()
    given = ", ".join(map(str, sorted(latest.ids)))
    text = f"MeterValues of connector {connector} with transactionId {transaction}; the CSMS gave {given}"
    return (Violation((exchange.record.seq, latest.seq), text, f"MeterValues:{connector}"),)


def _wrong_in_stop(book: _Book, exchange: Exchange) -> tuple[Violation, ...]:
    transaction = exchange.transaction
    if book.of(transaction) is not None or not _must_be_known(book, transaction):
        return ()
    text = f"StopTransaction with transactionId {transaction}, which the CSMS gave to no transaction"
    return (Violation((exchange.record.seq,), text, "StopTransaction"),)


def _must_be_known(book: _Book, transaction: object) -> bool:
    """Whether an id that was never given is wrong: not where a start is still without an answer, or may lie before the record."""
    running = [start for start in book.starts if start.stopped is None]
    if not running or not all(start.answered for start in running):
        return False
    return book.complete() or (isinstance(transaction, int) and transaction <= 0)


def _after_stop(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_call("MeterValues"):
        return _sampled_after_stop(book, exchange)
    _note(book, exchange)
    return ()


def _sampled_after_stop(book: _Book, exchange: Exchange) -> tuple[Violation, ...]:
    start = book.of(exchange.transaction)
    if start is None or start.stopped_at is None:
        return ()
    taken = [one.t for one in samples_of(exchange) if one.field == "meterValue" and one.t is not None]
    late_s = next((t - start.stopped_at for t in taken if t > start.stopped_at + _CLOCK_STEP_S), None)
    if late_s is None:
        return ()
    text = f"a sample taken {late_s:.0f} s after the transaction stopped carries its id {exchange.payload['transactionId']}"
    return (Violation((exchange.record.seq, start.seq), text, str(start.connector)),)


def _one_by_one(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    found = list(_overlap(book, exchange))
    _note(book, exchange)
    return found


def _overlap(book: _Book, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("StartTransaction") and _retried(book, exchange) is None:
        latest = book.latest(exchange.payload.get("connectorId"))
        if latest is not None and latest.answered and latest.stopped is None:
            connector = latest.connector
            text = f"a transaction starts on connector {connector} before that with id {max(latest.ids)} has stopped"
            yield Violation((exchange.record.seq, latest.seq), text, f"start:{connector}")
    elif exchange.is_call("StopTransaction"):
        start = book.of(exchange.transaction)
        if start is not None and start.stopped is not None and not _same(start.stopped, _said(exchange.payload, _STOP)):
            text = (
                f"transaction {exchange.payload.get('transactionId')} stops a second time, with another reading or time"
            )
            yield Violation((exchange.record.seq, start.seq), text, "stop")


AS_GIVEN = Rule(
    id="transaction-id-as-given",
    requirement="OCPP 1.6 edition 2, 6.31, 6.46, 6.49; errata 3.16, 3.18 (-1 only where no id was ever received)",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS books readings and the end of a session by this id: with a wrong one they are lost, or billed to somebody else.",
    watch=lambda: PerStation(
        _Book, _ids, _V16, calls=(*_BOUNDS, "MeterValues", "StatusNotification"), answers=_STARTED
    ),
)

NOT_AFTER_STOP = Rule(
    id="transaction-id-not-after-stop",
    requirement="OCPP 1.6 edition 2, 4.7 with errata 3.16: the id is that of the transaction that is going on when the sample is taken",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Readings of an idle outlet are added to a session that has ended and may have been billed.",
    watch=lambda: PerStation(_Book, _after_stop, _V16, calls=(*_BOUNDS, "MeterValues"), answers=_STARTED),
)

ONE_BY_ONE = Rule(
    id="transactions-one-by-one",
    requirement="OCPP 1.6 edition 2, 3.7, 4.8, 4.10: a transaction that stopped is told of, once, before the next one on the connector",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS keeps a session open that has ended, or bills the same energy twice.",
    watch=lambda: PerStation(_Book, _one_by_one, _V16, calls=_BOUNDS, answers=_STARTED),
)
