"""The Chroma sources: golden dialogue, the simulated one over a socket, and faults."""

import pytest

from bench.errors import BenchError, InstrumentFault, VerbAbsent
from bench.virtual.instruments.chroma_source import VirtualChromaSource
from harness.model.strict import ModelError

ERROR, NONE = "SYSTem:ERRor?", '0,"No error"'
GOLDEN = {
    # manual of 61605, p. 73 of easymanua.ls (excerpt read)
    "*IDN?": "Chroma ATE,61600,123456,1.00,1.01,1.02",
    "*CLS": None,  # IEEE 488.2; memory, high
    # query and first digit: svp_energy_lab chroma_61845.py; the text: manual of 6404, p. 46 (excerpt read)
    ERROR: NONE,
    # all settings: chroma_61845.py (public code)
    "output:state on": None,
    "output:state off": None,
    "output:relay on": None,
    "output:relay off": None,
    "source:curr:lim 32.00": None,
    # EDIT, COUPle, NSELect: a public list of 61511/12 commands; `;:` back to the root: manual of 61601, p. 7-5 (excerpt)
    "inst:edit all;:source:volt:lev:imm:ampl:ac 230.0": None,
    "inst:edit each;:inst:coup none;:inst:nsel 2;:source:volt:lev:imm:ampl:ac 207.0": None,
    "inst:edit all;:source:freq 50.00": None,
    "source:volt:lev:imm:ampl:ac 230.0": None,
    "inst:edit each;:inst:coup none;:inst:nsel 1;:source:volt:lev:imm:ampl:ac?": "230.0",  # NR2: 61503, p. 8-12
    "source:freq?": "50.00",
    # ON|OFF: manual of 61705, p. 8-3 (excerpt read); public code of the 61845 expects 0 and 1: both are taken
    "output:state?": "ON",
}


async def test_chroma_616xx(talker, drive):
    server = await talker(dict(GOLDEN))
    source = drive("chroma_616xx", "ac_source", server, options={"current_limit_a": 32, "relay": True})
    assert await source.identify() == GOLDEN["*IDN?"]
    await source.output(on=True)
    await source.set_voltage(230)
    await source.set_voltage(207, phase=2)
    await source.set_frequency(50)
    assert (await source.voltage(), await source.frequency()) == (230.0, 50.0)
    server.script["output:state?"] = "0"
    await source.output(on=False)
    settings = [line for line in server.heard if line != ERROR]
    assert settings == [
        "*IDN?",
        "*CLS",
        "*IDN?",
        "source:curr:lim 32.00",
        "output:relay on",
        "output:state on",
        "output:state?",
        "inst:edit all;:source:volt:lev:imm:ampl:ac 230.0",
        "inst:edit each;:inst:coup none;:inst:nsel 2;:source:volt:lev:imm:ampl:ac 207.0",
        "inst:edit all;:source:freq 50.00",
        "inst:edit each;:inst:coup none;:inst:nsel 1;:source:volt:lev:imm:ampl:ac?",
        "source:freq?",
        "output:state off",
        "output:relay off",
        "output:state?",
    ]
    assert server.heard.count(ERROR) == 8  # after every setting


async def test_a_single_phase_source_gets_no_instrument_commands_and_feeds_its_phase_only(talker, drive):
    server = await talker(dict(GOLDEN))
    source = drive("chroma_616xx", "ac_source", server, phases=[1])
    await source.set_voltage(230)
    await source.set_voltage(230, phase=1)
    assert [line for line in server.heard if "inst" in line] == []
    with pytest.raises(BenchError, match=r"feeds no phase 2. Cure: name one of 1, or correct its phases"):
        await source.set_voltage(230, phase=2)


async def test_the_simulated_source_does_what_the_driver_says(plant, serve, drive):
    port = await serve(VirtualChromaSource("source", plant))
    source = drive("chroma_616xx", "ac_source", port, options={"current_limit_a": 40, "relay": True})
    assert "61612" in await source.identify()
    await source.set_voltage(220)
    await source.set_voltage(180.5, phase=3)
    await source.set_frequency(49.5)
    assert tuple(plant.grid.set_voltage_v) == (220.0, 220.0, 180.5)
    assert [await source.voltage(phase) for phase in (1, 3)] == [220.0, 180.5]
    assert await source.frequency() == plant.grid.set_frequency_hz == 49.5
    await source.set_voltage(230)
    assert tuple(plant.grid.set_voltage_v) == (230.0, 230.0, 230.0)
    for on in (False, True):
        await source.output(on=on)
        assert await source.output_is_on() is plant.grid.output_on is on


async def test_a_setting_beyond_its_range_is_refused_with_its_words_and_leaves_no_error_behind(plant, serve, drive):
    source = drive("chroma_616xx", "ac_source", await serve(VirtualChromaSource("source", plant)))
    with pytest.raises(InstrumentFault, match=r"ac 400.0' was refused with '-222,\"Data out of range\"'"):
        await source.set_voltage(400)
    await source.set_voltage(231)
    assert plant.grid.set_voltage_v[0] == 231.0


async def test_errors_that_the_panel_left_are_not_those_of_the_first_setting(plant, serve, drive):
    instrument = VirtualChromaSource("source", plant)
    port = await serve(instrument)
    instrument.respond("nonsense")
    await drive("chroma_616xx", "ac_source", port).set_voltage(231)
    assert plant.grid.set_voltage_v[0] == 231.0


async def test_an_output_that_does_not_switch_is_a_fault(talker, drive):
    server = await talker(dict(GOLDEN))
    with pytest.raises(InstrumentFault, match=r"did not switch off. Cure: check its protections"):
        await drive("chroma_616xx", "ac_source", server).output(on=False)


async def test_a_state_that_is_neither_on_nor_off_is_a_fault(talker, drive):
    server = await talker({**GOLDEN, "output:state?": "TRIP"})
    with pytest.raises(InstrumentFault, match=r"answered 'output:state\?' with 'TRIP'"):
        await drive("chroma_616xx", "ac_source", server).output_is_on()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("silent", r"no answer to .* within 1 s"),
        ("garbage", "bytes that are no text"),
        ("closed", "no connection|closed the connection"),
    ],
)
async def test_a_source_that_fails_is_a_named_fault_and_is_used_again_when_it_is_well(plant, serve, drive, kind, told):
    instrument = VirtualChromaSource("source", plant)
    source = drive("chroma_616xx", "ac_source", await serve(instrument))
    await source.set_voltage(230)
    await instrument.misbehave(kind)
    with pytest.raises(InstrumentFault, match=told):
        await source.set_voltage(231)
    await instrument.misbehave("none")
    await source.set_voltage(232)
    assert plant.grid.set_voltage_v[0] == 232.0


async def test_after_a_reset_it_hears_nothing_for_seconds(plant, serve, drive):
    instrument = VirtualChromaSource("source", plant)
    source = drive("chroma_616xx", "ac_source", await serve(instrument))
    await source.identify()
    instrument.respond("*RST")
    assert plant.grid.output_on is False
    with pytest.raises(InstrumentFault, match="no answer"):
        await source.output(on=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"curent_limit_a": 16}, "did you mean 'current_limit_a'"),
        ({"current_limit_a": 0}, "0.1"),
        ({"relay": "yes"}, "relay"),
    ],
)
async def test_options_that_do_not_fit_are_refused(drive, options, told):
    with pytest.raises(ModelError, match=told):
        drive("chroma_616xx", "ac_source", 1, options=options)


async def test_a_dip_is_a_list_that_the_source_times(plant, serve, drive):
    # 61503 manual p. 8-18 and chroma_61845.py profile_load for LIST; p. 8-26 for OUTPut:MODE and TRIG; excerpts and public code
    instrument = VirtualChromaSource("source", plant)
    source = drive("chroma_616xx", "ac_source", await serve(instrument))
    await source.dip(0.4, 0.02)
    dipped = plant.edges.of("dip_l1")
    assert [edge.value for edge in dipped] == pytest.approx([0.4, 1.0])
    assert dipped[1].t - dipped[0].t == pytest.approx(0.02)
    assert plant.grid.voltage_v == (230.0, 230.0, 230.0)


async def test_a_dip_of_one_phase_is_beyond_it(plant, serve, drive):
    source = drive("chroma_616xx", "ac_source", await serve(VirtualChromaSource("source", plant)))
    with pytest.raises(VerbAbsent, match="its list is one for all phases"):
        await source.dip(0.4, 0.02, phase=1)
    with pytest.raises(BenchError, match="Cure: give a share of 0 to 1 and a time"):
        await source.dip(0.4, 0.0)


async def test_a_list_that_is_not_whole_is_refused(plant, serve, drive):
    instrument = VirtualChromaSource("source", plant)
    source = drive("chroma_616xx", "ac_source", await serve(instrument))
    await source.identify()
    for line in ("output:mode list", "list:dwel 10,20", "list:volt:ac:star 100", "trig on"):
        instrument.respond(line)
    assert instrument.respond("SYSTem:ERRor?").startswith("-221")
    assert not plant.edges.of("dip_l1")
