"""Charging schedules that stack, recur and count from the start of charging: each step shows at the outlet, on any OCPP version.

What the profiles add up to is reckoned by harness.charging; the times are the run's, told to the station in UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import LINE_VOLTAGE_V, Dialect
from fixtures.dialects.plans import Plan, PlanClauses, reference
from fixtures.steps import Steps
from harness.charging.composite16 import Question, Stretch, Supply, composite
from harness.charging.profiles16 import moment_of
from harness.limits import Basis
from harness.model.station import Station
from harness.pilot import LOWEST_A, duty_for_current_pct
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading, sees_duty

STRETCH_S = 60
"""How long each limit lasts."""

DAY_S = 86400

AN_HOUR_S = 3600

TAKEN = 0.8
"""An EV that may draw more takes at least this share of it: chargers stay some percent below the limit."""

SAMPLED_EVERY_S = 1.0

BEFORE_S = 40
"""How long a relative plan is installed before charging starts, so that the two cannot be taken for each other."""


@dataclass(frozen=True, slots=True)
class _Schedule:
    """Plans, the moment from which they are watched (on the run's clock, and as UTC), and why each stretch is as it is."""

    plans: tuple[Plan, ...]
    begin_t: float
    begin: datetime
    stretches: tuple[Stretch, ...]
    whys: tuple[str, ...]
    bases: tuple[Basis, ...] = ()


@case("HIL_SCHEDULE_01")
async def test_stacked_schedules(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A daily default from its last hour into its next day, a higher one for a while, and a maximum for the station."""
    outlet, plans = Outlet(station, bench), dialect.plans
    async with step.preamble("the EV draws all it can get"):
        await begin_charging(dialect, outlet)
        now = await reading(bench, "power_analyzer")
        schedule = _stacked(now, bench, outlet, plans.clauses)
        await plans.has_room(*schedule.plans)
        ready = await reading(bench, "power_analyzer")
        slow_s = len(schedule.plans) * (ready.t - now.t)  # a slow station must have them all when the first begins
        schedule = _stacked(ready, bench, outlet, plans.clauses, slow_s)
    async with bench.sampling(SAMPLED_EVERY_S):
        async with step.test("the station accepts the profiles", plans.clauses.accepted):
            for plan in schedule.plans:
                await plans.install(plan)
        await _follows(station, bench, step, schedule)
    async with step.postamble("the profiles are cleared"):
        await plans.remove(*schedule.plans)


@case("HIL_SCHEDULE_02")
async def test_relative_schedule(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A default without a start of its own, installed well before anybody charges."""
    outlet, plans = Outlet(station, bench), dialect.plans
    plan = Plan(211, "default", "Relative", ((0, 11.0), (STRETCH_S, 8.0), (2 * STRETCH_S, 13.0)))
    async with step.preamble("the station takes schedules of three periods"):
        await plans.has_room(plan)
    async with step.test("the station accepts the profile", plans.clauses.accepted):
        await plans.install(plan)
    async with step.preamble("after a while an EV charges"):
        await bench.wait(BEFORE_S)
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        charge = await dialect.start_charging()
        await outlet.draws()
    began, why = charge.began.record, plans.clauses.relative
    reckoned = _reckoned((plan,), began, bench, outlet, (why, why, why), since=moment_of(began.utc))
    schedule = replace(
        reckoned, bases=(station.pixit.basis("schedule_step_within_s"),)
    )  # a station may choose the start
    async with bench.sampling(SAMPLED_EVERY_S):
        await _follows(station, bench, step, schedule)
    async with step.postamble("the profile is cleared"):
        await plans.remove(plan)


def _stacked(now: Record, bench: Bench, outlet: Outlet, clauses: PlanClauses, lead_s: float = 0.0) -> _Schedule:
    begin = moment_of(now.utc) + timedelta(seconds=lead_s)

    def at(seconds: float) -> str:
        return (begin + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    last_hour = ((0, 8.0), (DAY_S - AN_HOUR_S, 13.0))
    plans = (
        Plan(201, "default", "Recurring", last_hour, start=at(STRETCH_S - 2 * DAY_S)),
        Plan(202, "default", "Absolute", ((0, 11.0),), start=at(2 * STRETCH_S), duration_s=STRETCH_S, level=1),
        Plan(203, "maximum", "Absolute", ((0, LOWEST_A),), start=at(4 * STRETCH_S), duration_s=STRETCH_S),
    )
    whys = (clauses.recurs, clauses.recurs, clauses.stacked, clauses.falls_back, clauses.least, clauses.least)
    return _reckoned(plans, now, bench, outlet, whys, lead_s=lead_s)


def _reckoned(
    plans: tuple[Plan, ...],
    now: Record,
    bench: Bench,
    outlet: Outlet,
    whys: tuple[str, ...],
    since: datetime | None = None,
    lead_s: float = 0.0,
) -> _Schedule:
    begin = moment_of(now.utc) + timedelta(seconds=lead_s)
    question = Question(bench.evse, begin, len(whys) * STRETCH_S, "A", since or begin)
    stretches = composite(
        [reference(plan, bench.evse) for plan in plans], question, Supply(LINE_VOLTAGE_V, outlet.phases)
    )
    return _Schedule(plans, now.t + lead_s, begin, stretches, whys)


async def _follows(station: Station, bench: Bench, step: Steps, schedule: _Schedule) -> None:
    outlet, pixit = Outlet(station, bench), station.pixit
    basis = pixit.basis("schedule_step_within_s")
    for stretch, why in zip(schedule.stretches, schedule.whys, strict=True):
        assert stretch.limit is not None  # a default lasts as long as anything is watched
        if stretch.limit > outlet.rated_current_a:
            raise BenchError(
                f"the EVSE is rated for {outlet.rated_current_a:g} A, the schedule needs {stretch.limit:g} A"
            )
        where = f"{stretch.limit:g} A from {stretch.start_s:.0f} s on"
        async with step.test(f"the EV is charged by the schedule: {where}", why):
            began = await _at(bench, schedule.begin_t + stretch.start_s)
            await _keeps(station, bench, began, stretch, schedule.bases)
        if stretch.start_s > 0:
            async with step.test(f"the step comes in time: {where}", "PIXIT schedule_step_within_s"):
                await bench.settles(
                    "current by the schedule in time",
                    outlet.currents,
                    low=TAKEN * stretch.limit,
                    high=stretch.limit,
                    within=pixit.schedule_step_within_s,
                    after=began,
                    bases=(basis,),
                )


async def _at(bench: Bench, moment: float) -> Record:
    """A reading at a time of the run's clock, or now where that is past."""
    now = await reading(bench, "power_analyzer")
    if now.t >= moment:
        return now
    await bench.wait(moment - now.t)
    return await reading(bench, "power_analyzer")


async def _keeps(station: Station, bench: Bench, began: Record, stretch: Stretch, bases: tuple[Basis, ...]) -> None:
    """The current has half of the stretch to come to its limit, and keeps it until the next step may show; so does the pilot, within a tolerance."""
    pixit, outlet, limit_a = station.pixit, Outlet(station, bench), float(stretch.limit or 0.0)
    steady = await _at(bench, began.t + STRETCH_S / 2)
    left_s = began.t + STRETCH_S - pixit.schedule_step_within_s - steady.t
    await bench.stays(
        "current by the schedule",
        outlet.currents,
        low=TAKEN * limit_a,
        high=limit_a,
        for_s=left_s,
        after=steady,
        bases=bases,
        tells_excess=True,
    )
    if sees_duty(bench):
        tolerance_pct = pixit.pilot_duty_tolerance_pct
        await bench.settles(
            "pilot by the schedule",
            ("pilot_duty_pct",),
            low=duty_for_current_pct(max(LOWEST_A, TAKEN * limit_a)) - tolerance_pct,
            high=duty_for_current_pct(limit_a) + tolerance_pct,
            within=STRETCH_S / 2,
            after=began,
            role="pilot_scope",
            bases=(*bases, pixit.basis("pilot_duty_tolerance_pct")),
        )
