import asyncio
import re
from datetime import UTC, datetime

import pytest

from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault, RoleAbsent
from bench.rig import Rig
from harness.model.topology import load_topology

BENCH = """
name = "scripted"
sample_interval_s = 0.05
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
sample = true
timeout_s = 1.0
[instrument.uncertainty]
voltage = {of_reading_pct = 0.1}
current = {of_reading_pct = 0.1}
power = {of_reading_pct = 0.1}
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
roles = ["id_reader", "panel", "fault_injector"]
driver = "line_panel"
address = "tcp://127.0.0.1:{panel}"
evses = [1, 2]
timeout_s = 1.0

[[safe_state]]
instrument = "ev_1"
verb = "request_energy"
args = {on = false}

[[safe_state]]
instrument = "ev_1"
verb = "unplug"
readback = "pilot_state"
expected = "A"
within_s = 0.2

[[safe_state]]
instrument = "source"
verb = "set_voltage"
args = {volts = 230}
readback = "voltage"
expected = 230
"""

ANALYZER = {"*IDN?": "ZES,LMG671,1,1", "actn;utrms1?;itrms1?;p1?;fcyc1?": "230.1;16.0;3680;50.0"}
SOURCE = {
    "*IDN?": "CI,MX45,1,1",
    "syst:err?": "0",
    "outp?": "1",
    "inst:nsel 1;:volt:ac?": "229.9",
}
PANEL = {"*IDN?": "PANEL", "PRESENT 0 TAG": "OK", "PRESS 1 stop": "ERR jammed"}


class Observer:
    def __init__(self):
        self.stimuli = []
        self.readings = []
        self.faults = []

    def on_stimulus(self, instrument, role, verb, args, phase, t):
        self.stimuli.append((instrument, role, verb, args, phase))

    def on_reading(self, instrument, role, evse, reading):
        self.readings.append((instrument, role, evse, reading))

    def on_fault(self, fault):
        self.faults.append(fault.instrument)


class Lab:
    def __init__(self, analyzer, source, panel, ev):
        self.analyzer, self.source, self.panel, self.ev = analyzer, source, panel, ev
        self.observer = Observer()
        self.ports = {"analyzer_1": analyzer.port, "source": source.port, "panel": panel.port, "ev_1": ev.port}

    async def open(self, text=BENCH, **more):
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        topology = load_topology(text, "bench.toml")
        return await Rig.open(topology, clock, ports=self.ports, on_event=self.observer, **more)


@pytest.fixture
async def lab(talker, modbus_unit):
    return Lab(await talker(dict(ANALYZER)), await talker(dict(SOURCE)), await talker(dict(PANEL)), modbus_unit)


async def until(condition, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_every_instrument_is_identified_at_open(lab):
    async with await lab.open(sampling=False) as rig:
        assert rig.identities == {
            "analyzer_1": "ZES,LMG671,1,1",
            "source": "CI,MX45,1,1",
            "ev_1": "Modbus EV box, unit 1",
            "panel": "PANEL",
        }
        assert rig.broken == {}


async def test_a_stimulus_is_reported_before_and_after_it_is_applied(lab):
    async with await lab.open(sampling=False) as rig:
        await rig.ev().set_demand(16, phases=1)
        await rig.reader(evse=2).present("TAG")
    assert lab.observer.stimuli[:4] == [
        ("ev_1", "ev_simulator", "set_demand", {"current_a": 16, "phases": 1}, "begin"),
        ("ev_1", "ev_simulator", "set_demand", {"current_a": 16, "phases": 1}, "done"),
        ("panel", "id_reader", "present", {"token": "TAG"}, "begin"),
        ("panel", "id_reader", "present", {"token": "TAG"}, "done"),
    ]


async def test_a_failed_stimulus_is_reported_and_breaks_its_instrument(lab):
    async with await lab.open(sampling=False) as rig:
        with pytest.raises(InstrumentFault, match="jammed"):
            await rig.panel().press("stop")
        *_, begin, failed = lab.observer.stimuli
        assert (begin[4], failed[4]) == ("begin", "failed")
        assert "jammed" in failed[3]["error"]
        with pytest.raises(InstrumentFault, match="jammed"):
            rig.reader()
        assert lab.observer.faults == ["panel"]
        assert await rig.check() == {}
        await rig.reader().present("TAG")


async def test_looking_is_no_stimulus(lab):
    async with await lab.open(sampling=False) as rig:
        assert await rig.ev().pilot_state() == "A"
        assert await rig.source().output_is_on()
        assert lab.observer.stimuli == []


async def test_a_stimulus_beyond_the_bench_limits_is_never_applied(lab):
    async with await lab.open(sampling=False) as rig:
        with pytest.raises(
            BenchError, match=re.escape("set_voltage(volts = 300) exceeds the bench's max_voltage_v = 253")
        ):
            await rig.source().set_voltage(300)
        with pytest.raises(BenchError, match="max_current_a = 32"):
            await rig.ev().set_demand(33)
        assert lab.observer.stimuli == []
        assert "inst:coup all;:volt:ac 300.0" not in lab.source.heard
        rig.ev()


async def test_samples_come_at_every_interval_on_the_run_clock(lab):
    async with await lab.open() as rig:
        await until(lambda: len(lab.observer.readings) >= 6)
        assert rig.missed["analyzer_1"] <= 3
    name, role, evse, first = lab.observer.readings[0]
    assert (name, role, evse) == ("analyzer_1", "power_analyzer", 1)
    assert first.values["current_l1_a"].value == 16.0
    steps = [(b[3].t - a[3].t) / 0.05 for a, b in zip(lab.observer.readings, lab.observer.readings[1:], strict=False)]
    assert all(abs(step - round(step)) < 0.5 and round(step) >= 1 for step in steps)


async def test_what_is_wired_to_another_station_is_not_found_nor_recorded(lab):
    text = BENCH.replace('name = "analyzer_1"\n', 'name = "analyzer_1"\nstations = ["CS-B"]\n')
    assert text != BENCH
    async with await lab.open(text) as rig:
        assert rig.has("power_analyzer")
        rig.serve("CS-A")
        assert not rig.has("power_analyzer")
        with pytest.raises(RoleAbsent):
            rig.analyzer()
        asked = lab.analyzer.heard.count
        question = next(iter(ANALYZER.keys() - {"*IDN?"}))
        await until(lambda: asked(question) >= 3)
        assert lab.observer.readings == []
        rig.serve("CS-B")
        await until(lambda: len(lab.observer.readings) >= 1)


async def test_the_interval_can_be_changed_while_sampling(lab):
    async with await lab.open(BENCH.replace("sample_interval_s = 0.05", "sample_interval_s = 60")) as rig:
        await until(lambda: len(lab.observer.readings) == 1)
        rig.set_sample_interval(0.01)
        await until(lambda: len(lab.observer.readings) >= 5)
        with pytest.raises(BenchError, match="positive"):
            rig.set_sample_interval(0)


async def test_a_reading_that_a_case_asks_for_is_reported_too(lab):
    async with await lab.open(sampling=False) as rig:
        reading = await rig.analyzer().read()
        assert lab.observer.readings == [("analyzer_1", "power_analyzer", 1, reading)]


async def test_a_sampler_that_fails_is_reported_once_leaves_a_gap_and_comes_back(lab):
    async with await lab.open() as rig:
        await until(lambda: len(lab.observer.readings) >= 2)
        await lab.analyzer.stop()
        await until(lambda: "analyzer_1" in rig.broken)
        await asyncio.sleep(0.2)
        count = len(lab.observer.readings)
        with pytest.raises(InstrumentFault, match="analyzer_1 at TCPIP"):
            rig.analyzer()
        assert "analyzer_1" in await rig.check()
        await rig.ev().request_energy(on=False)  # the others go on
        await lab.analyzer.start()
        await until(lambda: len(lab.observer.readings) >= count + 2)
        assert await rig.check() == {}
        rig.analyzer()
        assert lab.observer.faults == ["analyzer_1"]


async def test_a_dead_instrument_does_not_keep_the_bench_from_opening(lab, refused_port):
    lab.ports["source"] = refused_port
    async with await lab.open(sampling=False) as rig:
        assert list(rig.broken) == ["source"]
        with pytest.raises(InstrumentFault, match=r"source at TCPIP.*Cure: check"):
            rig.source()
        assert await rig.ev().pilot_state() == "A"


async def test_a_role_that_is_not_wired_names_itself_and_the_bench_file(lab):
    async with await lab.open(sampling=False) as rig:
        assert not rig.has("pilot_scope")
        with pytest.raises(RoleAbsent, match=r"no pilot_scope for EVSE 1 in bench.toml. Cure: wire one") as caught:
            rig.scope()
        assert (caught.value.role, caught.value.evse) == ("pilot_scope", 1)
        with pytest.raises(RoleAbsent, match="no ev_simulator for EVSE 2"):
            rig.ev(2)
        with pytest.raises(BenchError, match="did you mean 'pilot_scope'"):
            rig.get("pilot_scop")
        with pytest.raises(BenchError, match="did you mean 'ev_1'"):
            rig.named("ev1")


async def test_the_safe_state_is_applied_in_order_and_read_back(lab):
    async with await lab.open(sampling=False) as rig:
        results = await rig.safe_state()
        assert [str(r) for r in results] == [
            "ev_1.request_energy(on=False): applied",
            "ev_1.unplug(): pilot_state reads 'A'",
            "source.set_voltage(volts=230): voltage reads 229.9",
        ]
        assert all(r.ok for r in results)
        assert [s[2] for s in lab.observer.stimuli if s[4] == "begin"] == ["request_energy", "unplug", "set_voltage"]
        assert await rig.safe_state() == results


async def test_the_safe_state_goes_on_past_failures_and_tells_them(lab):
    async with await lab.open(sampling=False) as rig:
        lab.ev.input[0] = 2
        lab.source.script["inst:nsel 1;:volt:ac?"] = "100"
        first, second, third = await rig.safe_state()
        assert first.ok
        assert (second.ok, second.what) == (False, "pilot_state reads 'C' after 0.2 s, not 'A'")
        assert (third.ok, third.what) == (False, "voltage reads 100.0 after 0 s, not 230")
        lab.ev.stuck = True
        lab.ev.coils[2] = True
        first, second, third = await rig.safe_state()
        assert "coil 3 did not switch off" in first.what
        assert not second.ok
        assert "inst:coup all;:volt:ac 230.0" in lab.source.heard
        lab.ev.stuck = False


async def test_a_readback_is_waited_for(lab):
    async with await lab.open(sampling=False) as rig:
        lab.ev.input[0] = 1
        asyncio.get_running_loop().call_later(0.08, lab.ev.input.__setitem__, 0, 0)
        assert [r.ok for r in await rig.safe_state()] == [True, True, True]


async def test_the_safe_state_is_reached_when_a_case_raises(lab):
    with pytest.raises(RuntimeError, match="in a case"):
        async with await lab.open() as rig:
            await rig.ev().plug_in()
            await rig.ev().request_energy(on=True)
            raise RuntimeError("in a case")
    assert not any(lab.ev.coils.values())
    assert "inst:coup all;:volt:ac 230.0" in lab.source.heard


async def test_the_safe_state_is_reached_when_a_case_is_cancelled(lab):
    ready = asyncio.Event()

    async def case():
        async with await lab.open() as rig:
            await rig.ev().plug_in()
            ready.set()
            await asyncio.sleep(60)

    running = asyncio.ensure_future(case())
    await ready.wait()
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()  # impatience does not cut the way to the safe state short
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not any(lab.ev.coils.values())
    assert "inst:coup all;:volt:ac 230.0" in lab.source.heard


async def test_closing_twice_applies_the_safe_state_once(lab):
    rig = await lab.open(sampling=False)
    results = await rig.close()
    count = len(lab.observer.stimuli)
    assert await rig.close() == results
    assert len(lab.observer.stimuli) == count
    with pytest.raises(InstrumentFault, match="the link was closed"):
        await rig.ev().pilot_state()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"zes_lmg600"', '"zes_lmg60"', "no driver is named 'zes_lmg60'. Cure: did you mean 'zes_lmg600'"),
        ("{analyzer_1}", "{analyser_1}", "no port is named 'analyser_1'. Cure: did you mean 'analyzer_1'"),
        ('"unplug"', '"unplugg"', "safe_state[2]: ev_1.unplugg does not exist. Cure: did you mean 'unplug'"),
        (
            "{volts = 230}",
            "{volt = 230}",
            "source.set_voltage: missing a required argument: 'volts'. Cure: its arguments",
        ),
        ("frequency = {absolute = 0.01}", "", "add [instrument.uncertainty.frequency]"),
    ],
)
async def test_a_bench_file_that_cannot_work_is_refused_before_anything_is_opened(lab, old, new, told):
    assert old in BENCH
    with pytest.raises(BenchError, match=re.escape(told)):
        await lab.open(BENCH.replace(old, new))
    assert lab.source.connections == 0


async def test_all_problems_of_a_bench_file_are_told_at_once(lab):
    with pytest.raises(BenchError) as caught:
        await lab.open(BENCH.replace('"zes_lmg600"', '"zes"').replace("{source}", "{sauce}"))
    assert "'zes'" in str(caught.value)
    assert "'sauce'" in str(caught.value)
