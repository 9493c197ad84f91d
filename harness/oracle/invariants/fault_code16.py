"""A Faulted of OCPP 1.6 says which fault it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record
from harness.verdict import Strictness

_BESIDE_S = 60.0
"""The code may come with the status of another connector, or of the station as a whole, so long before or after."""

_MOST_OPEN = 50


@dataclass(slots=True)
class _Codes:
    """When a fault's code was told last; by connector, a Faulted without one: its record and its time."""

    coded_t: float | None = None
    nameless: dict[int, tuple[int, float]] = field(default_factory=dict)

    @property
    def due(self) -> float:
        """When the code of the first of them should have come."""
        return min([t for _, t in self.nameless.values()], default=inf) + _BESIDE_S


def _look(state: _Codes, exchange: Exchange) -> Iterable[Violation]:
    connector, now = exchange.payload.get("connectorId"), exchange.record.t
    if not exchange.is_call("StatusNotification") or not isinstance(connector, int):
        return ()
    if exchange.payload.get("errorCode") != "NoError" or exchange.payload.get("vendorErrorCode"):
        state.coded_t = now
        state.nameless.clear()
    elif exchange.payload.get("status") != "Faulted":
        return [_violation(state, connector)] if connector in state.nameless else ()
    elif (state.coded_t is None or now - state.coded_t > _BESIDE_S) and len(state.nameless) < _MOST_OPEN:
        state.nameless.setdefault(connector, (exchange.record.seq, now))
    return ()


def _overdue(state: _Codes, record: Record) -> Iterable[Violation]:
    late = [connector for connector, (_, t) in state.nameless.items() if record.t - t > _BESIDE_S]
    return [_violation(state, connector) for connector in late]


def _violation(state: _Codes, connector: int) -> Violation:
    seq, _ = state.nameless.pop(connector)
    return Violation((seq,), f"connector {connector} is told to be Faulted with errorCode NoError", str(connector))


RULE = Rule(
    id="faulted-has-its-code",
    requirement="OCPP 1.6 edition 2, 7.7: Faulted has reported an error; 7.6: NoError is no error to report; 6.47 (errorCode is required)",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="Nobody knows what is broken before somebody went there, and a service that could have been remote is a journey.",
    watch=lambda: PerStation(_Codes, _look, ("1.6",), calls=("StatusNotification",), answers=(), late=_overdue),
)
