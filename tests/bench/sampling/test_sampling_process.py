"""A rig whose instruments are read by a process of its own, on the wall clock, at the virtual bench's instruments."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from bench.rig import Rig
from bench.sampling import process as process_module
from bench.sampling.talk import Apart
from bench.stimuli import Silent
from bench.virtual.world import World, WorldConfig
from harness.model.topology import load_topology
from reports.samples import gaps_of, samples_of

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "bench" / "topologies" / "virtual.toml").read_text()
FAST = TEXT.replace("sample_interval_s = 1.0", "sample_interval_s = 0.2").replace("timeout_s = 2", "timeout_s = 1")
ZERO_US = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1e6)


class Observer(Silent):
    def __init__(self):
        self.readings, self.faults, self.trips, self.notes = [], [], [], []

    def on_reading(self, instrument, role, evse, reading):
        self.readings.append((instrument, reading))

    def on_fault(self, fault):
        self.faults.append(fault)

    def on_trip(self, trip):
        self.trips.append(trip)

    def on_note(self, text):
        self.notes.append(text)


class Lab:
    def __init__(self, world, folder):
        self.world, self.folder, self.observer = world, folder, Observer()

    async def open(self, text=FAST, fastest_s=0.02, module="fixtures.recording"):
        topology = load_topology(text, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime.now(UTC))
        apart = Apart(module, fastest_s, self.folder, ZERO_US)
        rig = await Rig.open(topology, clock, ports=self.world.ports, on_event=self.observer, apart=apart)
        rig.serve("PP-1")
        return rig

    def process(self, rig):
        return rig._sampler._life.process

    def seen(self, instrument):
        return [reading for name, reading in self.observer.readings if name == instrument]


@pytest.fixture
async def lab(tmp_path):
    world = await World.start(WorldConfig.of(load_topology(TEXT, "bench.toml")))
    yield Lab(world, tmp_path)
    await world.stop()


async def until(condition, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_the_recording_is_fast_and_the_run_hears_as_often_as_it_asks(lab):
    async with await lab.open() as rig:
        assert rig.identities["meter_1"].startswith("Eastron")
        await until(lambda: len(lab.seen("analyzer_1")) >= 4)
    heard = [reading.t for reading in lab.seen("analyzer_1")]
    assert all(later - before > 0.2 for before, later in zip(heard, heard[2:], strict=False))  # one in each 0.2 s
    kept = sorted({row.t_s for row in samples_of(lab.folder) if row.instrument == "analyzer_1"})
    assert set(heard) <= set(kept)
    assert len(kept) > 3 * len(heard)
    assert {row.station for row in samples_of(lab.folder)} == {"PP-1"}
    assert not (lab.folder / "sampling.log").exists()


async def test_a_case_has_its_own_readings_of_the_same_instrument_and_its_properties(lab):
    async with await lab.open() as rig:
        meter = rig.meter()
        assert meter.resolution_wh == 0.1
        readings = [await meter.read() for _ in range(20)]
        assert all("energy_wh" in reading.values for reading in readings)
        assert [reading.t for reading in readings] == sorted(reading.t for reading in readings)


async def test_a_case_may_have_samples_more_often(lab):
    async with await lab.open() as rig:
        await until(lambda: len(lab.seen("scope_1")) >= 1)
        rig.set_sample_interval(0.02)
        await until(lambda: len(lab.seen("scope_1")) >= 30, 20)  # in 30 s otherwise
        assert rig.sample_interval_s == 0.02


async def test_what_an_instrument_does_wrong_is_raised_where_it_was_asked_and_stands_as_a_gap(lab):
    async with await lab.open() as rig:
        await until(lambda: lab.seen("analyzer_1") and lab.seen("meter_1"))
        await lab.world.instruments["analyzer_1"].misbehave("closed")
        await until(lambda: rig.broken)
        assert [fault.instrument for fault in lab.observer.faults] == ["analyzer_1"]
        with pytest.raises(InstrumentFault) as raised:
            rig.analyzer()
        assert (raised.value.instrument, raised.value.cure) == ("analyzer_1", lab.observer.faults[0].cure)
        meters = len(lab.seen("meter_1"))
        await until(lambda: len(lab.seen("meter_1")) > meters)
        await lab.world.instruments["analyzer_1"].misbehave("none")
        async with asyncio.timeout(60):
            while await rig.check():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.05)
        before = len(lab.seen("analyzer_1"))
        await until(lambda: len(lab.seen("analyzer_1")) > before + 1)
    faults = [gap for gap in gaps_of(lab.folder) if gap.why == "fault"]
    assert {gap.instrument for gap in faults} == {"analyzer_1"}
    assert sum(gap.missed for gap in faults) >= 5
    times = [row.t_s for row in samples_of(lab.folder) if row.instrument == "analyzer_1"]
    assert not [t for t in times if faults[0].from_s < t < faults[0].to_s]


async def test_a_reading_beyond_a_limit_is_told_at_once(lab):
    seldom = FAST.replace("max_voltage_v = 300.0", "max_voltage_v = 240.0").replace("= 0.2\n", "= 60.0\n", 1)
    async with await lab.open(seldom) as rig:
        await until(lambda: lab.seen("analyzer_1"))
        assert rig.trip is None
        lab.world.plant.set_voltage(250.0)
        await until(lambda: rig.trip is not None, 30)  # in 60 s otherwise
        assert lab.observer.trips[0].quantity.startswith("voltage_l")


async def test_a_sampling_process_that_is_killed_is_a_fault_and_starts_again_when_the_rig_is_checked(lab):
    async with await lab.open() as rig:
        await until(lambda: lab.seen("meter_1"))
        before = lab.process(rig)
        before.send_signal(signal.SIGKILL)
        await until(lambda: len(rig.broken) == 3)
        assert "the sampling process: it has ended" in lab.observer.faults[0].what
        with pytest.raises(InstrumentFault, match=r"sampling.log"):
            rig.meter()
        assert await rig.check() == {}
        heard = len(lab.seen("meter_1"))
        await until(lambda: len(lab.seen("meter_1")) > heard)
        assert lab.process(rig).pid != before.pid
    assert list(samples_of(lab.folder))


async def test_a_process_that_hangs_is_a_fault_and_not_a_hang(lab, monkeypatch):
    monkeypatch.setattr(process_module, "PATIENCE_S", -15.5)  # and 8 times the 2 s of the instrument
    async with await lab.open() as rig:
        os.kill(lab.process(rig).pid, signal.SIGSTOP)
        with pytest.raises(InstrumentFault, match="does not answer to read"):
            await rig.meter().read()
        monkeypatch.undo()
        await until(lambda: len(rig.broken) == 3)
        assert await rig.check() == {}


async def test_a_process_that_cannot_start_is_told(lab):
    with pytest.raises(BenchError, match=r"the sampling process: it has ended. Cure: see .*sampling.log"):
        await lab.open(module="no.such.module")
    assert "No module named" in (lab.folder / "sampling.log").read_text()


async def test_samples_that_cannot_be_kept_are_told_to_the_run_at_its_end_at_the_latest(lab):
    (lab.folder / "samples").write_text("a file in the folder's place")
    async with await lab.open():
        await until(lambda: len(lab.seen("meter_1")) >= 2)
    assert len(lab.observer.notes) == 1
    assert "samples are not recorded" in lab.observer.notes[0]
    assert "Cure: make room" in lab.observer.notes[0]
    assert not lab.observer.faults


RUN = """
import asyncio, json, sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from bench.clock import LoopClock
from bench.rig import Rig
from bench.sampling.talk import Apart
from harness.model.topology import load_topology

async def main():
    text, ports = Path(sys.argv[1]).read_text(), json.loads(sys.argv[2])
    clock = LoopClock(asyncio.get_running_loop(), datetime.now(UTC))
    apart = Apart("fixtures.recording", 0.02, Path(sys.argv[3]), 0)
    rig = await Rig.open(load_topology(text, "bench.toml"), clock, ports=ports, apart=apart)
    print(rig._sampler._life.process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_kill_9_of_the_run_loses_no_sample_that_its_process_took(lab, tmp_path):
    (tmp_path / "bench.toml").write_text(FAST)
    arguments = [str(tmp_path / "bench.toml"), json.dumps(lab.world.ports), str(tmp_path)]
    run = await asyncio.create_subprocess_exec(sys.executable, "-c", RUN, *arguments, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        pid = int(await asyncio.wait_for(run.stdout.readline(), 30))
        await asyncio.sleep(1.0)
    finally:
        run.kill()
        await run.wait()
    await until(lambda: not alive(pid))
    kept = sorted({row.t_s for row in samples_of(tmp_path) if row.instrument == "meter_1"})
    assert kept[-1] - kept[0] > 0.5
    assert not list(tmp_path.glob("samples/*/*.unfinished"))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
