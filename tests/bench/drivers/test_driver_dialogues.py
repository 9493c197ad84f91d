"""Each driver's golden dialogue. A line is what is sent and what is answered; its source and confidence stand by it."""

import asyncio
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from harness.model.strict import build
from harness.model.topology import InstrumentEntry

ALL = {kind: {"of_reading_pct": 0.1} for kind in ("voltage", "current", "power", "frequency")} | {
    "energy": {"of_reading_pct": 0.1, "resolution": 0.1},
    "pilot_voltage": {"absolute": 0.1},
    "pilot_duty": {"absolute": 0.1},
    "pilot_frequency": {"absolute": 1},
}


@pytest.fixture
async def drive():
    made = []

    def make(driver, role, address, **more):
        entry = build(
            InstrumentEntry,
            {
                "name": "it",
                "roles": [role],
                "driver": driver,
                "address": address,
                "timeout_s": 0.5,
                "uncertainty": ALL,
                **more,
            },
            "bench.toml",
        )
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        made.append(registry.create(entry, address, clock, "bench.toml"))
        return made[-1]

    yield make
    for instrument in made:
        await instrument.close()


def visa(server):
    return f"TCPIP::127.0.0.1::{server.port}::SOCKET"


def numbers(reading):
    return {name: value.value for name, value in reading.values.items()}


ZES_3 = "actn;utrms1?;itrms1?;p1?;utrms2?;itrms2?;p2?;utrms3?;itrms3?;p3?;fcyc1?"
ZES_1 = "actn;utrms1?;itrms1?;p1?;fcyc1?"
ZES = {
    "*IDN?": "ZES ZIMMER,LMG671,12345,3.052",  # form of the answer: memory, medium
    "*zlang short": None,  # svp_energy_lab lmg670.py goto_short_commands: public code
    # utrms, itrms, p a channel joined by ; are in public code; `actn` and fcyc in bench notes citing lmg670.py
    ZES_3: "230.10;16.01;3683.9;229.90;16.02;3682.9;230.00;15.99;3677.7;50.002",
    ZES_1: "230.10;16.01;3683.9;50.002",
}


async def test_zes_lmg600(talker, drive):
    server = await talker(ZES)
    lmg = drive("zes_lmg600", "power_analyzer", visa(server), update_interval_s=0.1)
    assert (await lmg.identify()).startswith("ZES ZIMMER,LMG671")
    reading = await lmg.read()
    assert numbers(reading) == {
        "voltage_l1_v": 230.10,
        "current_l1_a": 16.01,
        "power_l1_w": 3683.9,
        "voltage_l2_v": 229.90,
        "current_l2_a": 16.02,
        "power_l2_w": 3682.9,
        "voltage_l3_v": 230.00,
        "current_l3_a": 15.99,
        "power_l3_w": 3677.7,
        "power_w": pytest.approx(11044.5),
        "frequency_hz": 50.002,
    }
    assert reading.values["voltage_l1_v"].unit == "V"
    assert reading.values["voltage_l1_v"].u == pytest.approx(2 * 0.2301 / 3**0.5)
    parts = [reading.values[f"power_l{n}_w"].u for n in (1, 2, 3)]
    assert reading.values["power_w"].u == pytest.approx(sum(parts))
    assert 0.1 < reading.t_u < 0.6
    assert server.heard == ["*IDN?", "*zlang short", "*IDN?", ZES_3]


async def test_zes_lmg600_on_one_phase_names_the_phase_it_is_wired_to(talker, drive):
    server = await talker(ZES)
    reading = await drive("zes_lmg600", "power_analyzer", visa(server), phases=[2]).read()
    assert list(reading.values) == ["voltage_l2_v", "current_l2_a", "power_l2_w", "frequency_hz", "power_w"]


async def test_zes_lmg600_without_voltage_measures_no_frequency(talker, drive):
    server = await talker({**ZES, ZES_1: "0.02;0.001;0;nan"})
    reading = await drive("zes_lmg600", "power_analyzer", visa(server), phases=[1]).read()
    assert "frequency_hz" not in reading.values
    assert reading.values["voltage_l1_v"].value == 0.02


async def test_zes_lmg600_overloaded_is_a_fault(talker, drive):
    server = await talker({**ZES, ZES_1: "nan;0.001;0;50"})
    with pytest.raises(InstrumentFault, match="no numbers"):
        await drive("zes_lmg600", "power_analyzer", visa(server), phases=[1]).read()


AMETEK = {
    "*IDN?": "CALIFORNIA INSTRUMENTS,MX45,12345,Rev 5.0",  # form of the answer: memory, medium
    # all below: svp_energy_lab gridsim_ametek.py, public code; not compared with the manual
    "abort;:outp on": None,
    "abort;:outp off": None,
    "syst:err?": '0,"No error"',
    "outp?": "1",
    "inst:coup all;:volt:ac 230.0": None,
    "inst:coup none;:inst:nsel 2;:volt:ac 207.0": None,
    "inst:nsel 1;:volt:ac?": "230.0",
    "freq 50.00": None,
    "freq?": "50.00",
}


async def test_ametek_ci(talker, drive):
    server = await talker(AMETEK)
    source = drive("ametek_ci", "ac_source", visa(server))
    await source.output(on=True)
    await source.set_voltage(230)
    await source.set_voltage(207, phase=2)
    await source.set_frequency(50)
    assert (await source.voltage(), await source.frequency()) == (230.0, 50.0)
    assert server.heard == [
        "*IDN?",
        "abort;:outp on",
        "syst:err?",
        "outp?",
        "inst:coup all;:volt:ac 230.0",
        "syst:err?",
        "inst:coup none;:inst:nsel 2;:volt:ac 207.0",
        "syst:err?",
        "freq 50.00",
        "syst:err?",
        "inst:nsel 1;:volt:ac?",
        "freq?",
    ]


async def test_ametek_ci_whose_output_stays_on_is_a_fault(talker, drive):
    server = await talker(AMETEK)
    with pytest.raises(InstrumentFault, match="the output did not switch off"):
        await drive("ametek_ci", "ac_source", visa(server)).output(on=False)


PILOT = ":MEASure:DUTYcycle? CHANnel2;:MEASure:VTOP? CHANnel2;:MEASure:VBASe? CHANnel2;:MEASure:FREQuency? CHANnel2"
SCOPE = {
    "*IDN?": "KEYSIGHT TECHNOLOGIES,DSO-X 3024T,MY1,07.50",  # form of the answer: memory, high
    # names and the CHANnel argument: several public drivers; joined with ;: of SCPI
    PILOT: "+26.70E+00;+8.98E+00;-12.02E+00;+1.0001E+03",
}


async def test_keysight_infiniivision(talker, drive):
    server = await talker(SCOPE)
    scope = drive("keysight_infiniivision", "pilot_scope", visa(server), options={"channel": 2})
    assert numbers(await scope.read()) == {
        "pilot_duty_pct": 26.7,
        "pilot_high_v": 8.98,
        "pilot_low_v": -12.02,
        "pilot_frequency_hz": 1000.1,
    }


async def test_keysight_infiniivision_leaves_out_what_it_cannot_measure(talker, drive):
    # 9.9E+37: seen in public code that turns it into None
    server = await talker({**SCOPE, PILOT: "+9.9E+37;+12.0E+00;+12.0E+00;+9.9E+37"})
    scope = drive("keysight_infiniivision", "pilot_scope", visa(server), options={"channel": 2})
    assert numbers(await scope.read()) == {"pilot_high_v": 12.0, "pilot_low_v": 12.0}


def modbus(unit):
    return f"modbus+tcp://127.0.0.1:{unit.port}/1"


async def test_modbus_meter_with_the_registers_of_an_eastron_sdm630(modbus_unit, drive):
    # float32, most significant word first: catalogue of public driver code, volkszaehler/mbmd
    modbus_unit.input = {0: 0x4366, 1: 0x0000, 6: 0x4180, 52: 0x462C, 53: 0x9000, 70: 0x4248, 72: 0x42F6, 73: 0xE979}
    meter = drive("modbus_meter", "reference_meter", modbus(modbus_unit), options={"registers": "eastron_sdm630"})
    reading = await meter.read()
    assert modbus_unit.heard == ["0400000012", "0400340002", "0400460004"]
    assert numbers(reading) == {
        **{f"{q}_l{n}_{u}": 0.0 for q, u in (("voltage", "v"), ("current", "a"), ("power", "w")) for n in (1, 2, 3)},
        "voltage_l1_v": 230.0,
        "current_l1_a": 16.0,
        "power_w": 11044.0,
        "frequency_hz": 50.0,
        "energy_wh": pytest.approx(123456.0, abs=0.01),
    }
    assert reading.values["energy_wh"].unit == "Wh"
    assert await meter.identify() == "Eastron SDM630-Modbus as described, unit 1"


async def test_modbus_meter_maps_its_channels_to_the_phases_wired(modbus_unit, drive):
    modbus_unit.input = {6: 0x4180}
    options = {"registers": "eastron_sdm630"}
    meter = drive("modbus_meter", "reference_meter", modbus(modbus_unit), options=options, phases=[3, 1])
    got = numbers(await meter.read())
    assert got["current_l3_a"] == 16.0
    assert "current_l2_a" not in got


async def test_modbus_meter_reads_in_one_request_where_the_unit_is_known_to_allow_it(modbus_unit, drive):
    options = {"registers": "eastron_sdm630", "max_gap": 40, "max_block": 80}
    await drive("modbus_meter", "reference_meter", modbus(modbus_unit), options=options).read()
    assert modbus_unit.heard == ["040000004a"]


async def test_modbus_meter_that_tells_nan_is_a_fault(modbus_unit, drive):
    modbus_unit.input = {72: 0x7FC0}
    meter = drive("modbus_meter", "reference_meter", modbus(modbus_unit), options={"registers": "eastron_sdm630"})
    with pytest.raises(InstrumentFault, match="told nan for energy_wh"):
        await meter.identify()


async def test_waveshare_relay(modbus_unit, drive):
    # FC 05 writes one coil, FC 01 reads the whole bank only: labgrid's driver, public code
    board = drive("waveshare_relay", "relay_board", modbus(modbus_unit))
    await board.switch(3, on=True)
    assert modbus_unit.heard == ["050002ff00", "0100000008"]
    assert [await board.state(n) for n in (2, 3)] == [False, True]
    assert await board.identify() == "Modbus relay board, 8 channels, unit 1"
    with pytest.raises(BenchError, match=r"no relay 9. Cure: give a channel from 1 to 8"):
        await board.switch(9, on=True)
    modbus_unit.stuck = True
    with pytest.raises(InstrumentFault, match="relay 3 did not switch off"):
        await board.switch(3, on=False)


async def test_modbus_ev_box(modbus_unit, drive):
    # this project's own register map
    ev = drive("modbus_ev_box", "ev_simulator", modbus(modbus_unit))
    await ev.plug_in(cable_rating_a=20)
    assert modbus_unit.heard[::2] == ["10000200010200" + "14", "050001ff00", "050000ff00"]
    await ev.set_demand(13.5, phases=1)
    await ev.request_energy(on=True)
    await ev.set_polite(polite=True)
    assert modbus_unit.holding == {0: 135, 1: 1, 2: 20}
    assert modbus_unit.coils == {0: True, 1: True, 2: True, 5: True}
    await ev.set_phases(3)
    await ev.set_power_factor(0.95)
    assert modbus_unit.holding == {0: 135, 1: 3, 2: 20, 3: 950}
    modbus_unit.input[0] = 2
    assert await ev.pilot_state() == "C"
    await ev.unplug_ev_side()
    assert modbus_unit.coils == {0: True, 1: False, 2: False, 5: True}
    await ev.unplug()
    assert modbus_unit.coils[0] is False
    await ev.set_diode_bypass(on=True)
    await ev.set_pilot_short(on=True)
    assert (modbus_unit.coils[3], modbus_unit.coils[4]) == (True, True)
    await ev.set_pilot_open(on=True)
    await ev.set_ventilation(on=True)
    assert (modbus_unit.coils[6], modbus_unit.coils[7]) == (True, True)
    await ev.set_proximity(10_000.0)
    assert modbus_unit.holding[4] == 1000


async def test_modbus_ev_box_refuses_what_it_cannot_do(modbus_unit, drive):
    ev = drive("modbus_ev_box", "ev_simulator", modbus(modbus_unit))
    with pytest.raises(BenchError, match=r"current_a = 13.55 cannot be set. Cure: give a multiple of 0.1 A"):
        await ev.set_demand(13.55)
    with pytest.raises(BenchError, match="4 phases"):
        await ev.set_demand(10, phases=4)
    with pytest.raises(BenchError, match="0 phases"):
        await ev.set_phases(0)
    with pytest.raises(BenchError, match=r"a power factor of 1.2. Cure: give one above 0, at most 1"):
        await ev.set_power_factor(1.2)
    with pytest.raises(BenchError, match=r"0.9505 cannot be set. Cure: give a multiple of 0.001 that"):
        await ev.set_power_factor(0.9505)
    for ohm in (-10.0, 15.0, 1e6):
        with pytest.raises(BenchError, match="Cure: give a multiple of 10, up to 655350"):
            await ev.set_proximity(ohm)
    modbus_unit.input[0] = 6
    with pytest.raises(InstrumentFault, match="told pilot state 6"):
        await ev.pilot_state()
    modbus_unit.stuck = True
    with pytest.raises(InstrumentFault, match="coil 3 did not switch on"):
        await ev.request_energy(on=True)
    with pytest.raises(InstrumentFault, match=r"registers from 0 hold \[0, 0\] after writing \[60, 3\]"):
        await ev.set_demand(6)


async def test_line_panel(talker, drive):
    # this project's own line protocol
    server = await talker(
        {
            "*IDN?": "PLUGPROOF,PANEL,0,1",
            "PRESENT 2 04A1B2C3": "OK",
            "PRESS 1 emergency_stop": "OK",
            "FAULT 2 ground_failure": "OK",
            "CLEAR 2": "OK",
            "BAY 2 occupied": "OK",
            "BAY 2 free": "OK",
            "LOCK? 1": "1",
            "LOCK? 2": "0",
            "LOCK? 3": "yes",
            "PRESS 1 stopp": "ERR no such button: stopp",
        }
    )
    address = f"tcp://127.0.0.1:{server.port}"
    panel = drive("line_panel", "panel", address, options={"reader": 2})
    assert await panel.identify() == "PLUGPROOF,PANEL,0,1"
    await panel.present("04A1B2C3")
    await panel.press("emergency_stop")
    await panel.inject("ground_failure", evse=2)
    await panel.clear(evse=2)
    with pytest.raises(InstrumentFault, match="refused: 'no such button: stopp'"):
        await panel.press("stopp")
    with pytest.raises(BenchError, match="is not one word"):
        await panel.present("04 A1")
    assert len(server.heard) == 6
    await panel.occupy(evse=2)
    await panel.leave(evse=2)
    assert server.heard[-2:] == ["BAY 2 occupied", "BAY 2 free"]
    assert [await panel.locked(evse) for evse in (1, 2)] == [True, False]
    with pytest.raises(InstrumentFault, match=r"answered 'LOCK\? 3' with 'yes'"):
        await panel.locked(3)
