"""Schedules that begin at this very moment, or with a pause: judged by the analyser, on any OCPP version."""

from datetime import timedelta

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.plans import Plan
from fixtures.steps import Steps
from harness.charging.profiles16 import moment_of
from harness.model.station import Station
from harness.pilot import LOWEST_A
from testcases.physical.charging import Outlet, begin_charging
from testcases.robustness.limits import DRAWN_BEFORE, SAMPLED_S, WATCHED_S

STARTS = {
    "1.6": "OCPP 1.6 7.13 startSchedule: the starting point of the schedule; 7.11: Accepted will be executed",
    "2.0.1": "OCPP 2.0.1 K01.FR.30: the limitation is imposed as of startSchedule; K01.FR.04",
}
"""Where a version demands that a schedule begins when it says."""

PERIODS = {
    "1.6": "OCPP 1.6 7.14 startPeriod: a period lasts until the next one starts; 7.11: Accepted will be executed",
    "2.0.1": "OCPP 2.0.1 K01.FR.12: a period remains active until the next one starts; K01.FR.04",
}
"""Where a version demands that periods follow one another as they say."""

NIGHT_S = 9 * 3600
BEGUN_S = 60.0
"""How long ago the schedule with the pause began: its start is not what is judged."""


@case("ROB_SCHEDULE_01")
async def test_start_now(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The start is the CSMS's present time, to the millisecond."""
    async with bench.sampling(SAMPLED_S):
        async with step.preamble("an EV draws more than the schedule will allow"):
            charge = await begin_charging(dialect, Outlet(station, bench), at_least_a=DRAWN_BEFORE * LOWEST_A)
        plan = Plan(251, "transaction", "Absolute", ((0, LOWEST_A),), start=csms.utc(), transaction_id=charge.id)
        await _followed(dialect, station, bench, step, plan, LOWEST_A, STARTS[ocpp])


@case("ROB_SCHEDULE_02")
async def test_pause_first(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """Nothing for nine hours, and then half the rated current."""
    outlet = Outlet(station, bench)
    async with bench.sampling(SAMPLED_S):
        async with step.preamble("an EV charges"):
            charge = await begin_charging(dialect, outlet)
        begun = moment_of(csms.utc()) - timedelta(seconds=BEGUN_S)
        start = begun.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        steps = ((0, 0.0), (NIGHT_S, outlet.rated_current_a / 2))
        plan = Plan(252, "transaction", "Absolute", steps, start=start, transaction_id=charge.id)
        await _followed(dialect, station, bench, step, plan, 0.0, PERIODS[ocpp])


async def _followed(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, plan: Plan, limit_a: float, clause: str
) -> None:
    async with step.test("the station accepts the profile", dialect.plans.clauses.accepted_for_transaction):
        told = await dialect.plans.install(plan)
    async with step.test(f"every phase comes below {limit_a:g} A and stays there", clause):
        high_a = max(limit_a, station.pixit.noise_floor_a)
        await Outlet(station, bench).comes_below(high_a, after=told, holds=WATCHED_S)
    async with step.postamble("the profile is cleared"):
        await dialect.plans.remove(plan)
