"""No energy before authorization: seen in volts and amperes at the outlet, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.pilot import NO_OFFER_PCT
from testcases.physical.charging import Outlet
from testcases.physical.measuring import highest_offer, reading
from testcases.physical.timing import FAST_S, asks_for_energy, elapsed, first, live

WATCHED_S = 30.0
"""How long the outlet is watched with an EV that asks and nobody who may."""

LOOKED_S = 0.5
"""How often the pilot is read in this time."""

IEC_PILOT = "IEC 61851-1 Annex A (second hand)"

RESTS_S = 3.0
"""How long the cable is out before it is plugged in again."""


@case("HIL_AUTH_02")
async def test_pilot_and_contactor(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The pilot offers nothing to an EV that nobody is authorized for; afterwards the contactor follows the EV's state C."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with dialect.authorizing(step):
        async with step.preamble("an EV is plugged in and wants energy"), bench.sampling(LOOKED_S):
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            await bench.ev.set_polite(polite=True)
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            plugged = await reading(bench, "pilot_scope")
            await bench.wait(WATCHED_S)
        async with step.test("the pilot offers it nothing", f"{IEC_PILOT}; PIXIT pilot_steady_before_authorization"):
            offer, at = highest_offer(bench.readings("pilot_scope", since=plugged))
            limit_pct = AtMost(NO_OFFER_PCT, "%", pixit.basis("pilot_steady_before_authorization"))
            bench.judge("duty that the pilot offers current with", offer, limit_pct, at)
        async with step.preamble("the EV is plugged in again and authorized"):
            await bench.ev.unplug()
            await outlet.rests(holds=RESTS_S)
            async with bench.sampling(FAST_S):
                before = await reading(bench, "pilot_scope")
                await dialect.start_charging()
                await outlet.draws()
        if outlet.voltage_is_seen():
            async with step.test(
                "the contactor closes in time", "IEC 61851-1 sequence 4; PIXIT contactor_closes_within_s"
            ):
                asked = first(bench.readings("pilot_scope", since=before), asks_for_energy, "the EV asked")
                closed = first(bench.readings("power_analyzer", since=before), live(outlet.voltages), "the EV asked")
                limit = AtMost(pixit.contactor_closes_within_s, "s", pixit.basis("contactor_closes_within_s"))
                evidence = (*asked.evidence, *closed.evidence)
                bench.judge("time from state C2 to voltage at the outlet", elapsed(asked, closed), limit, evidence)


@case("HIL_AUTH_01")
async def test_no_energy_before_authorization(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A polite EV, then one that goes to state C unasked; the remote start afterwards shows that the outlet was able to."""
    pixit, outlet, clauses = station.pixit, Outlet(station, bench), dialect.clauses
    async with dialect.authorizing(step):
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
