"""What only shows once a station has been in service for a while."""

import json
from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault

_GHOST = "ghost_transaction"
_GHOST_AFTER = 12


def _other(name: str) -> str:
    """Another id of the same length."""
    return f"ghost{name[5:]}"


def _begins(frame: Frame) -> bool:
    return frame.is_call("StartTransaction") or (
        frame.is_call("TransactionEvent") and frame.payload.get("eventType") == "Started"
    )


def _ghost(frame: Frame, wire: Wire) -> Sequence[str] | None:
    if not _begins(frame):
        return None
    begun: list[str] = wire.kept.setdefault(_GHOST, [])
    begun.append(frame.message_id)
    if len(begun) != _GHOST_AFTER:
        return None
    told = frame.text()
    message_id, action, payload = _other(frame.message_id), frame.action, json.loads(json.dumps(frame.payload))
    if action == "StartTransaction":
        payload["meterStart"] += 1
    else:
        info = payload["transactionInfo"]
        info["transactionId"] = _other(info["transactionId"])
    return [told, json.dumps([2, message_id, action, payload], separators=(",", ":"))]


SERVICE: tuple[WireFault, ...] = (
    WireFault(
        _GHOST,
        ("1.6", "2.0.1"),
        "with its twelfth transaction it tells of another one, which nobody began and which never ends",
        "OCPP 1.6 section 4.8, OCPP 2.0.1 E01: what is told is a transaction that started",
        spoil=_ghost,
    ),
)
