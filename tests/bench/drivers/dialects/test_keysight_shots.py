"""Single shots of a Keysight InfiniiVision: golden dialogue, the simulated one over a socket, and faults."""

import asyncio
import math

import pytest

from bench.errors import BenchError, InstrumentFault, NotTriggered, VerbAbsent
from bench.roles import Trigger
from bench.virtual.instruments.scope import VirtualScope
from bench.virtual.instruments.scope_config import ScopeConfig
from harness.edges import ends, pilot_rises, supply_ends

NONE = '+0,"No error"'
BORROWED = {
    # names: public drivers of InfiniiVision (PyICe agilent_3034a, several capture scripts); forms of the answers: memory, high
    ":TIMebase:MODE?": "MAIN",
    ":TIMebase:REFerence?": "LEFT",
    ":TIMebase:RANGe?": "+2.0E-03",
    ":TIMebase:POSition?": "+0.0E+00",
    ":TRIGger:MODE?": "EDGE",
    ":TRIGger:SWEep?": "AUTO",
    ":TRIGger:EDGE:SOURce?": "CHAN2",
    ":TRIGger:EDGE:SLOPe?": "POS",
    ":TRIGger:EDGE:LEVel?": "+1.5E+00",
}
CODES = bytes([128] * 50 + [166] * 50)
PREAMBLE = (
    "+0,+0,+100,+1,+5.0E-03,-5.0E-02,+0,+1.5625E-01,+0.0E+00,+128"  # ten fields: public drivers, e.g. of DSOX1204G
)
SHOT = ["CHANnel2"]


def script():
    arms, waits = ["+0", "+0", "+1"], ["+8", "+8", "+0"]
    return {
        "*IDN?": "KEYSIGHT TECHNOLOGIES,DSO-X 3024T,MY1,07.50",
        **BORROWED,
        ":SYSTem:ERRor?": NONE,
        ":AER?": lambda _: arms.pop(0),  # cleared by reading: memory, high (Keysight's chapter on single-shot DUTs)
        ":OPERegister:CONDition?": lambda _: waits.pop(0),  # bit 3 runs: PyICe cites the Programmer's Guide, ch. 37
        ":WAVeform:PREamble?": PREAMBLE,
        ":WAVeform:DATA?": b"#3100" + CODES + b"\n",
    }


def scope_at(drive, server, **options):
    return drive("keysight_infiniivision", ["pilot_scope", "edge_scope"], server, options={"channel": 2, **options})


async def test_what_rests_on_memory_is_told_of_shots_and_not_of_the_pilot(talker, drive):
    server = await talker(script())
    told = "; single shots experimental: rests on memory or on unverified code"
    assert (await scope_at(drive, server).identify()).endswith(told)
    pilot_alone = drive("keysight_infiniivision", ["pilot_scope"], server, options={"channel": 2})
    assert await pilot_alone.identify() == "KEYSIGHT TECHNOLOGIES,DSO-X 3024T,MY1,07.50"


async def test_the_dialogue_of_a_shot(talker, drive):
    server = await talker(script())
    scope = scope_at(drive, server)
    await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
    shot = await scope.capture(1.0)
    heard = [line for line in server.heard if line != ":SYSTem:ERRor?"]
    assert heard == [
        "*IDN?",
        *BORROWED,
        ":CHANnel2:DISPlay ON",
        ":TIMebase:MODE MAIN",
        ":TIMebase:REFerence CENTer",
        ":TIMebase:RANGe 5.000000E-01",
        ":TIMebase:POSition 2.000000E-01",
        ":TRIGger:MODE EDGE",
        ":TRIGger:SWEep NORMal",
        ":TRIGger:EDGE:SOURce CHANnel2",
        ":TRIGger:EDGE:SLOPe POSitive",
        ":TRIGger:EDGE:LEVel 7.5000E+00",
        ":AER?",
        ":SINGle",
        ":AER?",
        ":AER?",
        ":OPERegister:CONDition?",
        ":OPERegister:CONDition?",
        ":OPERegister:CONDition?",
        ":WAVeform:SOURce CHANnel2",
        ":WAVeform:FORMat BYTE",
        ":WAVeform:UNSigned ON",
        ":WAVeform:POINts:MODE RAW",
        ":WAVeform:POINts 10000",
        ":WAVeform:PREamble?",
        ":WAVeform:DATA?",
        ":RUN",
        *(f"{question.removesuffix('?')} {answer}" for question, answer in BORROWED.items()),
    ]
    wave = shot.waveforms["pilot"]
    assert (wave.start_s, wave.step_s, len(wave.values)) == (-0.05, 0.005, 100)
    assert (wave.values[0], wave.values[99]) == (0.0, pytest.approx(38 * 0.15625))
    assert wave.resolution == pytest.approx(0.15625)
    assert shot.time_base_ppm == 50.0
    assert shot.u["pilot"] > 0


async def test_a_shot_that_is_forced_waits_for_what_the_pilot_never_does(talker, drive):
    server = await talker(script())
    scope = scope_at(drive, server)
    await scope.arm(None, 0.5, 0.49)
    with pytest.raises(InstrumentFault, match=r"where 0.5 s were asked for"):
        await scope.capture(1.0)
    assert server.heard.index(":TRIGger:EDGE:LEVel 1.1000E+01") < server.heard.index(":SINGle")
    assert server.heard.index(":SINGle") < server.heard.index(":TRIGger:FORCe")  # public code for DSOX4024A


async def test_a_shot_that_is_complete_before_it_was_forced_is_a_fault(talker, drive):
    server = await talker({**script(), ":OPERegister:CONDition?": "+0"})
    scope = scope_at(drive, server)
    await scope.arm(None, 0.5, 0.05)
    with pytest.raises(InstrumentFault, match="triggered before it was forced"):
        await scope.capture(1.0)


async def test_while_a_shot_is_awaited_nothing_is_measured(talker, drive, numbers):
    server = await talker(script())
    scope = scope_at(drive, server)
    await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
    assert numbers(await scope.read()) == {}
    await scope.disarm()
    assert ":RUN" in server.heard


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (":WAVeform:DATA?", b"#3200" + CODES + b"\n", "no answer to .*a block of 200 bytes"),
        (":WAVeform:DATA?", b"#250" + CODES[:50] + b"\n", "has 50 points, its preamble says 100"),
        (":WAVeform:DATA?", b"nonsense\n", "where a block begins with #"),
        (":WAVeform:PREamble?", "+0,+0,+100", "not with 10 numbers"),
        (":WAVeform:PREamble?", PREAMBLE.replace("+5.0E-03", "NAN"), "told a preamble of 100 points"),
        (":WAVeform:PREamble?", PREAMBLE.replace("+100,", "+1000000,"), "told a preamble of 1e\\+06 points"),
        (":WAVeform:PREamble?", PREAMBLE.replace("+5.0E-03", "+0.0E+00"), "a scale of pilot that is none"),
        (":WAVeform:PREamble?", PREAMBLE.replace("+5.0E-03", "+1.0E-03"), "where 0.5 s were asked for"),
        (":OPERegister:CONDition?", "NAN", "NAN|nan"),
        (":AER?", "+0", "it is not armed 5.45 s after a single shot"),
        (":SYSTem:ERRor?", '-222,"Data out of range"', "was refused with '-222"),
    ],
)
async def test_what_is_no_shot_is_a_named_fault(talker, drive, question, answer, said, monkeypatch):
    monkeypatch.setattr("bench.drivers.single_shot.ARMS_WITHIN_S", 0.1 if question == ":AER?" else 5.0)
    server = await talker({**script(), question: answer})
    scope = scope_at(drive, server)
    with pytest.raises(InstrumentFault, match=said.replace("5.45", "0.55")):
        await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
        await scope.capture(1.0)


async def test_what_a_fault_left_undone_is_given_back_at_the_next_check(talker, drive):
    server = await talker({**script(), ":WAVeform:DATA?": b"nonsense\n"})
    scope = scope_at(drive, server)
    await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
    with pytest.raises(InstrumentFault):
        await scope.capture(1.0)
    await scope.identify()
    assert ":TRIGger:EDGE:LEVel +1.5E+00" in server.heard
    assert ":RUN" in server.heard


async def test_an_edge_that_never_comes_is_told_as_such(talker, drive):
    server = await talker({**script(), ":OPERegister:CONDition?": "+8"})
    scope = scope_at(drive, server)
    await scope.arm(Trigger("pilot", 7.5), 0.2, 0.05)
    with pytest.raises(NotTriggered, match=r"not triggered within 0.1 s: no pilot rises through 7.5 V"):
        await asyncio.wait_for(scope.capture(0.1), 5)
    assert ":RUN" in server.heard


async def test_a_signal_that_is_not_wired_is_not_waited_for(talker, drive):
    server = await talker(script())
    scope = scope_at(drive, server)
    assert scope.signals == ("pilot",)
    with pytest.raises(VerbAbsent, match="outlet_voltage is on none of its channels"):
        await scope.arm(Trigger("outlet_voltage", 50.0), 0.5, 0.05)
    with pytest.raises(BenchError, match="was not armed"):
        await scope.capture(1.0)
    with pytest.raises(BenchError, match=r"a window of 0.5 s with 0.5 s before"):
        await scope.arm(Trigger("pilot", 7.5), 0.5, 0.5)


async def test_two_signals_on_one_channel_and_a_factor_of_nothing_are_refused(drive):
    with pytest.raises(BenchError, match="two signals are wired to one channel"):
        scope_at(drive, 1, outlet_voltage={"channel": 2})
    with pytest.raises(BenchError, match="a probe's factor is 0"):
        scope_at(drive, 1, outlet_voltage={"channel": 3, "factor": 0.0})


async def test_a_value_that_is_no_number_is_a_fault_and_not_left_out(talker, drive):
    pilot = ":MEASure:DUTYcycle? CHANnel2;:MEASure:VTOP? CHANnel2;:MEASure:VBASe? CHANnel2;:MEASure:FREQuency? CHANnel2"
    for told in ("NAN", "INF"):
        server = await talker({**script(), pilot: f"{told};+8.98E+00;-12.02E+00;+1.0001E+03"})
        with pytest.raises(InstrumentFault, match="for pilot_duty_pct"):
            await scope_at(drive, server).read()


WIRED = {"channel": 1, "outlet_voltage": {"channel": 2}, "outlet_current": {"channel": 3}}


async def charging(plant, open_delay_s=0.05):
    """A car that draws on, on a contactor that opens so late."""
    evse = plant.evse(1)
    evse.set_polite(polite=False)
    evse.plug_in(32)
    evse.set_open_delay(open_delay_s)
    evse.set_pilot_duty(50.0)
    evse.request_energy(on=True)
    evse.close_contactor()
    await asyncio.sleep(1.8)
    return evse


async def wired_scope(evse, serve, drive):
    port = await serve(VirtualScope("scope", evse, ScopeConfig()))
    return drive("keysight_infiniivision", ["pilot_scope", "edge_scope"], port, options=WIRED, timeout_s=3.0)


async def test_the_simulated_scope_catches_the_edges_as_they_were(plant, serve, drive):
    evse = await charging(plant)
    scope = await wired_scope(evse, serve, drive)
    await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
    await asyncio.sleep(0.3)
    evse.request_energy(on=False)
    evse.open_contactor()
    shot = await scope.capture(2.0)
    left, opened = (plant.edges.last(f"evse1.{signal}").t for signal in ("s2", "contactor"))
    assert shot.t == pytest.approx(left, abs=shot.t_u)
    assert shot.t_u < 0.05
    pilot = pilot_rises(shot.waveforms["pilot"], 7.5)
    current = ends(shot.waveforms["outlet_current"], 6.0, 0.01)
    supply = supply_ends(shot.waveforms["outlet_voltage"], 35.0, 0.01)
    for edge in (current, supply):
        assert edge.t - pilot.t == pytest.approx(opened - left, abs=math.sqrt(3) / 2 * (edge.u + pilot.u) + 1e-3)
    assert (await scope.read()).values


async def test_the_simulated_scope_is_forced_where_it_was_told(plant, serve, drive):
    evse = await charging(plant)
    scope = await wired_scope(evse, serve, drive)
    await scope.arm(None, 0.3, 0.0)
    opens_at = plant.now()
    evse.open_contactor()
    shot = await scope.capture(1.0)
    assert 0 <= opens_at - shot.t < 0.05
    opened = plant.edges.last("evse1.contactor").t
    current = ends(shot.waveforms["outlet_current"], 6.0, 0.01)
    assert shot.t + current.t == pytest.approx(opened, abs=shot.t_u + current.u + 1e-3)


async def test_a_pilot_that_does_not_move_triggers_nothing(plant, serve, drive):
    evse = await charging(plant)
    scope = await wired_scope(evse, serve, drive)
    await scope.arm(Trigger("pilot", 7.5), 0.5, 0.05)
    with pytest.raises(NotTriggered):
        await scope.capture(3.0)
    assert (await scope.read()).values
