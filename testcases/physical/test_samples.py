"""Currents, voltages and powers that a station samples are those that flow, phase by phase, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.placement import SAME_PLACE
from testcases.physical.sampling import SAMPLED_EVERY_S, STEADY_S, agrees, name_of, next_values


@case("HIL_SAMPLE_01")
async def test_currents(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    await _compares(csms, dialect, station, bench, step, "Current.Import", "current_{phase}_a")


@case("HIL_SAMPLE_02")
async def test_voltages(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    await _compares(csms, dialect, station, bench, step, "Voltage", "voltage_{phase}_v")


@case("HIL_SAMPLE_03")
async def test_powers(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    await _compares(csms, dialect, station, bench, step, "Power.Active.Import", "power_{phase}_w")


async def _compares(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, measurand: str, quantity: str
) -> None:
    outlet = Outlet(station, bench)
    async with step.preamble("the two meters sit at the same place"):
        _same_place(station, bench, measurand)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s, measurand):
        async with step.preamble("an EV draws a steady current"):
            charge = await begin_charging(dialect, outlet)
            await bench.wait(STEADY_S)
        async with (
            bench.sampling(SAMPLED_EVERY_S),
            step.test(f"the station samples {measurand}", dialect.clauses.momentary),
        ):
            before, told, after = await next_values(csms, dialect, bench, charge, measurand)
        async with step.test(f"{measurand} is what the analyser measures", dialect.clauses.momentary):
            compared = [one for one in told if name_of(one, quantity, outlet.phases)]
            if not compared:
                raise BenchError(f"the station tells {measurand} of no single phase. Cure: waive the case for it")
            for one in compared:
                agrees(station, bench, one, measurand, name_of(one, quantity, outlet.phases), (before, after))


def _same_place(station: Station, bench: Bench, measurand: str) -> None:
    """Raises BenchError where the two measure different quantities. The current is one and the same at both ends of the cable."""
    meter, wired = station.evse_by_id(bench.evse).meter, bench.wired("power_analyzer")
    if meter is None or wired is None or SAME_PLACE.get(meter.location) == wired.location:
        return
    one_current = meter.location in SAME_PLACE and wired.location in SAME_PLACE.values()
    if measurand != "Current.Import" or not one_current:
        raise BenchError(
            f"{wired.name} sits at {wired.location}, the station measures at {meter.location}. Cure: wire the analyser there"
        )
