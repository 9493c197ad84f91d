"""An EV that asks for ventilation (control pilot state D), on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet

WATCHED_S = 30.0
"""How long the outlet is watched with an authorized EV in state D."""

IEC = "IEC 61851-1 Annex A: state D needs ventilation (second hand; PIXIT ventilation_state)"


@case("HIL_VENT_01")
async def test_no_energy_without_ventilation(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Authorized, and in state D; the same EV in state C shows that the outlet was able to."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    bases = (pixit.basis("ventilation_state"),)
    try:
        await _asks(dialect, station, bench, step)
        async with step.test("an EV that needs ventilation gets no current", IEC):
            await bench.stays(
                "absence of current", outlet.currents, high=pixit.noise_floor_a, for_s=WATCHED_S, bases=bases
            )
        async with step.test("its outlet is off", IEC):
            await outlet.off(bases=bases)
    finally:
        async with step.postamble("the EV needs no ventilation any more"):
            await bench.ev.request_energy(on=False)
            await bench.ev.set_ventilation(on=False)
    async with step.preamble("the EV asks again"):
        await bench.ev.request_energy(on=True)
    async with step.test("energy flows to an EV that needs none", dialect.clauses.energy_after_start):
        await outlet.draws()


@case("HIL_VENT_02")
async def test_energy_with_ventilation(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A station that claims ventilation supplies an authorized EV in state D as any other."""
    try:
        await _asks(dialect, station, bench, step)
        async with step.test("energy flows to an EV that needs ventilation", dialect.clauses.energy_after_start):
            await Outlet(station, bench).draws()
    finally:
        async with step.postamble("the EV needs no ventilation any more"):
            await bench.ev.request_energy(on=False)
            await bench.ev.set_ventilation(on=False)


async def _asks(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    outlet = Outlet(station, bench)
    async with step.preamble("an EV that needs ventilation is plugged in and authorized"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        await bench.ev.set_ventilation(on=True)
        await dialect.start_charging()
