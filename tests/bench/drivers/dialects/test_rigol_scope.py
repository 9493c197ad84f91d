"""The Rigol oscilloscopes: golden dialogue, the simulated one over a socket, and faults."""

import asyncio

import pytest

from bench.errors import InstrumentFault
from bench.virtual.instruments.rigol_scope import VirtualRigolScope
from harness.model.strict import ModelError

DUTY, PULSE, HERTZ, TOP, BASE = (
    f":MEASure:ITEM? {item},CHANnel2" for item in ("PDUTy", "PWIDth", "FREQuency", "VTOP", "VBASe")
)
GOLDEN = {
    "*IDN?": "RIGOL TECHNOLOGIES,DHO804,DHO8A0001,00.01.02",  # form: a public table of Rigol scopes
    # :MEASure:ITEM? <item>,<source> with these items: bench notes; public drivers of DS1000Z, DS6000, MSO5000, DHO
    DUTY: "2.670000e+01",  # form and per cent: public tests of a DS1104Z driver
    PULSE: "2.670000e-04",
    HERTZ: "1.000100e+03",
    TOP: "8.980000e+00",
    BASE: "-1.202000e+01",
}
CHANNEL_2 = {"channel": 2}


async def test_rigol_scope(talker, drive, numbers):
    server = await talker(GOLDEN)
    scope = drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2)
    assert numbers(await scope.read()) == {
        "pilot_duty_pct": 26.7,
        "pilot_high_v": 8.98,
        "pilot_low_v": -12.02,
        "pilot_frequency_hz": 1000.1,
    }
    assert server.heard == ["*IDN?", DUTY, PULSE, HERTZ, TOP, BASE]


@pytest.mark.parametrize(("told", "pulse_s"), [("2.670000e-01", 267e-6), ("9.600000e-01", 960e-6), ("0.05", 50e-6)])
async def test_a_duty_told_as_a_fraction_is_taken_for_what_it_is(talker, drive, numbers, told, pulse_s):
    # an MHO5104 tells 0.5 for 50 %: bench notes, from public code; DS2000's guide, 2-313, shows 4.968382e-01
    server = await talker({**GOLDEN, DUTY: told, PULSE: f"{pulse_s:e}", HERTZ: "1.0e3"})
    reading = await drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2).read()
    assert numbers(reading)["pilot_duty_pct"] == pytest.approx(100 * float(told))


async def test_one_per_cent_is_not_taken_for_a_whole(talker, drive, numbers):
    server = await talker({**GOLDEN, DUTY: "1.0", PULSE: "1.0e-5", HERTZ: "1.0e3"})
    reading = await drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2).read()
    assert numbers(reading)["pilot_duty_pct"] == 1.0


async def test_what_cannot_be_measured_is_left_out(talker, drive, numbers):
    # 9.9e37: guides of DS2000A, 2-206, and DS2000E, 2-166 (excerpts read)
    server = await talker({**GOLDEN, DUTY: "9.9E37", PULSE: "9.9E37", HERTZ: "9.9e37", TOP: "12", BASE: "12"})
    reading = await drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2).read()
    assert numbers(reading) == {"pilot_high_v": 12.0, "pilot_low_v": 12.0}


@pytest.mark.parametrize("model", ["DHO804", "MHO5104"])
async def test_the_simulated_scope_sees_the_pilot(plant, serve, drive, sees_the_pilot, model):
    port = await serve(VirtualRigolScope("scope", plant.evse(1), model=model))
    scope = drive("rigol_scope", "pilot_scope", port)
    assert model in await scope.identify()
    await sees_the_pilot(scope, duty_pct=0.05, frequency_hz=0.1)


async def test_on_another_channel_or_a_stopped_acquisition_there_is_nothing_to_see(plant, serve, drive, numbers):
    instrument = VirtualRigolScope("scope", plant.evse(1))
    port = await serve(instrument)
    assert numbers(await drive("rigol_scope", "pilot_scope", port, options={"channel": 3}).read()) == {}
    instrument.respond(":STOP")
    assert numbers(await drive("rigol_scope", "pilot_scope", port).read()) == {}


async def plain(port, *lines):
    """What any client of a socket gets: the bytes of the last line's answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for line in lines:
        writer.write(line.encode() + b"\n")
    try:
        async with asyncio.timeout(60):
            head = await reader.readexactly(11)
            return head, await reader.readexactly(int(head[2:])), await reader.readexactly(1)
    finally:
        writer.close()


async def test_its_waveform_is_a_block_with_its_length_and_scales_back_to_volts(plant, serve):
    instrument = VirtualRigolScope("scope", plant.evse(1))
    port = await serve(instrument)
    plant.evse(1).set_pilot_duty(25)
    head, data, end = await plain(port, ":WAV:SOUR CHAN1", ":WAV:FORM BYTE", ":WAV:DATA?")
    assert (head, end) == (b"#9000001000", b"\n")
    preamble = [float(part) for part in instrument.respond(":WAVeform:PREamble?").split(",")]
    step_v, origin, reference = preamble[7:]
    volts = [(byte - origin - reference) * step_v for byte in data]
    assert (min(volts), max(volts)) == (pytest.approx(-12, abs=0.2), pytest.approx(12, abs=0.2))
    assert sum(volt > 0 for volt in volts) / len(volts) == pytest.approx(0.25, abs=0.01)
    _head, text, _end = await plain(port, ":WAVeform:FORMat ASCii", ":WAVeform:DATA?")
    assert [float(part) for part in text.split(b",")] == pytest.approx(volts, abs=step_v)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("silent", r"no answer to ':MEASure:ITEM\? PDUTy,CHANnel1' within 1 s"),
        ("garbage", "bytes that are no text"),
        ("closed", "no connection|closed the connection"),
        ("nan", "told nan for VTOP"),
    ],
)
async def test_a_scope_that_fails_is_a_named_fault_and_is_used_again(
    plant, serve, drive, fails_and_recovers, kind, told
):
    instrument = VirtualRigolScope("scope", plant.evse(1))
    await fails_and_recovers(instrument, drive("rigol_scope", "pilot_scope", await serve(instrument)), kind, told)


async def test_an_answer_cut_in_the_middle_and_one_that_is_no_number_are_faults(talker, drive):
    def cut(writer):
        writer.write(b"2.6700")
        writer.transport.close()

    server = await talker({**GOLDEN, DUTY: cut})
    scope = drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2)
    with pytest.raises(InstrumentFault, match="closed the connection"):
        await scope.read()
    server.script = {**GOLDEN, TOP: "measure error"}
    with pytest.raises(InstrumentFault, match=r"with 'measure error', not with 1 numbers"):
        await scope.read()


WAVE = {
    **GOLDEN,
    # settings, order of the preamble, text after a block's head: public drivers of DS1000Z and DHO
    ":WAVeform:SOURce CHANnel2": None,
    ":WAVeform:MODE NORMal": None,
    ":WAVeform:FORMat ASCii": None,
    ":SYSTem:ERRor?": '0,"No error"',  # seen on a DS1000Z: public notes
    ":WAVeform:PREamble?": "2,0,3,1,5.000000e-06,-1.000000e-03,0,1.562500e-01,0,128",
    ":WAVeform:DATA?": "#9000000017-1.2e1,9.0,9.00e0",
}


@pytest.mark.parametrize("data", [WAVE[":WAVeform:DATA?"], "-1.2e1,9.0,9.00e0", "#218-1.2e1,9.0,9.00e0,"])
async def test_a_waveform(talker, drive, data):
    server = await talker({**WAVE, ":WAVeform:DATA?": data})
    wave = await drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2).waveform()
    assert (wave.start_s, wave.step_s, wave.volts) == (-0.001, 5e-6, (-12.0, 9.0, 9.0))
    assert server.heard == [
        "*IDN?",
        ":WAVeform:SOURce CHANnel2",
        ":SYSTem:ERRor?",
        ":WAVeform:MODE NORMal",
        ":SYSTem:ERRor?",
        ":WAVeform:FORMat ASCii",
        ":SYSTem:ERRor?",
        ":WAVeform:PREamble?",
        ":WAVeform:DATA?",
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("#9000000017-1.2e1,9.0", r"the block holds 10 bytes and its head says 17"),
        ("#9000", r"'#9000' is no head of a block"),
        ("#9000000010-1.2e1,9.0", r"has 2 points, its preamble says 3"),
        ("#9000000014-1.2e1,9.0,nan", r"not all of it are numbers"),
        ("-1.2e1;9.0", r"could not convert"),
        ("", r"could not convert"),
    ],
)
async def test_a_waveform_that_is_not_whole_is_a_fault(talker, drive, data, told):
    server = await talker({**WAVE, ":WAVeform:DATA?": data})
    with pytest.raises(InstrumentFault, match=told):
        await drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2).waveform()


async def test_a_waveform_that_breaks_off_is_a_fault_and_no_part_of_it_answers_the_next_question(
    talker, drive, numbers
):
    def stall(writer):
        writer.write(b"#9000000017-1.2e1,")

    server = await talker({**WAVE, ":WAVeform:DATA?": stall})
    scope = drive("rigol_scope", "pilot_scope", server, options=CHANNEL_2)
    with pytest.raises(InstrumentFault, match=r"no answer to ':WAVeform:DATA\?' within 1 s"):
        await scope.waveform()
    assert numbers(await scope.read())["pilot_duty_pct"] == 26.7


async def test_the_simulated_scope_draws_the_pilot(plant, serve, drive):
    instrument = VirtualRigolScope("scope", plant.evse(1))
    scope = drive("rigol_scope", "pilot_scope", await serve(instrument))
    plant.evse(1).set_pilot_duty(25)
    wave = await scope.waveform()
    assert (len(wave.volts), wave.step_s) == (1000, 5e-6)
    assert sum(volt > 0 for volt in wave.volts) / 1000 == pytest.approx(0.25, abs=0.01)
    await instrument.misbehave("nan")
    with pytest.raises(InstrumentFault, match="not all of it are numbers"):
        await scope.waveform()


async def test_what_it_does_not_know_goes_to_its_error_queue(plant, serve):
    instrument = VirtualRigolScope("scope", plant.evse(1))
    assert instrument.respond(":MEASure:ITEM? VTOP,CHAN9") is None
    assert instrument.respond(":MEASure:DUTYcycle? CHAN1") is None
    asked = [instrument.respond(":SYSTem:ERRor?") for _ in range(3)]
    assert asked == ['-224,"Illegal parameter value"', '-113,"Undefined header"', '0,"No error"']


@pytest.mark.parametrize(("options", "told"), [({"chanel": 1}, "did you mean 'channel'"), ({"channel": 5}, "channel")])
async def test_options_that_do_not_fit_are_refused(drive, options, told):
    with pytest.raises(ModelError, match=told):
        drive("rigol_scope", "pilot_scope", 1, options=options)
