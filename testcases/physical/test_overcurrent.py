"""An EV that draws more than it is offered, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from harness.pilot import LOWEST_A
from testcases.physical.charging import LIMIT_SAMPLED_S, LIMIT_WATCHED_S, Outlet, begin_charging
from testcases.physical.measuring import measured, reading
from testcases.physical.undelayed import undelayed

FAR_BEYOND = 2.0
"""The EV draws this many times its limit: no measuring error and no tolerance of a monitor is as large."""

IEC = "IEC 61851-1, load current monitoring (not read); PICS HIL-LoadMonitoring; PIXIT overcurrent_to_dead_s"


@case("HIL_OVERCURRENT_01")
async def test_ev_that_heeds_no_limit(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A rude EV draws on at what it was first offered when the limit is lowered to the smallest that a pilot can say."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    basis = pixit.basis("overcurrent_to_dead_s")
    async with undelayed(dialect, station, step), bench.sampling(LIMIT_SAMPLED_S):
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
