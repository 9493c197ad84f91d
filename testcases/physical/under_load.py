"""What the cases of disturbances share: an EV that draws on, something that happens to it, and an outlet that has to go off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.limits import Basis
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

STAYS_S = 30.0
"""How long an outlet is watched that went off while what switched it off goes on."""

SAMPLED_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Limit:
    """Within how many seconds the outlet goes dead, as the PIXIT item of this name says, and what demands it at all."""

    item: str
    requirement: str
    bases: tuple[Basis, ...] = ()


async def charges(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> Charge:
    """A transaction in which an EV draws that ignores the pilot: the station has to act by itself."""
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        return await begin_charging(dialect, Outlet(station, bench))


async def happens(
    bench: Bench, step: Steps, what: str, does: Callable[[], Awaitable[None]], watched_s: float
) -> Record:
    """Do it under load and look closely for so long. Returns the analyser's reading before."""
    async with step.preamble(what), bench.sampling(SAMPLED_EVERY_S):
        before = await reading(bench, "power_analyzer")
        await does()
        await bench.wait(watched_s)
    return before


async def goes_dead(station: Station, bench: Bench, step: Steps, before: Record, limit: Limit) -> None:
    """Judge that the outlet went off at all, stays so, and went off in time."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    within_s: float = getattr(pixit, limit.item)
    async with step.test("the outlet goes dead and stays so", limit.requirement):
        await outlet.goes_off(after=before, within=pixit.long_operation_timeout_s, holds=STAYS_S, bases=limit.bases)
    async with step.test("it is dead in time", f"PIXIT {limit.item}"):
        await outlet.goes_off(after=before, within=within_s, bases=(pixit.basis(limit.item),))
