"""A charging session without its CSMS: the current goes on, and the energy told afterwards is what was charged, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.outage16 import offline
from fixtures.steps import Steps
from harness.limits import Basis, WithinOf
from harness.model.station import Station
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.physical.comparison import Comparison
from testcases.physical.measuring import reading

AWAY_S = 600.0
"""How long the CSMS is out of reach."""

STANDS_S = 3.0
"""How long nothing may flow before the reference meter is read: its display follows within seconds."""

SAMPLED_EVERY_S = 5.0


@case("HIL_OFFLINE_01")
async def test_charging_goes_on_offline(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """Standing start and stop, as in HIL_ENERGY_01; ten minutes of the time between without a connection."""
    pixit, outlet, trouble = station.pixit, Outlet(station, bench), dialect.trouble
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    async with dialect.sampled(step, pixit.meter_value_interval_s), bench.sampling(SAMPLED_EVERY_S):
        async with step.preamble("an EV charges"):
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
            await outlet.rests(holds=STANDS_S)
            before = await reading(bench, "reference_meter")
            charge = await dialect.start_charging(energy=False)
            await outlet.rests(holds=STANDS_S)
            begin = (before, await reading(bench, "reference_meter"))
            await bench.ev.request_energy(on=True)
            await outlet.draws()
        async with (
            offline(csms, bench, step),
            step.test("the EV draws on without the CSMS", trouble.clauses.goes_on_offline),
        ):
            await bench.stays("charging current", outlet.currents, low=CHARGING_A, for_s=AWAY_S)
        async with step.preamble("the station is connected again, and the session ends while nothing flows"):
            await csms.connects(within=pixit.long_operation_timeout_s)
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=STANDS_S)
            paused = await reading(bench, "reference_meter")
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await outlet.rests(holds=STANDS_S)
            end = (paused, await reading(bench, "reference_meter"))
        async with step.test("its energy agrees with the reference meter", trouble.clauses.energy_offline):
            told = [*dialect.begin_registers(charge), *dialect.end_registers(ended)]
            csms.holds("registers told", len(told), (charge.began, ended), low=2)
            meter = comparison.station_meter
            bench.judge(
                "error of the transaction's energy",
                comparison.error(told[-1].energy_wh - told[0].energy_wh, begin, end),
                WithinOf(0.0, meter.mpe_percent, "%", Basis(meter.source)),
                (told[0].seen.seq, told[-1].seen.seq, *(record.seq for record in (*begin, *end))),
                conditions=comparison.conditions(begin, end),
            )
