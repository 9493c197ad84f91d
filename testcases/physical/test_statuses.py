"""Statuses beside the physics: each edge at the outlet is told in time, in its order, on any OCPP version."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.statuses import State
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet
from testcases.physical.edges import edge
from testcases.physical.measuring import reading

SAMPLED_EVERY_S = 0.2

LASTS_S = 10.0
"""How long each state lasts: longer than a station may wait before it tells of one."""

NO_PLUG_V, NO_REQUEST_V = 10.5, 7.5
"""Between the pilot's nominal voltages of states A (12 V), B (9 V) and C (6 V): IEC 61851-1, second hand, for telling them apart only."""

LIVE_V = 100.0
"""More than open contacts let through, less than any supply: the outlet is on."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to the outlet, where its edge is seen, and the state that the station tells of it."""

    what: str
    state: State
    does: Callable[[], Awaitable[None]]
    role: str = "pilot_scope"
    quantity: str = "pilot_high_v"
    low: float | None = None
    high: float | None = None


@case("HIL_STATUS_01")
async def test_statuses_follow_the_outlet(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """One session with a pause and a fault; each state lasts long enough to be told."""
    outlet = Outlet(station, bench)
    async with step.preamble("how long a state must last is known"):
        least_s = await dialect.statuses.minimum_duration_s()
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        began = await reading(bench, "pilot_scope")
    async with bench.sampling(SAMPLED_EVERY_S):
        for change in _changes(dialect, station, bench, began):
            await _is_told(csms, dialect, station, bench, step, change, least_s)


def _changes(dialect: Dialect, station: Station, bench: Bench, began: Record) -> tuple[_Change, ...]:
    faulty = bench.has("fault_injector")

    async def charge() -> None:
        await dialect.remote_start(since=began)
        await bench.ev.request_energy(on=True)

    async def resume() -> None:
        await bench.ev.request_energy(on=True)

    async def pause() -> None:
        await bench.ev.request_energy(on=False)

    async def fails() -> None:
        await bench.faults.inject(station.pixit.fault_condition, evse=bench.evse)

    async def unplug() -> None:
        if faulty:
            await bench.faults.clear(evse=bench.evse)
            await bench.wait(LASTS_S)
        await bench.ev.unplug()

    changes = (
        _Change("the plug is put in", "plugged", bench.ev.plug_in, high=NO_PLUG_V),
        _Change(
            "energy is switched on", "charging", charge, low=LIVE_V, role="power_analyzer", quantity="voltage_l1_v"
        ),
        _Change("the EV pauses", "paused", pause, low=NO_REQUEST_V),
        _Change(
            "energy is switched on again",
            "charging",
            resume,
            low=LIVE_V,
            role="power_analyzer",
            quantity="voltage_l1_v",
        ),
        _Change(
            "a fault switches energy off",
            "faulted",
            fails,
            high=station.pixit.outlet_dead_v,
            role="power_analyzer",
            quantity="voltage_l1_v",
        ),
        _Change("the plug is taken out", "free", unplug, low=NO_PLUG_V),
    )
    return tuple(change for change in changes if faulty or change.state != "faulted")


async def _is_told(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, change: _Change, least_s: float
) -> None:
    pixit, statuses = station.pixit, dialect.statuses
    async with step.preamble(change.what):
        before = await reading(bench, change.role)
        await change.does()
        seen = await edge(
            bench,
            change.role,
            change.quantity,
            after=before,
            within=pixit.long_operation_timeout_s,
            low=change.low,
            high=change.high,
        )
    async with step.test(f"it is told that {change.what}", statuses.clauses.of[change.state]):
        told = await statuses.told(change.state, before, seen.t - before.t + pixit.message_timeout_s + least_s)
    async with step.test(f"it is told in time that {change.what}", "PIXIT status_told_within_s"):
        limit_s = pixit.status_told_within_s + least_s
        limit = AtMost(limit_s, "s", pixit.basis("status_told_within_s"))
        bench.judge("time until it is told", seen.until(told.t), limit, (*seen.evidence, told.seq))
    async with step.test(f"nothing else is told after {change.what}", statuses.clauses.order):
        await bench.wait(LASTS_S)
        others = statuses.contradicts(change.state, told)
        csms.holds("other states told", len(others), (told, *others), high=0)
