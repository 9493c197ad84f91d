"""Clock-aligned registers against the reference meter at the time that they name, online and offline, on any OCPP version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import floor

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.aligned import Aligned
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.charging.profiles16 import moment_of
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.comparison import Comparison
from testcases.physical.counting import Count, counts_alike
from testcases.physical.course import Course
from testcases.physical.measuring import reading

INTERVALS = 3
"""Clock-aligned values that are waited for online, and as many offline."""

LONGER = 3
"""The interval is so many times the one that the PIXIT has for cases without energy: enough energy to tell seconds apart."""

SAMPLED_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class _Watch:
    """What was done, on the run's clock: the charge, and when charging, the cut and the restored network began, and the end."""

    charge: Charge
    before: Record
    charging: Record
    cut: Record
    restored: Record
    interval_s: int

    def utc(self, record: Record) -> datetime:
        """The time of a record."""
        return moment_of(record.utc)

    def at(self, moment: datetime) -> float:
        """A time as the run's clock has it."""
        return self.before.t + (moment - moment_of(self.before.utc)).total_seconds()

    def between(self, first: Record, last: Record) -> list[int]:
        """The numbers of the intervals' times in this window, counted from midnight of its day on."""
        midnight = self.midnight
        low, high = ((self.utc(record) - midnight).total_seconds() / self.interval_s for record in (first, last))
        return list(range(floor(low) + 1, floor(high) + 1))

    @property
    def midnight(self) -> datetime:
        """Of the day on which the charge began, in UTC."""
        return self.utc(self.before).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def number(self, value: Aligned) -> int:
        """That of the interval's time nearest to the value's."""
        return floor((value.at - self.midnight).total_seconds() / self.interval_s + 0.5)

    def beside_s(self, value: Aligned) -> float:
        """How far the value's time lies from it."""
        due = self.midnight + timedelta(seconds=self.number(value) * self.interval_s)
        return abs((value.at - due).total_seconds())


@case("HIL_ALIGNED_01")
async def test_clock_aligned_values(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Three intervals online, three offline; everything is judged once the station had its time to catch up."""
    interval_s = LONGER * station.pixit.clock_aligned_interval_s
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    async with dialect.aligned.configured(step, interval_s), bench.sampling(SAMPLED_EVERY_S):
        watch = await _watched(csms, dialect, station, bench, step, interval_s)
        values = dialect.aligned.told(watch.charge, watch.charging)
        await _judged(csms, dialect, station, bench, step, watch, values)
        await _compared(csms, dialect, station, bench, step, comparison, watch, values)


async def _watched(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, interval_s: int
) -> _Watch:
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with step.preamble("an EV charges, the station is online"):
        before = await reading(bench, "reference_meter")
        charge = await begin_charging(dialect, outlet)
        charging = await reading(bench, "reference_meter")
        await bench.wait((INTERVALS + 0.5) * interval_s)
    async with step.preamble("the station is offline"):
        cut = await reading(bench, "reference_meter")
        await bench.network.cut("refuse")
        await bench.wait((INTERVALS + 0.5) * interval_s)
    async with step.preamble("the station is online again and catches up"):
        await bench.network.restore()
        restored = await csms.connects(within=pixit.long_operation_timeout_s)
        await bench.wait(interval_s + pixit.message_timeout_s)
    return _Watch(charge, before, charging, cut, restored, interval_s)


async def _judged(
    csms: Csms,
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    watch: _Watch,
    values: Sequence[Aligned],
) -> None:
    clauses, pixit = dialect.aligned.clauses, station.pixit
    told = {watch.number(value) for value in values}
    online = [value for value in values if value.seen.seq < watch.cut.seq]
    messages = _messages(watch, values)
    async with step.test("every interval has its value while the station is online", clauses.every_interval):
        csms.holds("values told", len({watch.number(value) for value in online}), messages, low=INTERVALS)
    async with step.test("they are told when they are taken", clauses.on_the_clock):
        for value in online:
            late_s = value.seen.t - watch.at(value.at)
            low, high = -pixit.max_time_deviation_s, pixit.message_timeout_s + pixit.max_time_deviation_s
            csms.holds("time from the value to its message", late_s, (value.seen,), low=low, high=high, unit="s")
    async with step.test("the times of all values are those of the clock", clauses.on_the_clock):
        limit = AtMost(pixit.aligned_within_s, "s", pixit.basis("aligned_within_s"))
        for value in values:
            beside = Quantity(watch.beside_s(value), "s", 0.0)
            bench.judge("distance from the interval's time", beside, limit, (value.seen.seq,))
    if dialect.aligned.are_kept(online):
        async with step.test("none is lost that was taken offline", clauses.kept_offline):
            due = watch.between(watch.cut, watch.restored)
            csms.holds("values told", len(told.intersection(due)), messages, low=len(due))


async def _compared(
    csms: Csms,
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    comparison: Comparison,
    watch: _Watch,
    values: Sequence[Aligned],
) -> None:
    """From the begin on, value by value: what the station counted since the one before, beside the reference meter."""
    course = Course.of(bench, "reference_meter", "energy_wh", since=watch.before)
    begins = dialect.begin_registers(watch.charge)
    async with step.test("the transaction begins with a register", dialect.clauses.begin_register):
        csms.holds("registers at the begin", len(begins), (watch.charge.began,), low=1)
    counts = [Count(watch.charging.t, begins[0].energy_wh, begins[0].seen, course.at(watch.before.t), 0.0)]
    enough_s = watch.interval_s / 2  # less energy tells nothing
    for value in values:
        t = watch.at(value.at)
        if watch.charging.t + enough_s <= t <= course.last_t:
            counts.append(Count(t, value.energy_wh, value.seen, course.at(t), course.half_s))
    async with step.test("each is what the reference meter had counted by then", dialect.clauses.register_of_samples):
        for first, last in pairwise(counts):
            counts_alike(station, bench, comparison, first, last, since=watch.before)


def _messages(watch: _Watch, values: Sequence[Aligned]) -> tuple[Seen, ...]:
    return (watch.charge.began, *(value.seen for value in values))
