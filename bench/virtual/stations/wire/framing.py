"""Frames that no parser takes, or that have the wrong number of elements. Sections are those of OCPP-J 1.6."""

from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault


def _empty_transaction_id(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("MeterValues") or "transactionId" not in frame.payload:
        return None
    frame.payload["transactionId"] = "\0"
    return [frame.text().replace('"\\u0000"', "")]


FRAMING: tuple[WireFault, ...] = (
    WireFault(
        "transaction_id_without_value",
        ("1.6",),
        "writes the transactionId of MeterValues without a value, so that the frame is no JSON",
        "OCPP-J 1.6 section 4.2.1: the payload is a JSON object",
        spoil=_empty_transaction_id,
    ),
)
