"""The virtual bench as one thing: a plant and its instruments on sockets, started and stopped together."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, cast
from urllib.parse import urlsplit, urlunsplit

from bench.virtual.hardware import StationHardware
from bench.virtual.instruments.analyzer import AnalyzerConfig, VirtualAnalyzer
from bench.virtual.instruments.ev_box import VirtualEvBox
from bench.virtual.instruments.panel import VirtualPanel
from bench.virtual.instruments.reference_meter import ReferenceMeterConfig, VirtualReferenceMeter
from bench.virtual.instruments.relay_board import VirtualRelayBoard
from bench.virtual.instruments.scope import ScopeConfig, VirtualScope
from bench.virtual.instruments.server import Latency, VirtualInstrument
from bench.virtual.instruments.source import SourceConfig, VirtualAcSource
from bench.virtual.instruments.web import VirtualWeb
from bench.virtual.network import VirtualNetwork
from bench.virtual.plant.cable import CONDUCTOR_OHM
from bench.virtual.plant.contactor import ContactorConfig
from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig, Rotation
from bench.virtual.plant.meter import StationMeterConfig
from bench.virtual.plant.plant import Plant, PlantConfig
from harness.model.strict import MisfitError, Range, build, nearest

_SHARED_NAMES = ("source", "relays", "panel", "http", "network")
_NAMES_PER_EVSE = ("analyzer", "scope", "meter", "ev")


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What the virtual bench is made of. `ports` fixes ports by instrument name; the others are free ones.

    EVSE n starts with n times `station_meter.register_start_wh`, so that registers mixed up are seen.
    """

    evses: Annotated[int, Range(1, 32)] = 2
    mains_on: bool = True
    hold_up_s: Annotated[float, Range(0)] = 0.3
    conductor_ohm: Annotated[float, Range(0)] = CONDUCTOR_OHM
    pilot_frequency_hz: Annotated[float, Range(1, 10000)] = 1000.4
    duty_error_pct: Annotated[float, Range(-50, 50)] = 0.0
    induced_v: Annotated[float, Range(0, 300)] = 0.0
    rotation: Rotation = "RST"
    source_ohm: Annotated[float, Range(0, 10)] = 0.0
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

    def __post_init__(self) -> None:
        for name in self.ports:
            if name not in self.names():
                raise MisfitError(f"ports names no instrument of this bench: {name!r}", nearest(name, self.names()))

    def names(self) -> tuple[str, ...]:
        """Names of all instruments, `analyzer_1` to `network`."""
        numbered = [f"{name}_{n}" for n in range(1, self.evses + 1) for name in _NAMES_PER_EVSE]
        return (*numbered, *_SHARED_NAMES)

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
                induced_v=self.induced_v,
                rotation=self.rotation,
            )
            for number in range(1, self.evses + 1)
        )
        return PlantConfig(evses=evses, mains_on=self.mains_on, hold_up_s=self.hold_up_s, source_ohm=self.source_ohm)


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

    for number in range(1, config.evses + 1):
        evse = plant.evse(number)
        made.append(VirtualAnalyzer(f"analyzer_{number}", plant, evse, config.analyzer, latency()))
        made.append(VirtualScope(f"scope_{number}", evse, config.scope, latency()))
        made.append(VirtualReferenceMeter(f"meter_{number}", plant, evse, config.reference_meter))
        made.append(VirtualEvBox(f"ev_{number}", evse))
    made.append(VirtualAcSource("source", plant, config.source, latency()))
    made.append(VirtualRelayBoard("relays", plant))
    made.append(VirtualPanel("panel", plant, latency()))
    made.append(VirtualWeb("http", plant, latency()))
    made.append(VirtualNetwork("network", latency()))
    return made
