"""No energy before authorization: seen in volts and amperes at the outlet, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet

WATCHED_S = 30.0
"""How long the outlet is watched with an EV that asks and nobody who may."""

RESTS_S = 3.0
"""How long the cable is out before it is plugged in again."""


@case("HIL_AUTH_01")
async def test_no_energy_before_authorization(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A polite EV, then one that goes to state C unasked; the remote start afterwards shows that the outlet was able to."""
    pixit, outlet, clauses = station.pixit, Outlet(station, bench), dialect.clauses
    for title, polite in (("that waits for the pilot", True), ("that closes S2 unasked", False)):
        async with step.preamble(f"an EV {title} is plugged in and wants energy"):
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            await bench.ev.set_polite(polite=polite)
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
        async with step.test(f"an EV {title} gets no current", clauses.authorized_first):
            await bench.stays(
                "absence of current",
                outlet.currents,
                high=pixit.noise_floor_a,
                for_s=WATCHED_S,
                bases=(pixit.basis("noise_floor_a"),),
            )
        async with step.test(f"the outlet of an EV {title} is off", clauses.authorized_first):
            await outlet.off()
    async with step.preamble("the EV is plugged in again and authorized"):
        await bench.ev.unplug()
        await outlet.rests(holds=RESTS_S)
        await bench.ev.set_polite(polite=True)
        await dialect.start_charging()
    async with step.test("energy flows once it is authorized", clauses.energy_after_start):
        await outlet.draws()
