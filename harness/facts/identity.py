"""Who a station is: as its file says, and as it tells itself in BootNotification."""

from collections.abc import Iterable
from typing import Any

from harness.facts.model import Identity
from harness.model.station import Station
from harness.trace.events import Frame
from harness.trace.trace import Record

_TOLD16 = {
    "vendor": "chargePointVendor",
    "model": "chargePointModel",
    "serial": "chargePointSerialNumber",
    "firmware": "firmwareVersion",
}
_TOLD201 = {"vendor": "vendorName", "model": "model", "serial": "serialNumber", "firmware": "firmwareVersion"}
_LONGEST = 500


def identities(records: Iterable[Record], stations: Iterable[Station]) -> list[Identity]:
    """Of every station that booted, in each OCPP version, and of those that a file describes and that never did."""
    filed = {station.identity: _filed(station) for station in stations}
    found: dict[tuple[str, str], Identity] = {}
    for record in records:
        frame = record.event
        if not isinstance(frame, Frame) or (frame.action, frame.frame) != ("BootNotification", "call"):
            continue
        if frame.direction == "in" and isinstance(payload := record.payload, dict):
            key = (frame.station, frame.ocpp)
            one = found.setdefault(key, Identity(*key, dict(filed.get(frame.station, {}))))
            if _learn(one, payload):
                one.evidence.append(record.seq)
    for one in found.values():
        one.differs = [
            name for name, said in one.filed.items() if said and name in one.told and said not in one.told[name]
        ]
    booted = {station for station, _ in found}
    silent = [Identity(name, "", said) for name, said in filed.items() if name not in booted]
    return [*found.values(), *silent]


def _filed(station: Station) -> dict[str, str]:
    names = ("vendor", "model", "serial", "firmware")
    return {name: said for name in names if (said := getattr(station, name))}


def _learn(one: Identity, payload: dict[str, Any]) -> bool:
    inner = payload.get("chargingStation")
    names, source = (_TOLD201, inner) if isinstance(inner, dict) else (_TOLD16, payload)
    new = False
    for name, key in names.items():
        value = source.get(key)
        if isinstance(value, str) and value[:_LONGEST] not in one.told.get(name, ()):
            one.told.setdefault(name, []).append(value[:_LONGEST])
            new = True
    return new
