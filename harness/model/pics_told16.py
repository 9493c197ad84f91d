"""What a station of OCPP 1.6 says of itself in GetConfiguration.conf, as answers to PICS items, and where a station file says otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.model.pics import Pics
from harness.model.pics_items import ITEMS

_PROFILES = {
    "firmwaremanagement": "1.6-FirmwareManagement",
    "localauthlistmanagement": "1.6-LocalAuthListManagement",
    "reservation": "1.6-Reservation",
    "smartcharging": "1.6-SmartCharging",
    "remotetrigger": "1.6-RemoteTrigger",
}
"""SupportedFeatureProfiles (9.1.23): the names of 3.3, compared without case."""

_CAN_BE_TRUE = {
    "allowofflinetxforunknownid": "1.6-UnknownOfflineAuthorization",
    "authorizeremotetxrequests": "1.6-AuthorizeRemoteTxRequests",
    "stoptransactiononevsidedisconnect": "1.6-StopTransactionOnEVSideDisconnect",
    "unlockconnectoronevsidedisconnect": "1.6-UnlockConnectorOnEVSideDisconnect",
    "reserveconnectorzerosupported": "1.6-ReserveConnectorZeroSupported",
    "connectorswitch3to1phasesupported": "1.6-ConnectorSwitch3to1PhaseSupported",
}
_CAN_BE_FALSE = {
    "localauthlistenabled": "1.6-LocalAuthListCanBeDisabled",
    "stoptransactiononevsidedisconnect": "1.6-KeepTransactionOnEVSideDisconnect",
}
_COUNTS = {
    "maxchargingprofilesinstalled": "1.6-MaxChargingProfilesInstalled",
    "chargingschedulemaxperiods": "1.6-ChargingScheduleMaxPeriods",
}
_IS_THERE = {"authorizationcacheenabled": "1.6-AuthorizationCache", "securityprofile": "1.6-SecurityExtension"}
"""Keys that a station with the feature has; their absence means little in an answer that does not name all keys."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that the station gave by itself, and the setting that gives it away."""

    item: str
    answer: bool | int
    because: str


def told(entries: Iterable[Any], *, complete: bool = False) -> dict[str, Told]:
    """Answers by item, from the `configurationKey` entries of an answer; what is malformed is left out.

    `complete`: the answer was to name every key, so that an optional one that is not there is an answer, too.
    """
    found: dict[str, Told] = {}
    names: set[str] = set()
    for entry in entries:
        key, value, readonly = _parts(entry)
        if not key:
            continue
        names.add(key.casefold())
        for one in _of_key(key, value, readonly=readonly):
            found[one.item] = one
    for name, item in _IS_THERE.items():
        if complete and name not in names:
            found[item] = Told(item, False, f"the station reports no key {name}")
    return found


def contradictions(pics: Pics, answers: Mapping[str, Told]) -> list[Told]:
    """Answers of the station that the station file's [pics] denies."""
    claims = ((one, pics.answer(one.item)) for one in answers.values())
    return [one for one, claim in claims if claim is not None and claim != one.answer]


def contradiction_text(one: Told) -> str:
    """In words, for a finding and for the terminal."""
    said = ("yes" if one.answer else "no") if isinstance(one.answer, bool) else str(one.answer)
    return f"the station says {said} to {one.item} ({ITEMS[one.item][0]}), its file says otherwise: {one.because}"


def _of_key(key: str, value: str, *, readonly: bool) -> list[Told]:
    name, setting = key.casefold(), f"{key} = {value!r}{', read-only' if readonly else ''}"
    if name == "supportedfeatureprofiles":
        profiles = {part.strip().casefold() for part in value.split(",")}
        return [Told(item, profile in profiles, setting) for profile, item in _PROFILES.items()]
    if name in _COUNTS:
        return [Told(_COUNTS[name], int(value), setting)] if value.strip().isdecimal() else []
    if name in _IS_THERE:
        return [Told(_IS_THERE[name], True, setting)]
    can = ((_CAN_BE_TRUE, "true"), (_CAN_BE_FALSE, "false"))
    return [
        one
        for table, wanted in can
        if name in table
        for one in _switch(table[name], value, wanted, setting, readonly=readonly)
    ]


def _switch(item: str, value: str, wanted: str, setting: str, *, readonly: bool) -> list[Told]:
    """Whether a Boolean key is, or can be made, what is wanted; a value that is no Boolean says nothing."""
    has = value.strip().casefold()
    if has not in {"true", "false"}:
        return []
    return [Told(item, has == wanted or not readonly, setting)]


def _parts(entry: Any) -> tuple[str, str, bool]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("key"), str):
        return "", "", False
    value = entry.get("value")
    return str(entry["key"]), value if isinstance(value, str) else "", entry.get("readonly") is True
