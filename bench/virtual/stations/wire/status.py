"""Statuses that differ on their way out. Sections are those of OCPP 1.6 edition 2."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault, changed

_V = ("1.6",)
_HISTORY = timedelta(days=2)
_LIVED = "lived_before"


def _copy(frame: Frame, number: int, **fields: object) -> str:
    """Another CALL like this one, with these fields."""
    again = Frame("call", f"{frame.message_id[:32]}-{number}", frame.action, {**frame.payload, **fields}, {}, [])
    again.elements[:] = [2, again.message_id, again.action, again.payload]
    return again.text()


def _at_connector(frame: Frame, *statuses: str) -> bool:
    told = frame.is_call("StatusNotification") and frame.payload["connectorId"] > 0
    return told and frame.payload["status"] in statuses


def _twice(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [frame.text(), _copy(frame, 2)] if frame.is_call("StatusNotification") else None


def _also_of_the_station(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [_copy(frame, 0, connectorId=0), frame.text()] if _at_connector(frame, "Preparing") else None


def _nameless_for_the_station(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return (
        [_copy(frame, 0, connectorId=0, errorCode="Error"), frame.text()] if _at_connector(frame, "Faulted") else None
    )


def _replay(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """After a boot: what was two days ago, as if it were now. There is nothing to tell after the first one."""
    if frame.is_call("BootNotification"):
        wire.kept["statuses_replayed_after_boot"] = wire.kept.get(_LIVED, False)
        wire.kept[_LIVED] = True
    if not _at_connector(frame, "Available", "Preparing") or not wire.kept.pop("statuses_replayed_after_boot", False):
        return None
    began = datetime.fromisoformat(frame.payload["timestamp"]) - _HISTORY
    *earlier, last = (
        {"status": status, "timestamp": (began + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")}
        for number, status in enumerate(("Faulted", "Available", "Faulted", "Unavailable"), 1)
    )
    burst = [_copy(frame, number, errorCode="NoError", **fields) for number, fields in enumerate(earlier, 1)]
    frame.payload.update(last)
    return [*burst, frame.text()]


def _onset_kept(frame: Frame, wire: Wire) -> Sequence[str] | None:
    onsets = wire.kept.setdefault("fault_onset_kept_as_timestamp", {})
    if _at_connector(frame, "Faulted"):
        onsets[frame.payload["connectorId"]] = frame.payload["timestamp"]
        return None
    onset = onsets.pop(frame.payload.get("connectorId"), None) if frame.is_call("StatusNotification") else None
    if onset is None:
        return None
    frame.payload["timestamp"] = onset
    return [frame.text()]


def _dead_after_unplug(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """A firmware that crashed: nothing comes any more until it starts anew."""
    if frame.is_call("BootNotification"):
        wire.kept.pop("dead_after_unplug", None)
    if wire.kept.get("dead_after_unplug"):
        return []
    if not _at_connector(frame, "Finishing") or frame.payload.get("info") != "EV side disconnected":
        return None
    wire.kept["dead_after_unplug"] = True
    frame.payload["status"] = "SuspendedEV"
    return [frame.text()]


STATUS: tuple[WireFault, ...] = (
    WireFault(
        "charging_at_plug_in",
        _V,
        "tells Charging and not Preparing when a plug is put in or somebody is authorised",
        "sections 4.9, 7.7: Charging when the contactor closes; section 4.8: a transaction is told by StartTransaction",
        spoil=changed(
            lambda frame: frame.payload.update(status="Charging"), when=lambda frame: _at_connector(frame, "Preparing")
        ),
    ),
    WireFault(
        "statuses_sent_twice",
        _V,
        "sends every StatusNotification twice within a second, under two message ids",
        "section 4.9, errata 3.19: a change is told",
        spoil=_twice,
    ),
    WireFault(
        "station_told_preparing",
        _V,
        "tells Preparing of connector 0 before it tells it of a connector",
        "section 4.9: connector 0 is Available, Unavailable or Faulted",
        spoil=_also_of_the_station,
    ),
    WireFault(
        "faulted_without_its_code",
        _V,
        "tells Faulted of a connector with the error code NoError",
        "sections 7.6, 7.7: Faulted has reported an error, NoError is none to report",
        spoil=changed(
            lambda frame: frame.payload.update(errorCode="NoError"), when=lambda f: _at_connector(f, "Faulted")
        ),
    ),
    WireFault(
        "fault_without_a_name",
        _V,
        "tells with each fault of a connector one of connector 0, the station, whose error code is Error",
        "section 7.6: the error codes there are",
        spoil=_nameless_for_the_station,
    ),
    WireFault(
        "statuses_replayed_after_boot",
        _V,
        "tells statuses of two days ago after a boot, Faulted, Available, Faulted, Unavailable, in place of the one that holds",
        "section 4.9: no historical status changes; errata 3.22: the current status",
        spoil=_replay,
    ),
    WireFault(
        "fault_onset_kept_as_timestamp",
        _V,
        "stamps the status after a Faulted with the time of the Faulted",
        "section 6.47: the time for which the status is reported",
        spoil=_onset_kept,
    ),
    WireFault(
        "dead_after_unplug",
        _V,
        "tells SuspendedEV when the cable is unplugged at the EV, and says nothing more until it restarts",
        "sections 4.6, 4.10, 9.1.23: the transaction is stopped",
        spoil=_dead_after_unplug,
    ),
)
