"""Sessions that end, begin or share the supply while a limit is in force: judged by the analyser, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import CHARGING_A, Outlet, begin_charging
from testcases.robustness.limits import CLAUSES, SAMPLED_S, WATCHED_S, limited

BEYOND = 1.5
"""A limit of so many times the rated current."""


@case("ROB_LIMIT_08")
async def test_unplugged_in_a_pause(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """A limit of 0 A holds the energy back, and the driver leaves."""
    async with dialect.stopping_without_ev(step), limited(dialect, station, bench, step, 0.0) as (charge, _):
        async with step.preamble("the driver unplugs the EV"):
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
        async with step.test("the connector is told to be free", CLAUSES[ocpp].unplugged):
            await dialect.freed(charge)


@case("ROB_LIMIT_09")
async def test_the_next_transaction(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The profile of one transaction pauses it; the next transaction has none."""
    async with (
        dialect.stopping_without_ev(step),
        limited(dialect, station, bench, step, 0.0) as (charge, _),
    ):
        async with step.preamble("the driver leaves, and another comes"):
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await dialect.freed(charge)
            await dialect.start_charging()
        async with step.test("the next transaction is charged without that limit", CLAUSES[ocpp].next_transaction):
            await bench.settles(
                "charging current",
                Outlet(station, bench).currents,
                low=CHARGING_A,
                within=station.pixit.message_timeout_s,
                holds=WATCHED_S,
            )


@case("ROB_LIMIT_10")
async def test_beyond_the_rating(dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """A limit of one and a half times what the EVSE is rated for: it may refuse that, and has no reason to stop."""
    outlet = Outlet(station, bench)
    async with bench.sampling(SAMPLED_S):
        async with step.preamble("an EV charges"):
            charge = await begin_charging(dialect, outlet)
        async with step.test("charging goes on with a limit beyond the rating", CLAUSES[ocpp].upper_bound):
            asked = await dialect.ask_limit(charge, BEYOND * outlet.rated_current_a)
            await bench.stays(
                "charging current within the rating",
                outlet.currents,
                low=CHARGING_A,
                high=outlet.rated_current_a,
                for_s=WATCHED_S,
                after=asked,
            )
        async with step.test("the transaction goes on", CLAUSES[ocpp].upper_bound):
            await dialect.goes_on(charge, asked, WATCHED_S)
        async with step.postamble("the profile is cleared"):
            await dialect.clear_limit()
