"""The virtual bench file, the drivers and the virtual instruments fit together, on simulated time."""

import asyncio
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.clock import LoopClock
from bench.doctor import diagnose
from bench.errors import VerbAbsent
from bench.rig import Rig
from bench.stimuli import Silent
from bench.virtual import simtime
from bench.virtual.world import World, WorldConfig
from fixtures.bench_files import read_bench
from harness.model.topology import load_topology

FILE = Path(__file__).parents[3] / "bench" / "topologies" / "virtual.toml"


class Readings(Silent):
    def __init__(self):
        self.got, self.roles = [], []

    def on_reading(self, instrument, role, evse, reading):
        self.roles.append(role)
        self.got.append((instrument, reading))


@pytest.fixture
def on_virtual_bench():
    """Runs a coroutine function of (topology, clock, world) on a loop of simulated time."""

    def run(test):
        async def main():
            topology = load_topology(FILE.read_text(), FILE.name)
            clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=True)
            world = await World.start(WorldConfig.of(topology))
            try:
                return await test(topology, clock, world)
            finally:
                await world.stop()

        with asyncio.Runner(loop_factory=simtime.new_loop) as runner:
            return runner.run(main())

    return run


def test_the_doctor_finds_the_virtual_bench_sound(on_virtual_bench):
    checks = on_virtual_bench(lambda topology, clock, world: diagnose(topology, clock, ports=world.ports))
    assert [str(check) for check in checks if not check.ok] == []
    assert len(checks) > 25


def test_a_session_is_seen_by_all_instruments_within_their_uncertainties(on_virtual_bench):
    async def session(topology, clock, world):
        readings = Readings()
        rig = await Rig.open(topology, clock, ports=world.ports, on_event=readings)
        async with rig:
            evse = world.plant.evses[0]
            await rig.ev().plug_in()
            assert await rig.ev().pilot_state() == "B"
            began = (await rig.meter().read()).values["energy_wh"].value
            await rig.ev().request_energy(on=True)
            evse.set_pilot_duty(16 / 0.6)
            await asyncio.sleep(2)
            assert await rig.ev().pilot_state() == "C"
            evse.close_contactor()
            await asyncio.sleep(60)
            analyzer, meter, scope = [await m.read() for m in (rig.analyzer(), rig.meter(), rig.scope())]
            for name in ("voltage_l1_v", "current_l1_a", "power_l3_w", "power_w"):
                one, other = analyzer.values[name], meter.values[name]
                assert one.value > 10
                assert abs(one.value - other.value) <= math.hypot(one.u, other.u), name
            duty = scope.values["pilot_duty_pct"]
            assert abs(duty.value - 16 / 0.6) <= duty.u
            energy = meter.values["energy_wh"].value - began
            assert energy == pytest.approx(analyzer.values["power_w"].value * 60 / 3600, rel=0.05)
        assert rig.broken == {}
        assert all(step.ok for step in await rig.close())
        assert evse.pilot_state() == "A"
        times = [reading.t for name, reading in readings.got if name == "scope_1"]
        assert len(times) > 60

    on_virtual_bench(session)


def test_an_instrument_that_goes_silent_breaks_and_is_used_again(on_virtual_bench):
    async def session(topology, clock, world):
        async with await Rig.open(topology, clock, ports=world.ports) as rig:
            port = world.ports["analyzer_1"]
            await world.instruments["analyzer_1"].stop()
            await asyncio.sleep(10)
            assert "analyzer_1" in rig.broken
            await world.instruments["analyzer_1"].start("127.0.0.1", port)
            assert await rig.check() == {}
            assert (await rig.analyzer().read()).values["current_l1_a"].value < 0.1

    on_virtual_bench(session)


def test_lock_bay_phases_and_power_factor_reach_the_plant(on_virtual_bench):
    async def session(topology, clock, world):
        async with await Rig.open(topology, clock, ports=world.ports, sampling=False) as rig:
            evse = world.plant.evse(1)
            assert not await rig.lock_sensor().locked(evse=1)
            evse.lock(locked=True)
            await asyncio.sleep(1)
            assert await rig.lock_sensor().locked(evse=1)
            assert not await rig.lock_sensor(2).locked(evse=2)
            await rig.bay(2).occupy(evse=2)
            assert (evse.bay_occupied, world.plant.evse(2).bay_occupied) == (False, True)
            await rig.bay(2).leave(evse=2)
            assert not world.plant.evse(2).bay_occupied
            await rig.ev().plug_in()
            await rig.ev().request_energy(on=True)
            await rig.ev().set_phases(1)
            await rig.ev().set_power_factor(0.5)
            evse.set_pilot_duty(16 / 0.6)
            await asyncio.sleep(2)
            evse.close_contactor()
            await asyncio.sleep(10)
            seen = (await rig.analyzer().read()).values
            assert seen["current_l2_a"].value == pytest.approx(0, abs=0.1)
            apparent_va = seen["voltage_l1_v"].value * seen["current_l1_a"].value
            assert apparent_va > 3000
            assert seen["power_w"].value / apparent_va == pytest.approx(0.5, abs=0.01)

    on_virtual_bench(session)


def test_a_verb_that_a_driver_does_not_have_is_absent_and_nothing_is_told(on_virtual_bench):
    async def session(topology, clock, world):
        told = Readings()
        told.on_stimulus = lambda *what: told.got.append(what)
        async with await Rig.open(topology, clock, ports=world.ports, on_event=told, sampling=False) as rig:
            driver = rig._drivers["ev_1"]
            kept = type(driver).set_phases
            del type(driver).set_phases
            try:
                with pytest.raises(
                    VerbAbsent, match=r"ev_1 does not do set_phases: its driver modbus_ev_box has no such"
                ):
                    await rig.ev().set_phases(1)
            finally:
                type(driver).set_phases = kept
            assert told.got == []
            assert not hasattr(rig.ev(), "fly")

    on_virtual_bench(session)


def test_an_analyser_that_is_the_reference_meter_too_is_read_once_and_told_as_both():
    async def main():
        topology = read_bench(FILE.with_name("virtual-other-instruments.toml"))
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=True)
        world, readings = await World.start(WorldConfig.of(topology)), Readings()
        try:
            async with await Rig.open(topology, clock, ports=world.ports, on_event=readings, sampling=False) as rig:
                assert rig.meter(2) is rig.analyzer(2)
                await rig.meter(2).read()
            sampled = Readings()
            async with await Rig.open(topology, clock, ports=world.ports, on_event=sampled):
                await asyncio.sleep(1.5)
        finally:
            await world.stop()
        assert readings.roles == ["power_analyzer", "reference_meter"]
        assert readings.got[0] == readings.got[1]
        of_both = [role for (name, _), role in zip(sampled.got, sampled.roles, strict=True) if name == "analyzer_2"]
        assert of_both == ["power_analyzer", "reference_meter"] * 2

    with asyncio.Runner(loop_factory=simtime.new_loop) as runner:
        runner.run(main())
