import asyncio
import re
from datetime import UTC, datetime

import pytest

from bench.clock import LoopClock
from bench.doctor import diagnose
from harness.model.topology import load_topology

BENCH = """
name = "scripted"
[limits]
max_voltage_v = 253
max_current_a = 32
[virtual]

[[instrument]]
name = "analyzer_1"
roles = ["power_analyzer"]
driver = "zes_lmg600"
address = "TCPIP::127.0.0.1::{analyzer_1}::SOCKET"
phases = [1]
timeout_s = 1.0
calibration_due = 2026-06-01
[instrument.uncertainty]
voltage = {of_reading_pct = 0.1}
current = {of_reading_pct = 0.1}
power = {of_reading_pct = 0.1}
frequency = {absolute = 0.01}

[[instrument]]
name = "meter_1"
roles = ["reference_meter"]
driver = "modbus_meter"
address = "modbus+tcp://127.0.0.1:{meter_1}/1"
phases = [1]
timeout_s = 1.0
options = {registers = "eastron_sdm630"}
[instrument.uncertainty]
voltage = {of_reading_pct = 0.5}
current = {of_reading_pct = 0.5}
power = {of_reading_pct = 0.5}
frequency = {absolute = 0.1}
energy = {of_reading_pct = 0.5, resolution = 0.1}

[[instrument]]
name = "scope_1"
roles = ["pilot_scope"]
driver = "keysight_infiniivision"
address = "TCPIP::127.0.0.1::{scope_1}::SOCKET"
timeout_s = 1.0
[instrument.uncertainty]
pilot_voltage = {absolute = 0.1}
pilot_duty = {absolute = 0.1}
pilot_frequency = {absolute = 1}

[[instrument]]
name = "ev_1"
roles = ["ev_simulator"]
driver = "modbus_ev_box"
address = "modbus+tcp://127.0.0.1:{meter_1}/1"
timeout_s = 1.0

[[safe_state]]
instrument = "ev_1"
verb = "unplug"
"""

LMG = "actn;utrms1?;itrms1?;p1?;fcyc1?"
PILOT = ":MEASure:DUTYcycle? CHANnel1;:MEASure:VTOP? CHANnel1;:MEASure:VBASe? CHANnel1;:MEASure:FREQuency? CHANnel1"


@pytest.fixture
async def lab(talker, modbus_unit):
    analyzer = await talker({"*IDN?": "ZES,LMG671,1,1", LMG: "230.1;0.0;0;50.0"})
    scope = await talker({"*IDN?": "SCOPE", PILOT: "9.9E+37;12.0;12.0;9.9E+37"})
    # 230.0 V, 50.0 Hz; register 0 is also the EV box's pilot state here, so the box is given a unit of its own below
    modbus_unit.input = {0: 0x4366, 70: 0x4248}
    return {"analyzer": analyzer, "scope": scope, "unit": modbus_unit}


class Box:
    """The EV box on a port of its own."""

    def __init__(self, state):
        self.state = state

    async def serve(self, reader, writer):
        while len(head := await reader.read(7)) == 7:
            pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
            answers = {4: bytes([4, 2, 0, self.state]), 1: bytes([1, 1, 0]), 5: pdu}
            answer = answers[pdu[0]]
            writer.write(head[:4] + (len(answer) + 1).to_bytes(2, "big") + head[6:7] + answer)
        writer.transport.abort()


@pytest.fixture
async def examine(lab):
    box = Box(0)
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    text = BENCH.replace(
        'modbus_ev_box"\naddress = "modbus+tcp://127.0.0.1:{meter_1}',
        'modbus_ev_box"\naddress = "modbus+tcp://127.0.0.1:{ev_1}',
    )

    async def run(old="", new="", today=datetime(2026, 5, 1, tzinfo=UTC)):
        ports = {
            "analyzer_1": lab["analyzer"].port,
            "scope_1": lab["scope"].port,
            "meter_1": lab["unit"].port,
            "ev_1": server.sockets[0].getsockname()[1],
        }
        topology = load_topology(text.replace(old, new), "bench.toml")
        return await diagnose(topology, LoopClock(asyncio.get_running_loop(), today), ports=ports)

    run.box = box
    yield run
    server.close()
    await server.wait_closed()


def failed(checks):
    return {check.name: str(check) for check in checks if not check.ok}


async def test_a_sound_bench_passes_every_check(examine):
    checks = await examine()
    assert failed(checks) == {}
    names = [check.name for check in checks]
    assert "analyzer_1 and meter_1 agree on voltage_l1_v" in names
    assert "scope_1 and ev_1 agree on the pilot of EVSE 1" in names
    assert "safe state: ev_1.unplug" in names
    assert "analyzer_1 calibration" in names


async def test_a_dead_instrument_is_named_with_its_cure_and_the_others_are_still_checked(examine, lab):
    await lab["analyzer"].stop()
    checks = await examine()
    assert list(failed(checks)) == ["analyzer_1 answers"]
    assert "Cure: check" in failed(checks)["analyzer_1 answers"]
    assert any(check.name == "meter_1 reads" for check in checks)


async def test_instruments_that_contradict_each_other_are_told(examine, lab):
    lab["analyzer"].script[LMG] = "235.0;0;0;50"
    assert list(failed(await examine())) == ["analyzer_1 and meter_1 agree on voltage_l1_v"]


async def test_a_phase_that_is_dead_for_one_of_them_is_not_compared(examine, lab):
    lab["analyzer"].script[LMG] = "0.0;0;0;0"  # behind the open contactor
    assert failed(await examine()) == {}


async def test_a_pilot_level_that_is_not_the_state_told_is_named(examine):
    examine.box.state = 2
    assert (
        "12.00 V, and the EV box tells state C"
        in failed(await examine())["scope_1 and ev_1 agree on the pilot of EVSE 1"]
    )


async def test_an_implausible_frequency_is_told(examine, lab):
    lab["unit"].input[70] = 0x4120
    assert "10.00 Hz" in failed(await examine())["meter_1 sees a mains frequency"]


async def test_an_expired_calibration_is_told(examine):
    checks = await examine(today=datetime(2026, 6, 2, tzinfo=UTC))
    assert "expired, was valid until 2026-06-01" in failed(checks)["analyzer_1 calibration"]


async def test_a_bench_without_a_safe_state_is_told(examine):
    checks = await examine('[[safe_state]]\ninstrument = "ev_1"\nverb = "unplug"\n', "")
    assert "no steps are described" in failed(checks)["safe state"]


async def test_a_description_that_cannot_work_is_the_only_check(examine):
    (check,) = await examine('driver = "zes_lmg600"', 'driver = "zes"')
    assert not check.ok
    assert re.search("no driver is named 'zes'", check.seen)
