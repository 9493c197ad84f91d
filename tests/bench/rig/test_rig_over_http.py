"""The virtual bench driven by the example of a simulator over HTTP: every verb reaches the plant, on the wall clock."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.clock import LoopClock
from bench.doctor import diagnose
from bench.errors import InstrumentFault, VerbAbsent
from bench.rig import Rig
from bench.virtual.world import World, WorldConfig
from harness.model.topology import load_topology

FILE = Path(__file__).parents[3] / "bench" / "topologies" / "http-simulator-example.toml"


@pytest.fixture
async def world():
    made = await World.start(WorldConfig.from_dict({"latency_s": 0, "latency_jitter_s": 0}))
    yield made
    await made.stop()


@pytest.fixture
async def opened(world):
    """Topology and clock of the example, at the world's port."""
    text = FILE.read_text()
    assert "http://127.0.0.1:8080" in text
    topology = load_topology(text.replace(":8080", f":{world.ports['http']}"), FILE.name)
    return topology, LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))


async def test_the_doctor_finds_it_sound(opened):
    checks = await diagnose(*opened)
    assert [str(check) for check in checks if not check.ok] == []


async def test_every_verb_of_the_example_reaches_the_plant(world, opened):
    plant, evse, seen = world.plant, world.plant.evse(1), []
    plant.on_id_token(lambda *what: seen.append(what))
    plant.on_button(lambda *what: seen.append(what))
    async with await Rig.open(*opened, armed=True) as rig:
        assert rig.identities == {"simulator": "Plugproof virtual bench"}
        await rig.ev().plug_in(20.0)
        assert evse.cable_rating_a() == 20.0
        assert await rig.ev().pilot_state() == "B"
        await rig.ev().set_demand(13.5, phases=2)
        await rig.ev().set_power_factor(0.9)
        assert (evse.ev.demand_a, evse.ev.phases, evse.ev.power_factor) == (13.5, 2, 0.9)
        await rig.ev().set_phases(1)
        assert (evse.ev.demand_a, evse.ev.phases) == (13.5, 1)
        await rig.ev().set_polite(polite=False)
        await rig.ev().request_energy(on=True)
        assert (evse.ev.polite, evse.ev.wish) == (False, True)
        await rig.reader().present("04 A1/B2")
        await rig.panel().press("emergency_stop", evse=1)
        assert seen == [(0, "04 A1/B2"), (1, "emergency_stop")]
        await rig.faults().inject("ground_failure", evse=1)
        assert evse.fault() == "ground_failure"
        await rig.bay().occupy()
        assert evse.bay_occupied
        assert await rig.lock_sensor().locked() is False
        evse.lock(locked=True)
        await asyncio.sleep(0.3)
        assert await rig.lock_sensor().locked() is True
        await rig.source().output(on=False)
        assert await rig.source().output_is_on() is False
        await rig.source().output(on=True)
        assert plant.grid.output_on
        with pytest.raises(VerbAbsent, match=r"simulator does not do set_voltage\(volts=207.0, phase=None\)"):
            await rig.source().set_voltage(207.0)
        assert rig.broken == {}
    assert all(step.ok for step in await rig.close())
    assert (evse.plugged, evse.ev.wish, evse.fault(), evse.bay_occupied) == (False, False, None, False)


async def test_a_simulator_that_goes_away_is_broken_and_is_used_again(world, opened):
    async with await Rig.open(*opened) as rig:
        await world.instruments["http"].misbehave("closed")
        with pytest.raises(InstrumentFault, match=r"plug_in: POST .*: the connection was refused"):
            await rig.ev().plug_in()
        assert list(rig.broken) == ["simulator"]
        await world.instruments["http"].misbehave("none")
        assert await rig.check() == {}
        await rig.ev().plug_in()


@pytest.mark.parametrize(
    ("kind", "told"), [("garbage", "the answer is no HTTP"), ("silent", "was not answered within")]
)
async def test_a_simulator_that_misbehaves_is_named(world, opened, kind, told):
    topology, clock = opened
    object.__setattr__(topology.instruments[0], "timeout_s", 1.0)
    async with await Rig.open(topology, clock) as rig:
        await world.instruments["http"].misbehave(kind)
        with pytest.raises(InstrumentFault, match=told):
            await rig.ev().plug_in()
        await world.instruments["http"].misbehave("none")


@pytest.mark.parametrize(
    ("asked", "body", "status", "error"),
    [
        ("GET /evses/9", b"", 400, "there is no EVSE 9"),
        ("GET /evse/1", b"", 404, "nothing is served at GET /evse/1"),
        ("POST /evses/1/plug", b"", 400, "rating_a is None: give a float"),
        ("POST /evses/1/plug", b'{"rating_a": true}', 400, "rating_a is True"),
        ("PUT /mains", b"[]", 400, "the body is not a JSON object"),
        ("PUT /mains", b"{", 400, "Expecting property name"),
        ("PUT /evses/1/car", b'{"fly": 1}', 400, "'fly' is nothing of a car"),
        ("POST /evses/1/buttons/start", b"", 400, "there is no button 'start'"),
    ],
)
async def test_the_virtual_web_server_refuses_what_it_does_not_know(world, asked, body, status, error):
    got, data = world.instruments["http"].respond(asked, body)
    assert got == status
    assert error in data["error"]
