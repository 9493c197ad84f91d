"""What a feature profile brings along (1.6 Edition 2, 3.3 and chapter 9), and what a station says that lacks it."""

from typing import Any

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
    "SendLocalList": {"status": "NotSupported"},  # UpdateStatus, chapter 7
}
"""Answers that a message has for a station without its profile; the others are a CALLERROR NotSupported (OCPP-J 4.2.3, errata 3.39)."""


def absent_keys(features: tuple[str, ...]) -> frozenset[str]:
    """Configuration keys of the profiles that the station lacks."""
    return frozenset(key for feature, keys in _KEYS.items() if feature not in features for key in keys)


def is_absent(action: str, features: tuple[str, ...]) -> bool:
    """Whether the action belongs to a profile that the station lacks."""
    return any(action in actions for feature, actions in _ACTIONS.items() if feature not in features)


def own_word(action: str) -> dict[str, Any] | None:
    """The answer by which a station says that it lacks the action's profile; None where a CALLERROR says it."""
    return _OWN_WORDS.get(action)
