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
from testcases.physical.measuring import measured, reading, shows

CABLES_A = (13.0, 20.0)
"""Cables that proximity resistors code, below the 32 A of most sockets."""


@case("HIL_CABLE_01")
async def test_cable_rating(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One session with each cable; the oscilloscope reads the pilot while current flows."""
    outlet = Outlet(station, bench)
    cables_a = [cable_a for cable_a in CABLES_A if cable_a < outlet.rated_current_a]
    if not cables_a:
        raise BenchError(f"no cable is smaller than this EVSE's {outlet.rated_current_a:g} A. Cure: waive the case")
    earlier: Charge | None = None
    for cable_a in cables_a:
        async with step.preamble(f"an EV charges through a cable of {cable_a:g} A"):
            if earlier is not None:
                await dialect.ended(earlier, await dialect.remote_stop(earlier))
                await bench.ev.unplug()
                await dialect.freed(earlier)
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            earlier = await dialect.start_charging(cable_a=cable_a)
            await outlet.draws()
            seen = await reading(bench, "pilot_scope")
        async with step.test(
            f"the pilot offers no more than {cable_a:g} A", "IEC 61851-1: proximity resistor, second hand"
        ):
            csms.holds("PWM signals on the pilot", int(shows(seen, "pilot_duty_pct")), (earlier.began,), low=1)
            tolerance_pct = station.pixit.pilot_duty_tolerance_pct
            basis = station.pixit.basis("pilot_duty_tolerance_pct")
            limit = AtMost(duty_for_current_pct(cable_a) + tolerance_pct, "%", basis)
            bench.judge(f"duty with a cable of {cable_a:g} A", measured(seen, "pilot_duty_pct"), limit, (seen.seq,))
