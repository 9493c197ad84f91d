"""Why a transaction ended, against what the CSMS asked for: a command that nobody gave cannot have ended it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange, plain
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_MOST_KEPT = 300
_ACTIONS16 = (
    "StartTransaction",
    "StopTransaction",
    "RemoteStopTransaction",
    "Reset",
    "UnlockConnector",
    "UpdateFirmware",
    "SignedUpdateFirmware",
)
_ACTIONS2 = ("TransactionEvent", "RequestStopTransaction", "Reset", "UnlockConnector", "UpdateFirmware")
_CLOCKS_APART_S = 120.0
"""How far the clocks of station and CSMS may be apart without a command being taken for one of an earlier time."""

_STOPS = ("RemoteStopTransaction", "RequestStopTransaction")
_UPDATES = ("UpdateFirmware", "SignedUpdateFirmware")

_NEEDS16 = {
    "Remote": "RemoteStopTransaction",
    "HardReset": "Reset Hard",
    "SoftReset": "Reset Soft",
    "UnlockCommand": "UnlockConnector",
}
"""The command that a reason of 7.36 speaks of."""

_NEEDS2 = {"RemoteStop": "RequestStopTransaction", "ResetCommand": "Reset", "UnlockCommand": "UnlockConnector"}
"""The command that a trigger of an end speaks of (TriggerReasonEnumType)."""

_BEGINNINGS = frozenset({"Authorized", "CablePluggedIn", "RemoteStart"})
"""Triggers that begin something, and can end nothing."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A transaction that runs: where it was told, when it says that it began, and what the CSMS said of its tag."""

    seq: int
    at: float
    status: str = ""


@dataclass(slots=True)
class _Book:
    """Transactions by id; when each command came last, and the transactions that were to be stopped remotely."""

    running: dict[object, _Begun] = field(default_factory=dict)
    commands: dict[str, float] = field(default_factory=dict)
    stops: dict[object, None] = field(default_factory=dict)

    def begin(self, transaction: object, begun: _Begun) -> None:
        """A transaction was seen to begin."""
        self.running[transaction] = begun
        if len(self.running) > _MOST_KEPT:
            del self.running[next(iter(self.running))]

    def commanded(self, exchange: Exchange) -> None:
        """The CSMS gave a command."""
        action, payload = exchange.frame.action or "", exchange.payload
        if action in _STOPS:
            self.stops[exchange.transaction] = None
            if len(self.stops) > _MOST_KEPT:
                del self.stops[next(iter(self.stops))]
            return
        at = seconds_of(exchange.record.utc) or 0.0
        self.commands["update" if action in _UPDATES else action] = at
        self.commands[f"{action} {payload.get('type')}"] = at

    def given(self, command: str, transaction: object, begun: _Begun) -> bool:
        """Whether the CSMS gave this command to a transaction, or to the station while the transaction may have run."""
        if command in _STOPS:
            return transaction in self.stops
        return self.commands.get(command, -inf) >= begun.at - _CLOCKS_APART_S


def _said_at(payload: dict[str, Any]) -> float:
    at = seconds_of(payload.get("timestamp"))
    return -inf if at is None else at


def _reasons16(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    transaction = exchange.transaction
    if exchange.is_result("StartTransaction"):
        info = exchange.payload.get("idTagInfo")
        status = str(info.get("status")) if isinstance(info, dict) else ""
        book.begin(transaction, _Begun(exchange.record.seq, _said_at(exchange.asked), status))
    elif exchange.is_call("StopTransaction"):
        begun = book.running.pop(transaction, None)
        return () if begun is None else tuple(_unasked16(book, exchange, begun))
    elif not exchange.from_station and exchange.frame.frame == "call":
        book.commanded(exchange)
    return ()


def _unasked16(book: _Book, exchange: Exchange, begun: _Begun) -> Iterator[Violation]:
    reason, evidence = str(exchange.payload.get("reason")), (exchange.record.seq, begun.seq)
    transaction, needed = exchange.transaction, _NEEDS16.get(reason)
    updates = reason.endswith("Reset") and book.given("update", transaction, begun)
    if needed is not None and not updates and not book.given(needed, transaction, begun):
        text = f"transaction {transaction} stops with reason {reason}, and the CSMS sent no {needed}"
        yield Violation(evidence, text, reason)
    if reason == "DeAuthorized" and begun.status == "Accepted":
        text = f"transaction {transaction} stops as DeAuthorized, and its StartTransaction.conf was Accepted"
        yield Violation(evidence, text, reason)


def _reasons2(book: _Book, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_call("TransactionEvent"):
        transaction = plain(_transaction(exchange.payload).get("transactionId"))
        if exchange.payload.get("eventType") == "Started":
            book.begin(transaction, _Begun(exchange.record.seq, _said_at(exchange.payload)))
        elif exchange.payload.get("eventType") == "Ended":
            return tuple(_unasked2(book, exchange, transaction))
    elif not exchange.from_station and exchange.frame.frame == "call":
        book.commanded(exchange)
    return ()


def _unasked2(book: _Book, exchange: Exchange, transaction: object) -> Iterator[Violation]:
    begun, trigger = book.running.pop(transaction, None), str(exchange.payload.get("triggerReason"))
    if trigger in _BEGINNINGS:
        text = f"transaction {transaction} ends with the trigger {trigger}, by which nothing ends"
        yield Violation((exchange.record.seq,), text, trigger)
    needed = _NEEDS2.get(trigger)
    # an update restarts the station as well, and there is no trigger of its own for that
    updates = begun is not None and needed == "Reset" and book.given("update", transaction, begun)
    if begun is not None and needed is not None and not updates and not book.given(needed, transaction, begun):
        text = f"transaction {transaction} ends with the trigger {trigger}, and the CSMS sent no {needed}"
        yield Violation((exchange.record.seq, begun.seq), text, trigger)


@dataclass(slots=True)
class _Tokens:
    """Transactions of 2.0.1 that told a token (or a remoteStartId), and the remoteStartIds that were asked for and not told yet."""

    told: dict[str, int] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)


def _transaction(payload: dict[str, Any]) -> dict[str, Any]:
    info = payload.get("transactionInfo")
    return info if isinstance(info, dict) else {}


def _token_at_end(state: _Tokens, exchange: Exchange) -> Iterator[Violation]:
    if not exchange.is_call("TransactionEvent"):
        return
    transaction, payload = str(_transaction(exchange.payload).get("transactionId")), exchange.payload
    before = state.told.get(transaction)
    ended = payload.get("eventType") == "Ended"
    if "idToken" in payload and before is None and not ended:
        state.told[transaction] = exchange.record.seq
        if len(state.told) > _MOST_KEPT:
            del state.told[next(iter(state.told))]
    if ended:
        state.told.pop(transaction, None)
        trigger = payload.get("triggerReason")
        if "idToken" in payload and before is not None and trigger != "StopAuthorized":
            text = f"the end of transaction {transaction}, with the trigger {trigger}, names a token that was told at its beginning"
            yield Violation((exchange.record.seq, before), text, "idToken")


def _remote_start_id(state: _Tokens, exchange: Exchange) -> Iterable[Violation]:
    if exchange.frame.action == "TransactionEvent":
        return tuple(_without_its_id(state, exchange)) if exchange.frame.frame == "call" else ()
    number = (exchange.payload if exchange.frame.frame == "call" else exchange.asked).get("remoteStartId")
    if not isinstance(number, int):
        return ()
    if exchange.frame.frame == "call":
        state.asked[number] = exchange.record.seq
        if len(state.asked) > _MOST_KEPT:
            del state.asked[next(iter(state.asked))]
    elif exchange.payload.get("status") != "Accepted":
        state.asked.pop(number, None)
    return ()


def _without_its_id(state: _Tokens, exchange: Exchange) -> Iterator[Violation]:
    info = _transaction(exchange.payload)
    number, transaction = info.get("remoteStartId"), str(info.get("transactionId"))
    if isinstance(number, int):
        state.asked.pop(number, None)
        state.told[transaction] = exchange.record.seq
        if len(state.told) > _MOST_KEPT:
            del state.told[next(iter(state.told))]
    elif exchange.payload.get("triggerReason") == "RemoteStart" and state.asked and transaction not in state.told:
        asked_for, asked = next(iter(state.asked.items()))
        state.asked.clear()
        text = f"an event with the trigger RemoteStart tells no remoteStartId; {asked_for} was asked for, and none has told it"
        yield Violation((exchange.record.seq, asked), text, "remoteStartId")


REASON_16 = Rule(
    id="stop-reason-was-asked-for",
    requirement="OCPP 1.6 edition 2, 4.10: a correct reason SHOULD be set; 7.36: what each reason stands for",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A driver or an operator is told that somebody ended the session who did not; faults of the station hide behind it.",
    watch=lambda: PerStation(_Book, _reasons16, ("1.6",), calls=_ACTIONS16, answers=("StartTransaction",)),
)

REASON_2 = Rule(
    id="end-has-its-trigger",
    requirement="OCPP 2.0.1 E01.FR.15, E06.FR.15; part 2, 3.82 TriggerReasonEnumType: what triggered the event",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS takes the end for what it is not: it releases an EVSE that is in use, or looks for a command it never gave.",
    watch=lambda: PerStation(_Book, _reasons2, ("2.0.1", "2.1"), calls=_ACTIONS2, answers=()),
)

TOKEN_AT_END = Rule(
    id="end-names-who-ended",
    requirement="OCPP 2.0.1 E07.FR.02 and part 2, E 1.5: a token once when it begins, and once when it ends the authorization",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS reads from it that the driver stopped at the station, who was somewhere else.",
    watch=lambda: PerStation(_Tokens, _token_at_end, ("2.0.1", "2.1"), calls=("TransactionEvent",), answers=()),
)

REMOTE_START_ID = Rule(
    id="remote-start-id-told",
    requirement="OCPP 2.0.1 F01.FR.25, F02.FR.01: the event after a RequestStartTransaction brings its remoteStartId",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that cannot tell which session is the one that an app asked for bills it to nobody, or lets the app wait.",
    watch=lambda: PerStation(
        _Tokens,
        _remote_start_id,
        ("2.0.1", "2.1"),
        calls=("TransactionEvent", "RequestStartTransaction"),
        answers=("RequestStartTransaction",),
    ),
)
