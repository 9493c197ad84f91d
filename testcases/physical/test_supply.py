"""A supply beyond the station's own limits: energy is cut, the fault is told, and charging is possible again after it, on any OCPP version."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.under_load import Limit, charges, goes_dead, happens

BEYOND_V = 0.02
"""How far beyond the stated limit the voltage is set, as a share: more than a source's own error."""

BEYOND_HZ = 0.5
"""How far beyond the stated limit the frequency is set."""

NOMINAL_V, NOMINAL_HZ = 230.0, 50.0

_Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Disturbance:
    """What is made of the supply, what takes it back, and the errorCode that OCPP 1.6 has for it (empty: several would do)."""

    what: str
    makes: _Act
    ends: _Act
    code: str = ""


@case("HIL_GRID_01")
async def test_over_voltage(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """All phases above the limit."""
    await _voltage(dialect, station, bench, step, "over_voltage_v", 1.0 + BEYOND_V, "OverVoltage")


@case("HIL_GRID_02")
async def test_under_voltage(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """All phases below the limit, and not gone."""
    await _voltage(dialect, station, bench, step, "under_voltage_v", 1.0 - BEYOND_V, "UnderVoltage")


@case("HIL_GRID_03")
async def test_over_frequency(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Too fast."""
    await _frequency(dialect, station, bench, step, "over_frequency_hz", BEYOND_HZ)


@case("HIL_GRID_04")
async def test_under_frequency(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Too slow."""
    await _frequency(dialect, station, bench, step, "under_frequency_hz", -BEYOND_HZ)


@case("HIL_GRID_05")
async def test_neutral_lost(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Phases that are unbalanced because nothing holds their star point: which limit is met first is the loads' affair."""

    async def lose() -> None:
        await bench.faults.inject("neutral_loss", evse=bench.evse)

    async def restore() -> None:
        await bench.faults.clear(evse=bench.evse)

    await _disturbed(dialect, station, bench, step, _Disturbance("the neutral of the supply is lost", lose, restore))


async def _voltage(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, item: str, share: float, code: str
) -> None:
    volts = round(_stated(station, item) * share, 1)

    async def makes() -> None:
        await bench.mains.set_voltage(volts)

    async def ends() -> None:
        await bench.mains.set_voltage(NOMINAL_V)

    await _disturbed(dialect, station, bench, step, _Disturbance(f"the supply goes to {volts:g} V", makes, ends, code))


async def _frequency(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, item: str, beyond_hz: float
) -> None:
    hertz = _stated(station, item) + beyond_hz

    async def makes() -> None:
        await bench.mains.set_frequency(hertz)

    async def ends() -> None:
        await bench.mains.set_frequency(NOMINAL_HZ)

    await _disturbed(dialect, station, bench, step, _Disturbance(f"the supply goes to {hertz:g} Hz", makes, ends))


def _stated(station: Station, item: str) -> float:
    value: float | None = getattr(station.pixit, item)
    if value is None:
        raise BenchError(f"[pixit] does not state {item}. Cure: add it, or waive the case")
    return value


async def _disturbed(dialect: Dialect, station: Station, bench: Bench, step: Steps, disturbance: _Disturbance) -> None:
    item, trouble = "supply_fault_to_dead_s", dialect.trouble
    await charges(dialect, station, bench, step)
    over = False
    try:
        before = await happens(bench, step, disturbance.what, disturbance.makes, getattr(station.pixit, item))
        limit = Limit(item, "the station's own limits of its supply (PIXIT)")
        await goes_dead(station, bench, step, before, limit)
        async with step.test("the fault is told", trouble.clauses.faulted):
            told = await trouble.faulted(before, disturbance.code)
        async with step.preamble("the supply is as it should be"):
            await disturbance.ends()
            over = True
        if station.pics.answer("HIL-SupplyRecovery"):
            async with step.test("the fault is over by itself", trouble.clauses.cleared):
                await trouble.cleared(told.record)
    finally:
        if not over:
            async with step.postamble("the supply is as it should be"):
                await disturbance.ends()
