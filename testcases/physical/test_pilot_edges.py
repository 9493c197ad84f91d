"""How steep the pulses of the control pilot are, by the oscilloscope, on any OCPP version."""

from bench.errors import BenchError
from bench.roles import Trigger
from fixtures.bench_facade import Bench
from fixtures.captures import Shot
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.edges import transition
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from testcases.physical.charging import Outlet
from testcases.physical.shots import evidence

EITHER_SIDE_S = 100e-6
"""What is kept on either side of an edge: a tenth of a period, so that its levels are seen and no other edge is."""

LEAST_PCT, MOST_PCT = 10.0, 90.0
"""Duties that leave that much on either side: what EVSEs of 6 to 65 A offer an EV that nothing limits."""

ANNEX_A = "IEC 61851-1 Annex A (from memory); PIXIT pilot_edge_us"


@case("HIL_PILOT_03")
async def test_steepness_of_the_pilot(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that is offered energy and does not ask for it: the pilot's generator works into state B."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    limit = AtMost(pixit.pilot_edge_us, "us", pixit.basis("pilot_edge_us"))
    async with step.preamble("an EV that does not ask for energy is offered some"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        await dialect.start_charging(energy=False)
        offered = ("pilot_duty_pct",)
        await bench.settles(
            "PWM", offered, low=LEAST_PCT, high=MOST_PCT, within=pixit.message_timeout_s, role="pilot_scope"
        )
    for rising in (True, False):
        way = "rise" if rising else "fall"
        async with step.preamble(f"the oscilloscope catches a pulse's {way}"):
            shot = await _shot(bench, station, rising=rising)
        async with step.test(f"the pulses {way} in time", ANNEX_A):
            bench.judge(f"time of the {way} from 10 to 90 %", _microseconds(shot), limit, evidence(shot))


async def _shot(bench: Bench, station: Station, *, rising: bool) -> Shot:
    trigger = Trigger("pilot", 0.0, rising=rising)
    async with bench.capturing_pilot(trigger, window_s=2 * EITHER_SIDE_S, before_s=EITHER_SIDE_S) as scope:
        return await scope.taken(station.pixit.message_timeout_s)


def _microseconds(shot: Shot) -> Quantity:
    wave = shot.wave("pilot")
    assert wave is not None  # a scope of this role has the pilot on a channel
    try:
        begin, end = transition(wave)
    except ValueError as error:
        raise BenchError(
            f"the capture shows no edge of the pilot: {error}. Cure: look at the pilot's channel"
        ) from None
    return shot.time_between(("10 %", begin), ("90 %", end)).scaled(1e6, "us")
