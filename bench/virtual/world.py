"""The virtual bench as one thing: a plant and its instruments on sockets, started and stopped together."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, cast
from urllib.parse import urlsplit, urlunsplit

from bench.virtual.dialects import DIALECTS, Fitted, Place, fitted_table, make
from bench.virtual.hardware import StationHardware
from bench.virtual.instruments.analyzer import AnalyzerConfig
from bench.virtual.instruments.modbus_server import Framing
from bench.virtual.instruments.panel import VirtualPanel
from bench.virtual.instruments.reference_meter import ReferenceMeterConfig
from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.instruments.server import Latency, VirtualInstrument
from bench.virtual.instruments.source import SourceConfig
from bench.virtual.instruments.web import VirtualWeb
from bench.virtual.network import VirtualNetwork
from bench.virtual.plant.cable import CONDUCTOR_OHM
from bench.virtual.plant.contactor import ContactorConfig
from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig, Rotation
from bench.virtual.plant.meter import StationMeterConfig
from bench.virtual.plant.plant import Plant, PlantConfig
from bench.virtual.troubles import OF_MODBUS, Trouble, TroubledInstrument, check_apart
from harness.model.strict import MisfitError, Range, build, nearest
from harness.model.topology import Topology

_SHARED_NAMES = ("source", "supply_meter", "relays", "panel", "http", "network")
_NAMES_PER_EVSE = ("analyzer", "scope", "meter", "ev")


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What the virtual bench is made of. `ports` fixes ports by instrument name; the others are free ones.

    `instruments` says what stands at a port in place of the usual one, and which further ports there are. `troubles` is the
    timetable of ports that fail for a while.

    EVSE n starts with n times `station_meter.register_start_wh`, so that registers mixed up are seen.
    """

    evses: Annotated[int, Range(1, 32)] = 2
    mains_on: bool = True
    hold_up_s: Annotated[float, Range(0)] = 0.3
    conductor_ohm: Annotated[float, Range(0)] = CONDUCTOR_OHM
    pilot_frequency_hz: Annotated[float, Range(1, 10000)] = 1000.4
    duty_error_pct: Annotated[float, Range(-50, 50)] = 0.0
    pilot_edge_tau_s: Annotated[float, Range(0, 0.001)] = 0.4e-6
    induced_v: Annotated[float, Range(0, 300)] = 0.0
    rotation: Rotation = "RST"
    source_ohm: Annotated[float, Range(0, 10)] = 0.0
    electronics_w: Annotated[float, Range(0, 1000)] = 4.0
    latency_s: Annotated[float, Range(0)] = 0.002
    latency_jitter_s: Annotated[float, Range(0)] = 0.001
    seed: int = 1
    ev: EvConfig = field(default_factory=EvConfig)
    contactor: ContactorConfig = field(default_factory=ContactorConfig)
    station_meter: StationMeterConfig = field(default_factory=StationMeterConfig)
    analyzer: AnalyzerConfig = field(default_factory=AnalyzerConfig)
    reference_meter: ReferenceMeterConfig = field(default_factory=ReferenceMeterConfig)
    scope: ScopeConfig = field(default_factory=ScopeConfig)
    source: SourceConfig = field(default_factory=SourceConfig)
    ports: dict[str, Annotated[int, Range(0, 65535)]] = field(default_factory=dict)
    instruments: dict[str, Fitted] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()

    def __post_init__(self) -> None:
        for name, fitted in self.instruments.items():
            if name in _UNCHANGING:
                cure = "leave it out; it is the only one of its kind"
                raise MisfitError(f"instruments.{name} cannot be another one", cure)
            if fitted.evse is not None and fitted.evse > self.evses:
                raise MisfitError(
                    f"instruments.{name} is at EVSE {fitted.evse} of {self.evses}", "raise evses, or correct evse"
                )
        for name in self.ports:
            if name not in self.names():
                raise MisfitError(f"ports names no instrument of this bench: {name!r}", nearest(name, self.names()))
        for trouble in self.troubles:
            self._check(trouble)
        check_apart(self.troubles)

    def _check(self, trouble: Trouble) -> None:
        if trouble.port not in self.names():
            what = f"troubles names no instrument of this bench: {trouble.port!r}"
            raise MisfitError(what, nearest(trouble.port, self.names()))
        framings = {"crc_error": ("rtu",)}.get(trouble.how, ("tcp", "rtu"))
        if trouble.how in OF_MODBUS and self.framing(trouble.port) not in framings:
            carried = " with RTU frames" if framings == ("rtu",) else ""
            what = f"{trouble.how!r} is a trouble of Modbus{carried}, which {trouble.port} does not speak"
            raise MisfitError(what, "choose another how, or another port")

    def framing(self, name: str) -> Framing | None:
        """How the instrument at this port frames Modbus; None for one that speaks something else."""
        fitted = self.instruments.get(name)
        usual_fitted = _USUAL.get(name.partition("_")[0])
        dialect = fitted.dialect if fitted else usual_fitted.dialect if usual_fitted else ""
        if dialect not in DIALECTS or "framing" not in DIALECTS[dialect].settings:
            return None
        usual = self.reference_meter.framing if dialect == "modbus_meter" else "tcp"
        return (fitted.framing if fitted else None) or usual

    def names(self) -> tuple[str, ...]:
        """Names of all instruments: `analyzer_1` to `network`, and further ones that the bench file has."""
        numbered = [f"{name}_{n}" for n in range(1, self.evses + 1) for name in _NAMES_PER_EVSE]
        return tuple(dict.fromkeys((*numbered, *_SHARED_NAMES, *self.instruments)))

    @classmethod
    def of(cls, topology: Topology) -> "WorldConfig":
        """The virtual bench of a bench file: behind each port that an instrument is wired to, what its driver speaks to.

        Raises:
            harness.model.strict.ModelError: the [virtual] table does not fit.
        """
        return cls.from_dict(fitted_table(topology), f"{topology.source} [virtual]")

    @classmethod
    def from_dict(cls, data: Mapping[str, object], where: str = "virtual bench") -> "WorldConfig":
        """Build from a plain table (a topology's); `where` names its source in errors.

        Raises:
            harness.model.strict.ModelError: unknown keys (with the nearest name), wrong types, values out of range.
        """
        return build(cls, data, where)

    def plant(self) -> PlantConfig:
        """The plant's share."""
        start_wh = self.station_meter.register_start_wh
        evses = tuple(
            EvseConfig(
                contactor=self.contactor,
                station_meter=replace(self.station_meter, register_start_wh=start_wh * number),
                ev=self.ev,
                conductor_ohm=self.conductor_ohm,
                pilot_frequency_hz=self.pilot_frequency_hz,
                duty_error_pct=self.duty_error_pct,
                pilot_edge_tau_s=self.pilot_edge_tau_s,
                induced_v=self.induced_v,
                rotation=self.rotation,
            )
            for number in range(1, self.evses + 1)
        )
        return PlantConfig(
            evses=evses,
            mains_on=self.mains_on,
            hold_up_s=self.hold_up_s,
            source_ohm=self.source_ohm,
            electronics_w=self.electronics_w,
        )


class World:
    """A running virtual bench; make one with `World.start`."""

    def __init__(self, plant: Plant, instruments: dict[str, VirtualInstrument]) -> None:
        self.plant = plant
        self.instruments = instruments
        self.ports: dict[str, int] = {}

    @property
    def hardware(self) -> StationHardware:
        """What a virtual station's firmware is built into."""
        return self.plant

    @classmethod
    async def start(
        cls, config: WorldConfig | None = None, faults: frozenset[str] = frozenset(), host: str = "127.0.0.1"
    ) -> "World":
        """Start plant and instruments in the running loop.

        Raises:
            ValueError: a fault that no plant has.
            bench.errors.BenchError: a port is taken; nothing is left running.
        """
        config = config or WorldConfig()
        plant = Plant(asyncio.get_running_loop(), config.plant(), faults)
        world = cls(plant, {instrument.name: instrument for instrument in _instruments(plant, config)})
        try:
            for name, instrument in world.instruments.items():
                world.ports[name] = await instrument.start(host, config.ports.get(name, 0))
        except BaseException:
            await world.stop()
            raise
        return world

    async def carry(self, csms_url: str) -> str:
        """Put the network between the station and its CSMS: the URL that the station is to be told in place of `csms_url`.

        Raises BenchError when no port can be listened on.
        """
        url = urlsplit(csms_url)
        host, port = url.hostname or "127.0.0.1", url.port or 80
        network = cast("VirtualNetwork", self.instruments["network"])
        own = await network.relay.start(host, 0, (host, port))
        return urlunsplit(url._replace(netloc=f"[{host}]:{own}" if ":" in host else f"{host}:{own}"))

    async def stop(self) -> None:
        """Close every port and end the plant. May be repeated."""
        for instrument in self.instruments.values():
            await instrument.stop()
        await cast("VirtualNetwork", self.instruments["network"]).relay.stop()
        self.plant.close()


def _instruments(plant: Plant, config: WorldConfig) -> list[VirtualInstrument]:
    made: list[VirtualInstrument] = []

    def latency() -> Latency:
        return Latency(config.latency_s, config.latency_jitter_s, seed=config.seed * 1000 + len(made))

    for name in config.names():
        at = Place(name, plant, config, latency())
        if name in config.instruments:
            made.append(make(at, config.instruments[name]))
        elif name in _UNCHANGING:
            made.append(_UNCHANGING[name](at))
        else:
            made.append(make(at, _USUAL[name.partition("_")[0]]))
    return [_with_troubles(instrument, config) for instrument in made]


def _with_troubles(instrument: VirtualInstrument, config: WorldConfig) -> VirtualInstrument:
    own = tuple(trouble for trouble in config.troubles if trouble.port == instrument.name)
    if not own:
        return instrument
    return TroubledInstrument(instrument, own, rtu=config.framing(instrument.name) == "rtu")


_USUAL = {
    "analyzer": Fitted("zes_lmg600"),
    "scope": Fitted("keysight_infiniivision"),
    "meter": Fitted("modbus_meter"),
    "ev": Fitted("modbus_ev_box"),
    "source": Fitted("ametek_ci"),
    "supply": Fitted("modbus_meter", at_supply=True),
    "relays": Fitted("waveshare_relay"),
}
"""Whose counterpart stands at a port where nothing else is asked for, by the first word of the port's name."""

_UNCHANGING: dict[str, Callable[[Place], VirtualInstrument]] = {
    "panel": lambda at: VirtualPanel(at.name, at.plant, at.latency),
    "http": lambda at: VirtualWeb(at.name, at.plant, at.latency),
    "network": lambda at: VirtualNetwork(at.name, at.latency),
}
"""What has no driver of a maker."""
