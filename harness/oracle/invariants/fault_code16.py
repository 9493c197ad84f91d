"""A Faulted of OCPP 1.6 says which fault it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_BESIDE_S = 60.0
"""The code may come with the status of another connector, or of the station as a whole, so long before or after."""

_TIME_PASSES = ("StatusNotification", "Heartbeat", "Authorize", "StartTransaction", "StopTransaction")
_MOST_OPEN = 50


@dataclass(slots=True)
class _Codes:
    """When a fault's code was told last; by connector, a Faulted without one: its record and its time."""

    coded_t: float | None = None
    nameless: dict[int, tuple[int, float]] = field(default_factory=dict)


def _look(state: _Codes, exchange: Exchange) -> Iterable[Violation]:
    now = exchange.record.t
    found = [_violation(state, connector) for connector, (_, t) in list(state.nameless.items()) if now - t > _BESIDE_S]
    connector = exchange.payload.get("connectorId")
    if not exchange.is_call("StatusNotification") or not isinstance(connector, int):
        return found
    if exchange.payload.get("errorCode") != "NoError" or exchange.payload.get("vendorErrorCode"):
        state.coded_t = now
        state.nameless.clear()
    elif exchange.payload.get("status") != "Faulted":
        if connector in state.nameless:
            found.append(_violation(state, connector))
    elif (state.coded_t is None or now - state.coded_t > _BESIDE_S) and len(state.nameless) < _MOST_OPEN:
        state.nameless.setdefault(connector, (exchange.record.seq, now))
    return found


def _violation(state: _Codes, connector: int) -> Violation:
    seq, _ = state.nameless.pop(connector)
    return Violation((seq,), f"connector {connector} is told to be Faulted with errorCode NoError", str(connector))


RULE = Rule(
    id="faulted-has-its-code",
    requirement="OCPP 1.6 edition 2, 7.7: Faulted has reported an error; 7.6: NoError is no error to report; 6.47 (errorCode is required)",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="Nobody knows what is broken before somebody went there, and a service that could have been remote is a journey.",
    watch=lambda: PerStation(_Codes, _look, ("1.6",), calls=_TIME_PASSES, answers=()),
)
