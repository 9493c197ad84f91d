"""A station with a socket offers no more than the cable is made for, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.pilot import duty_for_current_pct
from testcases.physical.charging import Outlet
from testcases.physical.measuring import has_pwm, measured, needs_duty, reading

CABLES_A = (13.0, 20.0, 32.0, 63.0)
"""Cables that proximity resistors code."""

UNCODED_OHM = 10_000.0
"""A resistor far from all that code a cable (1.5 kOhm for 13 A is the largest), and far from an open contact."""

IEC_PROXIMITY = "IEC 61851-1: no energy through a cable that no resistor codes (second hand; PIXIT invalid_proximity)"

WATCHED_S = 30.0
"""How long the outlet is watched with an unknown cable."""

RESTS_S = 3.0
"""How long the cable is out before it is plugged in again."""


@case("HIL_CABLE_01")
async def test_cable_rating(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One session with each cable; the oscilloscope reads the pilot while current flows."""
    rated_a = Outlet(station, bench).rated_current_a
    cables_a = tuple(cable_a for cable_a in CABLES_A if cable_a < rated_a)
    if not cables_a:
        raise BenchError(f"no cable is smaller than this EVSE's {rated_a:g} A. Cure: waive the case")
    await _offers_no_more(csms, dialect, station, bench, step, cables_a)


@case("HIL_CABLE_02")
async def test_cables_that_carry_more(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The other codes: the EVSE's own rating is what counts."""
    rated_a = Outlet(station, bench).rated_current_a
    cables_a = tuple(cable_a for cable_a in CABLES_A if cable_a >= rated_a)
    if not cables_a:
        raise BenchError(f"no cable carries this EVSE's {rated_a:g} A. Cure: waive the case")
    await _offers_no_more(csms, dialect, station, bench, step, cables_a)


@case("HIL_CABLE_03")
async def test_unknown_cable(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A resistor that codes no cable; the same EV with a coded one shows that the outlet was able to."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    bases = (pixit.basis("invalid_proximity"),)
    try:
        async with step.preamble("an EV asks for energy through a cable that no resistor codes"):
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            await bench.ev.set_proximity(UNCODED_OHM)
            await bench.ev.plug_in()
            await bench.ev.set_polite(polite=False)  # it looks at no pilot
            await bench.ev.request_energy(on=True)
            await dialect.trouble.try_start()
        async with step.test("no current flows through an unknown cable", IEC_PROXIMITY):
            await bench.stays(
                "absence of current",
                outlet.currents,
                high=pixit.noise_floor_a,
                for_s=WATCHED_S,
                bases=bases,
                tells_excess=True,
            )
        async with step.test("its outlet is off", IEC_PROXIMITY):
            await outlet.off(bases=bases)
    finally:
        async with step.postamble("the cable's own resistor is back"):
            await bench.ev.unplug()
            await bench.ev.set_proximity(0.0)
            await bench.ev.set_polite(polite=True)
    async with step.preamble("the EV is plugged in with a cable that is coded, and authorized"):
        await outlet.rests(holds=RESTS_S)
        await dialect.start_charging()
    async with step.test("energy flows through a known cable", dialect.clauses.energy_after_start):
        await outlet.draws()


async def _offers_no_more(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, cables_a: tuple[float, ...]
) -> None:
    outlet = Outlet(station, bench)
    earlier: Charge | None = None
    for cable_a in cables_a:
        async with step.preamble(f"an EV charges through a cable of {cable_a:g} A"):
            needs_duty(bench)
            if earlier is not None:
                await dialect.ended(earlier, await dialect.remote_stop(earlier))
                await bench.ev.unplug()
                await dialect.freed(earlier)
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            earlier = await dialect.start_charging(cable_a=cable_a)
            await outlet.draws()
            seen = await reading(bench, "pilot_scope")
        rated = f"the EVSE's {outlet.rated_current_a:g} A through {cable_a:g} A"
        most = f"{cable_a:g} A" if cable_a <= outlet.rated_current_a else rated
        async with step.test(f"the pilot offers no more than {most}", "IEC 61851-1: proximity resistor, second hand"):
            csms.holds("PWM signals on the pilot", int(has_pwm(seen)), (earlier.began,), low=1)
            tolerance_pct = station.pixit.pilot_duty_tolerance_pct
            basis = station.pixit.basis("pilot_duty_tolerance_pct")
            most_a = min(cable_a, outlet.rated_current_a)
            limit = AtMost(duty_for_current_pct(most_a) + tolerance_pct, "%", basis)
            bench.judge(f"duty with a cable of {cable_a:g} A", measured(seen, "pilot_duty_pct"), limit, (seen.seq,))
