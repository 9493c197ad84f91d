"""Golden dialogues of power analysers and the multimeter. Each line says where it was read and how much that is worth.

[S]: read in a page of the maker's manual. [C]: read in public code. [N]: of the project's notes, from manual or public code.
[M-h], [M-m]: memory, of high or medium confidence. No line was heard from an instrument.
"""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from bench.roles import ROLES
from harness.model.strict import ModelError, build
from harness.model.topology import InstrumentEntry

ALL = {kind: {"of_reading_pct": 0.1} for kind in ("voltage", "current", "power", "frequency")} | {
    "energy": {"of_reading_pct": 0.1, "resolution": 0.001},
    "pilot_voltage": {"absolute": 0.1},
    "pilot_frequency": {"absolute": 1},
}

EXPERIMENTAL = "driver experimental: rests on memory or on unverified code"
"""What a run's evidence and `plugproof doctor` show behind the identity."""


@pytest.fixture
async def drive():
    made = []

    def make(driver, port, role="power_analyzer", **more):
        table = {"name": "it", "roles": [role] if isinstance(role, str) else role, "driver": driver, "uncertainty": ALL}
        table |= {"address": f"TCPIP::127.0.0.1::{port}::SOCKET", "timeout_s": 0.3, **more}
        entry = build(InstrumentEntry, table, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        made.append(registry.create(entry, entry.address, clock, "bench.toml"))
        return made[-1]

    yield make
    for instrument in made:
        await instrument.close()


def numbers(reading):
    return {name: value.value for name, value in reading.values.items()}


# -- Yokogawa WT

WT_ITEMS = ":NUMERIC:NORMAL:ITEM1 U,1;ITEM2 I,1;ITEM3 P,1;ITEM4 FU,1"
WT_ASKS = ":NUMERIC:NORMAL:VALUE?;:STATUS:ERROR?"
WT = {
    "*IDN?": "YOKOGAWA,WT333E,C3VL02028V,F1.01",  # form: [M-h]
    "*CLS": None,  # empties the error queue: [S] WT300 status report
    ":COMMUNICATE:REMOTE ON": None,  # [N]
    ":COMMUNICATE:HEADER OFF": None,  # [S] IM WT5000-17EN 4-5, IM 253421-01E 14.2.4
    ":RATE 100MS": None,  # [N] [C]
    ":INPUT:VOLTAGE:RANGE 300V": None,  # [S] IM WT310E-17EN 5-6, with 150V
    ":INPUT:CURRENT:RANGE 20A": None,  # [N]
    ":NUMERIC:FORMAT ASCII": None,  # [C] device_wt3000.py
    ":NUMERIC:NORMAL:NUMBER 4": None,  # [C] device_wt3000.py
    WT_ITEMS: None,  # [C] device_wt3000.py, with a header before each item; ITEM1 .;ITEM2 .: [C] several programs
    # values: [S] IM 760101-11E 5-70 (commas), IM WT3001E-17EN 6-97 (digits); error: [S] WT300 status report, IM 253421-01E
    # 14.2.4; two answers with ; between them: [S] IM WT310-17EN 5-1
    WT_ASKS: '230.046E+00,16.0100E+00,3.68390E+03,50.002E+00;0,"NO ERROR"',
}


async def test_yokogawa_wt(talker, drive):
    server = await talker(WT)
    options = {"update_ms": 100, "voltage_range_v": 300, "current_range_a": 20}
    wt = drive("yokogawa_wt", server.port, phases=[1], options=options, update_interval_s=0.1)
    assert await wt.identify() == "YOKOGAWA,WT333E,C3VL02028V,F1.01"
    assert numbers(await wt.read()) == {
        "voltage_l1_v": 230.046,
        "current_l1_a": 16.01,
        "power_l1_w": 3683.9,
        "power_w": 3683.9,
        "frequency_hz": 50.002,
    }
    assert server.heard == [*list(WT)[:-1], "*IDN?", WT_ASKS]


async def test_yokogawa_wt_of_two_elements_has_them_where_the_bench_file_says(talker, drive):
    items = ":NUMERIC:NORMAL:ITEM1 U,1;ITEM2 I,1;ITEM3 P,1;ITEM4 U,3;ITEM5 I,3;ITEM6 P,3;ITEM7 FU,1"
    server = await talker({**WT, WT_ASKS: '230E+00,1E+00,230E+00,231E+00,2E+00,462E+00,50E+00;0,"NO ERROR"'})
    wt = drive("yokogawa_wt", server.port, phases=[3, 2], options={"elements": [1, 3]})
    got = numbers(await wt.read())
    assert items in server.heard
    assert (got["voltage_l3_v"], got["voltage_l2_v"], got["power_w"]) == (230, 231, 692)


WT_METERS = ":NUMERIC:NORMAL:VALUE?;:INTEGRATE:STATE?;:STATUS:ERROR?"


async def test_yokogawa_wt_as_a_meter_starts_what_is_reset_and_reads_positive_watt_hours(talker, drive):
    # WHP: [S] IM 760101-11E 5-70 names it; MODE, TIMer, STARt, STATe: [N]; a timer of nothing has no end: [M-h];
    # short answers (RES, STAR): [N]; NAN before the start: [S] IM WT3001E-17EN 6-97, data does not exist
    answers = [
        'NAN,NAN,NAN,NAN,NAN;RES;0,"NO ERROR"',
        '230E+00,16E+00,3.68E+03,50E+00,0.00000E+00;STAR;0,"NO ERROR"',
        '230E+00,16E+00,3.68E+03,50E+00,1.23456E+03;STAR;0,"NO ERROR"',
    ]
    server = await talker({**WT, WT_METERS: lambda _: answers.pop(0), ":STATUS:ERROR?": '0,"NO ERROR"'})
    wt = drive("yokogawa_wt", server.port, ["power_analyzer", "reference_meter"], phases=[1])
    assert isinstance(wt, ROLES["reference_meter"])
    assert wt.resolution_wh == 0.001
    assert (await wt.identify()).endswith("; as a meter experimental: rests on memory or on unverified code")
    assert [numbers(await wt.read())["energy_wh"] for _ in range(2)] == [0.0, 1234.56]
    assert server.heard[-6:] == [
        ":INTEGRATE:MODE NORMAL;TIMER 0,0,0",
        ":STATUS:ERROR?",
        ":INTEGRATE:START",
        ":STATUS:ERROR?",
        WT_METERS,
        WT_METERS,
    ]


async def test_yokogawa_wt_whose_integration_was_stopped_is_a_fault_and_not_started_again(talker, drive):
    server = await talker({**WT, WT_METERS: '230E+00,16E+00,3.68E+03,50E+00,1.2E+03;STOP;0,"NO ERROR"'})
    wt = drive("yokogawa_wt", server.port, "reference_meter", phases=[1])
    with pytest.raises(InstrumentFault, match=r"integration is in state 'STOP': what flows is not counted"):
        await wt.read()
    assert ":INTEGRATE:START" not in server.heard


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('NAN,16E+00,NAN,50E+00;0,"NO ERROR"', "has no numbers for voltage_l1_v, power_l1_w"),
        ('230E+00,INF,INF,50E+00;0,"NO ERROR"', "is beyond its range at current_l1_a, power_l1_w. Cure: check a higher range"),
        ('230E+00,16E+00,3.6E+03;0,"NO ERROR"', "not with 4 numbers"),
        ('230E+00,16E+00,3.6E+03,5O;0,"NO ERROR"', "not with 4 numbers"),
        ('230E+00,16E+00,3.6E+03,50E+00;113,"Undefined header"', """with '113,"Undefined header"'. Cure: check options"""),
        ("nonsense", "with 'nonsense'"),
        (None, "no answer to ':NUMERIC:NORMAL:VALUE"),
    ],
)  # fmt: skip
async def test_what_is_no_reading_of_a_yokogawa_wt_is_a_named_fault(talker, drive, answer, told):
    server = await talker({**WT, WT_ASKS: answer})
    wt = drive("yokogawa_wt", server.port, phases=[1])
    with pytest.raises(InstrumentFault, match=re.escape(told)):
        await wt.read()
    server.script[WT_ASKS] = WT[WT_ASKS]
    assert numbers(await wt.read())["current_l1_a"] == 16.01


async def test_a_setting_that_a_yokogawa_wt_refused_is_told_again_by_every_reading(talker, drive):
    # the queue is emptied by reading it: only a new connection, with all its settings, fills it again
    queue = []
    refusing = {":INPUT:CURRENT:RANGE 21A": lambda _: queue.append('222,"Data out of range"')}
    values = "230E+00,16E+00,3.6E+03,50E+00;"
    server = await talker({**WT, **refusing, WT_ASKS: lambda _: values + (queue.pop() if queue else '0,"NO ERROR"')})
    wt = drive("yokogawa_wt", server.port, phases=[1], options={"current_range_a": 21})
    for connection in (1, 2):
        with pytest.raises(InstrumentFault, match="Data out of range"):
            await wt.read()
        assert server.connections == connection


async def test_a_yokogawa_wt_without_voltage_measures_no_frequency(talker, drive):
    server = await talker({**WT, WT_ASKS: '0.020E+00,0.0010E+00,0.0000E+00,NAN;0,"NO ERROR"'})
    assert "frequency_hz" not in numbers(await drive("yokogawa_wt", server.port, phases=[1]).read())


# -- Hioki PW3390

HIOKI_ASKS = ":MEASure? Urms1,Irms1,P1,FREQ1"
HIOKI = {
    "*IDN?": "HIOKI,PW3390,V1.00,123456789",  # form: [M-m]; that it names HIOKI and PW3390: [C]
    "*CLS": None,  # clears the event register: [S] PW3390A975-01 p. 11
    ":HEADer OFF": None,  # [S] p. 6, [C]
    ":VOLTage1:RANGe 600": None,  # [S] p. 6
    ":CURRent1:RANGe 20": None,  # [S] contents, p. 29: set and query current range; form: as the voltage's
    # items and question: [C] two programs, one of them with Urms1, Urms2; commas in the answer: [C] one program
    HIOKI_ASKS: "+230.05E+0,+16.010E+0,+3.6839E+3,+50.002E+0\r",
    "*ESR?": "0\r",  # [S] p. 11, headers off
}


async def test_hioki_pw3390(talker, drive):
    server = await talker(HIOKI)
    options = {"voltage_range_v": 600, "current_range_a": 20}
    pw = drive("hioki_pw3390", server.port, phases=[1], options=options)
    assert await pw.identify() == f"HIOKI,PW3390,V1.00,123456789; {EXPERIMENTAL}"
    assert numbers(await pw.read()) == {
        "voltage_l1_v": 230.05,
        "current_l1_a": 16.01,
        "power_l1_w": pytest.approx(3683.9),
        "power_w": pytest.approx(3683.9),
        "frequency_hz": 50.002,
    }
    assert server.heard == [*list(HIOKI)[:5], "*IDN?", HIOKI_ASKS, "*ESR?"]


async def test_hioki_pw3390_is_sent_cr_and_lf(talker, drive):
    raw = []

    async def serve(reader, writer):
        while line := await reader.readline():
            raw.append(line)
            answer = HIOKI.get(line.decode().strip())
            if answer:
                writer.write(answer.encode().rstrip() + b"\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pw = drive("hioki_pw3390", server.sockets[0].getsockname()[1], phases=[1])
    assert (await pw.read()).values["voltage_l1_v"].value == 230.05
    assert raw == [f"{line}\r\n".encode() for line in ("*IDN?", "*CLS", ":HEADer OFF", HIOKI_ASKS, "*ESR?")]
    await pw.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("line", "answer", "told"),
    [
        (HIOKI_ASKS, "+230.05E+0,+9999.9E+99,+9999.9E+99,+50.0E+0", "is beyond its range at current_l1_a, power_l1_w"),
        (HIOKI_ASKS, "+230.05E+0,+16.010E+0", "not with 4 numbers"),
        # headers on, as another program may have left them
        (HIOKI_ASKS, "URMS1 +230.05E+0;IRMS1 +16.010E+0;P1 +3.6839E+3;FREQ1 +50.002E+0", "not with 4 numbers"),
        (HIOKI_ASKS, None, "no answer to ':MEASure?"),
        ("*ESR?", "16", "its event register tells an error: 16 (32 command, 16 execution"),
        ("*ESR?", "*ESR 0", "answered '*ESR?' with '*ESR 0'"),
    ],
)
async def test_what_is_no_reading_of_a_hioki_pw3390_is_a_named_fault(talker, drive, line, answer, told):
    server = await talker({**HIOKI, line: answer})
    pw = drive("hioki_pw3390", server.port, phases=[1])
    with pytest.raises(InstrumentFault, match=re.escape(told)):
        await pw.read()
    server.script[line] = HIOKI[line]
    assert numbers(await pw.read())["current_l1_a"] == 16.01


async def test_hioki_pw3390_just_switched_on_is_no_error(talker, drive):
    server = await talker({**HIOKI, "*ESR?": "128"})  # bit 7, power on: [S] p. 11
    assert numbers(await drive("hioki_pw3390", server.port, phases=[1]).read())["voltage_l1_v"] == 230.05


# -- ZES LMG600: ranges (its readings are in test_driver_dialogues.py)

ZES = {
    "*IDN?": "ZES ZIMMER,LMG671,12345,3.052",  # form: [M-m]
    "*zlang short": None,  # [C] device_lmg670.py
    "uauto1 0;urng1 400": None,  # [C] device_lmg670.py set_ranges
    "iauto1 0;irng1 20": None,  # [C] device_lmg670.py set_ranges
    "*zlang scpi": None,  # [C] device_lmg670.py goto_scpi_commands
    ":syst:err:all?": '0,"No error"',  # [C] device_lmg670.py read_errors, in the SCPI language; form: [M-h]
    "*zlang short;*idn?": "ZES ZIMMER,LMG671,12345,3.052",  # both: [C]; in one message: [C] as "*rst;*cls"
    "actn;utrms1?;itrms1?;p1?;fcyc1?": "230.10;16.01;3683.9;50.002",
}


async def test_zes_lmg600_sets_ranges_and_asks_whether_they_were_taken(talker, drive):
    server = await talker(ZES)
    lmg = drive("zes_lmg600", server.port, phases=[1], options={"voltage_range_v": 400, "current_range_a": 20})
    await lmg.identify()
    assert numbers(await lmg.read())["current_l1_a"] == 16.01
    assert server.heard == [*list(ZES)[:4], "*IDN?", *list(ZES)[4:]]


async def test_zes_lmg600_that_did_not_take_a_range_is_a_fault_and_comes_back_in_its_language(talker, drive):
    server = await talker({**ZES, ":syst:err:all?": '-222,"Data out of range"'})
    lmg = drive("zes_lmg600", server.port, phases=[1], options={"current_range_a": 20})
    with pytest.raises(InstrumentFault, match="Data out of range"):
        await lmg.identify()
    await lmg.read()
    assert server.connections == 2


# -- Keithley DMM6500

DMM = {
    "*IDN?": "KEITHLEY INSTRUMENTS,MODEL DMM6500,04340543,1.7.7b",  # form: [M-h]
    "*CLS": None,
    ":SENS:VOLT:AC:RANG:AUTO ON": None,  # [C] keithleyDMM6500.py
    ":SENS:VOLT:AC:RANG 750": None,  # [C] keithleyDMM6500.py
    ":SENS:CURR:AC:RANG:AUTO ON": None,  # [C] keithleyDMM6500.py
    ":SENS:VOLT:DC:RANG:AUTO ON": None,  # [C] keithleyDMM6500.py
    ":SENS:VOLT:AC:DET:BAND 30": None,  # [C] keithleyDMM6500.py
    ":SENS:CURR:AC:DET:BAND 30": None,  # [C] keithleyDMM6500.py
    # :SENS:FUNC "VOLT:AC" and :READ?: [C] keithleyDMM6500.py; what stands behind the error's text: [M-h]
    ':SENS:FUNC "VOLT:AC";:READ?;:SYST:ERR?': '2.300460E+02;0,"No error;0;1970/01/01 00:00:00.000"',
    ':SENS:FUNC "CURR:AC";:READ?;:SYST:ERR?': '4.002500E+00;0,"No error;0;1970/01/01 00:00:00.000"',
}
DMM_ASKS = ':SENS:FUNC "{}";:READ?;:SYST:ERR?'
GOOD = ';0,"No error;0;1970/01/01 00:00:00.000"'


async def test_keithley_dmm6500_as_a_voltmeter(talker, drive):
    server = await talker(DMM)
    dmm = drive("keithley_dmm6500", server.port, phases=[2], options={"function": "ac_voltage", "range": 750})
    assert dmm.measures == ("voltage",)
    assert await dmm.identify() == f"{DMM['*IDN?']}; {EXPERIMENTAL}"
    assert numbers(await dmm.read()) == {"voltage_l2_v": 230.046}
    asks = DMM_ASKS.format("VOLT:AC")
    assert server.heard == ["*IDN?", "*CLS", ":SENS:VOLT:AC:RANG 750", ":SENS:VOLT:AC:DET:BAND 30", "*IDN?", asks]


async def test_keithley_dmm6500_as_an_ammeter_behind_a_transformer(talker, drive):
    server = await talker(DMM)
    dmm = drive("keithley_dmm6500", server.port, phases=[1], options={"function": "ac_current", "ratio": 8})
    assert numbers(await dmm.read()) == {"current_l1_a": 32.02}


@pytest.mark.parametrize(
    ("answers", "got"),
    [
        (["1.2E-03", "8.981E+00", "1.1E-03"], {"pilot_high_v": 8.981, "pilot_low_v": 8.981}),
        (["7.96E+00", "1.0004E+03"], {"pilot_frequency_hz": 1000.4}),
        (["1.2E-03", "3.1E+00", "7.96E+00"], {}),  # PWM began while the level was taken
    ],
)
async def test_keithley_dmm6500_tells_the_level_of_a_pilot_only_where_it_stands_still(talker, drive, answers, got):
    left = list(answers)
    asked = {DMM_ASKS.format(f): lambda _: left.pop(0) + GOOD for f in ("VOLT:AC", "VOLT:DC", "FREQ:VOLT")}
    server = await talker({**DMM, **asked})
    dmm = drive("keithley_dmm6500", server.port, "pilot_scope", options={"function": "pilot_voltage"})
    assert numbers(await dmm.read()) == got
    assert left == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("9.900000E+37" + GOOD, "is beyond its range at VOLT:AC. Cure: set a higher range"),
        ("-9.900000E+37" + GOOD, "is beyond its range"),
        ('2.3E+02;-222,"Parameter data out of range;1;2026/01/01 00:00:00.000"', "Parameter data out of range"),
        ("nan" + GOOD, "answered"),
        ("2.300460E+02", "answered"),
        ("TSP>", "with 'TSP>'. Cure: check options, model and command set (SCPI)"),
        (None, "no answer to"),
    ],
)
async def test_what_is_no_reading_of_a_keithley_dmm6500_is_a_named_fault(talker, drive, answer, told):
    asks = DMM_ASKS.format("VOLT:AC")
    server = await talker({**DMM, asks: answer})
    dmm = drive("keithley_dmm6500", server.port, phases=[1], options={"function": "ac_voltage"})
    with pytest.raises(InstrumentFault, match=re.escape(told)):
        await dmm.read()
    server.script[asks] = DMM[asks]
    assert numbers(await dmm.read()) == {"voltage_l1_v": 230.046}


# -- what the bench file says wrong


@pytest.mark.parametrize(
    ("driver", "role", "more", "error", "told"),
    [
        ("yokogawa_wt", "power_analyzer", {"options": {"update": 100}}, ModelError, "did you mean 'update_ms'"),
        ("yokogawa_wt", "power_analyzer", {"options": {"elements": [1, 3]}}, BenchError, "elements = [1, 3] for 3 phases. Cure: name 3"),
        ("yokogawa_wt", "power_analyzer", {"options": {"elements": [1, 1, 2]}}, BenchError, "Cure: name 3 different ones"),
        ("yokogawa_wt", "power_analyzer", {"options": {"update_ms": 100}}, BenchError, "Cure: set update_interval_s = 0.1"),
        ("yokogawa_wt", "reference_meter", {"uncertainty": {**ALL, "energy": {"of_reading_pct": 1}}}, BenchError, "Cure: add resolution"),
        ("yokogawa_wt", "reference_meter", {"uncertainty": {k: v for k, v in ALL.items() if k != "energy"}}, BenchError, "measures energy without a stated accuracy"),
        ("hioki_pw3390", "power_analyzer", {"options": {"voltage_range": 600}}, ModelError, "did you mean 'voltage_range_v'"),
        ("zes_lmg600", "power_analyzer", {"options": {"current_range": 20}}, ModelError, "did you mean 'current_range_a'"),
        ("keithley_dmm6500", "power_analyzer", {"options": {"function": "ac_volts"}}, ModelError, "ac_voltage"),
        ("keithley_dmm6500", "power_analyzer", {}, ModelError, "function"),
        ("keithley_dmm6500", "pilot_scope", {"options": {"function": "ac_voltage"}}, BenchError, 'Cure: roles = ["power_analyzer"]'),
        ("keithley_dmm6500", "power_analyzer", {"options": {"function": "ac_voltage"}}, BenchError, "one function sees one phase, and phases = [1, 2, 3]. Cure: name the one phase"),
        ("keithley_dmm6500", "reference_meter", {"options": {"function": "ac_voltage"}}, BenchError, "plays no 'reference_meter'"),
    ],
)  # fmt: skip
async def test_what_a_bench_file_says_wrong_is_told_with_its_cure(drive, driver, role, more, error, told):
    with pytest.raises(error, match=re.escape(told)):
        drive(driver, 5025, role, **more)
