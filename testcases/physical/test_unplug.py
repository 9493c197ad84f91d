"""What ends the energy at the outlet itself - the plug goes, the EV pauses, a fault - leaves it dead, on any OCPP version."""

from collections.abc import Awaitable, Callable

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

STAYS_S = 30.0
"""How long the outlet is watched after that."""

SAMPLED_EVERY_S = 0.2

IEC = "IEC 61851-1 Table A.6, sequence 8.1 (second hand)"
"""Requires an open contactor in state B; what rests on it alone binds a station that adopts the time."""


@case("HIL_STOP_04")
async def test_unplugged_under_load(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV draws until the plug goes: the control pilot is all that tells the station of it."""
    await _goes_dead(
        dialect, station, bench, step, "the plug goes", bench.ev.unplug, dialect.clauses.outlet_dead_without_ev
    )


@case("HIL_STOP_05")
async def test_ev_opens_s2_under_load(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV goes back to state B while it draws: the contactor opens although the transaction goes on."""

    async def open_s2() -> None:
        await bench.ev.request_energy(on=False)

    await _goes_dead(dialect, station, bench, step, "the EV opens S2", open_s2, IEC)


@case("HIL_STOP_06")
async def test_fault_under_load(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A fault at the terminals while the EV draws on."""
    condition = station.pixit.fault_condition

    async def inject() -> None:
        await bench.faults.inject(condition, evse=bench.evse)

    try:
        clause = dialect.clauses.fault_ends_energy
        await _goes_dead(dialect, station, bench, step, f"the fault {condition} is made", inject, clause)
    finally:
        async with step.postamble("the fault is removed"):
            await bench.faults.clear(evse=bench.evse)


async def _goes_dead(
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    what: str,
    happens: Callable[[], Awaitable[None]],
    clause: str,
) -> None:
    pixit, outlet = station.pixit, Outlet(station, bench)
    basis = pixit.basis("unplug_to_dead_s")
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        await begin_charging(dialect, outlet)
    async with step.preamble(f"{what} under load"), bench.sampling(SAMPLED_EVERY_S):
        before = await reading(bench, "power_analyzer")
        await happens()
        await bench.wait(pixit.unplug_to_dead_s)  # looked at closely; judged below
    async with step.test("the outlet goes dead and stays so", clause):
        bases = (basis,) if clause == IEC else ()
        await outlet.goes_off(after=before, within=pixit.long_operation_timeout_s, holds=STAYS_S, bases=bases)
    async with step.test("it is dead in time", f"{IEC}; PIXIT unplug_to_dead_s"):
        await outlet.goes_off(after=before, within=pixit.unplug_to_dead_s, bases=(basis,))
