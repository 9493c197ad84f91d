"""Shots of the virtual bench's oscilloscope that go wrong: named faults of the scope, which works again after the rig's check."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.clock import LoopClock
from bench.errors import InstrumentFault, NotTriggered
from bench.rig import Rig
from bench.roles import Trigger
from bench.virtual import simtime
from bench.virtual.world import World, WorldConfig
from fixtures.bench_files import read_bench

FILE = Path(__file__).parents[3] / "bench" / "topologies" / "virtual.toml"
PILOT = Trigger("pilot", 7.5)


@pytest.fixture
def on_rig():
    """Runs a coroutine function of (rig, world) on simulated time, with the EV in state C under PWM."""

    def run(test):
        async def main():
            topology = read_bench(FILE)
            clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=True)
            world = await World.start(WorldConfig.of(topology))
            try:
                async with await Rig.open(topology, clock, ports=world.ports) as rig:
                    evse = world.plant.evse(1)
                    evse.plug_in(32)
                    evse.set_pilot_duty(50.0)
                    await rig.ev().set_polite(polite=False)
                    await rig.ev().request_energy(on=True)
                    await test(rig, world)
            finally:
                await world.stop()

        with asyncio.Runner(loop_factory=simtime.new_loop) as runner:
            runner.run(main())

    return run


async def works_again(rig):
    assert list(rig.broken) == ["scope_1"]
    assert await rig.check() == {}
    scope = rig.edge_scope()
    await scope.arm(PILOT, 0.5, 0.05)
    await rig.ev().request_energy(on=False)
    shot = await scope.capture(5.0)
    assert set(shot.waveforms) == {"pilot", "outlet_voltage", "outlet_current"}
    assert "pilot_duty_pct" in (await rig.scope().read()).values


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("closed", "no connection|closed the connection"),
        ("silent", "no answer to"),
        ("garbage", "with bytes|not with 1 numbers"),
    ],
)
def test_a_scope_that_fails_while_it_is_armed_is_named(on_rig, kind, said):
    async def test(rig, world):
        scope = rig.edge_scope()
        await scope.arm(PILOT, 0.5, 0.05)
        await world.instruments["scope_1"].misbehave(kind)
        with pytest.raises(InstrumentFault, match=f"scope_1 at .*({said})"):
            await scope.capture(5.0)
        with pytest.raises(InstrumentFault):
            rig.edge_scope()
        await world.instruments["scope_1"].misbehave("none")
        await works_again(rig)

    on_rig(test)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("#510000abc", r"no answer to .*a block of 10000 bytes"),
        ("#3100" + "x" * 100, "has 100 points, its preamble says 10000"),
        ("#3100" + "x" * 150, "after the 100 bytes of its block"),
        ("nothing", "where a block begins with #"),
    ],
)
def test_a_scope_whose_waveform_is_not_whole_is_named(on_rig, block, said, monkeypatch):
    async def test(rig, world):
        instrument = world.instruments["scope_1"]
        honest = instrument.respond
        monkeypatch.setattr(instrument, "respond", lambda line: block if "DATA?" in line else honest(line))
        scope = rig.edge_scope()
        await scope.arm(PILOT, 0.5, 0.05)
        await rig.ev().request_energy(on=False)
        with pytest.raises(InstrumentFault, match=said):
            await scope.capture(5.0)
        monkeypatch.undo()
        await rig.ev().request_energy(on=True)
        await works_again(rig)

    on_rig(test)


def test_a_scope_that_is_never_triggered_says_so_and_is_not_broken(on_rig):
    async def test(rig, world):
        scope = rig.edge_scope()
        await scope.arm(PILOT, 0.5, 0.05)
        asked = world.plant.now()
        with pytest.raises(NotTriggered, match="scope_1 was not triggered within 5 s"):
            await scope.capture(5.0)
        assert world.plant.now() - asked < 7.0
        assert rig.broken == {}
        assert "pilot_duty_pct" in (await rig.scope().read()).values

    on_rig(test)
