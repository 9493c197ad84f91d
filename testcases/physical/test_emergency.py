"""The emergency stop takes current and voltage away at once, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

STAYS_S = 30.0
"""How long the outlet is watched while the button is pressed, and again after its release."""

SAMPLED_EVERY_S = 0.2


@case("HIL_STOP_03")
async def test_emergency_stop(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that draws on: the contactor opens under load, and does not close again when the button is released."""
    pixit, outlet, clauses = station.pixit, Outlet(station, bench), dialect.clauses
    async with dialect.authorizing(step):
        async with step.preamble("an EV that ignores the pilot charges"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet)
        async with step.preamble("the emergency stop is pressed"), bench.sampling(SAMPLED_EVERY_S):
            pressed = await reading(bench, "power_analyzer")
            await bench.panel.press("emergency_stop", evse=bench.evse)
            await bench.wait(pixit.emergency_stop_to_dead_s)  # looked at closely; judged below
        try:
            async with step.test("current and voltage go and stay away", clauses.outlet_off):
                await outlet.goes_off(after=pressed, within=pixit.long_operation_timeout_s, holds=STAYS_S)
            async with step.test("they are gone in time", "PIXIT emergency_stop_to_dead_s"):
                basis = pixit.basis("emergency_stop_to_dead_s")
                await outlet.goes_off(after=pressed, within=pixit.emergency_stop_to_dead_s, bases=(basis,))
            async with step.test("the station tells of the stop", clauses.stopped_by_itself):
                await dialect.stopped_itself(charge, pressed)
        finally:
            async with step.postamble("the button is released"):
                await bench.panel.press("emergency_release", evse=bench.evse)
        async with step.test("the outlet stays off after the release", clauses.authorized_first):
            await bench.wait(STAYS_S)
            await outlet.off()
