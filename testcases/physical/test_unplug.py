"""An EV that is taken off the cable under load leaves a dead outlet, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

STAYS_S = 30.0
"""How long the outlet is watched after the plug is out."""

SAMPLED_EVERY_S = 0.2


@case("HIL_STOP_04")
async def test_unplugged_under_load(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV draws until the plug goes: the control pilot is all that tells the station of it."""
    pixit, outlet, clauses = station.pixit, Outlet(station, bench), dialect.clauses
    async with step.preamble("an EV charges"):
        await bench.ev.set_polite(polite=False)
        await begin_charging(dialect, outlet)
    async with step.preamble("the plug goes under load"), bench.sampling(SAMPLED_EVERY_S):
        pulled = await reading(bench, "power_analyzer")
        await bench.ev.unplug()
        await bench.wait(pixit.unplug_to_dead_s)  # looked at closely; judged below
    async with step.test("the outlet goes dead and stays so", clauses.outlet_dead_without_ev):
        await outlet.goes_off(after=pulled, within=pixit.long_operation_timeout_s, holds=STAYS_S)
    async with step.test("it is dead in time", "IEC 61851-1 Table A.6, sequence 8.1; PIXIT unplug_to_dead_s"):
        basis = pixit.basis("unplug_to_dead_s")
        await outlet.goes_off(after=pulled, within=pixit.unplug_to_dead_s, bases=(basis,))
