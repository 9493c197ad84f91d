"""Statuses of uploads and updates, told when they change and not over and over; and complaints about a local list that has nothing in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_OF_FILES = (
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "SignedFirmwareStatusNotification",
    "LogStatusNotification",
)
_MANY = 6
_CLOSE_S = 10.0
"""Told so often in a row, each so soon after the one before, a status says nothing any more."""


@dataclass(slots=True)
class _Last:
    status: object = None
    request: object = None
    t: float = 0.0
    seq: int = 0
    times: int = 0


def _flooded(state: dict[str, _Last], exchange: Exchange) -> Iterator[Violation]:
    action = str(exchange.frame.action)
    if exchange.is_call("TriggerMessage", "ExtendedTriggerMessage"):
        state.clear()  # each of its answers is asked for
    if not (exchange.from_station and exchange.is_call(*_OF_FILES)):
        return
    last, payload, record = state.setdefault(action, _Last()), exchange.payload, exchange.record
    same = (payload.get("status"), payload.get("requestId")) == (last.status, last.request)
    last.times = last.times + 1 if same and record.t - last.t < _CLOSE_S else 1
    first = last.seq if last.times > 1 else record.seq
    last.status, last.request, last.t, last.seq = payload.get("status"), payload.get("requestId"), record.t, first
    if last.times == _MANY:
        text = f"{action} tells {last.status} for the {_MANY}th time in a row, each within {_CLOSE_S:g} s"
        yield Violation((record.seq, first), text, f"{action}:{last.status}")


@dataclass(slots=True)
class _List:
    """Whether the local list is known to be empty: the record that says so."""

    empty: int | None = None


def _conflict(state: _List, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_result("SendLocalList") and exchange.payload.get("status") == "Accepted":
        entries = exchange.asked.get("localAuthorizationList")
        if entries:
            state.empty = None
        elif exchange.asked.get("updateType") == "Full":
            state.empty = exchange.record.seq
    elif exchange.is_result("GetLocalListVersion"):
        version = exchange.payload.get("listVersion")
        state.empty = exchange.record.seq if version in (0, -1) else None
    elif state.empty is not None and exchange.payload.get("errorCode") == "LocalListConflict":
        text = "LocalListConflict is told, and the local list has no entry that anything could be in conflict with"
        yield Violation((exchange.record.seq, state.empty), text, "conflict")


FLOODED = Rule(
    id="file-status-told-once",
    requirement="OCPP 1.6 edition 2, 4.4, 4.5, 7.24, 7.25; OCPP 2.0.1 L01.FR.01, N01.FR.08: how an upload or update gets on",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A message every other second costs data volume and keeps the queue busy in which transactions wait.",
    watch=lambda: PerStation(
        dict, _flooded, calls=(*_OF_FILES, "TriggerMessage", "ExtendedTriggerMessage"), answers=()
    ),
)

CONFLICT = Rule(
    id="local-list-conflict-has-one",
    requirement="OCPP 1.6 edition 2, 7.6: what the CSMS said is in conflict with the local list; 5.10: version 0 is an empty list",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="An operator looks for a wrong entry that does not exist, and sends the list again to stations that are in order.",
    watch=lambda: PerStation(
        _List,
        _conflict,
        ("1.6",),
        calls=("StatusNotification",),
        answers=("SendLocalList", "GetLocalListVersion"),
    ),
)
