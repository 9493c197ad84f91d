"""The configuration keys of the station: type, range, access and first value (section 9.1-9.4)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.file_client import PROTOCOLS
from bench.virtual.stations.random_delay import LONGEST_S

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Current.Offered",
)
MAX_STACK_LEVEL = 10
MAX_PERIODS = 24
MAX_PROFILES = 20
MAX_KEYS = 50
LOCAL_LIST_MAX = 100
RANDOM_DELAY, DELAY_OVERRIDE = "SmartChargingCtrlr.RandomDelay", "SmartChargingCtrlr.RandomDelayOverride"

_MEASURAND = re.compile(r"(?P<name>[A-Za-z.]+?)(?:\.(?P<phase>L[123]))?")
_PHASED = {"Power.Active.Import", "Current.Import", "Voltage"}
_ROTATION = re.compile(r"\d+\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)")

Canonical = Callable[[str], str | None]
"""Gives the canonical form of a value, or None when it is not valid."""


FREE_VEND = "FreeVendIdTag"
STOP_BUTTON = "StopButtonEnabled"
"""A key of our own: whoever plugs in is charged for this tag; nobody where it is empty."""

LONGEST_TAG = 20


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key. `takes` is None for a read-only key."""

    name: str
    first: str
    takes: Canonical | None = None


def measurand(item: str) -> tuple[str, str | None] | None:
    """Split `Voltage.L1` into measurand and phase; None for what the station does not measure."""
    match = _MEASURAND.fullmatch(item)
    if match is None or match["name"] not in MEASURANDS:
        return None
    if match["phase"] is not None and match["name"] not in _PHASED:
        return None
    return match["name"], match["phase"]


def _integer(low: int, high: int = 2**31 - 1) -> Canonical:
    def canonical(value: str) -> str | None:
        if re.fullmatch(r"\s*\d{1,10}\s*", value) is None:
            return None
        number = int(value)
        return str(number) if low <= number <= high else None

    return canonical


def _text(longest: int) -> Canonical:
    return lambda value: value if 0 < len(value) <= longest else None


def _boolean(value: str) -> str | None:
    lowered = value.strip().lower()
    return lowered if lowered in {"true", "false"} else None


def measurands_taken(value: str) -> str | None:
    """The canonical form of a list of measurands; one unsupported measurand and the whole list is refused (section 3.16.4)."""
    items = [item.strip() for item in value.split(",")] if value.strip() else []
    return ",".join(items) if all(measurand(item) is not None for item in items) else None


def _rotations(value: str) -> str | None:
    items = [item.strip() for item in value.split(",")]
    return ",".join(items) if all(_ROTATION.fullmatch(item) for item in items) else None


def _unlocking(config: StationConfig) -> Key:
    """Errata 3.84: with a fixed cable it is always false."""
    name = "UnlockConnectorOnEVSideDisconnect"
    return Key(name, "false") if config.fixed_cable else Key(name, "true", _boolean)


def keys_for(config: StationConfig) -> dict[str, Key]:
    """All keys of a station, in the order in which GetConfiguration reports them."""
    rotation = ",".join(f"{n}.RST" for n in range(config.evses + 1))
    keys = (
        Key("AllowOfflineTxForUnknownId", "false", _boolean),
        Key("AuthorizationCacheEnabled", "true", _boolean),
        Key("AuthorizeRemoteTxRequests", "false", _boolean),
        Key("ClockAlignedDataInterval", "0", _integer(0)),
        Key("ConnectionTimeOut", "60", _integer(0)),
        Key("ConnectorPhaseRotation", rotation, _rotations),
        Key("GetConfigurationMaxKeys", str(MAX_KEYS)),
        Key("HeartbeatInterval", str(config.heartbeat_interval_s), _integer(0)),
        Key("LocalAuthorizeOffline", "true", _boolean),
        Key("LocalPreAuthorize", "false", _boolean),
        Key("MessageTimeout", "30", _integer(1)),
        Key("MeterValuesAlignedData", ",".join(MEASURANDS[:2]), measurands_taken),
        Key("MeterValuesSampledData", ",".join(MEASURANDS[:4]), measurands_taken),
        Key("MeterValueSampleInterval", "60", _integer(0)),
        Key("MinimumStatusDuration", "0", _integer(0)),
        Key("NumberOfConnectors", str(config.evses)),
        Key("ResetRetries", "1", _integer(0)),
        Key("StopTransactionOnEVSideDisconnect", "true", _boolean),
        Key("StopTransactionOnInvalidId", "true", _boolean),
        Key("StopTxnAlignedData", "", measurands_taken),
        Key("StopTxnSampledData", "", measurands_taken),
        Key("SupportedFeatureProfiles", ",".join(config.features)),
        Key("SupportedFileTransferProtocols", ",".join(PROTOCOLS)),
        Key("TransactionMessageAttempts", "3", _integer(1)),
        Key("TransactionMessageRetryInterval", "30", _integer(0)),
        _unlocking(config),
        Key("WebSocketPingInterval", "60", _integer(0)),
        Key("LocalAuthListEnabled", "true", _boolean),
        Key("LocalAuthListMaxLength", str(LOCAL_LIST_MAX)),
        Key("SendLocalListMaxLength", str(LOCAL_LIST_MAX)),
        Key("ReserveConnectorZeroSupported", "true"),
        Key("ChargeProfileMaxStackLevel", str(MAX_STACK_LEVEL)),
        Key("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
        Key("ChargingScheduleMaxPeriods", str(MAX_PERIODS)),
        Key("MaxChargingProfilesInstalled", str(MAX_PROFILES)),
        Key(FREE_VEND, "", lambda value: value if len(value) <= LONGEST_TAG else None),
        Key(STOP_BUTTON, "true", _boolean),
        *_delay_keys(config),
        *((Key("ConnectorSwitch3to1PhaseSupported", "true"),) if config.phase_switching else ()),
    )
    return {key.name: key for key in (*keys, *_security_keys(config))}


def _delay_keys(config: StationConfig) -> tuple[Key, ...]:
    """Keys of our own for the random delay of changes of load."""
    if not config.random_delay_s:
        return ()
    maximum = Key(RANDOM_DELAY, str(config.random_delay_s), _integer(0, LONGEST_S))
    return (maximum, Key(DELAY_OVERRIDE, "false", _boolean))


def _security_keys(config: StationConfig) -> tuple[Key, ...]:
    """White paper on security, edition 3, chapter 7. AuthorizationKey and SecurityProfile are kept by the firmware's security part."""
    security = config.security
    if security is None:
        return ()
    return (
        Key("AdditionalRootCertificateCheck", "true" if security.additional_root_check else "false"),
        Key("AuthorizationKey", "", _text(40)),
        Key("CertificateSignedMaxChainSize", "10000"),
        Key("CertificateStoreMaxLength", str(security.store_max)),
        Key("CpoName", security.cpo_name, _text(64)),
        Key("SecurityProfile", str(security.profile), _integer(0, 3)),
    )
