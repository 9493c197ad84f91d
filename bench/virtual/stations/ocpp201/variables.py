"""The variables of the virtual 2.0.1 station.

The required ones of Part 2, Referenced Components and Variables (2.1 to 2.9, 2.13) and of Part 4, chapter 8, with
defaults of ours. Names as in the CSV of the appendices v1.4, which the prose of Part 2 spells differently in places.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.virtual.stations.ocpp201.device_model import Characteristics, Variable
from bench.virtual.stations.random_delay import LONGEST_S

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Frequency",
    "Current.Offered",
)
"""Measurands that the station's meter and controller can give."""

TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""Supported values of TxStartPoint and TxStopPoint: no parking bay sensor, no signing meter."""

AVAILABILITY_STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")

ITEMS_PER_GET = 20
ITEMS_PER_SET = 20
BYTES_PER_MESSAGE = 65536


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What differs between two stations of this firmware."""

    identity: str
    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    evse_ids: tuple[int, ...]
    rated_current_a: float
    nominal_voltage_v: float
    phases: int
    security_profile: int = 0
    connector_type: str = "sType2"
    phase_switching: bool = False
    random_delay_s: int = 0

    def rated_power_w(self) -> float:
        """Largest power of one EVSE, from its rated current and the nominal voltage."""
        return self.rated_current_a * self.nominal_voltage_v * self.phases


def station_variables(facts: StationFacts) -> list[Variable]:
    """Every variable of the station with its default, in the order in which it is reported."""
    return [
        *_communication(),
        *_data_and_clock(),
        *_security(facts),
        *_authorization(),
        *_transactions(),
        *_sampled_data(),
        *_aligned_data(),
        *_smart_charging(facts),
        *_infrastructure(facts),
    ]


def _integer(component: str, name: str, value: int, unit: str | None = None, **more: str | float) -> Variable:
    limits = Characteristics(
        "integer",
        unit=unit,
        min_limit=float(more.get("low", 0)),
        max_limit=float(more["high"]) if "high" in more else None,
    )
    instance = str(more["instance"]) if "instance" in more else None
    return Variable(component, name, limits, str(value), "ReadWrite", instance)


def _fixed(component: str, name: str, value: int, instance: str | None = None, high: int | None = None) -> Variable:
    limits = Characteristics("integer", max_limit=high)
    return Variable(component, name, limits, str(value), "ReadOnly", instance)


def _boolean(component: str, name: str, *, value: bool, fixed: bool = False) -> Variable:
    text = "true" if value else "false"
    return Variable(component, name, Characteristics("boolean"), text, "ReadOnly" if fixed else "ReadWrite")


def _list(component: str, name: str, value: str, values: Sequence[str], kind: str = "MemberList") -> Variable:
    return Variable(component, name, Characteristics(kind, values=tuple(values)), value, "ReadWrite")


def _communication() -> list[Variable]:
    c = "OCPPCommCtrlr"
    return [
        _fixed(c, "MessageTimeout", 30, "Default"),
        Variable(c, "FileTransferProtocols", Characteristics("MemberList", values=("HTTP", "HTTPS")), "HTTP"),
        _integer(c, "HeartbeatInterval", 300, "s", low=1),
        _list(c, "NetworkConfigurationPriority", "1", ("1",), "SequenceList"),
        _integer(c, "NetworkProfileConnectionAttempts", 3),
        _integer(c, "OfflineThreshold", 60, "s", high=86400),
        _integer(c, "MessageAttempts", 3, instance="TransactionEvent"),
        _integer(c, "MessageAttemptInterval", 10, "s", instance="TransactionEvent"),
        _boolean(c, "UnlockOnEVSideDisconnect", value=True),
        _integer(c, "WebSocketPingInterval", 60, "s"),
        _integer(c, "ResetRetries", 1),
        _integer(c, "RetryBackOffRepeatTimes", 3),
        _integer(c, "RetryBackOffRandomRange", 2, "s"),
        _integer(c, "RetryBackOffWaitMinimum", 2, "s"),
    ]


def _data_and_clock() -> list[Variable]:
    c = "DeviceDataCtrlr"
    return [
        _fixed(c, "ItemsPerMessage", ITEMS_PER_GET, "GetReport"),
        _fixed(c, "ItemsPerMessage", ITEMS_PER_GET, "GetVariables"),
        _fixed(c, "ItemsPerMessage", ITEMS_PER_SET, "SetVariables"),
        _fixed(c, "BytesPerMessage", BYTES_PER_MESSAGE, "GetReport"),
        _fixed(c, "BytesPerMessage", BYTES_PER_MESSAGE, "GetVariables"),
        _fixed(c, "BytesPerMessage", BYTES_PER_MESSAGE, "SetVariables"),
        Variable("ClockCtrlr", "DateTime", Characteristics("dateTime")),
        _list("ClockCtrlr", "TimeSource", "Heartbeat", ("Heartbeat",), "SequenceList"),
    ]


def _security(facts: StationFacts) -> list[Variable]:
    c = "SecurityCtrlr"
    password = Characteristics("string", min_limit=16, max_limit=40)
    return [
        Variable(c, "BasicAuthPassword", password, mutability="WriteOnly"),
        Variable(c, "Identity", Characteristics("string", max_limit=48), facts.identity),
        Variable(c, "OrganizationName", Characteristics("string"), "Plugproof", "ReadWrite"),
        _fixed(c, "CertificateEntries", 0, high=6),
        _integer(c, "CertSigningWaitMinimum", 60, "s"),
        _integer(c, "CertSigningRepeatTimes", 3),
        _fixed(c, "SecurityProfile", facts.security_profile),
    ]


def _authorization() -> list[Variable]:
    c, cache = "AuthCtrlr", "AuthCacheCtrlr"
    return [
        _boolean(c, "Enabled", value=True),
        _boolean(c, "AuthorizeRemoteStart", value=False),
        _boolean(c, "LocalAuthorizeOffline", value=True),
        _boolean(c, "LocalPreAuthorize", value=False),
        _boolean(c, "OfflineTxForUnknownIdEnabled", value=False),
        _boolean(c, "DisableRemoteAuthorization", value=False),
        _boolean(cache, "Available", value=True, fixed=True),
        _boolean(cache, "Enabled", value=True),
        _integer(cache, "LifeTime", 86400, "s", low=1),
        _boolean("LocalAuthListCtrlr", "Available", value=False, fixed=True),
    ]


def _transactions() -> list[Variable]:
    c = "TxCtrlr"
    return [
        _integer(c, "EVConnectionTimeOut", 60, "s"),
        _boolean(c, "StopTxOnEVSideDisconnect", value=True),
        _list(c, "TxStartPoint", "EVConnected,Authorized", TX_POINTS),
        _list(c, "TxStopPoint", "EVConnected,Authorized", TX_POINTS),
        _integer(c, "MaxEnergyOnInvalidId", 0, "Wh"),
        _boolean(c, "StopTxOnInvalidId", value=True),
    ]


def _sampled_data() -> list[Variable]:
    c = "SampledDataCtrlr"
    register = MEASURANDS[0]
    return [
        _boolean(c, "Available", value=True, fixed=True),
        _boolean(c, "Enabled", value=True),
        _list(c, "TxStartedMeasurands", register, MEASURANDS),
        _list(c, "TxUpdatedMeasurands", ",".join(MEASURANDS[:4]), MEASURANDS),
        _integer(c, "TxUpdatedInterval", 60, "s"),
        _list(c, "TxEndedMeasurands", register, MEASURANDS),
        _integer(c, "TxEndedInterval", 0, "s"),
    ]


def _aligned_data() -> list[Variable]:
    c = "AlignedDataCtrlr"
    return [
        _boolean(c, "Available", value=True, fixed=True),
        _boolean(c, "Enabled", value=True),
        _list(c, "Measurands", MEASURANDS[0], MEASURANDS),
        _integer(c, "Interval", 0, "s"),
        _list(c, "TxEndedMeasurands", "", MEASURANDS),
        _integer(c, "TxEndedInterval", 0, "s"),
    ]


def _smart_charging(facts: StationFacts) -> list[Variable]:
    c = "SmartChargingCtrlr"
    delay = [
        _integer(c, "RandomDelay", facts.random_delay_s, "s", high=LONGEST_S),
        _boolean(c, "RandomDelayOverride", value=False),
    ]
    significance = Characteristics("decimal", unit="Percent", min_limit=0, max_limit=100)
    return [
        _boolean(c, "Available", value=True, fixed=True),
        _boolean(c, "Enabled", value=True),
        _fixed(c, "ProfileStackLevel", 9),
        Variable(c, "RateUnit", Characteristics("MemberList", values=("A", "W")), "A,W"),
        _fixed(c, "PeriodsPerSchedule", 24),
        _fixed(c, "Entries", 0, "ChargingProfiles", high=20),
        Variable(c, "LimitChangeSignificance", significance, "1.0", "ReadWrite"),
        _boolean(c, "Phases3to1", value=facts.phase_switching, fixed=True),
        _boolean(c, "ACPhaseSwitchingSupported", value=False, fixed=True),
        *(delay if facts.random_delay_s else ()),
        _boolean("ReservationCtrlr", "Available", value=False, fixed=True),
    ]


def _infrastructure(facts: StationFacts) -> list[Variable]:
    rows = _place("ChargingStation", facts)
    for evse_id in facts.evse_ids:
        power = Characteristics("decimal", unit="W", max_limit=facts.rated_power_w())
        rows += _place("EVSE", facts, evse_id)
        rows.append(Variable("EVSE", "Power", power, evse_id=evse_id))
        rows.append(Variable("EVSE", "AllowReset", Characteristics("boolean"), "false", evse_id=evse_id))
        kind = Variable("Connector", "ConnectorType", Characteristics("string"), facts.connector_type)
        kind.evse_id, kind.connector_id = evse_id, 1
        rows += [*_place("Connector", facts, evse_id, 1), kind]
    return rows


def _place(
    component: str, facts: StationFacts, evse_id: int | None = None, connector_id: int | None = None
) -> list[Variable]:
    states = Characteristics("OptionList", values=AVAILABILITY_STATES)
    rows = [
        Variable(component, "Available", Characteristics("boolean"), "true"),
        Variable(component, "AvailabilityState", states, "Available"),
        Variable(component, "SupplyPhases", Characteristics("integer"), str(facts.phases)),
    ]
    for row in rows:
        row.evse_id, row.connector_id = evse_id, connector_id
    return rows
