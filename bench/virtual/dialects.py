"""Which instrument stands at a port of the virtual bench: one counterpart a driver, by the driver's name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Protocol, cast

from bench.meters.register_file import register_file_names
from bench.virtual.instruments.analyzer import AnalyzerConfig, VirtualAnalyzer
from bench.virtual.instruments.chroma_source import VirtualChromaSource
from bench.virtual.instruments.dmm6500 import VirtualDmm6500
from bench.virtual.instruments.ev_box import VirtualEvBox
from bench.virtual.instruments.hioki_pw3390 import VirtualHiokiPw3390
from bench.virtual.instruments.modbus_server import Framing, ModbusInstrument
from bench.virtual.instruments.pdu import MODELS, VirtualPdu
from bench.virtual.instruments.reference_meter import ReferenceMeterConfig, VirtualReferenceMeter
from bench.virtual.instruments.relay_board import VirtualRelayBoard
from bench.virtual.instruments.rigol_scope import VirtualRigolScope
from bench.virtual.instruments.scope import VirtualScope
from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.instruments.server import Latency, VirtualInstrument
from bench.virtual.instruments.siglent_scope import VirtualSiglentScope
from bench.virtual.instruments.source import SourceConfig, VirtualAcSource
from bench.virtual.instruments.taps import SupplyTap
from bench.virtual.instruments.yokogawa_wt import VirtualYokogawaWt
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.plant import Plant
from harness.model.strict import MisfitError, ModelError, Range, build, nearest
from harness.model.topology import RUN_VALUES, InstrumentEntry, Topology

_NUMBERED = re.compile(r"(?:analyzer|scope|meter|ev)_(\d+)")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What stands at a port ([virtual.instruments.PORT]). What is not stated is as the driver that is wired there needs it.

    `dialect`: the driver whose counterpart it is. `evse`: where it stands, unless its name says so (`meter_2`); `phase` of it where it
    sees but one. `framing`, `meter` (a register file) where it is a Modbus instrument. `model` and `outlet`: of a power strip; `model` also of a Rigol oscilloscope.
    `at_supply`: a meter counts what the whole station takes, not one outlet's.
    `at_pilot`: a multimeter's terminals are at the control pilot, not at a phase.
    """

    dialect: str
    evse: Annotated[int | None, Range(1, 32)] = None
    phase: Literal[1, 2, 3] | None = None
    framing: Framing | None = None
    meter: str | None = None
    model: str | None = None
    outlet: Annotated[int | None, Range(0, 64)] = None
    at_pilot: bool | None = None
    at_supply: bool | None = None

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise MisfitError(f"no virtual instrument speaks {self.dialect!r}", nearest(self.dialect, tuple(DIALECTS)))
        known = DIALECTS[self.dialect].settings
        for name in ("phase", "framing", "meter", "model", "outlet", "at_pilot", "at_supply"):
            if getattr(self, name) is not None and name not in known:
                cure = f"it has {', '.join(('evse', *known))}"
                raise MisfitError(f"{self.dialect} has no {name}", cure)
        if self.meter is not None and self.meter not in register_file_names():
            raise MisfitError(f"no register file is named {self.meter!r}", nearest(self.meter, register_file_names()))
        if self.dialect == "http_pdu" and self.model not in MODELS:
            raise MisfitError(f"no power strip is the model {self.model!r}", nearest(str(self.model), tuple(MODELS)))


class Errors(Protocol):
    """How the instruments of a bench err, kind by kind."""

    @property
    def analyzer(self) -> AnalyzerConfig:
        """Of power analysers and multimeters."""

    @property
    def reference_meter(self) -> ReferenceMeterConfig:
        """Of Modbus meters."""

    @property
    def scope(self) -> ScopeConfig:
        """Of oscilloscopes."""

    @property
    def source(self) -> SourceConfig:
        """Of AC sources."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instrument is put, and how it errs."""

    name: str
    plant: Plant
    errors: Errors
    latency: Latency

    def evse(self, fitted: Fitted) -> PlantEvse:
        """The EVSE it stands at: the stated one, else the one in its name, else the first."""
        numbered = _NUMBERED.fullmatch(self.name)
        return self.plant.evse(fitted.evse or (int(numbered[1]) if numbered else 1))


def make(place: Place, fitted: Fitted) -> VirtualInstrument:
    """The instrument that is `fitted` at this place; it does not listen yet. Raises BenchError for what it cannot be."""
    return DIALECTS[fitted.dialect].make(place, fitted)


# -- from a bench file


def fitted_table(topology: Topology) -> dict[str, Any]:
    """The [virtual] table with `instruments` as the drivers need them that are wired to its ports; what the file itself says stands.

    The error of saying it twice, and differently, is so not made; a file that says it differently on purpose is heard.
    """
    table = dict(topology.virtual or {})
    stated = table.get("instruments", {})
    if not isinstance(stated, Mapping):
        return table  # refused when the table is read
    derived: dict[str, Any] = {}
    for entry in topology.instruments:
        ports = [name for name in entry.placeholders() if name not in RUN_VALUES]
        if entry.driver in DIALECTS and len(ports) == 1 and ports[0] not in derived:
            derived |= _as_driven(entry, ports[0])
    both = {
        name: {**(derived.get(name, {}) if _same(derived.get(name), own) else {}), **own} if _is_table(own) else own
        for name, own in stated.items()
    }
    table["instruments"] = {**derived, **both}
    return table


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _same(derived: Mapping[str, object] | None, own: object) -> bool:
    """Whether what was derived still holds: its settings are no other dialect's."""
    return (
        derived is not None
        and isinstance(own, Mapping)
        and own.get("dialect", derived["dialect"]) == derived["dialect"]
    )


def _as_driven(entry: InstrumentEntry, port: str) -> dict[str, Any]:
    """What the driver of this instrument expects at its port; nothing where its options do not fit: the driver says so itself."""
    known = DIALECTS[entry.driver].settings
    settings = {
        "phase": entry.phases[0] if len(entry.phases) == 1 else None,
        "framing": "rtu" if entry.address.startswith("modbus+rtu") else "tcp",
        "meter": entry.options.get("meter") or entry.options.get("registers"),
        "model": entry.options.get("model"),
        "outlet": entry.options.get("outlet"),
        "at_pilot": entry.options.get("function") == "pilot_voltage",
        "at_supply": entry.location == "supply",
    }
    told = {name: value for name, value in settings.items() if name in known and value is not None}
    fitted = {"dialect": entry.driver, **told} | ({} if _NUMBERED.fullmatch(port) else {"evse": entry.evses[0]})
    try:
        build(Fitted, fitted, port)
    except ModelError:
        return {}
    return {port: fitted}


# -- the counterparts


@dataclass(frozen=True, slots=True)
class _Dialect:
    make: Callable[[Place, Fitted], VirtualInstrument]
    settings: tuple[str, ...] = ()


_SUPPLY_STARTS = 11.0
"""A meter in the supply begins at so many times the register of one at an outlet, so that the two are not mixed up."""


def _meter(place: Place, fitted: Fitted) -> VirtualInstrument:
    config = place.errors.reference_meter
    config = replace(config, meter=fitted.meter or config.meter, framing=fitted.framing or config.framing)
    tap = SupplyTap(place.plant) if fitted.at_supply else None
    if fitted.at_supply:
        config = replace(config, register_start_wh=_SUPPLY_STARTS * config.register_start_wh)
    return VirtualReferenceMeter(place.name, place.plant, place.evse(fitted), config, tap)


def _dmm(place: Place, fitted: Fitted) -> VirtualInstrument:
    evse, phase = place.evse(fitted), None if fitted.at_pilot else fitted.phase or 1
    return VirtualDmm6500(place.name, place.plant, evse, place.errors.analyzer, phase, place.latency)


def _rigol(place: Place, fitted: Fitted) -> VirtualInstrument:
    evse, model = place.evse(fitted), fitted.model or "DHO804"
    return VirtualRigolScope(place.name, evse, place.errors.scope, place.latency, model)


def _strip(place: Place, fitted: Fitted) -> VirtualInstrument:
    model, outlet = cast("str", fitted.model), fitted.outlet if fitted.outlet is not None else 1
    return VirtualPdu(place.name, place.plant, model, outlet, place.latency)


def _framed(instrument: ModbusInstrument, fitted: Fitted) -> VirtualInstrument:
    instrument.framing = fitted.framing or instrument.framing
    return instrument


def _analyzer(kind: Callable[..., VirtualInstrument]) -> _Dialect:
    def made(place: Place, fitted: Fitted) -> VirtualInstrument:
        return kind(place.name, place.plant, place.evse(fitted), place.errors.analyzer, place.latency)

    return _Dialect(made)


def _scope(kind: Callable[..., VirtualInstrument]) -> _Dialect:
    return _Dialect(lambda at, is_: kind(at.name, at.evse(is_), at.errors.scope, at.latency))


def _source(kind: Callable[..., VirtualInstrument]) -> _Dialect:
    return _Dialect(lambda at, _is: kind(at.name, at.plant, at.errors.source, at.latency))


DIALECTS: dict[str, _Dialect] = {
    "zes_lmg600": _analyzer(VirtualAnalyzer),
    "yokogawa_wt": _analyzer(VirtualYokogawaWt),
    "hioki_pw3390": _analyzer(VirtualHiokiPw3390),
    "keithley_dmm6500": _Dialect(_dmm, ("phase", "at_pilot")),
    "keysight_infiniivision": _scope(VirtualScope),
    "rigol_scope": _Dialect(_rigol, ("model",)),
    "siglent_sds": _scope(VirtualSiglentScope),
    "ametek_ci": _source(VirtualAcSource),
    "chroma_616xx": _source(VirtualChromaSource),
    "http_pdu": _Dialect(_strip, ("model", "outlet")),
    "modbus_meter": _Dialect(_meter, ("framing", "meter", "at_supply")),
    "modbus_ev_box": _Dialect(lambda at, is_: _framed(VirtualEvBox(at.name, at.evse(is_)), is_), ("framing",)),
    "waveshare_relay": _Dialect(lambda at, is_: _framed(VirtualRelayBoard(at.name, at.plant), is_), ("framing",)),
}
