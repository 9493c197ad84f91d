"""Every driver that asks over a network, at every way in which an answer can go wrong.

Each time: a fault with instrument, address, what was seen and a cure, within the time-out, the event loop free meanwhile; the
instrument stays broken until the rig has checked it, and is used again then; a late answer is never the next question's.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import InstrumentFault
from bench.rig import Rig
from bench.virtual import simtime
from harness.model.overlay import Layer, overlay
from harness.model.topology import topology_of
from tests.bench.faults.faulty_wire import LoopWatch

VISA, TCP, RTU = "TCPIP::127.0.0.1::%d::SOCKET", "modbus+tcp://127.0.0.1:%d/1", "modbus+rtu-tcp://127.0.0.1:%d/1"
HTTP, LINE = "http://127.0.0.1:%d", "tcp://127.0.0.1:%d"
TIMEOUT_S = {HTTP: 3.0}
"""Wall seconds for HTTP, which knows no simulated time; long enough for a busy machine. Simulated seconds for the others."""


@dataclass(frozen=True)
class Subject:
    """A driver, what it is asked, and what is done to the plant so that the next answer is another one."""

    driver: str
    role: str
    address: str
    ask: str
    change: str
    options: dict = field(default_factory=dict)
    roles: tuple = ()
    phases: tuple = (1, 2, 3)
    port: str = "subject"
    fitted: dict = field(default_factory=dict)


ANALYZER = {"role": "power_analyzer", "address": VISA, "ask": "voltage_l1_v", "change": "voltage"}
METER = {"driver": "modbus_meter", "role": "reference_meter", "ask": "voltage_l1_v", "change": "voltage"}
SCOPE = {"role": "pilot_scope", "address": VISA, "ask": "pilot_duty_pct", "change": "duty"}
SOURCE = {"role": "ac_source", "address": VISA, "ask": "voltage", "change": "voltage"}
BOX = {"driver": "modbus_ev_box", "role": "ev_simulator", "ask": "pilot_state", "change": "plug"}
RELAYS = {"driver": "waveshare_relay", "role": "relay_board", "ask": "state", "change": "relay"}
MAINS = {
    "identify": {"send": "GET /", "value": {"json": "name"}},
    "output_is_on": {"send": "GET /mains", "value": {"json": "on"}},
}
LOCK = {"identify": {"send": "*IDN?"}, "locked": {"send": "LOCK? <evse>", "value": {}}}

SUBJECTS = {
    "zes_lmg600": Subject("zes_lmg600", **ANALYZER),
    "hioki_pw3390": Subject("hioki_pw3390", **ANALYZER),
    "yokogawa_wt": Subject("yokogawa_wt", **ANALYZER, options={"update_ms": 100}),
    "yokogawa_wt meter": Subject(
        "yokogawa_wt", **ANALYZER, roles=("power_analyzer", "reference_meter"), options={"update_ms": 100}
    ),
    "keithley_dmm6500": Subject("keithley_dmm6500", **ANALYZER, options={"function": "ac_voltage"}, phases=(1,)),
    "keysight_infiniivision": Subject("keysight_infiniivision", **SCOPE),
    "rigol_scope": Subject("rigol_scope", **SCOPE),
    "siglent_sds advanced": Subject("siglent_sds", **SCOPE),
    "siglent_sds pava": Subject("siglent_sds", **SCOPE, options={"dialect": "pava"}),
    "ametek_ci": Subject("ametek_ci", **SOURCE),
    "chroma_616xx": Subject("chroma_616xx", **SOURCE),
    "line_panel": Subject("line_panel", "parking_bay", LINE, "locked", "lock", roles=("lock_sensor",), port="panel"),
    "commanded tcp": Subject(
        "commanded", "lock_sensor", LINE, "locked", "lock", {"verbs": LOCK},
        port="panel",
    ),
    "commanded http": Subject("commanded", "ac_source", HTTP, "output_is_on", "output", {"verbs": MAINS}, port="http"),
    "http_pdu": Subject(
        "http_pdu", "ac_source", HTTP, "output_is_on", "output", {"model": "netio_json", "outlet": 2},
        fitted={"model": "netio_json", "outlet": 2},
    ),
    "modbus_meter tcp": Subject(address=TCP, **METER, options={"meter": "eastron_sdm630"}),
    "modbus_meter rtu": Subject(address=RTU, **METER, options={"meter": "abb_b23"}, fitted={"framing": "rtu", "meter": "abb_b23"}),
    "modbus_ev_box tcp": Subject(address=TCP, **BOX),
    "modbus_ev_box rtu": Subject(address=RTU, **BOX, fitted={"framing": "rtu"}),
    "waveshare_relay tcp": Subject(address=TCP, **RELAYS),
    "waveshare_relay rtu": Subject(address=RTU, **RELAYS, fitted={"framing": "rtu"}),
}  # fmt: skip

EVERY = ("refused", "closed", "silent", "late", "garbage", "gibberish", "truncated")
OF_TCP = ("wrong_unit", "wrong_function", "exception")
OF_RTU = ("wrong_unit_rtu", "wrong_function_rtu", "exception_rtu", "crc_error")
OF_HTTP = ("status_500", "wrong_type", "slow_body")
MORE = {TCP: OF_TCP, RTU: OF_RTU, HTTP: OF_HTTP}


def test_no_driver_that_asks_over_a_network_is_left_out():
    by_hand_or_keys = {
        "operator",
        "keyed_process",
    }  # tests/bench/drivers/by_hand/test_operator.py, test_driver_keyed_process.py
    assert {subject.driver for subject in SUBJECTS.values()} == set(registry.drivers()) - by_hand_or_keys


KINDS = ("voltage", "current", "power", "frequency", "energy", "pilot_duty", "pilot_voltage", "pilot_frequency")


def timeout_s(subject):
    return TIMEOUT_S.get(subject.address, 0.5)


def topology(subject, port):
    entry = {
        "name": "subject",
        "roles": list(subject.roles or (subject.role,)),
        "driver": subject.driver,
        "address": subject.address % port,
        "phases": list(subject.phases),
        "timeout_s": timeout_s(subject),
        "update_interval_s": 0.2,
        "options": subject.options,
        "uncertainty": {kind: {"of_reading_pct": 1.0, "resolution": 10.0} for kind in KINDS},
    }
    table = {"name": "b", "limits": {"max_voltage_v": 300, "max_current_a": 80}, "instrument": [entry]}
    return topology_of(overlay([Layer("b.toml", table)]))


async def begin(world):
    evse = world.plant.evse(1)
    evse.plug_in(32)
    evse.set_pilot_duty(25.0)
    evse.close_contactor()
    await asyncio.sleep(0.35)  # means of what is now are on display


async def change(world, what):
    plant, evse = world.plant, world.plant.evse(1)
    if what == "voltage":
        plant.set_voltage(200.0)
    elif what == "duty":
        evse.set_pilot_duty(50.0)
    elif what == "plug":
        evse.unplug()
    elif what == "relay":
        world.instruments["subject"].write_coil(2, True)
    elif what == "output":
        plant.set_output(on=False)
    else:
        evse.lock(locked=True)
    await asyncio.sleep(0.35)


async def asked(rig, subject):
    instrument = rig.named("subject")
    if subject.ask == "state":
        return await instrument.state(3)
    if subject.ask in {"voltage", "pilot_state", "output_is_on", "locked"}:
        return await getattr(instrument, subject.ask)()
    return round((await instrument.read()).values[subject.ask].value)


async def met(wired, subject, fault):
    """One fault from its beginning to its end."""
    fitted = {"dialect": subject.driver, "evse": 1, **subject.fitted} if subject.port == "subject" else {}
    async with wired(subject.port, fitted) as (world, wire):
        await begin(world)
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        rig = await Rig.open(topology(subject, wire.port), clock, sampling=False)
        try:
            before = await asked(rig, subject)
            await wire.spoil(fault)
            told = await refused(rig, subject, clock)
            assert wire.spoilt or fault == "refused"
            assert (told.instrument, told.address) == ("subject", subject.address % wire.port)
            assert told.what
            assert told.cure
            await healed(rig, subject, wire, world, told)
            after = await asked(rig, subject)
            assert after != before
            assert after == await asked(rig, subject)
        finally:
            await rig.close()


async def refused(rig, subject, clock):
    began = clock.time()
    with pytest.raises(InstrumentFault) as caught:
        await asked(rig, subject)
    # One that never stops talking is cut off after four times the time-out and a second.
    assert clock.time() - began < 4 * timeout_s(subject) + 1.5
    return caught.value


async def healed(rig, subject, wire, world, told):
    """Broken until it is well and checked; what was held back is delivered just before the next question."""
    assert rig.broken == {"subject": told}
    with pytest.raises(InstrumentFault) as again:
        rig.named("subject")
    assert again.value is told
    await change(world, subject.change)
    await wire.heal()
    await wire.deliver_late()
    assert await rig.check() == {}


def faults_of(subject):
    return (*EVERY, *MORE.get(subject.address, ()))


SIMULATED = [
    (name, fault) for name, subject in SUBJECTS.items() if subject.address != HTTP for fault in faults_of(subject)
]
ON_THE_WALL = [name for name, subject in SUBJECTS.items() if subject.address == HTTP]


@pytest.mark.parametrize(("name", "fault"), SIMULATED)
def test_a_fault_is_named_in_time_and_the_instrument_used_again(wired, name, fault):
    with asyncio.Runner(loop_factory=lambda: simtime.new_loop(watchdog_s=60.0)) as runner:
        runner.run(met(wired, SUBJECTS[name], fault))


@pytest.mark.parametrize("name", ON_THE_WALL)
async def test_every_fault_of_http_is_named_in_time_and_the_instrument_used_again(wired, name):
    subject = SUBJECTS[name]
    ends = await asyncio.gather(*(met(wired, subject, fault) for fault in faults_of(subject)), return_exceptions=True)
    assert {fault: end for fault, end in zip(faults_of(subject), ends, strict=True) if end is not None} == {}


@pytest.mark.parametrize("name", ["zes_lmg600", "modbus_meter tcp", "modbus_meter rtu", "line_panel", "http_pdu"])
async def test_the_event_loop_goes_on_while_a_dead_instrument_is_waited_for(wired, name):
    """Each kind of link once, on the wall clock: a loop that waited itself would come round once or twice."""
    subject = SUBJECTS[name]
    fitted = {"dialect": subject.driver, "evse": 1, **subject.fitted} if subject.port == "subject" else {}
    async with wired(subject.port, fitted) as (_, wire):
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        rig = await Rig.open(topology(subject, wire.port), clock, sampling=False)
        await rig.check()  # on a busy machine it may not have answered in time
        await wire.spoil("silent")
        async with LoopWatch() as watch:
            with pytest.raises(InstrumentFault):
                await asked(rig, subject)
        await rig.close()
    assert watch.rounds >= 8
