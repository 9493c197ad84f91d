"""What a station accepted shows: a configured value reads back, a triggered message comes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.keys16 import STANDARD
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record
from harness.verdict import Strictness

_OF_VALUES = ("ChangeConfiguration", "GetConfiguration", "BootNotification")
_NEVER_READ = frozenset({"authorizationkey"})
"""Keys that a station must not tell (OCPP-J 1.6, 6.2.2)."""

_MOST_KEYS = 500
_TRIGGERS = ("TriggerMessage", "ExtendedTriggerMessage")
_TRIGGERED_WITHIN_S = 120.0
"""No document says how soon; a station that has not sent it after two minutes has forgotten it."""


_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_MASKS = frozenset("*•#xX")
_STANDARD = frozenset(key.lower() for key in STANDARD)


def _hidden(key: str, value: str) -> bool:
    """Whether a key of the maker's is shown as secrets are."""
    return key.lower() not in _STANDARD and len(set(value)) <= 1 and set(value) <= _MASKS


def _same(one: str, other: str) -> bool:
    """Equal but for how it is written: case, blanks around commas, 10 and 10.0, words for a boolean."""
    plain_one, plain_other = (",".join(part.strip() for part in text.lower().split(",")) for text in (one, other))
    if (plain_one in _TRUE and plain_other in _TRUE) or (plain_one in _FALSE and plain_other in _FALSE):
        return True
    if plain_one == plain_other or sorted(plain_one.split(",")) == sorted(plain_other.split(",")):
        return True
    try:
        return float(plain_one) == float(plain_other)
    except ValueError:
        return False


@dataclass(slots=True)
class _Written:
    """Values by key (small letters) with the record of the ChangeConfiguration."""

    values: dict[str, tuple[str, int]] = field(default_factory=dict)


def _read_back(state: _Written, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_result("BootNotification"):
        state.values.clear()  # its answer sets the heartbeat interval, and a restart may undo what was not kept
    elif exchange.is_result("ChangeConfiguration") and exchange.from_station:
        key, value = exchange.asked.get("key"), exchange.asked.get("value")
        if not (isinstance(key, str) and isinstance(value, str)):
            return
        state.values.pop(key.lower(), None)
        if exchange.payload.get("status") == "Accepted" and key.lower() not in _NEVER_READ:
            state.values[key.lower()] = (value, exchange.record.seq)
            if len(state.values) > _MOST_KEYS:
                del state.values[next(iter(state.values))]
    elif exchange.is_result("GetConfiguration") and exchange.from_station:
        listed = exchange.payload.get("configurationKey")
        for entry in listed if isinstance(listed, list) else ():
            yield from _compare(state, exchange, entry)


def _compare(state: _Written, exchange: Exchange, entry: object) -> Iterator[Violation]:
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        return
    written = state.values.get(entry["key"].lower())
    value = entry.get("value")
    if written is None or not isinstance(value, str) or _same(value, written[0]) or _hidden(entry["key"], value):
        return
    text = f"{entry['key']} was set to {written[0]!r} and accepted, and reads {value!r}"
    yield Violation((exchange.record.seq, written[1]), text, entry["key"].lower())


@dataclass(slots=True)
class _Owed:
    """Messages that were accepted to be sent, with the record of the acceptance and its time. `due`: no later than the first of them."""

    messages: dict[str, tuple[int, float]] = field(default_factory=dict)
    due: float = inf


_SENT_AS = {
    "SignChargePointCertificate": "SignCertificate",
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}


_OF_THE_MAKER = "CustomTrigger"
"""What OCPP 2.1 says no message by: what such a trigger brings is the maker's affair."""


def _owed(state: _Owed, exchange: Exchange) -> Iterable[Violation]:
    if exchange.frame.frame == "call":
        if state.messages and exchange.from_station:
            state.messages.pop(str(exchange.frame.action), None)
    elif exchange.is_result(*_TRIGGERS) and exchange.from_station:
        named = str(exchange.asked.get("requestedMessage"))
        if exchange.payload.get("status") == "Accepted" and named != _OF_THE_MAKER:
            state.messages[_SENT_AS.get(named, named)] = (exchange.record.seq, exchange.record.t)
            state.due = min(state.due, exchange.record.t + _TRIGGERED_WITHIN_S)
    return ()


def _overdue(state: _Owed, record: Record) -> Iterator[Violation]:
    for message, (seq, t) in list(state.messages.items()):
        if record.t - t > _TRIGGERED_WITHIN_S:
            del state.messages[message]
            text = f"the trigger of {message} was accepted, and none came within {_TRIGGERED_WITHIN_S:g} s"
            yield Violation((seq,), text, message)
    state.due = min([t for _, t in state.messages.values()], default=inf) + _TRIGGERED_WITHIN_S


def _excused(state: _Owed, _: object) -> Iterable[Violation]:
    state.messages.clear()
    state.due = inf
    return ()


READ_BACK = Rule(
    id="configuration-reads-back",
    requirement="OCPP 1.6 edition 2, 5.3: Accepted is a change that was applied",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="An operator who set an interval or a limit believes that it holds; the station goes on with another.",
    watch=lambda: PerStation(_Written, _read_back, ("1.6",), calls=(), answers=_OF_VALUES),
)

TRIGGERED = Rule(
    id="triggered-message-comes",
    requirement="OCPP 1.6 edition 2, 5.17: messages that are marked as accepted should be sent",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS that lost track of a station asks for its state this way, and waits for ever.",
    watch=lambda: PerStation(_Owed, _owed, ("1.6",), calls=None, answers=_TRIGGERS, closed=_excused, late=_overdue),
)

TRIGGERED_2 = Rule(
    id="triggered-message-comes-2",
    requirement="OCPP 2.0.1 F06.FR.03, F06.FR.05",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that lost track of a station asks for its state this way, and waits for ever.",
    watch=lambda: PerStation(
        _Owed, _owed, ("2.0.1", "2.1"), calls=None, answers=_TRIGGERS, closed=_excused, late=_overdue
    ),
)
