"""Drivers of power analysers and the multimeter at instruments that speak the makers' dialects, over PyVISA and real sockets."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import InstrumentFault
from bench.virtual import simtime
from bench.virtual.instruments.analyzer import AnalyzerConfig, VirtualAnalyzer
from bench.virtual.instruments.dmm6500 import VirtualDmm6500
from bench.virtual.instruments.hioki_pw3390 import VirtualHiokiPw3390
from bench.virtual.instruments.server import Latency
from bench.virtual.instruments.yokogawa_wt import VirtualYokogawaWt
from bench.virtual.world import World, WorldConfig
from harness.model.strict import build
from harness.model.topology import InstrumentEntry

# What the virtual instruments are off by, and their steps
ACCURACY = {
    "voltage": {"of_reading_pct": 0.05, "absolute": 0.05},
    "current": {"of_reading_pct": 0.05, "absolute": 0.005},
    "power": {"of_reading_pct": 0.05, "absolute": 0.5},
    "frequency": {"absolute": 0.01},
    "energy": {"of_reading_pct": 0.05, "resolution": 0.001},
    "pilot_voltage": {"absolute": 0.05},
    "pilot_frequency": {"absolute": 0.5},
}
MAKERS = {
    "zes_lmg600": VirtualAnalyzer,
    "yokogawa_wt": VirtualYokogawaWt,
    "hioki_pw3390": VirtualHiokiPw3390,
    "keithley_dmm6500": VirtualDmm6500,
}
ANALYZERS = ("zes_lmg600", "yokogawa_wt", "hioki_pw3390")


class Lab:
    """A plant with one instrument at EVSE 1, and the driver that speaks to it."""

    def __init__(self, world, clock):
        self.world = world
        self.evse = world.plant.evse(1)
        self._clock = clock
        self._close = []
        self.instrument = None

    async def wire(self, name, role="power_analyzer", sees=None, latency=None, **more):
        made = [] if name != "keithley_dmm6500" else [sees]
        self.instrument = MAKERS[name]("it", self.world.plant, self.evse, AnalyzerConfig(), *made, latency=latency)
        port = await self.instrument.start("127.0.0.1", 0)
        table = {"name": "it", "roles": [role] if isinstance(role, str) else role, "driver": name, "timeout_s": 0.5}
        table |= {
            "address": f"TCPIP::127.0.0.1::{port}::SOCKET",
            "uncertainty": ACCURACY,
            "update_interval_s": 0.25,
            **more,
        }
        entry = build(InstrumentEntry, table, "bench.toml")
        driver = registry.create(entry, entry.address, self._clock, "bench.toml")
        self._close += [driver.close, self.instrument.stop]
        return driver

    async def charge(self, limit_a=16.0):
        self.evse.plug_in(32)
        self.evse.request_energy(on=True)
        self.evse.set_pilot_duty(limit_a / 0.6)
        await asyncio.sleep(2.0)
        self.evse.close_contactor()
        await asyncio.sleep(30.0)

    async def stop(self):
        for close in self._close:
            await close()


@pytest.fixture
def lab():
    """Runs a coroutine function of a Lab on a loop of simulated time."""

    def run(test):
        async def main():
            clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=True)
            world = await World.start(WorldConfig())
            made = Lab(world, clock)
            try:
                await test(made)
            finally:
                await made.stop()
                await world.stop()

        with asyncio.Runner(loop_factory=simtime.new_loop) as runner:
            runner.run(main())

    return run


def agrees(reading, name, true):
    got = reading.values[name]
    assert abs(got.value - true) <= got.u, (name, got, true)


@pytest.mark.parametrize("name", ANALYZERS)
def test_an_analyser_sees_the_outlet_within_its_uncertainty(lab, name):
    async def session(lab):
        analyzer = await lab.wire(name)
        assert "VIRTUAL001" in await analyzer.identify()
        idle = await analyzer.read()
        assert idle.values["voltage_l1_v"].value == 0
        assert "frequency_hz" not in idle.values
        await lab.charge()
        now = lab.evse.history.flow_at(lab.world.plant.now())
        amps = now.current_a(lab.world.plant.now())
        reading = await analyzer.read()
        for phase in (1, 2, 3):
            volts, ampere = now.voltage_v[phase - 1], amps[phase - 1]
            assert ampere > 10
            agrees(reading, f"voltage_l{phase}_v", volts)
            agrees(reading, f"current_l{phase}_a", ampere)
            agrees(reading, f"power_l{phase}_w", volts * ampere * now.power_factor)
        agrees(reading, "power_w", sum(v * a for v, a in zip(now.voltage_v, amps, strict=True)) * now.power_factor)
        agrees(reading, "frequency_hz", now.frequency_hz)
        assert 0.25 < reading.t_u < 0.3

    lab(session)


RANGES = {"voltage_range_v": 300, "current_range_a": 20}


@pytest.mark.parametrize("name", ANALYZERS)
def test_ranges_are_set_and_one_that_is_exceeded_is_told(lab, name):
    async def session(lab):
        analyzer = await lab.wire(name, options=RANGES)
        await analyzer.identify()
        await lab.charge()
        assert (await analyzer.read()).values["current_l1_a"].value > 15

    async def exceeded(lab):
        analyzer = await lab.wire(name, options={"current_range_a": 5})
        await lab.charge()
        with pytest.raises(
            InstrumentFault,
            match=r"is beyond its range at current_l1_a, current_l2_a|is beyond its range at current_l1_a, power",
        ):
            await analyzer.read()

    lab(session)
    if name != "zes_lmg600":  # how it tells an overload was found nowhere: its counterpart only stops at the range
        lab(exceeded)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("zes_lmg600", '-222,"Data out of range"'),
        ("yokogawa_wt", '222,"Data out of range"'),
        ("hioki_pw3390", "its event register tells an error: 16 "),
    ],
)
def test_a_range_that_an_analyser_does_not_have_is_a_fault_each_time(lab, name, told):
    async def session(lab):
        analyzer = await lab.wire(name, options={"voltage_range_v": 1234})
        ask = analyzer.identify if name == "zes_lmg600" else analyzer.read
        for _ in range(2):
            with pytest.raises(InstrumentFault, match=re.escape(told)):
                await ask()

    lab(session)


def test_a_yokogawa_wt_integrates_as_a_reference_meter(lab):
    async def session(lab):
        meter = await lab.wire("yokogawa_wt", ["power_analyzer", "reference_meter"], options={"update_ms": 250})
        assert (await meter.read()).values["energy_wh"].value == 0.0
        began = lab.world.plant.now()
        await lab.charge()
        await asyncio.sleep(600)
        reading = await meter.read()
        energy = lab.evse.history.totals(lab.world.plant.now()).energy_wh - lab.evse.history.totals(began).energy_wh
        assert energy > 1000
        # the register's own age: one update at 11 kW is 0.8 Wh
        assert reading.values["energy_wh"].value == pytest.approx(energy * 1.0002, abs=0.8)
        lab.instrument.respond(":INTEGRATE:STOP")
        with pytest.raises(InstrumentFault, match="state 'STOP'"):
            await meter.read()
        lab.instrument.respond(":INTEGRATE:RESET")
        assert (await meter.read()).values["energy_wh"].value < 0.1

    lab(session)


@pytest.mark.parametrize(
    ("function", "quantity", "kind"), [("ac_voltage", "voltage_l2_v", "V"), ("ac_current", "current_l2_a", "A")]
)
def test_a_multimeter_sees_one_quantity_of_one_phase(lab, function, quantity, kind):
    async def session(lab):
        ratio = {"ratio": 4.0} if function == "ac_current" else {}
        dmm = await lab.wire("keithley_dmm6500", sees=2, phases=[2], options={"function": function, **ratio})
        assert "DMM6500" in await dmm.identify()
        await lab.charge(limit_a=10)
        now = lab.world.plant.now()
        flow = lab.evse.history.flow_at(now)
        reading = await dmm.read()
        assert list(reading.values) == [quantity]
        assert reading.values[quantity].unit == kind
        agrees(reading, quantity, flow.voltage_v[1] if kind == "V" else 4 * flow.current_a(now)[1])

    lab(session)


def test_a_multimeter_tells_the_level_of_a_steady_pilot_and_of_pwm_the_frequency_only(lab):
    async def session(lab):
        dmm = await lab.wire("keithley_dmm6500", "pilot_scope", options={"function": "pilot_voltage"})
        assert {name: value.value for name, value in (await dmm.read()).values.items()} == {
            "pilot_high_v": 12.0,
            "pilot_low_v": 12.0,
        }
        lab.evse.plug_in(32)
        agrees(await dmm.read(), "pilot_high_v", 8.98)
        for duty in (5.0, 26.7, 96.0):
            lab.evse.set_pilot_duty(duty)
            reading = await dmm.read()
            assert list(reading.values) == ["pilot_frequency_hz"]
            agrees(reading, "pilot_frequency_hz", 1000.4)

    lab(session)


def test_a_multimeter_beyond_its_range_and_with_a_range_it_does_not_have(lab):
    async def beyond(lab):
        dmm = await lab.wire("keithley_dmm6500", sees=1, phases=[1], options={"function": "ac_voltage", "range": 100})
        await lab.charge()
        with pytest.raises(InstrumentFault, match="is beyond its range at VOLT:AC"):
            await dmm.read()

    async def refused(lab):
        dmm = await lab.wire("keithley_dmm6500", sees=1, phases=[1], options={"function": "ac_voltage", "range": 900})
        with pytest.raises(InstrumentFault, match="Parameter data out of range"):
            await dmm.read()

    lab(beyond)
    lab(refused)


FAULTS = {
    "silent": "no answer to",
    "garbage": "answered|no answer|never stops talking",
    "nan": "no numbers|beyond its range|answered",
    "closed": "no connection|closed the connection|no answer",
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", MAKERS)
def test_an_instrument_in_trouble_is_a_named_fault_and_comes_back(lab, name, kind):
    async def session(lab):
        more = {"sees": 1, "phases": [1], "options": {"function": "ac_voltage"}} if "dmm" in name else {}
        driver = await lab.wire(name, **more)
        await lab.charge()
        assert (await driver.read()).values["voltage_l1_v"].value > 200
        await lab.instrument.misbehave(kind)
        with pytest.raises(InstrumentFault, match=FAULTS[kind]) as caught:
            await driver.read()
        assert caught.value.instrument == "it"
        await lab.instrument.misbehave("none")
        assert (await driver.read()).values["voltage_l1_v"].value > 200

    lab(session)


@pytest.mark.parametrize("name", MAKERS)
def test_an_answer_that_comes_late_is_never_the_next_one(lab, name):
    async def session(lab):
        more = {"sees": 1, "phases": [1], "options": {"function": "ac_voltage"}} if "dmm" in name else {}
        latency = Latency(0.002, 0.0)
        driver = await lab.wire(name, latency=latency, **more)
        assert (await driver.read()).values["voltage_l1_v"].value == 0
        latency.base_s = 0.7
        with pytest.raises(InstrumentFault, match="no answer to"):
            await driver.read()
        latency.base_s = 0.002
        await lab.charge()
        assert (await driver.read()).values["voltage_l1_v"].value > 200

    lab(session)


class Part:
    """Sends half of each answer of an instrument, and then nothing."""

    def __init__(self, respond):
        self._respond = respond
        self.cut = False

    def __call__(self, line):
        answer = self._respond(line)
        return answer[: len(answer) // 2].rstrip("\r") if answer and self.cut else answer


@pytest.mark.parametrize("name", MAKERS)
def test_a_line_that_lacks_its_second_half_is_no_reading(lab, name):
    async def session(lab):
        more = {"sees": 1, "phases": [1], "options": {"function": "ac_voltage"}} if "dmm" in name else {}
        driver = await lab.wire(name, **more)
        part = lab.instrument.respond = Part(lab.instrument.respond)
        await lab.charge()
        assert (await driver.read()).values["voltage_l1_v"].value > 200
        part.cut = True
        with pytest.raises(InstrumentFault, match="answered"):
            await driver.read()

    lab(session)
