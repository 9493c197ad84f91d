import asyncio
from datetime import UTC, datetime

import pytest

import bench.rig
from bench.clock import LoopClock
from bench.errors import HazardRefused, InstrumentFault, SafetyTripped
from bench.guards import hazard, trip_of
from bench.rig import Rig
from bench.roles import Reading, Value
from bench.stimuli import Silent
from harness.model.strict import ModelError
from harness.model.topology import load_topology

BENCH = """
name = "a real bench"
[limits]
max_voltage_v = 253
max_current_a = 32
max_temperature_c = 70

[[limits.evse]]
evse = 2
max_current_a = 16

[[instrument]]
name = "analyzer_1"
roles = ["power_analyzer"]
driver = "zes_lmg600"
address = "TCPIP::127.0.0.1::{analyzer_1}::SOCKET"
phases = [1]
timeout_s = 1.0
[instrument.uncertainty]
voltage = {absolute = 1}
current = {absolute = 0.5}
power = {absolute = 1}
frequency = {absolute = 0.01}

[[instrument]]
name = "source"
roles = ["ac_source"]
driver = "ametek_ci"
address = "TCPIP::127.0.0.1::{source}::SOCKET"
timeout_s = 1.0

[[instrument]]
name = "ev_1"
roles = ["ev_simulator"]
driver = "modbus_ev_box"
address = "modbus+tcp://127.0.0.1:{ev_1}/1"
timeout_s = 1.0

[[instrument]]
name = "panel"
roles = ["fault_injector"]
driver = "line_panel"
address = "tcp://127.0.0.1:{panel}"
timeout_s = 1.0

[[safe_state]]
instrument = "ev_1"
verb = "unplug"
readback = "pilot_state"
expected = "A"

[[safe_state]]
instrument = "source"
verb = "set_voltage"
args = {volts = 120}
"""
QUESTION = "actn;utrms1?;itrms1?;p1?;fcyc1?"


class Observer(Silent):
    def __init__(self):
        self.trips, self.secured, self.readings = [], [], []

    def on_reading(self, instrument, role, evse, reading):
        self.readings.append(reading)

    def on_trip(self, trip):
        self.trips.append(str(trip))

    def on_secured(self, steps):
        self.secured.append([step.ok for step in steps])


class Lab:
    def __init__(self, analyzer, source, panel, ev):
        self.analyzer, self.source, self.ev, self.observer = analyzer, source, ev, Observer()
        ports = {"analyzer_1": analyzer.port, "source": source.port, "panel": panel.port, "ev_1": ev.port}
        self.text = BENCH
        for name, port in ports.items():
            self.text = self.text.replace(f"{{{name}}}", str(port))

    def current_is(self, amps):
        self.analyzer.script[QUESTION] = f"230.1;{amps};3680;50.0"

    async def open(self, **more):
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        topology = load_topology(self.text, "bench.toml")
        return await Rig.open(topology, clock, on_event=self.observer, sampling=False, **more)


@pytest.fixture
async def lab(talker, modbus_unit):
    analyzer = await talker({"*IDN?": "ZES", QUESTION: "230.1;16.0;3680;50.0"})
    source = await talker({"*IDN?": "CI", "syst:err?": "0", "outp?": "1"})
    panel = await talker({"*IDN?": "P", "FAULT 1 ground_failure": "OK", "CLEAR 1": "OK"})
    return Lab(analyzer, source, panel, modbus_unit)


@pytest.fixture
def limits():
    text = BENCH.replace("{analyzer_1}", "1").replace("{source}", "1").replace("{ev_1}", "1").replace("{panel}", "1")
    return load_topology(text, "bench.toml").limits


@pytest.fixture
def wired():
    text = BENCH.replace("{analyzer_1}", "1").replace("{source}", "1").replace("{ev_1}", "1").replace("{panel}", "1")

    def on(evses):
        return load_topology(text.replace("phases = [1]", f"evses = {evses}"), "bench.toml").instruments[0]

    return on


@pytest.mark.parametrize(
    ("evses", "quantity", "value", "u", "trips"),
    [
        ([1], "current_l1_a", 32.6, 0.5, True),
        ([1], "current_l1_a", 32.4, 0.5, False),
        ([1], "current_dc_a", -40.0, 0.5, True),
        ([2], "current_l1_a", 17.0, 0.5, True),
        ([1, 2], "current_l1_a", 17.0, 0.5, False),
        ([2], "voltage_l1_v", 255.0, 1.0, True),
        ([1], "temperature_c", 71.0, 0.5, True),
        ([1], "temperature_c", -80.0, 0.5, False),
        ([1], "pilot_high_v", 500.0, 0.5, False),
        ([1], "of_no_kind", 500.0, 0.5, False),
    ],
)
def test_a_reading_trips_beyond_its_limit_by_more_than_its_uncertainty(wired, limits, evses, quantity, value, u, trips):
    reading = Reading(0.0, 0.0, {quantity: Value(value, "?", u)})
    assert (trip_of(wired(evses), limits, reading) is not None) == trips


def test_an_evse_may_not_be_looser_than_its_bench():
    with pytest.raises(ModelError, match=r"max_current_a = 40 of EVSE 2 is above the bench's 32"):
        load_topology(BENCH.replace("max_current_a = 16", "max_current_a = 40"), "bench.toml")


@pytest.mark.parametrize(
    ("verb", "args", "why"),
    [
        ("set_voltage", {"volts": 253.0, "phase": None}, ""),
        ("set_voltage", {"volts": 207.0, "phase": 1}, ""),
        ("set_voltage", {"volts": 206.0, "phase": 1}, "206 V is more than 10 %"),
        ("set_voltage", {"volts": 254.0, "phase": None}, "254 V is more than 10 %"),
        ("set_pilot_short", {"on": True}, "shorts the control pilot"),
        ("set_pilot_short", {"on": False}, ""),
        ("set_diode_bypass", {"on": True}, "bypasses the diode"),
        ("set_diode_bypass", {"on": False}, ""),
        ("set_pilot_open", {"on": True}, "opens the control pilot's wire"),
        ("set_pilot_open", {"on": False}, ""),
        ("set_proximity", {"ohm": 10000.0}, "10000 ohm in place of"),
        ("set_proximity", {"ohm": 0.0}, ""),
        ("set_ventilation", {"on": True}, ""),
        ("dip", {"share": 0.4, "duration_s": 0.1, "phase": None}, "40 % of the supply's voltage"),
        ("dip", {"share": 0.95, "duration_s": 0.1, "phase": None}, ""),
        ("set_frequency", {"hertz": 51.0}, ""),
        ("set_frequency", {"hertz": 45.0}, "45 Hz is more than 1 Hz"),
        ("inject", {"kind": "ground_failure", "evse": 1}, "ground_failure"),
        ("clear", {"evse": 1}, ""),
        ("output", {"on": False}, ""),
    ],
)
def test_what_is_hazardous_is_told_by_verb_and_arguments(limits, verb, args, why):
    told = hazard(verb, args, limits)
    assert bool(told) == bool(why)
    assert why in told


async def test_a_reading_beyond_a_limit_brings_the_safe_state_at_once(lab):
    async with await lab.open() as rig:
        await rig.ev().plug_in()
        lab.current_is(40)
        await rig.analyzer().read()
        with pytest.raises(SafetyTripped, match=r"analyzer_1 at EVSE 1 read current_l1_a = 40 A .*max_current_a = 32"):
            await rig.ev().plug_in()
        async with asyncio.timeout(60):
            while not lab.observer.secured:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        assert lab.ev.coils[0] is False
    assert len(lab.observer.trips) == 1
    assert lab.observer.secured == [[True, True]]


async def test_a_tripped_bench_is_used_again_once_its_readings_are_within_the_limits(lab, monkeypatch):
    monkeypatch.setattr(bench.rig, "_SETTLE_S", 0.05)
    async with await lab.open() as rig:
        rig.set_sample_interval(0.02)
        lab.current_is(40)
        await rig.analyzer().read()
        await rig.check()
        assert rig.trip is not None
        lab.current_is(0.1)
        await rig.check()
        assert rig.trip is None
        await rig.ev().plug_in()
        assert lab.ev.coils[0] is True


async def test_a_tripped_bench_whose_safe_state_fails_stays_tripped(lab):
    async with await lab.open() as rig:
        lab.current_is(40)
        await rig.analyzer().read()
        lab.current_is(0.1)
        lab.source.script["syst:err?"] = "-200,refused"
        await rig.check()
        assert rig.trip is not None


async def test_hazards_take_an_armed_run(lab):
    async with await lab.open() as rig:
        for refused in (
            rig.source().set_voltage(180.0),
            rig.ev().set_pilot_short(on=True),
            rig.ev().set_diode_bypass(on=True),
            rig.faults().inject("ground_failure"),
        ):
            with pytest.raises(HazardRefused, match="this run is not armed"):
                await refused
        assert not any("volt:ac" in line for line in lab.source.heard)
        await rig.source().set_voltage(240.0)
        await rig.faults().clear()
    assert any("volt:ac 120.0" in line for line in lab.source.heard), "the safe state is the bench file's own affair"


async def test_an_armed_run_makes_them(lab):
    async with await lab.open(armed=True) as rig:
        await rig.source().set_voltage(180.0)
        await rig.ev().set_pilot_short(on=True)
        await rig.faults().inject("ground_failure")
    assert any("volt:ac 180.0" in line for line in lab.source.heard)


async def test_a_reading_beyond_the_range_of_its_instrument_is_its_fault_and_no_evidence(lab):
    lab.text = lab.text.replace("current = {absolute = 0.5}", "current = {absolute = 0.5, range = 20}")
    async with await lab.open() as rig:
        await rig.analyzer().read()
        told = len(lab.observer.readings)
        lab.current_is(25)
        with pytest.raises(
            InstrumentFault, match=r"current_l1_a = 25 A is beyond its highest range, 20 A. Cure: set a high"
        ):
            await rig.analyzer().read()
        assert "analyzer_1" in rig.broken
        assert len(lab.observer.readings) == told
        assert rig.trip is None


async def test_a_reading_beyond_range_and_limit_trips_all_the_same(lab):
    lab.text = lab.text.replace("current = {absolute = 0.5}", "current = {absolute = 0.5, range = 20}")
    async with await lab.open() as rig:
        lab.current_is(40)
        with pytest.raises(InstrumentFault):
            await rig.analyzer().read()
        assert rig.trip is not None
