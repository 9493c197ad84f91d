"""A profile that raises the limit again, or takes all away, shows in amperes, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from harness.pilot import LOWEST_A
from testcases.physical.charging import Outlet, begin_charging

HOLDS_S = 30.0
"""How long a limit is watched once it is in force."""

SAMPLED_EVERY_S = 0.5

TAKEN = 0.8
"""An EV that may draw more takes at least this share of it: chargers stay some percent below the limit."""

BELOW_A = 4.0
"""A limit that no pilot can offer: a pause."""


@case("HIL_LIMIT_02")
async def test_higher_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """From the smallest current to half the rated one: the current follows, and does not go beyond."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    limit_a = max(1.5 * LOWEST_A, float(int(outlet.rated_current_a / 2)))
    async with step.preamble(f"the EV draws less than {TAKEN * limit_a:g} A"):
        charge = await begin_charging(dialect, outlet)
        await dialect.set_limit(charge, LOWEST_A)
        await bench.settles(
            "current below the limit",
            outlet.currents,
            high=TAKEN * limit_a,
            within=pixit.long_operation_timeout_s,
            holds=pixit.profile_applied_within_s,
        )
    async with bench.sampling(SAMPLED_EVERY_S):
        async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
            raised = await dialect.set_limit(charge, limit_a)
        async with step.test("the current rises on every phase", clauses.limit_applies):
            await bench.settles(
                "current above the old limit",
                outlet.currents,
                low=TAKEN * limit_a,
                within=pixit.profile_applied_within_s,
                after=raised,
                bases=(pixit.basis("profile_applied_within_s"),),
            )
        async with step.test("it stays below the new limit", clauses.limit_applies):
            await bench.stays("current below the new limit", outlet.currents, high=limit_a, for_s=HOLDS_S, after=raised)
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()


@case("HIL_LIMIT_03")
async def test_pause(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A limit that no pilot can offer suspends the energy and keeps the transaction; a higher one resumes it."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    async with step.preamble("the EV charges"):
        charge = await begin_charging(dialect, outlet)
    async with step.test(f"the station accepts a limit of {BELOW_A:g} A", clauses.limit_accepted):
        paused = await dialect.set_limit(charge, BELOW_A)
    async with step.test(f"no phase draws more than {BELOW_A:g} A", clauses.limit_applies):
        await bench.settles(
            "current below the limit",
            outlet.currents,
            high=BELOW_A,
            within=pixit.long_operation_timeout_s,
            holds=HOLDS_S,
            after=paused,
        )
    async with step.test("the limit is kept in time", "PIXIT profile_applied_within_s; IEC 61851-1"):
        await bench.settles(
            "current below the limit in time",
            outlet.currents,
            high=BELOW_A,
            within=pixit.profile_applied_within_s,
            after=paused,
            bases=(pixit.basis("profile_applied_within_s"),),
        )
    async with step.test("the transaction goes on", clauses.limit_keeps_charging):
        await dialect.goes_on(charge, paused, 2 * HOLDS_S)
    async with step.test("charging resumes with a higher limit", clauses.limit_applies):
        await dialect.set_limit(charge, outlet.rated_current_a)
        await bench.settles(
            "current after the pause", outlet.currents, low=LOWEST_A * TAKEN, within=pixit.long_operation_timeout_s
        )
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()
