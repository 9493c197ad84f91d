"""A charging profile that lowers or raises the limit shows in amperes, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.limits import AtMost, Basis
from harness.model.station import Station
from harness.pilot import LOWEST_A, duty_for_current_pct
from testcases.physical.charging import LIMIT_IN_TIME, LIMIT_SAMPLED_S, LIMIT_WATCHED_S, Outlet, begin_charging
from testcases.physical.measuring import has_pwm, highest_offer, needs_duty, reading

DRAWN_BEFORE = 1.25
"""The EV must have drawn this many times the limit, or nothing would be shown."""

TAKEN = 0.8
"""An EV that may draw more takes at least this share of it: chargers stay some percent below the limit."""

CABLES_A = (20.0, 13.0)
"""Cables that proximity resistors code, the larger one first."""

CABLE_CODE = "IEC 61851-1: proximity resistor, second hand; PIXIT pilot_duty_tolerance_pct"


@case("HIL_LIMIT_01")
async def test_lower_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that draws all it can get is brought down to half the rated current."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    limit_a = max(LOWEST_A, float(int(outlet.rated_current_a / 2)))
    async with step.preamble(f"the EV draws well above {limit_a:g} A on every phase"):
        charge = await begin_charging(dialect, outlet, at_least_a=DRAWN_BEFORE * limit_a)
    async with bench.sampling(LIMIT_SAMPLED_S):
        async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
            limited = await dialect.set_limit(charge, limit_a)
        async with step.test("every phase comes below the limit and stays there", clauses.limit_applies):
            await outlet.comes_below(limit_a, after=limited, holds=LIMIT_WATCHED_S)
        async with step.test("charging goes on below the limit", clauses.limit_keeps_charging):
            await outlet.draws(pixit.noise_floor_a)
        async with step.test("every phase is below the limit in time", LIMIT_IN_TIME):
            await outlet.below_in_time(limit_a, after=limited)
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()


@case("HIL_LIMIT_02")
async def test_higher_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """From the smallest current to half the rated one: the current follows, and does not go beyond."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    limit_a = max(1.5 * LOWEST_A, float(int(outlet.rated_current_a / 2)))
    async with step.preamble(f"the EV draws less than {TAKEN * limit_a:g} A"):
        charge = await begin_charging(dialect, outlet)
        lowered = await dialect.set_limit(charge, LOWEST_A)
        await outlet.comes_below(TAKEN * limit_a, after=lowered, holds=pixit.profile_applied_within_s)
    async with bench.sampling(LIMIT_SAMPLED_S):
        async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
            raised = await dialect.set_limit(charge, limit_a)
        async with step.test("the current rises on every phase", clauses.limit_applies):
            await _above(outlet, TAKEN * limit_a, pixit.long_operation_timeout_s, raised)
        async with step.test("it stays below the new limit", clauses.limit_applies):
            await bench.stays(
                "current below the new limit",
                outlet.currents,
                high=limit_a,
                for_s=LIMIT_WATCHED_S,
                after=raised,
                tells_excess=True,
            )
        async with step.test("the current rises in time", LIMIT_IN_TIME):
            in_time = pixit.basis("profile_applied_within_s")
            await _above(outlet, TAKEN * limit_a, pixit.profile_applied_within_s, raised, (in_time,))
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()


async def _above(outlet: Outlet, least_a: float, within: float, after: Seen, bases: tuple[Basis, ...] = ()) -> None:
    what = "current above the old limit"
    await outlet.bench.settles(what, outlet.currents, low=least_a, within=within, after=after, bases=bases)


@case("HIL_LIMIT_04")
async def test_higher_limit_than_the_cable(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """A limit that is raised beyond what the cable is made for: pilot and current stay at the cable's rating."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    cable_a = next((cable_a for cable_a in CABLES_A if cable_a < outlet.rated_current_a), None)
    if cable_a is None:
        raise BenchError(f"no cable is smaller than this EVSE's {outlet.rated_current_a:g} A. Cure: waive the case")
    async with step.preamble(f"an EV charges at {LOWEST_A:g} A through a cable of {cable_a:g} A"):
        needs_duty(bench)
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        charge = await dialect.start_charging(cable_a=cable_a)
        await dialect.set_limit(charge, LOWEST_A)
        await outlet.draws()
        await bench.wait(pixit.profile_applied_within_s)
    async with step.test(f"the station accepts a limit of {outlet.rated_current_a:g} A", clauses.limit_accepted):
        raised = await dialect.set_limit(charge, outlet.rated_current_a)
    async with step.preamble(f"it is watched for {LIMIT_WATCHED_S:g} s"), bench.sampling(LIMIT_SAMPLED_S):
        await bench.wait(LIMIT_WATCHED_S)
        last = await reading(bench, "pilot_scope")
    async with step.test(f"the pilot offers no more than {cable_a:g} A", CABLE_CODE):
        csms.holds("PWM signals on the pilot", int(has_pwm(last)), (raised,), low=1)
        offer, at = highest_offer(bench.readings("pilot_scope", since=raised))
        limit_pct = duty_for_current_pct(cable_a) + pixit.pilot_duty_tolerance_pct
        limit = AtMost(limit_pct, "%", pixit.basis("pilot_duty_tolerance_pct"))
        bench.judge(f"highest duty with a cable of {cable_a:g} A", offer, limit, at)
    async with step.test(f"no phase draws more than {cable_a:g} A", CABLE_CODE):
        await bench.stays(
            "current below the cable's rating",
            outlet.currents,
            high=cable_a,
            for_s=LIMIT_WATCHED_S,
            after=raised,
            bases=(pixit.basis("pilot_duty_tolerance_pct"),),
            tells_excess=True,
        )
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()
