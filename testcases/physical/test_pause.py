"""A limit that no pilot can offer suspends the energy and keeps the transaction, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.pilot import LOWEST_A, NO_OFFER_PCT
from testcases.physical.charging import LIMIT_IN_TIME, LIMIT_SAMPLED_S, LIMIT_WATCHED_S, Outlet, begin_charging
from testcases.physical.measuring import highest_offer, reading

BELOW_A = 4.0
"""A limit that no pilot can offer: a pause."""

RESUMED_A = 0.8 * LOWEST_A
"""An EV draws more than this again: chargers stay some percent below what they are offered."""


@case("HIL_LIMIT_03")
async def test_limit_below_6_a(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """More than 0 and less than a pilot can offer."""
    await _pauses(dialect, station, bench, step, BELOW_A)


@case("HIL_LIMIT_05")
async def test_limit_of_0_a(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Nothing at all: the current is gone, not only below some amperes."""
    await _pauses(dialect, station, bench, step, 0.0)


async def _pauses(dialect: Dialect, station: Station, bench: Bench, step: Steps, limit_a: float) -> None:
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    high_a = max(limit_a, pixit.noise_floor_a)
    async with step.preamble("the EV charges"):
        charge = await begin_charging(dialect, outlet)
    async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
        paused = await dialect.set_limit(charge, limit_a)
    async with (
        bench.sampling(LIMIT_SAMPLED_S),
        step.test(f"no phase draws more than {high_a:g} A", clauses.limit_applies),
    ):
        await outlet.comes_below(high_a, after=paused, holds=LIMIT_WATCHED_S)
    async with step.test("the limit is kept in time", LIMIT_IN_TIME):
        await outlet.below_in_time(high_a, after=paused)
    async with step.test("the transaction goes on", clauses.limit_keeps_charging):
        await dialect.goes_on(charge, paused, 2 * LIMIT_WATCHED_S)
    async with step.test("the station tells that it offers no energy", clauses.suspension_told):
        await dialect.suspended(charge, paused)
    if bench.has("pilot_scope"):
        async with step.test(
            "the pilot offers nothing", "IEC 61851-1 Annex A (second hand); PIXIT pilot_steady_in_pause"
        ):
            seen = await reading(bench, "pilot_scope")
            offer, at = highest_offer([seen])
            limit = AtMost(NO_OFFER_PCT, "%", pixit.basis("pilot_steady_in_pause"))
            bench.judge("duty that the pilot offers current with", offer, limit, at)
    async with step.test("charging resumes with a higher limit", clauses.limit_applies):
        await dialect.set_limit(charge, outlet.rated_current_a)
        within = pixit.long_operation_timeout_s
        await bench.settles("current after the pause", outlet.currents, low=RESUMED_A, within=within)
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()
