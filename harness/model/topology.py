"""The bench file: which instrument is wired to which EVSE, over which link, how accurate, and what is safe.

A topology is data: it knows names of roles and drivers, not their code; `bench.rig` checks those against the registry.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Annotated, Any, Literal

from harness.model.cable import CableEntry
from harness.model.overlay import Layer, Overlaid, overlay
from harness.model.strict import Key, Matches, MisfitError, ModelError, NonEmpty, Range, build, nearest, parse_table
from harness.uncertainty import Accuracy, QuantityKind

Name = Annotated[str, Matches(r"[a-z][a-z0-9_]*", "a name in small letters, digits and _, e.g. meter_1")]
Phase = Literal[1, 2, 3]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OPTION_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")  # so that a pattern such as [0-9]{2} stays what it is
_MANY_ALLOWED = frozenset({"relay_board"})

RUN_VALUES = ("csms_url", "csms_host", "csms_port", "identity", "run_directory")
"""Placeholders that every run fills, on a real bench, too: for a station program that the bench starts itself."""


@dataclass(frozen=True, slots=True)
class InstrumentEntry:
    """One instrument as wired.

    `phases` says which phase of the EVSE each measuring channel sees, in the channels' order. `location` says where:
    at the station's outlet, at the EV's end of the cable, or in the supply. `address` may hold `{name}` placeholders
    for ports that the virtual bench publishes. `update_interval_s` is how old a displayed value may be. `conditions`: under
    which the stated accuracy holds (temperature, warm-up, since calibration), as the report tells it. `stations`:
    identities of the stations that it is wired to, where the bench serves several; empty for all of them.
    """

    name: Name
    roles: Annotated[tuple[str, ...], NonEmpty()]
    driver: Annotated[str, NonEmpty()]
    address: Annotated[str, NonEmpty()]
    evses: Annotated[tuple[Annotated[int, Range(1, 1000)], ...], NonEmpty()] = (1,)
    phases: Annotated[tuple[Phase, ...], NonEmpty()] = (1, 2, 3)
    stations: tuple[Annotated[str, NonEmpty()], ...] = ()
    location: Literal["outlet", "cable_end", "supply"] | None = None
    sample: bool = False
    timeout_s: Annotated[float, Range(0.01, 60)] = 2.0
    update_interval_s: Annotated[float, Range(0, 60)] = 0.0
    uncertainty: dict[QuantityKind, Accuracy] = field(default_factory=dict)
    conditions: str = ""
    calibration_date: date | None = None
    calibration_due: date | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("roles", "evses", "phases", "stations"):
            values = getattr(self, key)
            if len(set(values)) < len(values):
                raise MisfitError(f"{key} holds a value twice", "name each once")
        dates = (self.calibration_date, self.calibration_due)
        if dates[0] and dates[1] and dates[1] <= dates[0]:
            raise MisfitError("calibration_due is not after calibration_date", "correct one of them")

    def serves(self, station: str) -> bool:
        """Whether it is wired to the station of this identity; an empty one stands for any."""
        return not station or not self.stations or station in self.stations

    def located(self, ports: Mapping[str, int | str]) -> str:
        """The address with its placeholders filled. Raises KeyError (the name) for a port that is not there."""
        return _PLACEHOLDER.sub(lambda match: str(ports[match.group(1)]), self.address)

    def filled_options(self, values: Mapping[str, int | str]) -> dict[str, Any]:
        """The options with `{name}` filled in every text. Raises KeyError (the name) for a value that is not there."""
        return {key: _filled(option, values) for key, option in self.options.items()}

    def placeholders(self) -> tuple[str, ...]:
        """Names of the ports and values that address and options need."""
        return (*_PLACEHOLDER.findall(self.address), *_asked(self.options))


@dataclass(frozen=True, slots=True)
class SafeStep:
    """One step to the safe state: call `verb` with `args`; `readback` must give `expected` within `within_s`."""

    instrument: Name
    verb: Name
    args: dict[str, Any] = field(default_factory=dict)
    readback: Name | None = None
    readback_args: dict[str, Any] = field(default_factory=dict)
    expected: bool | int | float | str | None = None
    within_s: Annotated[float, Range(0, 60)] = 0.0

    def __post_init__(self) -> None:
        if (self.readback is None) != (self.expected is None):
            raise MisfitError("readback and expected belong together", "give both or none")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A case, or all cases that need a role, need not run on this bench, with the reason the report shows."""

    reason: Annotated[str, NonEmpty()]
    case: str | None = None
    role: str | None = None

    def __post_init__(self) -> None:
        if (self.case is None) == (self.role is None):
            raise MisfitError("a waiver names a case or a role", "give exactly one of case and role")


@dataclass(frozen=True, slots=True)
class EvseLimits:
    """Tighter limits of one EVSE; what is not stated is the bench's."""

    evse: Annotated[int, Range(1, 1000)]
    max_voltage_v: Annotated[float | None, Range(0, 1000)] = None
    max_current_a: Annotated[float | None, Range(0, 1000)] = None
    max_temperature_c: Annotated[float | None, Range(-50, 500)] = None


_LIMIT_NAMES = ("max_voltage_v", "max_current_a", "max_temperature_c")


@dataclass(frozen=True, slots=True)
class BenchLimits:
    """What no stimulus may ask for and no reading may show on this bench, whatever a case wants.

    `nominal_voltage_v` is the supply's: a voltage further than 10 % from it is hazardous and takes an armed run.
    `evses` ([[limits.evse]]) may only be tighter than the bench.
    """

    max_voltage_v: Annotated[float, Range(0, 1000)]
    max_current_a: Annotated[float, Range(0, 1000)]
    max_temperature_c: Annotated[float | None, Range(-50, 500)] = None
    nominal_voltage_v: Annotated[float, Range(1, 1000)] = 230.0
    evses: Annotated[tuple[EvseLimits, ...], Key("evse")] = ()

    def __post_init__(self) -> None:
        numbers = [limits.evse for limits in self.evses]
        if len(set(numbers)) < len(numbers):
            raise MisfitError("[[limits.evse]] names an EVSE twice", "name each once")
        for limits in self.evses:
            for name in _LIMIT_NAMES:
                own, whole = getattr(limits, name), getattr(self, name)
                if own is not None and whole is not None and own > whole:
                    what = f"{name} = {own:g} of EVSE {limits.evse} is above the bench's {whole:g}"
                    raise MisfitError(what, "an EVSE's limits may only be tighter than the bench's")

    def of(self, evses: tuple[int, ...]) -> "BenchLimits":
        """The limits for an instrument on these EVSEs: one EVSE's own, the bench's where it sees several."""
        own = next((limits for limits in self.evses if evses == (limits.evse,)), None)
        if own is None:
            return self
        stated = {name: value for name in _LIMIT_NAMES if (value := getattr(own, name)) is not None}
        return replace(self, **stated)


@dataclass(frozen=True, slots=True)
class WatchdogEntry:
    """The process that secures a real bench when the harness died, or its event loop stood still for `stall_s`."""

    stall_s: Annotated[float, Range(1, 86400)] = 30.0


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A server certificate (PEM, with the certificates between it and its root) and its private key (PEM, not encrypted)."""

    certificate: Annotated[str, NonEmpty()]
    key: Annotated[str, NonEmpty()]


@dataclass(frozen=True, slots=True)
class CsmsTls:
    """Certificates of the fake CSMS, for security profiles 2 and 3. What is not stated is made for the bench.

    `name`: by which stations reach the CSMS, where that is not [csms] host; it stands in the certificates that are made. `server`: own
    certificates in their place. `ca` with `ca_key` signs them, and those of stations. `client_ca`: further roots that stations'
    certificates may come from. All are files.
    """

    name: str = ""
    server: tuple[TlsFiles, ...] = ()
    ca: str | None = None
    ca_key: str | None = None
    client_ca: str | None = None

    def __post_init__(self) -> None:
        if (self.ca is None) != (self.ca_key is None):
            raise MisfitError("ca and ca_key go together", "state both, or leave both out")


@dataclass(frozen=True, slots=True)
class CsmsEntry:
    """Where the fake CSMS listens; port 0 takes any free one. It speaks TLS there too, once a security profile asks for it."""

    host: Annotated[str, NonEmpty()] = "127.0.0.1"
    port: Annotated[int, Range(0, 65535)] = 0
    tls: CsmsTls = field(default_factory=CsmsTls)


@dataclass(frozen=True, slots=True)
class FilesEntry:
    """Where the run's file server listens, for firmware, diagnostics and logs; port 0 takes any free one.

    `host` as the station reaches it; without one it is the CSMS's.
    """

    host: Annotated[str, NonEmpty()] | None = None
    ftp_port: Annotated[int, Range(0, 65535)] = 0
    http_port: Annotated[int, Range(0, 65535)] = 0
    https_port: Annotated[int, Range(0, 65535)] = 0


@dataclass(frozen=True, slots=True)
class Topology:
    """A whole bench file. `virtual` holds the virtual bench's own settings and is None on a real bench.

    Each sampled instrument is read every `sample_interval_s` for the cases (these may change it), and every `record_interval_s`, if
    stated, for the recording: then by a process of its own, on the wall clock only.
    """

    name: Annotated[str, NonEmpty()]
    limits: BenchLimits
    instruments: Annotated[tuple[InstrumentEntry, ...], Key("instrument"), NonEmpty()]
    cables: Annotated[tuple[CableEntry, ...], Key("cable")] = ()
    safe_state: tuple[SafeStep, ...] = ()
    waivers: Annotated[tuple[Waiver, ...], Key("waiver")] = ()
    sample_interval_s: Annotated[float, Range(0.001, 3600)] = 1.0
    record_interval_s: Annotated[float | None, Range(0.001, 3600)] = None
    csms: CsmsEntry = field(default_factory=CsmsEntry)
    files: FilesEntry = field(default_factory=FilesEntry)
    watchdog: WatchdogEntry = field(default_factory=WatchdogEntry)
    virtual: dict[str, Any] | None = None
    source: str = field(default="", init=False)

    def __post_init__(self) -> None:
        names = tuple(entry.name for entry in self.instruments)
        for name in names:
            if names.count(name) > 1:
                raise MisfitError(f"two instruments are named {name!r}", "give each its own name")
        for number, step in enumerate(self.safe_state, 1):
            if step.instrument not in names:
                what = f"safe_state[{number}].instrument {step.instrument!r} is not wired"
                raise MisfitError(what, nearest(step.instrument, names))
        self._one_instrument_a_role()
        self._one_cable_an_evse()
        self._recorded_faster()
        if self.virtual is None:
            self._no_placeholders()

    def _recorded_faster(self) -> None:
        fast, slow = self.record_interval_s, self.sample_interval_s
        if fast is not None and fast > slow:
            what = f"record_interval_s = {fast:g} is more than sample_interval_s = {slow:g}"
            raise MisfitError(what, "leave it out: every sample is recorded anyway")

    def _one_instrument_a_role(self) -> None:
        taken: dict[tuple[str, int], list[InstrumentEntry]] = {}
        for entry in self.instruments:
            for place in ((role, evse) for role in entry.roles for evse in entry.evses):
                others = taken.setdefault(place, [])
                clash = next((other for other in others if _share_a_station(other, entry)), None)
                if clash is not None and place[0] not in _MANY_ALLOWED:
                    what = f"{clash.name} and {entry.name} are both {place[0]} of EVSE {place[1]}"
                    raise MisfitError(what, "leave the role to one of them, or correct evses or stations")
                others.append(entry)

    def _one_cable_an_evse(self) -> None:
        for one, other in combinations(self.cables, 2):
            shared = set(one.evses) & set(other.evses)
            if shared and _share_a_station(one, other):
                raise MisfitError(f"two cables are described for EVSE {min(shared)}", "leave one, or correct evses")

    def _no_placeholders(self) -> None:
        for entry in self.instruments:
            ports = [name for name in entry.placeholders() if name not in RUN_VALUES]
            if ports:
                what = f"{entry.name} has the placeholder {{{ports[0]}}}, and there is no [virtual] table"
                raise MisfitError(what, f"write the instrument's real address; runs fill {', '.join(RUN_VALUES)}")

    def wired(self, role: str, evse: int = 1, station: str = "") -> InstrumentEntry | None:
        """The instrument that has this role on this EVSE (of the station of this identity), or None."""
        for entry in self.instruments:
            if role in entry.roles and evse in entry.evses and entry.serves(station):
                return entry
        return None

    def cable(self, evse: int = 1, station: str = "") -> CableEntry | None:
        """The cable between this EVSE's outlet and the EV, or None where none is described."""
        return next((one for one in self.cables if evse in one.evses and one.serves(station)), None)


def _share_a_station(one: InstrumentEntry | CableEntry, other: InstrumentEntry | CableEntry) -> bool:
    return not one.stations or not other.stations or bool(set(one.stations) & set(other.stations))


def _filled(option: Any, values: Mapping[str, int | str]) -> Any:
    if isinstance(option, str):
        return _OPTION_PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), option)
    if isinstance(option, list):
        return [_filled(item, values) for item in option]
    if isinstance(option, dict):
        return {key: _filled(item, values) for key, item in option.items()}
    return option


def _asked(option: Any) -> tuple[str, ...]:
    if isinstance(option, str):
        return tuple(_OPTION_PLACEHOLDER.findall(option))
    if isinstance(option, dict):
        option = list(option.values())
    return tuple(name for item in option for name in _asked(item)) if isinstance(option, list) else ()


def load_topology(text: str, source: str) -> Topology:
    """Build a topology from TOML text that stands alone; `source` names the file in errors. Raises ModelError."""
    return topology_of(overlay([Layer(source, parse_table(text, source))]))


def topology_of(merged: Overlaid) -> Topology:
    """The bench that a description says, laid over its bases. Raises ModelError with every problem and the file it stands in."""
    try:
        topology = build(Topology, merged.table, merged.source)
    except ModelError as error:
        raise merged.located(error) from None
    object.__setattr__(topology, "source", merged.source)
    return topology
