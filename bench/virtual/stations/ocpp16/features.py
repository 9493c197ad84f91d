"""What a feature profile brings along (1.6 Edition 2, 3.3 and chapter 9), and what a station says that lacks it."""

from typing import Any

from bench.virtual.stations.faults import ActiveFaults

_ACTIONS: dict[str, tuple[str, ...]] = {
    "FirmwareManagement": ("GetDiagnostics", "UpdateFirmware"),
    "LocalAuthListManagement": ("GetLocalListVersion", "SendLocalList"),
    "Reservation": ("ReserveNow", "CancelReservation"),
    "SmartCharging": ("SetChargingProfile", "ClearChargingProfile", "GetCompositeSchedule"),
    "RemoteTrigger": ("TriggerMessage",),
}

_KEYS: dict[str, tuple[str, ...]] = {
    "FirmwareManagement": ("SupportedFileTransferProtocols",),
    "LocalAuthListManagement": ("LocalAuthListEnabled", "LocalAuthListMaxLength", "SendLocalListMaxLength"),
    "Reservation": ("ReserveConnectorZeroSupported",),
    "SmartCharging": (
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleAllowedChargingRateUnit",
        "ChargingScheduleMaxPeriods",
        "ConnectorSwitch3to1PhaseSupported",
        "MaxChargingProfilesInstalled",
    ),
}

_OWN_WORDS: dict[str, dict[str, Any]] = {
    "GetLocalListVersion": {"listVersion": -1},  # section 5.10
    "SendLocalList": {"status": "NotSupported"},  # section 7.47
    "ReserveNow": {"status": "Rejected"},  # section 7.40
}
"""Answers that a message has for a station without its profile; the others are a CALLERROR NotSupported (OCPP-J 4.2.3, errata 3.39)."""

_WRONG_WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "GetLocalListVersion": ("missing_local_list_told_empty", {"listVersion": 0}),
    "SendLocalList": ("missing_local_list_accepted", {"status": "Accepted"}),
    "ReserveNow": ("missing_reservations_accepted", {"status": "Accepted"}),
}
"""Fault and what the station says with it."""


def absent_keys(features: tuple[str, ...]) -> frozenset[str]:
    """Configuration keys of the profiles that the station lacks."""
    return frozenset(key for feature, keys in _KEYS.items() if feature not in features for key in keys)


def is_absent(action: str, features: tuple[str, ...]) -> bool:
    """Whether the action belongs to a profile that the station lacks."""
    return any(action in actions for feature, actions in _ACTIONS.items() if feature not in features)


def own_word(action: str, faults: ActiveFaults) -> dict[str, Any] | None:
    """The answer by which a station says that it lacks the action's profile; None where a CALLERROR says it."""
    fault, wrong = _WRONG_WORDS.get(action, ("", {}))
    if fault and faults.on(fault):
        return wrong
    return None if faults.on("missing_local_list_by_error") and "LocalList" in action else _OWN_WORDS.get(action)
