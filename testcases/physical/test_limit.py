"""A charging profile that lowers the limit shows in amperes, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging

HOLDS_S = 30.0
"""How long the limit must be kept once it is reached."""

SMALLEST_A = 6.0
"""The smallest current that a pilot can offer: a lower limit would be a pause."""

DRAWN_BEFORE = 1.25
"""The EV must have drawn this many times the limit, or nothing would be shown."""

SAMPLED_EVERY_S = 0.5


@case("HIL_LIMIT_01")
async def test_lower_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that draws all it can get is brought down to half the rated current."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    limit_a = max(SMALLEST_A, float(int(outlet.rated_current_a / 2)))
    async with step.preamble(f"the EV draws well above {limit_a:g} A on every phase"):
        charge = await begin_charging(dialect, outlet, at_least_a=DRAWN_BEFORE * limit_a)
    async with bench.sampling(SAMPLED_EVERY_S):
        async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
            limited = await dialect.set_limit(charge, limit_a)
        async with step.test("every phase comes below the limit and stays there", clauses.limit_applies):
            await bench.settles(
                "current below the limit",
                outlet.currents,
                high=limit_a,
                within=pixit.long_operation_timeout_s,
                holds=HOLDS_S,
                after=limited,
            )
        async with step.test("charging goes on below the limit", clauses.limit_keeps_charging):
            await outlet.draws(pixit.noise_floor_a)
        async with step.test("every phase is below the limit in time", "PIXIT profile_applied_within_s; IEC 61851-1"):
            await bench.settles(
                "current below the limit in time",
                outlet.currents,
                high=limit_a,
                within=pixit.profile_applied_within_s,
                after=limited,
                bases=(pixit.basis("profile_applied_within_s"),),
            )
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()
