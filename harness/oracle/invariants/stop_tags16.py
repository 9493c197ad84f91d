"""Who ends a transaction of OCPP 1.6: the tag that began it, or one of its group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_TELL_TAGS = ("Authorize", "StartTransaction", "StopTransaction")
_REFUSED = frozenset({"Blocked", "Expired", "Invalid"})
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class _Info:
    """What the CSMS said last of a tag, and where."""

    status: str
    parent: str | None
    seq: int


@dataclass(slots=True)
class _Book:
    """Tags without case; `listed` are those of a local list, whose groups are not known here."""

    tags: dict[str, _Info] = field(default_factory=dict)
    starts: dict[int, tuple[str, int]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def learn(self, tag: object, info: object, seq: int) -> None:
        """Take over an IdTagInfo. One that names no group (it is optional) takes the tag out of none that was named before."""
        if not isinstance(tag, str) or not isinstance(info, dict):
            return
        parent = info.get("parentIdTag")
        before = self.tags.pop(tag.casefold(), None)
        kept = parent.casefold() if isinstance(parent, str) else before.parent if before is not None else None
        self.tags[tag.casefold()] = _Info(str(info.get("status")), kept, seq)
        if len(self.tags) > _MOST_KEPT:
            del self.tags[next(iter(self.tags))]


def _listed(book: _Book, payload: dict[str, Any]) -> None:
    entries = payload.get("localAuthorizationList")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("idTag"), str):
            book.listed.add(entry["idTag"].casefold())
    if len(book.listed) > _MOST_KEPT:
        book.listed.clear()


def _stops(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_call("StopTransaction"):
        return tuple(_wrong_tag(book, exchange))
    if exchange.is_call("SendLocalList"):
        _listed(book, exchange.payload)
    elif exchange.is_result("Authorize", "StartTransaction", "StopTransaction"):
        book.learn(exchange.asked.get("idTag"), exchange.payload.get("idTagInfo"), exchange.record.seq)
        transaction, tag = exchange.payload.get("transactionId"), exchange.asked.get("idTag")
        if exchange.is_result("StartTransaction") and isinstance(transaction, int) and isinstance(tag, str):
            book.starts[transaction] = tag.casefold(), exchange.record.seq
            if len(book.starts) > _MOST_KEPT:
                del book.starts[next(iter(book.starts))]
    return ()


def _wrong_tag(book: _Book, exchange: Exchange) -> Iterator[Violation]:
    tag, start = exchange.payload.get("idTag"), book.starts.get(exchange.transaction)
    if not isinstance(tag, str) or start is None:
        return
    other, (began, seq) = tag.casefold(), start
    info, first = book.tags.get(other), book.tags.get(began)
    if other == began or info is None or {other, began} & book.listed:
        return
    if info.status in _REFUSED:
        why = f"which the CSMS answered with {info.status}"
    elif first is not None and (info.parent is None or info.parent != first.parent):
        why = "which is of no common group with the one that began"
    else:
        return
    text = f"transaction {exchange.payload['transactionId']} is stopped by the tag {tag}, {why}"
    yield Violation((exchange.record.seq, seq, info.seq), text, other)


RULE = Rule(
    id="stop-tag-of-the-group",
    requirement="OCPP 1.6 edition 2, 3.10, 4.10, 6.49: a transaction is stopped by the tag that began it or by one of its group, and names it",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A session is put on the account of whoever it names, or a stranger ended somebody else's.",
    watch=lambda: PerStation(_Book, _stops, ("1.6",), calls=("StopTransaction", "SendLocalList"), answers=_TELL_TAGS),
)
