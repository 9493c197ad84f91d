"""What one virtual station is, as its data sheet and its installer would say."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bench.errors import BenchError
from bench.virtual.stations.security_config import SecurityConfig

SUBPROTOCOLS = ("ocpp2.0.1", "ocpp1.6")

FEATURES = (
    "Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger",
)  # fmt: skip
"""Feature profiles of OCPP 1.6 (Edition 2, 3.3)."""


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One virtual station. It knows no tokens: whom to charge is the CSMS's to say.

    `identity` ends the WebSocket URL; `password` is the Basic-auth password (security profile 1) or None for none;
    `subprotocols` are offered in this order; `configuration` gives first values of 1.6 configuration keys (name ->
    text), `variables` those of 2.0.1 ("Component.Variable" -> text); both yield to what NVRAM holds. Seconds and
    amperes as the names say; `reboot_s` is how long a power-up takes until the station connects.
    `backup_supply_s`: how long a back-up supply keeps the controller up after mains is lost (0: there is none).
    `fixed_cable`: a captive cable at every EVSE, and no lock.
    `phase_switching`: it can switch from three phases to one in a transaction.
    `random_delay_s`: changes of load come at a random moment within so many seconds, as configured (0: at once).
    `load_monitoring`: it switches off EVs that draw more than they are offered.
    `ventilation`: its place is ventilated, and EVs that ask for that are supplied.
    `features`: the feature profiles of OCPP 1.6 that the station has.
    `authorization_cache`: it has one, with its configuration key.
    `security`: it has the security extension of OCPP 1.6, and these credentials; None for neither.
    """

    identity: str
    vendor: str = "Plugproof"
    model: str = "Virtual-2"
    serial: str = "VS-0001"
    firmware_version: str = "1.0.0"
    subprotocols: tuple[str, ...] = SUBPROTOCOLS
    evses: int = 2
    connectors_per_evse: int = 1
    password: str | None = None
    heartbeat_interval_s: int = 300
    max_current_a: float = 32.0
    nominal_voltage_v: float = 230.0
    phases: int = 3
    reboot_s: float = 2.0
    backup_supply_s: float = 0.0
    fixed_cable: bool = False
    phase_switching: bool = False
    random_delay_s: int = 0
    load_monitoring: bool = False
    ventilation: bool = False
    features: tuple[str, ...] = FEATURES
    authorization_cache: bool = True
    security: SecurityConfig | None = None
    configuration: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "station") -> "StationConfig":
        """Build from a table. Raises BenchError naming the key, the value and the cure (unknown key, wrong type)."""
        known = {f.name: f for f in fields(cls)}
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
                raise BenchError(f"{where}.{key}: unknown key. Cure: did you mean {near!r}?")
        if "identity" not in values:
            raise BenchError(f"{where}.identity is missing. Cure: give the identity that ends the station's URL")
        taken = {key: _checked(key, value, where) for key, value in values.items()}
        return cls(**taken)


def _checked(key: str, value: Any, where: str) -> Any:
    if key == "subprotocols":
        return _names(key, value, SUBPROTOCOLS, where)
    if key == "features":
        return _names(key, value, FEATURES, where)
    if key == "security" and isinstance(value, dict):
        return SecurityConfig.from_dict(value, f"{where}.security")
    expected: dict[str, tuple[type, ...]] = {
        "evses": (int,),
        "connectors_per_evse": (int,),
        "heartbeat_interval_s": (int,),
        "phases": (int,),
        "max_current_a": (int, float),
        "nominal_voltage_v": (int, float),
        "reboot_s": (int, float),
        "backup_supply_s": (int, float),
        "fixed_cable": (bool,),
        "phase_switching": (bool,),
        "random_delay_s": (int,),
        "load_monitoring": (bool,),
        "ventilation": (bool,),
        "authorization_cache": (bool,),
        "configuration": (dict,),
        "variables": (dict,),
        "security": (type(None),),
        "password": (str, type(None)),
    }
    types = expected.get(key, (str,))
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        names = " or ".join(t.__name__ for t in types)
        raise BenchError(f"{where}.{key} = {value!r}: wrong type. Cure: give {names}")
    return value


def _names(key: str, value: Any, known: tuple[str, ...], where: str) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and value and all(v in known for v in value):
        return tuple(value)
    raise BenchError(f"{where}.{key} = {value!r}. Cure: a list of {', '.join(known)}, preferred first")
