"""Errors of the control pilot under load switch the outlet off and are told, on any OCPP version."""

from collections.abc import Awaitable, Callable

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.under_load import Limit, charges, goes_dead, happens

IEC = "IEC 61851-1 Table A.6: energy needs a sound control pilot (second hand)"


@case("HIL_CPFAULT_01")
async def test_pilot_shorted(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Pilot to protective earth: state E."""
    await _fails(
        dialect, station, bench, step, "the pilot is shorted to earth", lambda on: bench.ev.set_pilot_short(on=on)
    )


@case("HIL_CPFAULT_02")
async def test_diode_bridged(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV's diode: the negative half wave is mirrored, the positive one is as it was."""
    await _fails(
        dialect, station, bench, step, "the pilot's diode is bridged", lambda on: bench.ev.set_diode_bypass(on=on)
    )


@case("HIL_CPFAULT_03")
async def test_pilot_open(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The wire in the cable: nothing but the pilot changes, plug and proximity resistor stay."""
    await _fails(dialect, station, bench, step, "the pilot's wire is opened", lambda on: bench.ev.set_pilot_open(on=on))


async def _fails(
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    what: str,
    switch: Callable[[bool], Awaitable[None]],
) -> None:
    item = "pilot_fault_to_dead_s"
    charge = await charges(dialect, station, bench, step)
    try:
        before = await happens(bench, step, what, lambda: switch(True), getattr(station.pixit, item))
        await goes_dead(station, bench, step, before, Limit(item, IEC, (station.pixit.basis(item),)))
        async with step.test("the station tells that it charges no more", dialect.trouble.clauses.charges_no_more):
            await dialect.trouble.charges_no_more(charge, before)
    finally:
        async with step.postamble("the pilot is sound again, and the plug is out"):
            await bench.ev.unplug()
            await switch(False)
