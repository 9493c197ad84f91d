"""An outlet that nobody uses: dead, and counting nothing, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging

IDLE_S = 3600.0
"""How long nobody comes."""

SAMPLED_EVERY_S = 10.0

CHARGES_S = 10.0
"""How long the EV before charges: the register has something to lose."""


@case("HIL_IDLE_01")
async def test_idle_for_an_hour(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The register at the end of one session and at the begin of the next, with an hour between; the outlet is watched all the time."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    meter = station.evse_by_id(bench.evse).meter
    step_wh = dialect.register_step_wh(meter.resolution_wh if meter is not None else 1.0)
    async with dialect.sampled(step, pixit.meter_value_interval_s):
        async with step.preamble("an EV charges, the session ends, and the EV leaves"):
            charge = await begin_charging(dialect, outlet)
            await bench.wait(CHARGES_S)
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await bench.ev.unplug()
            await dialect.freed(charge)
            await outlet.rests()
        async with (
            step.test("the outlet is dead for an hour", dialect.clauses.authorized_first),
            bench.sampling(SAMPLED_EVERY_S),
        ):
            if outlet.voltage_is_seen():
                await bench.stays(
                    "absence of voltage at the outlet",
                    outlet.voltages,
                    high=pixit.outlet_dead_v,
                    for_s=IDLE_S,
                    bases=(pixit.basis("outlet_dead_v"),),
                )
            else:
                await bench.wait(IDLE_S)
        async with step.preamble("the next EV comes"):
            following = await dialect.start_charging(energy=False)
            await dialect.next_sample(following, following.began)
        async with step.test("the register counted nothing meanwhile", dialect.clauses.register_of_samples):
            ends, begins = dialect.end_registers(ended), dialect.begin_registers(following)
            told = (ended, following.began)
            csms.holds("registers told", len(ends) + len(begins), told, low=2)
            counted_wh = begins[0].energy_wh - ends[-1].energy_wh
            csms.holds("register at the begin - register at the last end", counted_wh, told, high=step_wh, unit="Wh")
