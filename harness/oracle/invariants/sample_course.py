"""The samples of a transaction as they were configured: every measurand, at every interval; begin and end once, when they were.

What is configured is what the CSMS was told or set in this record. A setting that changed since the transaction began is not judged: no
document says from when on it holds. Nor is what falls into an outage.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import OF_METERS, Samples, samples_of
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.readings import Told, told
from harness.oracle.invariants.rule import Rule, Violation
from harness.oracle.invariants.sample_kind import BOUNDS
from harness.trace.trace import Record
from harness.verdict import Strictness

_CALLS = ("StopTransaction", "MeterValues")
_ANSWERS = ("GetConfiguration", "ChangeConfiguration", "BootNotification", "StartTransaction")
_INTERVAL, _MEASURANDS = "metervaluesampleinterval", "metervaluessampleddata"
_KEYS = frozenset({_INTERVAL, _MEASURANDS})
_MOST_OPEN = 50

_NOT_ALWAYS = frozenset({"soc", "power.factor"})
"""What only some EVs tell, and what is none while no current flows."""

_LATE_S = 10.0
"""Beyond two intervals: between two samples that come as they should lies one."""


@dataclass(slots=True)
class _Transaction:
    """An open transaction: its number of intervals and measurands when it began, and its last sample.

    `sampled`, `arrived`: when the last sample was taken by its timestamp (seconds since 1970) and when it came. `excused`: an outage, a
    restart or a new setting lies since then.
    """

    number: object
    connector: object
    interval_s: float | None
    measurands: tuple[str, ...]
    sampled: float
    arrived: float
    seq: int
    excused: bool = False
    at: float | None = None
    found: set[str] = field(default_factory=set)
    holds: int = 0


@dataclass(slots=True)
class _State:
    settings: dict[str, str] = field(default_factory=dict)
    open: dict[object, _Transaction] = field(default_factory=dict)


def _name(item: str) -> str:
    """A configured measurand as it is compared: without case, blanks and neutral."""
    return item.strip().lower().removesuffix("-n")


def _interval(settings: dict[str, str]) -> float | None:
    if not any(map(_name, settings.get(_MEASURANDS, "any").split(","))):
        return None  # a list of nothing: there is nothing to send (3.16.1)
    try:
        return float(settings[_INTERVAL])
    except (KeyError, ValueError):
        return None


def _note(state: _State, exchange: Exchange) -> None:
    """Keep what was set and which transactions run: after the rule has looked at the message."""
    if exchange.frame.frame == "call":
        if exchange.is_call("StopTransaction"):
            state.open.pop(exchange.transaction, None)
    elif exchange.is_result("GetConfiguration"):
        listed = exchange.payload.get("configurationKey")
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict):
                _set(state, entry.get("key"), entry.get("value"))
    elif exchange.is_result("ChangeConfiguration") and exchange.payload.get("status") == "Accepted":
        _set(state, exchange.asked.get("key"), exchange.asked.get("value"))
    elif exchange.is_result("BootNotification"):
        _excused(state, exchange.record)
    elif exchange.is_result("StartTransaction"):
        _started(state, exchange)


def _set(state: _State, key: object, value: object) -> None:
    if not (isinstance(key, str) and isinstance(value, str)) or key.lower() not in _KEYS:
        return
    if state.settings.get(key.lower()) != value:
        state.settings[key.lower()] = value
        for transaction in state.open.values():
            transaction.interval_s, transaction.measurands = None, ()


def _started(state: _State, exchange: Exchange) -> None:
    began, number = seconds_of(exchange.asked.get("timestamp")), exchange.transaction
    accepted = exchange.payload.get("idTagInfo")
    if began is None or number in {None, 0, -1} or exchange.call is None:
        return
    if not isinstance(accepted, dict) or accepted.get("status") != "Accepted":
        return  # what a station does with a transaction that was not authorised is a matter of its own
    listed = (_name(item) for item in state.settings.get(_MEASURANDS, "").split(","))
    names = tuple(name for name in listed if name and name not in _NOT_ALWAYS)
    connector = exchange.asked.get("connectorId")
    state.open[number] = _Transaction(
        number, connector, _interval(state.settings), names, began, exchange.call.t, exchange.call.seq
    )
    if len(state.open) > _MOST_OPEN:
        del state.open[next(iter(state.open))]


def _excused(state: _State, _: Record) -> Iterator[Violation]:
    """An outage or a restart: what was not sampled, or came in part, until the next sample is no matter of this rule."""
    for transaction in state.open.values():
        transaction.excused = True
        transaction.at, transaction.found = None, set()
    return iter(())


def _of(state: _State, exchange: Exchange) -> _Transaction | None:
    """The open transaction that MeterValues are of. Who names no transaction means that at the connector."""
    number = exchange.transaction
    if number is not None:
        return state.open.get(number)
    connector = exchange.payload.get("connectorId")
    return next((one for one in state.open.values() if one.connector == connector), None)


def _periodic(exchange: Exchange) -> Iterator[tuple[float, Samples]]:
    """Periodic samples: when they were taken, and all that was sampled."""
    for one in samples_of(exchange):
        if one.shape.periodic and one.t is not None and one.field == "meterValue":
            yield one.t, one


# -- at every interval


def _in_time(state: _State, exchange: Exchange) -> Sequence[Violation]:
    if exchange.frame.action == "MeterValues":
        transaction = _of(state, exchange) if state.open else None
        # a transaction without an interval never has one later
        return _too_late(transaction, exchange) if transaction is not None and transaction.interval_s else ()
    found: Sequence[Violation] = ()
    if exchange.is_call("StopTransaction"):
        transaction_stopped = state.open.get(exchange.transaction)
        ended = seconds_of(exchange.payload.get("timestamp"))
        if transaction_stopped is not None and ended is not None:
            found = _gap(transaction_stopped, ended, exchange.record)
    _note(state, exchange)
    return found


def _too_late(transaction: _Transaction, exchange: Exchange) -> list[Violation]:
    found: list[Violation] = []
    for t, _ in _periodic(exchange):
        found += _gap(transaction, t, exchange.record)
        transaction.sampled = max(transaction.sampled, t)
        transaction.arrived, transaction.seq, transaction.excused = exchange.record.t, exchange.record.seq, False
    return found


def _gap(transaction: _Transaction, until: float, record: Record) -> tuple[Violation, ...]:
    """Too long between a sample and the next, or the end, by the station's clock and by that of the run."""
    interval_s = transaction.interval_s
    if not interval_s or transaction.excused:
        return ()
    gap_s = min(until - transaction.sampled, record.t - transaction.arrived)
    if gap_s > 2 * interval_s + _LATE_S:
        text = f"transaction {transaction.number} is without a sample for {gap_s:.0f} s, at a MeterValueSampleInterval of {interval_s:g} s"
        return (Violation((record.seq, transaction.seq), text, "interval"),)
    return ()


# -- every measurand


def _whole(state: _State, exchange: Exchange) -> Sequence[Violation]:
    if exchange.frame.action == "MeterValues":
        transaction = _of(state, exchange) if state.open else None
        # a transaction without a list of measurands never has one later
        return _lacking(transaction, exchange) if transaction is not None and transaction.measurands else ()
    _note(state, exchange)
    return ()


def _lacking(transaction: _Transaction, exchange: Exchange) -> list[Violation]:
    found: list[Violation] = []
    for t, samples in _periodic(exchange):
        if transaction.at is not None and t != transaction.at:
            found += _missing(transaction, exchange.record)
            transaction.found = set()
        transaction.at = t
        transaction.found |= samples.shape.names
    return found


_IN_A_ROW = 2


def _missing(transaction: _Transaction, record: Record) -> tuple[Violation, ...]:
    missing = [name for name in transaction.measurands if name not in transaction.found]
    transaction.holds = transaction.holds + 1 if missing else 0
    if not missing or transaction.holds < _IN_A_ROW:
        return ()
    names = ", ".join(missing)
    text = f"{_IN_A_ROW} samples of transaction {transaction.number} in a row are without what MeterValuesSampledData lists: {names}"
    return (Violation((record.seq, transaction.seq), text, names),)


# -- begin and end


_ONE_MOMENT_S = 5.0


@dataclass(slots=True)
class _Bounds:
    """When the values of each bound of each transaction were taken, as told first."""

    first: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)


def _at_bounds(state: _Bounds, exchange: Exchange) -> Iterable[Violation]:
    if exchange.is_result("StartTransaction"):  # a CSMS may give an id again
        for context in BOUNDS:
            state.first.pop((str(exchange.payload.get("transactionId")), context), None)
        return ()
    return _taken_at_bounds(state, [one for one in told(exchange) if "at bounds" in one.samples.traits])


def _taken_at_bounds(state: _Bounds, at_bounds: list[Told]) -> Iterator[Violation]:
    for one in at_bounds:
        contexts = [reading.kind.context for reading in one.readings() if reading.kind.at_bounds]
        for context in dict.fromkeys(contexts):
            if one.t is None or one.transaction in {None, 0, -1}:
                continue
            before = state.first.setdefault((str(one.transaction), context), (one.t, one.seq))
            if len(state.first) > 2 * _MOST_OPEN:
                del state.first[next(iter(state.first))]
            apart_s = abs(one.t - before[0])
            if apart_s > _ONE_MOMENT_S:
                text = f"transaction {one.transaction} has two values {context} that are {apart_s:.0f} s apart"
                yield Violation((one.seq, before[1]), text, context)


IN_TIME = Rule(
    id="sampled-at-interval",
    requirement="OCPP 1.6 edition 2, 4.7 with errata 3.15, 3.16.1, 9.1.19: MeterValues at the given interval",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS shows the driver the last value for hours, and takes a silent transaction for a dead one.",
    watch=lambda: PerStation(_State, _in_time, ("1.6",), calls=_CALLS, answers=_ANSWERS, closed=_excused),
)

WHOLE = Rule(
    id="configured-measurands-sampled",
    requirement="OCPP 1.6 edition 2, 3.16.1, 3.16.4, 9.1.17: the measurands of MeterValuesSampledData in every sample",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS goes on with the last power that it was told, also when nothing is charged any more, and shares the grid by it.",
    watch=lambda: PerStation(_State, _whole, ("1.6",), calls=_CALLS, answers=_ANSWERS, closed=_excused),
)

AT_BOUNDS = Rule(
    id="begin-and-end-sampled-once",
    requirement="OCPP 1.6 edition 2, 7.33, 7.35; OCPP 2.0.1 J02.FR.02, J02.FR.18: values taken at start and end of the transaction, under their time",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS takes the first reading for the present one: its register goes back, or the session begins anew with every message.",
    watch=lambda: PerStation(_Bounds, _at_bounds, calls=OF_METERS, answers=("StartTransaction",), trait="at bounds"),
)
