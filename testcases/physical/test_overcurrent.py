"""An EV that draws more than it is offered, on any OCPP version."""

from math import floor

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from harness.pilot import LOWEST_A
from testcases.physical.charging import LIMIT_SAMPLED_S, LIMIT_WATCHED_S, Outlet, begin_charging
from testcases.physical.measuring import measured, reading

FAR_BEYOND = 2.0
"""The EV draws this many times its limit: no measuring error and no tolerance of a monitor is as large."""

MOSTLY = 0.8
"""An EV that was asked to draw the rated current draws so much of it at least."""
SETTLES_S = 10.0
"""An EV takes its time from there to what it draws for good."""

PAST_PCT = 5.0
"""So much more than it may the EV draws in the case that looks for the edge (percentage points of the offer)."""

IEC = "IEC 61851-1, load current monitoring (not read); PICS HIL-LoadMonitoring; PIXIT overcurrent_to_dead_s"
IEC_SHARE = f"{IEC}, overcurrent_share_pct"


@case("HIL_OVERCURRENT_01")
async def test_ev_that_heeds_no_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A rude EV draws on at what it was first offered when the limit is lowered to the smallest that a pilot can say."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    basis = pixit.basis("overcurrent_to_dead_s")
    async with bench.sampling(LIMIT_SAMPLED_S):
        async with step.preamble("an EV that heeds no pilot draws far more than it will be offered"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet, at_least_a=FAR_BEYOND * LOWEST_A)
            limited = await dialect.set_limit(charge, LOWEST_A)
            drawn = measured(await reading(bench, "power_analyzer"), outlet.currents[0])
            if drawn.value < FAR_BEYOND * LOWEST_A:
                raise BenchError(
                    f"the EV draws {drawn.value:.1f} A. Cure: an EV simulator that ignores the pilot (set_polite)"
                )
        async with step.test("its current ends, and the outlet goes dead and stays so", IEC):
            await outlet.goes_off(
                after=limited, within=pixit.overcurrent_to_dead_s, holds=LIMIT_WATCHED_S, bases=(basis,)
            )
        async with step.postamble("the EV heeds the pilot again"):
            await bench.ev.set_polite(polite=True)
            await dialect.clear_limit()


@case("HIL_OVERCURRENT_02")
async def test_ev_that_draws_a_little_more(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A rude EV draws on at the rated current when the limit is lowered by little: no more than a monitor may let pass, and a margin."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    bases = (pixit.basis("overcurrent_to_dead_s"), pixit.basis("overcurrent_share_pct"))
    may = 1.0 + pixit.overcurrent_share_pct / 100.0
    async with bench.sampling(LIMIT_SAMPLED_S):
        async with step.preamble("an EV that heeds no pilot draws a little more than it will be offered"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet, at_least_a=MOSTLY * outlet.rated_current_a)
            await bench.wait(SETTLES_S)
            drawn = measured(await reading(bench, "power_analyzer"), outlet.currents[0])
            offer_a = floor(10.0 * drawn.value / (may + PAST_PCT / 100.0)) / 10.0  # a limit has one decimal (1.6 7.14)
            if drawn.value - drawn.u <= offer_a * may or offer_a < LOWEST_A:
                raise BenchError(
                    f"the EV draws {drawn.value:.2f} A, too little to tell from {pixit.overcurrent_share_pct:g} % above an offer of {offer_a:g} A."
                    " Cure: an EV simulator that draws more, or an analyser that measures better"
                )
            limited = await dialect.set_limit(charge, offer_a)
        async with step.test("its current ends, and the outlet goes dead and stays so", IEC_SHARE):
            await outlet.goes_off(after=limited, within=pixit.overcurrent_to_dead_s, holds=LIMIT_WATCHED_S, bases=bases)
        async with step.postamble("the EV heeds the pilot again"):
            await bench.ev.set_polite(polite=True)
            await dialect.clear_limit()
