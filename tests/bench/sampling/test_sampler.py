import asyncio
import math
from collections import deque

import pytest

from bench.errors import InstrumentFault
from bench.roles import Reading, Value
from bench.sampling.keeping import Gap
from bench.sampling.sampler import Listener, Sampler
from bench.virtual import simtime
from harness.model.topology import InstrumentEntry

ENTRY = InstrumentEntry("meter_1", ("reference_meter",), "any", "any", stations=("CS-A",))


class Meter:
    """Answers at once, or as the next of `script` says: seconds that it takes, `fail`, `break` or `empty`."""

    def __init__(self, *script):
        self.script, self.asked = deque(script), []

    async def read(self):
        now = asyncio.get_running_loop().time()
        self.asked.append(now)
        step = self.script.popleft() if self.script else 0.0
        if step == "fail":
            raise InstrumentFault("meter_1", "any", "no answer", "look")
        if step == "break":
            raise KeyError("volts")
        if step == "empty":
            return Reading(now, 0.0)
        await asyncio.sleep(step)
        return Reading(now + step / 2, step / 2, {"voltage_l1_v": Value(230.0, "V", 0.1)})


class Keeper:
    def __init__(self):
        self.samples, self.gaps, self.beats = [], [], 0

    def on_sample(self, entry, station, reading):
        self.samples.append((station, reading.t))

    def on_gap(self, entry, station, gap):
        self.gaps.append(gap)

    def beat(self, t):
        self.beats += 1


def run(script, seconds, *, interval_s=1.0, fastest_s=math.inf, urgent=None, meanwhile=None):
    """Sample on simulated time; gives meter, keeper, and what the listener was told."""
    told, faults = [], []

    async def job():
        meter, keeper = Meter(*script), Keeper()
        sampler = Sampler({"meter_1": (ENTRY, meter)}, keeper, interval_s=interval_s, fastest_s=fastest_s)
        listener = Listener(lambda _entry, reading: told.append(reading.t), faults.append)
        if urgent is not None:
            listener = Listener(listener.reading, faults.append, urgent)
        sampler.station = "CS-B"
        sampler.start(listener)
        if meanwhile is not None:
            await meanwhile(sampler)
        await asyncio.sleep(seconds)
        await sampler.stop()
        return meter, keeper

    with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:
        meter, keeper = runner.run(job())
    begin = meter.asked[0]
    relative = [
        Gap(round(gap.from_s - begin, 6), round(gap.to_s - begin, 6), gap.why, gap.missed, gap.detail)
        for gap in keeper.gaps
    ]
    return [round(t - begin, 6) for t in meter.asked], keeper, relative, [round(t - begin, 6) for t in told], faults


@pytest.fixture(autouse=True)
def simulated():
    simtime.install()
    yield
    simtime.uninstall()


def test_instants_do_not_drift_and_nothing_is_missed():
    asked, keeper, gaps, told, _ = run([0.2, 0.7, 0.1], 5.5)
    assert asked == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert gaps == []
    assert len(told) == len(keeper.samples) == keeper.beats == 6
    assert {station for station, _ in keeper.samples} == {"CS-A"}  # wired to another one than that under test


def test_an_answer_that_covers_instants_leaves_a_gap_of_so_many():
    asked, _, gaps, _, _ = run([0.0, 2.5], 6.5)
    assert asked == [0.0, 1.0, 4.0, 5.0, 6.0]
    assert gaps == [Gap(2.25, 4.0, "missed deadline", 2, "one reading ended 2.500 s after it was due")]


def test_faults_are_one_gap_with_the_first_ones_words():
    _, keeper, gaps, told, faults = run([0.0, "fail", "fail", "break"], 5.5)
    assert gaps == [Gap(0.0, 4.0, "fault", 3, "no answer")]
    assert [fault.what for fault in faults] == ["no answer", "no answer", "its driver failed: KeyError('volts')"]
    assert told == [0.0, 4.0, 5.0] == [round(t - keeper.samples[0][1], 6) for _, t in keeper.samples]


def test_what_lasts_to_the_end_is_a_gap_to_the_end():
    _, _, gaps, _, _ = run([0.0, *["fail"] * 9], 3.5)
    assert gaps == [Gap(0.0, 3.5, "fault", 3, "no answer")]


def test_an_answer_without_values_is_a_gap_and_told_nevertheless():
    _, keeper, gaps, told, _ = run([0.0, "empty", "empty"], 3.5)
    assert [(gap.from_s, gap.to_s, gap.why, gap.missed) for gap in gaps] == [(0.0, 3.0, "no value", 2)]
    assert len(told) == 4
    assert len(keeper.samples) == 2


def test_another_interval_is_a_gap_without_a_miss():
    async def faster(sampler):
        await asyncio.sleep(2.5)
        sampler.interval_s = 0.25

    asked, _, gaps, _, _ = run([], 0.8, meanwhile=faster)
    assert asked == [0.0, 1.0, 2.0, 2.5, 2.75, 3.0, 3.25]
    assert gaps == [Gap(2.5, 2.75, "interval changed", 0, "every 1 s, then every 0.25 s")]


def test_fast_sampling_is_kept_and_told_once_an_interval():
    asked, keeper, _, told, _ = run([], 3.05, fastest_s=0.1)
    assert len(asked) == len(keeper.samples) == 31
    assert told == [0.0, 1.0, 2.0, 3.0]


def test_what_is_urgent_is_told_in_between():
    beyond = iter([False] * 4 + [True] + [False] * 99)
    _, _, _, told, _ = run([], 1.05, fastest_s=0.1, urgent=lambda _entry, _reading: next(beyond))
    assert told == [0.0, 0.5, 1.0]


def test_an_instrument_that_fails_rests_for_an_interval_and_all_it_missed_counts():
    asked, _, gaps, _, _ = run([0.0, "fail"], 2.05, fastest_s=0.125)
    assert asked[:4] == [0.0, 0.125, 1.125, 1.25]
    assert [(gap.from_s, gap.to_s, gap.why, gap.missed) for gap in gaps] == [(0.0, 1.125, "fault", 8)]
