"""What stations write wrongly into the messages of a transaction. Sections are those of OCPP 1.6 edition 2, ids those of OCPP 2.0.1 part 2."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault, changed

SATURATED = 2**63 - 1
"""The largest integer of 64 bits, as a database that overflowed gives it."""

RECORDS = 4100
"""What that database has room for: the messages of all its transactions."""

FIRST_OWN_ID = -1001
"""The first transactionId of a station that numbers its transactions itself."""

_ENDED_BY_RESTART = frozenset({"SoftReset", "HardReset", "PowerLoss"})
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TOO_EARLY = timedelta(minutes=6)

_USUAL_ENDS = frozenset({"Local", "Remote"})
_REGISTER = "Energy.Active.Import.Register"


def _saturated(frame: Frame, wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("StartTransaction", "MeterValues", "StopTransaction"):
        return None
    records = wire.kept.get("transaction_id_saturates", 0) + 1
    wire.kept["transaction_id_saturates"] = records
    if records <= RECORDS or "transactionId" not in frame.payload:
        return None
    frame.payload["transactionId"] = SATURATED
    return [frame.text()]


def _own_id(frame: Frame, wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("MeterValues", "StopTransaction") or "transactionId" not in frame.payload:
        return None
    own: dict[int, int] = wire.kept.setdefault("own_transaction_id_kept", {})
    given = frame.payload["transactionId"]
    frame.payload["transactionId"] = own.setdefault(given, FIRST_OWN_ID - len(own))
    return [frame.text()]


def _stale_id(frame: Frame, wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("MeterValues", "StopTransaction") or "transactionId" not in frame.payload:
        return None
    given = frame.payload["transactionId"]
    first = wire.kept.setdefault("first_transaction_id_kept", given)
    if frame.action == "StopTransaction":
        del wire.kept["first_transaction_id_kept"]  # it was told that this one ended
    if first == given:
        return None
    frame.payload["transactionId"] = first
    return [frame.text()]


def _idle_with_id(frame: Frame, wire: Wire) -> Sequence[str] | None:
    last: dict[str, Any] = wire.kept.setdefault("idle_samples_keep_transaction_id", {})
    if frame.is_call("StartTransaction"):
        last.clear()
        last["connector"] = frame.payload["connectorId"]
    elif frame.is_call("StopTransaction"):
        last["transaction"] = frame.payload["transactionId"]
    elif frame.is_call("MeterValues") and "transactionId" not in frame.payload:
        return _named(frame, last)
    return None


def _named(frame: Frame, last: dict[str, Any]) -> Sequence[str] | None:
    if "transaction" not in last or last.get("connector") != frame.payload["connectorId"]:
        return None
    frame.payload["transactionId"] = last["transaction"]
    return [frame.text()]


def _presented_last(frame: Frame, wire: Wire) -> Sequence[str] | None:
    kept = wire.kept
    if frame.is_call("StartTransaction", "Authorize"):
        kept["stop_names_who_came_last"] = frame.payload["idTag"]
    elif frame.is_call("StopTransaction") and "idTag" in frame.payload:
        came_last = kept.get("stop_names_who_came_last", frame.payload["idTag"])
        if came_last != frame.payload["idTag"]:
            frame.payload["idTag"] = came_last
            return [frame.text()]
    return None


def _is_stop(frame: Frame) -> bool:
    return frame.is_call("StopTransaction")


def _local_at_restart(frame: Frame) -> None:
    if frame.payload.get("reason") in _ENDED_BY_RESTART:
        frame.payload["reason"] = "Local"


def _no_reading(frame: Frame) -> None:
    if frame.payload.get("reason", "Local") not in _USUAL_ENDS:
        frame.payload["meterStop"] = -1


def _reservation_zero(frame: Frame) -> None:
    frame.payload.setdefault("reservationId", 0)


def _token_at_end(frame: Frame, wire: Wire) -> Sequence[str] | None:
    if not frame.is_call("TransactionEvent"):
        return None
    tokens: dict[str, Any] = wire.kept.setdefault("token_in_every_end", {})
    transaction = str(frame.payload["transactionInfo"]["transactionId"])
    if "idToken" in frame.payload:
        tokens[transaction] = frame.payload["idToken"]
    elif frame.payload["eventType"] == "Ended" and transaction in tokens:
        frame.payload["idToken"] = tokens.pop(transaction)
        return [frame.text()]
    return None


def _authorized_at_unplug(frame: Frame) -> None:
    if frame.payload["triggerReason"] == "EVCommunicationLost" and frame.payload["eventType"] == "Ended":
        frame.payload["triggerReason"] = "Authorized"


def _cut_token(frame: Frame) -> None:
    token = frame.payload["idToken"]
    token["idToken"] = token["idToken"][:20]


def _zero_after_reboot(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """What began with a cable that was in at the boot tells a register of zero at its beginning."""
    plugged: dict[int, bool] = wire.kept.setdefault("begin_register_zero_after_reboot", {})
    if frame.is_call("BootNotification"):
        plugged.clear()
    elif frame.is_call("StatusNotification"):
        evse = frame.payload["evseId"]
        plugged[evse] = plugged.get(evse, True) and frame.payload["connectorStatus"] == "Occupied"
    elif frame.is_call("TransactionEvent") and frame.payload["eventType"] == "Started":
        if plugged and not any(plugged.values()):
            return None
        before = frame.text()
        _zero_begin(frame.payload)
        return None if frame.text() == before else [frame.text()]
    return None


def _zero_begin(payload: dict[str, Any]) -> None:
    for value in payload.get("meterValue", ()):
        for sample in value["sampledValue"]:
            register = sample.get("measurand", _REGISTER) == _REGISTER
            if register and sample.get("context") == "Transaction.Begin":
                sample["value"] = 0


def _phantom(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """What began soon after a remote stop is told as charging."""
    if not frame.is_call("TransactionEvent"):
        return None
    kept: dict[str, Any] = wire.kept.setdefault("quick_restart_told_as_charging", {})
    info, at = frame.payload["transactionInfo"], datetime.fromisoformat(frame.payload["timestamp"])
    if frame.payload["triggerReason"] == "RemoteStop":
        kept["stopped"] = at
    elif frame.payload["triggerReason"] == "RemoteStart" and at < kept.get("stopped", LONG_AGO) + TOO_EARLY:
        kept["phantom"] = info["transactionId"]
    if info["transactionId"] != kept.get("phantom") or info.get("chargingState", "Charging") == "Charging":
        return None
    info["chargingState"] = "Charging"
    return [frame.text()]


_V1, _V2 = ("1.6",), ("2.0.1",)

TRANSACTION: tuple[WireFault, ...] = (
    WireFault(
        "transaction_id_saturates",
        _V1,
        "writes the largest integer of 64 bits for every transactionId once it has written 4,100 records of transactions",
        "sections 6.31, 6.49: the id that StartTransaction.conf gave",
        spoil=_saturated,
    ),
    WireFault(
        "own_transaction_id_kept",
        _V1,
        "goes on with a negative transactionId of its own although StartTransaction.conf gave one",
        "sections 4.8, 6.49: the id that StartTransaction.conf gave",
        spoil=_own_id,
    ),
    WireFault(
        "first_transaction_id_kept",
        _V1,
        "goes on with the transactionId of a transaction whose end was never told in those that follow",
        "sections 6.31, 6.49: the id that StartTransaction.conf gave",
        spoil=_stale_id,
    ),
    WireFault(
        "idle_samples_keep_transaction_id",
        _V1,
        "gives the samples of an idle connector the id of the transaction that ended there",
        "section 4.7, errata 3.16: the id of a transaction that is going on",
        spoil=_idle_with_id,
    ),
    WireFault(
        "stop_names_who_came_last",
        _V1,
        "puts the tag that was asked for last into StopTransaction, whether that stopped it or was refused",
        "sections 4.10, 6.49: the identifier that stopped",
        spoil=_presented_last,
    ),
    WireFault(
        "restart_told_as_local_stop",
        _V1,
        "gives transactions that a reset or a loss of supply ended the reason Local",
        "sections 7.36, 4.10",
        spoil=changed(_local_at_restart, when=_is_stop),
    ),
    WireFault(
        "meter_stop_unknown_after_trouble",
        _V1,
        "tells meterStop -1 of every transaction that did not end in the usual way",
        "section 6.49: the meter value in Wh at the end",
        spoil=changed(_no_reading, when=_is_stop),
    ),
    WireFault(
        "reservation_id_zero",
        _V1,
        "names the reservation 0 in every StartTransaction that ends none",
        "section 6.45: the reservation that ends with this transaction",
        spoil=changed(_reservation_zero, when=lambda frame: frame.is_call("StartTransaction")),
    ),
    WireFault(
        "token_in_every_end",
        _V2,
        "puts the token that began into the end of every transaction, whoever or whatever ended it",
        "E07.FR.02: the token that was used to stop",
        spoil=_token_at_end,
    ),
    WireFault(
        "long_token_cut",
        _V2,
        "tells the first 20 characters of a token in the events of a transaction",
        "part 2, IdTokenType: a token has up to 36 characters; E03.FR.01",
        spoil=changed(_cut_token, when=lambda frame: frame.is_call("TransactionEvent") and "idToken" in frame.payload),
    ),
    WireFault(
        "unplug_told_as_authorization",
        _V2,
        "gives the end of a transaction whose EV was unplugged the trigger Authorized",
        "E06.FR.08; TriggerReasonEnumType",
        spoil=changed(_authorized_at_unplug, when=lambda frame: frame.is_call("TransactionEvent")),
    ),
    WireFault(
        "quick_restart_told_as_charging",
        _V2,
        "tells a remote start within six minutes of a remote stop as charging, whatever flows",
        "E01.FR.18; ChargingStateEnumType",
        spoil=_phantom,
    ),
    WireFault(
        "begin_register_zero_after_reboot",
        _V2,
        "tells a register of 0 Wh at the beginning of a transaction whose cable was in when it booted",
        "E01.FR.09, J02.FR.16, J02.FR.17: all readings of a transaction are of one register",
        spoil=_zero_after_reboot,
    ),
)
