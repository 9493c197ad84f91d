"""At which place a transaction runs that ends: a connectorId in OCPP 1.6, else an EVSE id."""

from dataclasses import dataclass, field
from typing import Any

from harness.oracle.invariants.exchange import plain
from harness.trace.events import Frame
from harness.trace.trace import Record

_MOST_KEPT = 50


@dataclass(slots=True)
class EvseTransactions:
    """Places by transaction id; `_asked`: beginnings of OCPP 1.6 that have no id yet, by their record."""

    _places: dict[Any, int] = field(default_factory=dict)
    _asked: dict[int, int] = field(default_factory=dict)

    def ended_by(self, record: Record, frame: Frame, payload: dict[str, Any]) -> int | None:
        """The place of the transaction that this frame of a station tells the end of; None where it ends none, or one of an unknown place."""
        if frame.frame == "call" and frame.direction == "in":
            return self._request(record, frame, payload)
        begun = self._asked.pop(frame.answers, None) if frame.answers is not None else None
        if begun is not None and frame.frame == "result":
            _keep(self._places, plain(payload.get("transactionId")), begun)
        return None

    def _request(self, record: Record, frame: Frame, payload: dict[str, Any]) -> int | None:
        if frame.action == "StartTransaction" and isinstance(payload.get("connectorId"), int):
            _keep(self._asked, record.seq, payload["connectorId"])
        elif frame.action == "StopTransaction":
            return self._places.pop(plain(payload.get("transactionId")), None)
        elif frame.action == "TransactionEvent" and isinstance(info := payload.get("transactionInfo"), dict):
            return self._event(plain(info.get("transactionId")), payload)
        return None

    def _event(self, transaction_id: Any, payload: dict[str, Any]) -> int | None:
        evse = payload.get("evse")
        if isinstance(evse, dict) and isinstance(evse.get("id"), int):
            _keep(self._places, transaction_id, evse["id"])
        return self._places.pop(transaction_id, None) if payload.get("eventType") == "Ended" else None


def _keep(kept: dict[Any, int], key: Any, place: int) -> None:
    kept[key] = place
    if len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]
