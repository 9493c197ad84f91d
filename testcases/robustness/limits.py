"""What the provocations of smart charging share: an EV that would draw more than it may, and where each version demands what is judged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from harness.pilot import LOWEST_A
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

DRAWN_BEFORE = 1.25
"""The EV must have drawn this many times the limit, or nothing would be shown."""

TAKEN = 0.8
"""An EV that may draw more takes at least this share of it: chargers stay some percent below the limit."""

SAMPLED_S = 0.5

WATCHED_S = 30.0
"""How long a limit is watched after a provocation."""


@dataclass(frozen=True, slots=True)
class LimitClauses:
    """Where a version demands it."""

    offline: str
    at_any_time: str
    restart: str
    next_transaction: str
    cleared: str
    upper_bound: str
    unplugged: str
    shared: str


CLAUSES = {
    "1.6": LimitClauses(
        offline="OCPP 1.6 3.13.6: offline the TxProfile is used for the duration of the transaction",
        at_any_time="OCPP 1.6 3.13.3: at any point in time no more than the lowest of the limits; 5.16.3",
        restart="OCPP 1.6 errata 3.37: charging profiles persist across reboots and power cycles",
        next_transaction="OCPP 1.6 3.13.1: a TxProfile holds for the duration of the current transaction only",
        cleared="OCPP 1.6 5.5, 3.13.3: what is cleared limits no longer; PIXIT profile_applied_within_s",
        upper_bound="OCPP 1.6 3.13.1: a schedule is a list of maximum values; 5.7: limits of the station hold beside it",
        unplugged="OCPP 1.6 4.9 (E1 and following): a connector without EV and without fault becomes Available",
        shared="OCPP 1.6 3.13.3: the limit of a ChargePointMaxProfile is for all connectors combined",
    ),
    "2.0.1": LimitClauses(
        offline="OCPP 2.0.1 K06.FR.01: offline the TxProfile is used for the duration of the transaction",
        at_any_time="OCPP 2.0.1 K01.FR.04, K08.FR.04: no more than the lowest of the limits at any point in time",
        restart="OCPP 2.0.1 K01.FR.27: charging profiles are persistent across reboots and power cycles",
        next_transaction="OCPP 2.0.1 K02.FR.05: the TxProfile SHALL be deleted after its transaction",
        cleared="OCPP 2.0.1 K10.FR.05: what is left is set to the ongoing transactions; PIXIT profile_applied_within_s",
        upper_bound="OCPP 2.0.1 ChargingSchedulePeriodType limit: a limit, no demand; K01.FR.04",
        unplugged="OCPP 2.0.1 G01.FR.04: Available is told when the EV is gone",
        shared="OCPP 2.0.1 part 2, block K, 3.5: the limit of a ChargingStationMaxProfile is for all EVSEs combined",
    ),
}


@asynccontextmanager
async def limited(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, limit_a: float
) -> AsyncIterator[tuple[Charge, Seen]]:
    """Inside, an EV that drew more is charged within `limit_a`, and samples come every half second; gives the answer to the limit, too."""
    outlet, pixit = Outlet(station, bench), station.pixit
    high_a = max(limit_a, pixit.noise_floor_a)
    async with bench.sampling(SAMPLED_S):
        async with step.preamble(f"an EV that draws more is limited to {limit_a:g} A"):
            charge = await begin_charging(dialect, outlet, at_least_a=DRAWN_BEFORE * max(limit_a, LOWEST_A))
            told = await dialect.set_limit(charge, limit_a)
            await outlet.comes_below(high_a, after=told, holds=pixit.profile_applied_within_s)
        yield charge, told
        async with step.postamble("the profile is cleared"):
            await dialect.clear_limit()


async def cut(csms: Csms, bench: Bench, step: Steps, within: float) -> Record:
    """The connection breaks and comes back; a reading from before. For a preamble of its own."""
    async with step.preamble("the connection breaks, and the station opens another"):
        before = await reading(bench, "power_analyzer")
        await csms.cut("reset")
        await csms.connects(within=within, after=before)
    return before


async def stays_below(station: Station, bench: Bench, limit_a: float, since: Seen | Record, for_s: float) -> None:
    """No phase carries more than the limit, or than the noise floor where the limit is below it. Raises StepOver."""
    high_a = max(limit_a, station.pixit.noise_floor_a)
    await bench.stays(
        f"current below {limit_a:g} A", Outlet(station, bench).currents, high=high_a, for_s=for_s, after=since
    )
