"""Frames that no parser takes, or that have the wrong number of elements. Sections are those of OCPP-J 1.6."""

import json
from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault

_V = ("1.6",)


def _empty_transaction_id(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("MeterValues") or "transactionId" not in frame.payload:
        return None
    frame.payload["transactionId"] = "\0"
    return [frame.text().replace('"\\u0000"', "")]


def _knows_none(frame: Frame) -> bool:
    """Whether it answers a GetConfiguration whose keys are all unknown."""
    payload = frame.payload
    return frame.answers("GetConfiguration") and bool(payload.get("unknownKey")) and not payload.get("configurationKey")


def _never_closed(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [f'[3,"{frame.message_id}",{{"configurationKey":[]'] if _knows_none(frame) else None


def _never_opened(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if not _knows_none(frame):
        return None
    unknown = json.dumps(frame.payload["unknownKey"], separators=(",", ":"))
    return [f'[3,"{frame.message_id}",{{"configurationKey":],"unknownKey":{unknown}}}]']


def _four_elements(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if not (frame.answers("GetConfiguration") and frame.request.get("key")):
        return None
    return [f'[4,"{frame.message_id}","FormationViolation",""]']


def _two_elements(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [f'[4,"{frame.message_id}"]'] if frame.kind == "error" else None


FRAMING: tuple[WireFault, ...] = (
    WireFault(
        "transaction_id_without_value",
        _V,
        "writes the transactionId of MeterValues without a value, so that the frame is no JSON",
        "OCPP-J 1.6 section 4.2.1: the payload is a JSON object",
        spoil=_empty_transaction_id,
    ),
    WireFault(
        "answer_of_unknown_keys_never_closed",
        _V,
        "leaves out the last two brackets of its answer to a GetConfiguration of which it knows no key",
        "OCPP-J 1.6 section 4.1.2: the whole message is valid JSON; section 5.8: unknown keys are listed as such",
        spoil=_never_closed,
    ),
    WireFault(
        "answer_of_unknown_keys_never_opened",
        _V,
        "leaves out the bracket that opens the empty list of settings in its answer to a GetConfiguration of which it knows no key",
        "OCPP-J 1.6 section 4.1.2: the whole message is valid JSON",
        spoil=_never_opened,
    ),
    WireFault(
        "keys_answered_by_an_error_without_details",
        _V,
        "answers a GetConfiguration that names keys with a CALLERROR of four elements",
        "OCPP-J 1.6 section 4.2.3: a CALLERROR has five elements, the last one an object; it is for requests that are not proper",
        spoil=_four_elements,
    ),
    WireFault(
        "error_of_two_elements",
        _V,
        "ends each CALLERROR after its message id",
        "OCPP-J 1.6 section 4.2.3: a CALLERROR has five elements",
        spoil=_two_elements,
    ),
)
