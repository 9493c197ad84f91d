"""The AMETEK sources: what the golden dialogue of test_driver_dialogues.py leaves out."""

import pytest

from bench.errors import BenchError, InstrumentFault
from bench.virtual.instruments.source import SourceConfig, VirtualAcSource
from harness.model.strict import ModelError


@pytest.fixture
async def instrument(plant, serve):
    made = VirtualAcSource("source", plant, SourceConfig())
    made.port = await serve(made)
    return made


async def test_the_current_limit_is_set_before_the_output_is_on(talker, drive):
    # curr: bench notes, from svp_energy_lab gridsim_ametek.py (public code)
    server = await talker(
        {"*IDN?": "CALIFORNIA INSTRUMENTS,RS90", "syst:err?": '0,"No error"', "outp?": "1", "abort;:outp on": None}
    )
    await drive("ametek_ci", "ac_source", server, options={"current_limit_a": 32}).output(on=True)
    settings = [line for line in server.heard if line not in {"syst:err?", "*IDN?"}]
    assert settings == ["inst:coup all;:curr 32.00", "abort;:outp on", "outp?"]


async def test_the_simulated_source_takes_it_or_refuses_it(instrument, drive, plant):
    await drive("ametek_ci", "ac_source", instrument, options={"current_limit_a": 32}).output(on=True)
    assert instrument.respond("curr?") == "32.00"
    plant.set_output(on=False)
    with pytest.raises(InstrumentFault, match=r"curr 200.00' was refused with '-222"):
        await drive("ametek_ci", "ac_source", instrument, options={"current_limit_a": 200}).output(on=True)
    assert plant.grid.output_on is False


@pytest.mark.parametrize("kind", ["silent", "garbage", "closed"])
async def test_a_source_that_fails_is_a_named_fault_and_is_used_again(instrument, drive, plant, kind):
    source = drive("ametek_ci", "ac_source", instrument)
    await source.set_voltage(230)
    await instrument.misbehave(kind)
    with pytest.raises(InstrumentFault, match="it at TCPIP"):
        await source.set_voltage(231)
    await instrument.misbehave("none")
    await source.set_voltage(232)
    assert plant.grid.set_voltage_v[0] == 232.0


async def test_options_that_do_not_fit_are_refused(drive):
    with pytest.raises(ModelError, match="did you mean 'current_limit_a'"):
        drive("ametek_ci", "ac_source", 1, options={"current_limit": 16})


async def test_a_dip_is_a_pulse_that_the_source_times(talker, drive):
    # volt:trig, volt:mode puls, puls:widt, init:cont:seq, trig: a public dropout script for the 4500iL; not compared with a manual
    settings = [
        "inst:coup none;:inst:nsel 2;:volt:trig 92.0;:volt:mode puls;:puls:widt 20.0ms",
        "init:cont:seq on",
        "trig",
        "abort;:init:cont:seq off;:inst:coup none;:inst:nsel 2;:volt:mode fix",
    ]
    script = {"*IDN?": "CALIFORNIA INSTRUMENTS,RS90", "syst:err?": '0,"No error"', "inst:nsel 2;:volt:ac?": "230.0"}
    server = await talker({**script, **dict.fromkeys(settings)})
    await drive("ametek_ci", "ac_source", server).dip(0.4, 0.02, phase=2)
    assert [line for line in server.heard if line in settings] == settings


async def test_the_simulated_source_dips(instrument, drive, plant):
    source = drive("ametek_ci", "ac_source", instrument)
    await source.dip(0.7, 0.05)
    dipped = plant.edges.of("dip_l3")
    assert [edge.value for edge in dipped] == pytest.approx([0.7, 1.0])
    assert dipped[1].t - dipped[0].t == pytest.approx(0.05)
    assert plant.grid.voltage_v == (230.0, 230.0, 230.0)
    with pytest.raises(InstrumentFault, match="-211"):
        await source._link.command("trig", "syst:err?")


@pytest.mark.parametrize(("share", "duration_s"), [(1.2, 0.1), (0.4, 0.0)])
async def test_no_such_dip(instrument, drive, share, duration_s):
    with pytest.raises(BenchError, match="Cure: give a share of 0 to 1 and a time"):
        await drive("ametek_ci", "ac_source", instrument).dip(share, duration_s)
