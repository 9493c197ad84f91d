"""Limits in force while the connection goes, the station restarts or limits follow one another: judged by the analyser, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.plans import Plan
from fixtures.outage16 import offline
from fixtures.steps import Steps
from harness.limits import Basis
from harness.model.station import Station
from harness.pilot import LOWEST_A
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading
from testcases.robustness.limits import (
    CLAUSES,
    DRAWN_BEFORE,
    SAMPLED_S,
    TAKEN,
    WATCHED_S,
    cut,
    limited,
    stays_below,
)

RAISED_A = 8.0
NEXT_A = 10.0
"""Limits that follow a pause."""

AWAY_S = 240.0
"""How long the CSMS is out of reach: long enough for a station to notice."""

DEFAULT = Plan(241, "default", "Relative", ((0, LOWEST_A),))


@case("ROB_LIMIT_01")
async def test_reconnect(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The connection breaks for a moment while a limit is in force."""
    async with limited(dialect, station, bench, step, LOWEST_A):
        before = await cut(csms, bench, step, station.pixit.long_operation_timeout_s)
        async with step.test(f"every phase stays below {LOWEST_A:g} A", CLAUSES[ocpp].offline):
            now = await reading(bench, "power_analyzer")
            await stays_below(station, bench, LOWEST_A, before, now.t - before.t + WATCHED_S)


@case("ROB_LIMIT_02")
async def test_offline(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The CSMS is out of reach for four minutes while a limit pauses the energy."""
    async with limited(dialect, station, bench, step, 0.0):
        before = await reading(bench, "power_analyzer")
        async with (
            offline(csms, bench, step),
            step.test("no phase carries current while the station is offline", CLAUSES[ocpp].offline),
        ):
            await stays_below(station, bench, 0.0, before, AWAY_S)
        async with step.preamble("the station is connected again"):
            await csms.connects(within=station.pixit.long_operation_timeout_s)
        async with step.test("no phase carries current after that", CLAUSES[ocpp].offline):
            await stays_below(station, bench, 0.0, await reading(bench, "power_analyzer"), WATCHED_S)


@case("ROB_LIMIT_03")
async def test_resume(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """A limit of 0 A, and then one that allows a little."""
    async with limited(dialect, station, bench, step, 0.0) as (charge, _):
        async with step.test(f"the station accepts a limit of {RAISED_A:g} A", dialect.clauses.limit_accepted):
            raised = await dialect.set_limit(charge, RAISED_A)
        async with step.test("the energy resumes, and no phase goes beyond the limit", CLAUSES[ocpp].at_any_time):
            within = station.pixit.long_operation_timeout_s
            await bench.settles(
                "current after the pause", Outlet(station, bench).currents, low=TAKEN * LOWEST_A, within=within
            )
            now = await reading(bench, "power_analyzer")
            await stays_below(station, bench, RAISED_A, raised, now.t - raised.t + WATCHED_S)


@case("ROB_LIMIT_04")
async def test_limits_in_a_row(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A pause and two limits that allow energy, one as soon as the other was answered: the pilot has to rest between offers."""
    outlet = Outlet(station, bench)
    async with limited(dialect, station, bench, step, LOWEST_A) as (charge, _):
        async with step.test("the station accepts three limits in a row", dialect.clauses.limit_accepted):
            for limit_a in (0.0, RAISED_A):
                await dialect.set_limit(charge, limit_a)
            last = await dialect.set_limit(charge, NEXT_A)
        async with step.test("the EV is charged by the last of them", dialect.clauses.limit_applies):
            await bench.settles(
                "current within the last limit",
                outlet.currents,
                low=TAKEN * NEXT_A,
                high=NEXT_A,
                within=station.pixit.long_operation_timeout_s,
                holds=WATCHED_S,
                after=last,
            )


@case("ROB_LIMIT_05")
async def test_the_same_limit_again(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The limit that is in force is sent once more, as a CSMS does that repeats itself."""
    async with limited(dialect, station, bench, step, LOWEST_A) as (charge, _):
        before = await reading(bench, "power_analyzer")
        async with step.test("the station accepts the same limit again", dialect.clauses.limit_accepted):
            await dialect.set_limit(charge, LOWEST_A)
        async with step.test(f"every phase stays below {LOWEST_A:g} A", CLAUSES[ocpp].at_any_time):
            await stays_below(station, bench, LOWEST_A, before, WATCHED_S)


@case("ROB_LIMIT_06")
async def test_default_after_restart(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """A default profile is installed, the station restarts, and an EV comes."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with bench.sampling(SAMPLED_S):
        async with step.test("the station accepts a default profile", dialect.plans.clauses.accepted):
            await dialect.plans.install(DEFAULT)
        async with step.preamble("the station restarts, and an EV charges"):
            asked = await dialect.reset()
            await csms.next("BootNotification", after=asked, within=pixit.long_operation_timeout_s)
            await begin_charging(dialect, outlet)
        async with step.test("the EV is charged within the default profile", CLAUSES[ocpp].restart):
            await bench.settles(
                "current below the default limit",
                outlet.currents,
                high=LOWEST_A,
                within=pixit.long_operation_timeout_s,
                holds=WATCHED_S,
            )
        async with step.postamble("the profile is cleared"):
            await dialect.plans.remove(DEFAULT)


@case("ROB_LIMIT_07")
async def test_cleared(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The profile of a transaction is cleared while it limits the current."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with limited(dialect, station, bench, step, LOWEST_A):
        async with step.preamble("the profile is cleared while the EV charges"):
            cleared_at = await reading(bench, "power_analyzer")
            await dialect.clear_limit()
        async with step.test("the current rises in time", CLAUSES[ocpp].cleared):
            basis: Basis = pixit.basis("profile_applied_within_s")
            await bench.settles(
                "current above the limit that was cleared",
                outlet.currents,
                low=DRAWN_BEFORE * LOWEST_A,
                within=pixit.profile_applied_within_s,
                after=cleared_at,
                bases=(basis,),
            )
