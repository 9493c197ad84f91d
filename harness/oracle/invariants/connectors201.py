"""Statuses of OCPP 2.0.1 are those of connectors, whose numbers begin with 1."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness


@dataclass(slots=True)
class _Nothing:
    """Every message is judged by itself."""


def _numbered(_: _Nothing, exchange: Exchange) -> Iterator[Violation]:
    if not exchange.is_call("StatusNotification"):
        return
    evse, connector = exchange.payload.get("evseId"), exchange.payload.get("connectorId")
    if (isinstance(evse, int) and evse < 1) or (isinstance(connector, int) and connector < 1):
        text = f"a status is told of evseId {evse}, connectorId {connector}: numbers begin with 1"
        yield Violation((exchange.record.seq,), text, f"{evse}.{connector}")


RULE = Rule(
    id="statuses-are-of-connectors",
    requirement="OCPP 2.0.1 part 1, 7.1 and 7.2 (numbered from 1); part 2, G01.FR.01: the status of a connector",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS knows no such connector: it makes one up, or refuses the station.",
    watch=lambda: PerStation(_Nothing, _numbered, ("2.0.1", "2.1"), calls=("StatusNotification",), answers=()),
)
