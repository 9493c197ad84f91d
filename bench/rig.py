"""The rig: everything a bench file wires, opened, watched, sampled, and brought to its safe state on every exit."""

import asyncio
import math
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from bench.assembly import NO_VALUES, Values, make_drivers
from bench.clock import Clock
from bench.errors import BenchError, HazardRefused, InstrumentFault, RoleAbsent, SafetyTripped
from bench.guards import Trip, beyond_range, hazard, trip_of
from bench.links.asking import Board
from bench.roles import (
    ROLES,
    AcSource,
    EdgeScope,
    EnergyMeter,
    EvSimulator,
    FaultInjector,
    IdReader,
    Instrument,
    LockSensor,
    Meter,
    NetworkCutter,
    Oscilloscope,
    Panel,
    ParkingBay,
    PowerAnalyzer,
    Reading,
    measuring,
)
from bench.safety import apply_step, hands_last
from bench.sampling.keeping import KEEP_NOTHING, SampleKeeper
from bench.sampling.process import SamplingProcess
from bench.sampling.sampler import Listener, Sampler
from bench.sampling.talk import Apart
from bench.stimuli import ByHand, Recorded, RigObserver, SafeStepResult, Silent
from harness.model.strict import nearest
from harness.model.topology import InstrumentEntry, Topology

T = TypeVar("T")
_SILENT = Silent()
_SETTLE_S = 5.0  # for readings to come back within the limits once the safe state is applied


class Rig:
    """An opened bench. Use it as `async with await Rig.open(...) as rig`: leaving it applies the safe state.

    An instrument that fails is `broken`: it is reported once, every later use ends at once with its first fault, and
    `check()` tries it again. A reading beyond a limit of the bench is a `trip`: the safe state is applied at once, and
    every stimulus is refused until `check()` finds all readings within the limits.
    """

    def __init__(
        self,
        topology: Topology,
        clock: Clock,
        drivers: dict[str, Instrument],
        observer: RigObserver,
        *,
        armed: bool,
        board: Board | None = None,
    ) -> None:
        self.topology = topology
        self.clock = clock
        self.identities: dict[str, str] = {}
        self.broken: dict[str, InstrumentFault] = {}
        self.trip: Trip | None = None
        self.armed = armed
        self.station = ""
        self._drivers = drivers
        self._observer = observer
        self._entries = {entry.name: entry for entry in topology.instruments}
        for driver in drivers.values():
            if isinstance(driver, ByHand):
                driver.report_to(observer.on_answer, board)
        self._recorded = {name: self._recording(name, guarded=True) for name in drivers}
        self._unguarded = {name: self._recording(name, guarded=False) for name in drivers}
        self._securing: asyncio.Task[None] | None = None
        self._sampler: Sampler | SamplingProcess = Sampler({}, KEEP_NOTHING, interval_s=topology.sample_interval_s)
        self._safe = asyncio.Lock()
        self._closed: list[SafeStepResult] | None = None

    def _recording(self, name: str, *, guarded: bool) -> Recorded:
        """The instrument on record; the safe state goes past the guards, its steps are the bench file's own."""
        return Recorded(
            self._drivers[name],
            self._entries[name],
            limits=self.topology.limits,
            clock=self.clock,
            observer=self._observer,
            on_fault=self._mark,
            permit=self._permit if guarded else None,
            on_reading=self._watch,
        )

    @classmethod
    async def open(
        cls,
        topology: Topology,
        clock: Clock,
        *,
        ports: Values = NO_VALUES,
        on_event: RigObserver = _SILENT,
        sampling: bool = True,
        keeper: SampleKeeper = KEEP_NOTHING,
        apart: Apart | None = None,
        armed: bool = False,
        board: Board | None = None,
    ) -> Self:
        """Make, open and identify all instruments, and start sampling.

        `ports` fills the placeholders in addresses and options. Raises BenchError with everything that is wrong with the
        description; an instrument that does not answer is not that: it is in `broken`. Without `armed`, hazardous
        stimuli are refused (bench.guards.hazard); a virtual bench hurts nobody and is always armed. `keeper` keeps every
        sample; with `apart`, a process of its own reads the sampled instruments and keeps what they say. What is asked
        of a person is shown on `board`, too.
        """
        armed = armed or topology.virtual is not None
        drivers = make_drivers(topology, clock, ports)
        process = await SamplingProcess.open(apart, topology, ports, on_event.on_note) if apart and sampling else None
        if process is not None:
            drivers = {name: process.stand_in(driver) for name, driver in drivers.items()}
        rig = cls(topology, clock, drivers, on_event, armed=armed, board=board)
        await asyncio.gather(*(rig._identify(name) for name in rig._drivers))
        if sampling:
            rig._sampler = process or rig._own_sampler(keeper)
            rig._sampler.start(Listener(rig._sampled, rig._mark))
        return rig

    def serve(self, station: str) -> None:
        """From now on the station of this identity is under test: only what is wired to it is found by role and put on record.

        What is wired to another one is watched as before.
        """
        self.station = self._sampler.station = station

    # -- instruments by role ---------------------------------------------------------------------------------------

    def has(self, role: str, evse: int = 1) -> bool:
        """Whether the role is wired on this EVSE, working or not."""
        return self.topology.wired(role, evse, self.station) is not None

    def get(self, role: str, evse: int = 1) -> Instrument:
        """The instrument of this role on this EVSE.

        Raises RoleAbsent when none is wired, and the first fault of one that is broken.
        """
        if role not in ROLES:
            raise BenchError(f"no role is named {role!r}. Cure: {nearest(role, tuple(ROLES))}")
        entry = self.topology.wired(role, evse, self.station)
        if entry is None:
            raise RoleAbsent(role, evse, self.topology.source or self.topology.name)
        return self.named(entry.name)

    def named(self, name: str) -> Instrument:
        """The instrument of this name. Raises BenchError when there is none, its first fault when it is broken."""
        if name not in self._recorded:
            raise BenchError(f"no instrument is named {name!r}. Cure: {nearest(name, tuple(self._recorded))}")
        if name in self.broken:
            raise self.broken[name]
        return cast("Instrument", self._recorded[name])

    def ev(self, evse: int = 1) -> EvSimulator:
        """The car at this EVSE. Raises as `get`."""
        return cast("EvSimulator", self.get("ev_simulator", evse))

    def meter(self, evse: int = 1) -> EnergyMeter:
        """The reference meter of this EVSE. Raises as `get`."""
        return cast("EnergyMeter", self.get("reference_meter", evse))

    def analyzer(self, evse: int = 1) -> PowerAnalyzer:
        """The power analyser of this EVSE. Raises as `get`."""
        return cast("PowerAnalyzer", self.get("power_analyzer", evse))

    def scope(self, evse: int = 1) -> Oscilloscope:
        """The oscilloscope on this EVSE's control pilot. Raises as `get`."""
        return cast("Oscilloscope", self.get("pilot_scope", evse))

    def edge_scope(self, evse: int = 1) -> EdgeScope:
        """What takes single shots of this EVSE's pilot, outlet voltage and outlet current. Raises as `get`."""
        return cast("EdgeScope", self.get("edge_scope", evse))

    def source(self, evse: int = 1) -> AcSource:
        """The supply in front of the station. Raises as `get`."""
        return cast("AcSource", self.get("ac_source", evse))

    def reader(self, evse: int = 1) -> IdReader:
        """What presents id tokens. Raises as `get`."""
        return cast("IdReader", self.get("id_reader", evse))

    def panel(self, evse: int = 1) -> Panel:
        """What presses the station's buttons. Raises as `get`."""
        return cast("Panel", self.get("panel", evse))

    def faults(self, evse: int = 1) -> FaultInjector:
        """What makes fault conditions. Raises as `get`."""
        return cast("FaultInjector", self.get("fault_injector", evse))

    def lock_sensor(self, evse: int = 1) -> LockSensor:
        """What sees the socket's lock. Raises as `get`."""
        return cast("LockSensor", self.get("lock_sensor", evse))

    def bay(self, evse: int = 1) -> ParkingBay:
        """The parking bay. Raises as `get`."""
        return cast("ParkingBay", self.get("parking_bay", evse))

    def network(self, evse: int = 1) -> NetworkCutter:
        """What cuts the station's network. Raises as `get`."""
        return cast("NetworkCutter", self.get("network_cutter", evse))

    # -- health ----------------------------------------------------------------------------------------------------

    async def check(self) -> dict[str, InstrumentFault]:
        """Try every broken instrument again; what works is used again. Returns those that stay broken, by name.

        After a trip: apply the safe state again; once it is whole and all readings are within the limits, `trip` is None.
        """
        await asyncio.gather(*(self._identify(name) for name in tuple(self.broken)))
        if self.trip is not None and await self._recovered():
            self.trip = None
        return dict(self.broken)

    async def _identify(self, name: str) -> None:
        try:
            identity = await self._drivers[name].identify()
        except InstrumentFault as fault:
            self._mark(fault)
            return
        known = self.identities.setdefault(name, identity)
        if identity != known:
            what = f"it was {known!r} and now answers as {identity!r}"
            self._mark(InstrumentFault(name, self._entries[name].address, what, "check what is at this address"))
            return
        self.broken.pop(name, None)

    def _mark(self, fault: InstrumentFault) -> None:
        if fault.instrument not in self.broken:
            self.broken[fault.instrument] = fault
            self._observer.on_fault(fault)

    # -- limits ----------------------------------------------------------------------------------------------------

    def _permit(self, entry: InstrumentEntry, verb: str, args: dict[str, Any]) -> None:
        if self.trip is not None:
            raise SafetyTripped(self.trip)
        why = "" if self.armed else hazard(verb, args, self.topology.limits)
        if why:
            raise HazardRefused(entry.name, verb, why)

    def _watch(self, entry: InstrumentEntry, reading: Reading) -> None:
        trip = None if self.trip is not None else trip_of(entry, self.topology.limits, reading)
        if trip is not None:
            self.trip = trip
            self._observer.on_trip(trip)
            self._securing = asyncio.create_task(self._secure(), name="safe state after a trip")

    async def _secure(self) -> None:
        self._observer.on_secured(await self.safe_state())

    async def _recovered(self) -> bool:
        if self._securing is not None:
            await self._securing
        if not all(step.ok for step in await self.safe_state()):
            return False
        deadline = self.clock.time() + _SETTLE_S
        while not await self._all_within():
            if self.clock.time() >= deadline:
                return False
            await asyncio.sleep(self._sampler.interval_s)
        return True

    async def _all_within(self) -> bool:
        """Whether every instrument that measures answers with values within the limits."""
        for name, recorded in self._recorded.items():
            if not hasattr(self._drivers[name], "read"):
                continue
            try:
                reading = await cast("Meter", recorded).read()
            except InstrumentFault:
                return False
            if trip_of(self._entries[name], self.topology.limits, reading) is not None:
                return False
        return True

    # -- sampling --------------------------------------------------------------------------------------------------

    @property
    def missed(self) -> dict[str, int]:
        """How many instants of each sampled instrument a slow answer covered."""
        return self._sampler.missed

    @property
    def sample_interval_s(self) -> float:
        """How often each sampled instrument is read now."""
        return self._sampler.interval_s

    def set_sample_interval(self, seconds: float) -> None:
        """Read faster or slower from now on. Raises BenchError for an interval that is not positive."""
        if not (math.isfinite(seconds) and seconds > 0):
            raise BenchError(f"a sample interval of {seconds} s. Cure: give a positive number of seconds")
        self._sampler.interval_s = seconds

    def _own_sampler(self, keeper: SampleKeeper) -> Sampler:
        meters = {
            entry.name: (entry, cast("Meter", self._drivers[entry.name]))
            for entry in self.topology.instruments
            if entry.sample
        }
        return Sampler(meters, keeper, interval_s=self.topology.sample_interval_s)

    def _sampled(self, entry: InstrumentEntry, reading: Reading) -> None:
        fault = beyond_range(entry, reading)
        if fault is not None:
            self._mark(fault)
        elif entry.serves(self.station):
            for role in measuring(entry.roles):
                self._observer.on_reading(entry.name, role, entry.evses[0], reading)
        self._watch(entry, reading)

    # -- safe state ------------------------------------------------------------------------------------------------

    async def safe_state(self) -> list[SafeStepResult]:
        """Apply the bench file's steps in order, each read back; go on past failures. May be called at any time.

        What is done by hand comes last: no instrument waits for a person.
        """
        async with self._safe:
            return [
                await apply_step(self._unguarded[step.instrument], step, self.clock)
                for step in hands_last(self.topology.safe_state, self._drivers)
            ]

    async def close(self) -> list[SafeStepResult]:
        """Safe state, then release everything; the steps' results. A second call returns the first one's results."""
        if self._closed is None:
            self._closed = await self._ended(self._close())
        return self._closed

    async def _close(self) -> list[SafeStepResult]:
        if self._securing is not None:
            await self._securing
        results = await self.safe_state()
        await self._sampler.stop()
        for driver in self._drivers.values():
            await driver.close()
        return results

    @staticmethod
    async def _ended(work: Coroutine[Any, Any, T]) -> T:
        """Await work to its end even when this task is cancelled meanwhile; then pass the cancellation on."""
        task = asyncio.ensure_future(work)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return task.result()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
