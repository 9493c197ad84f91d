"""Session after session: twenty of them, or hours of them, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.robustness.soak import SAMPLED_EVERY_S, Soak

SESSIONS = 20
"""So many are judged in one step."""


@case("ROB_SOAK_01")
async def test_soak(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str, tag: str, soak_s: float
) -> None:
    """What the always-on rules see of a long run, they judge on their own."""
    soak, pixit = Soak(csms, dialect, station, bench, ocpp, tag), station.pixit
    outlet_a, phases = station.evse_by_id(bench.evse).rated_current_a, station.evse_by_id(bench.evse).phases
    async with dialect.sampled(step, pixit.meter_value_interval_s):
        async with step.preamble("an EV that wants all it can get"):
            await bench.ev.set_demand(current_a=outlet_a, phases=phases)
        done, lasted_s = 0, 0.0
        while done == 0 or lasted_s < soak_s:
            title = f"sessions {done + 1} to {done + SESSIONS}: one transaction each, with energy, and a free connector after it"
            async with step.test(title, soak.clause), bench.sampling(SAMPLED_EVERY_S):
                first = await soak.session(done)
                last = first
                for number in range(done + 1, done + SESSIONS):
                    last = await soak.session(number)
                soak.counted(first, SESSIONS)
            done += SESSIONS
            lasted_s += (last.t - first.t) * SESSIONS / (SESSIONS - 1)
