"""What the physical cases share: the outlet's quantities, and an EV that really draws before anything is judged."""

from dataclasses import dataclass

from fixtures.bench_facade import PHASE_CURRENTS, Bench
from fixtures.csms.facade import Seen
from fixtures.dialects.dialect import Charge, Dialect
from harness.limits import Basis
from harness.model.station import Station
from harness.trace.events import Sample
from harness.trace.trace import Record
from testcases.physical.timing import dead

PHASE_VOLTAGES = ("voltage_l1_v", "voltage_l2_v", "voltage_l3_v")

CHARGING_A = 5.0
"""Less than the smallest current that a pilot can offer (6 A) and more than any leak: an EV that draws this charges."""

LIMIT_IN_TIME = "PIXIT profile_applied_within_s; IEC 61851-1"
"""Requirement of a new limit that is followed in time."""

LIMIT_WATCHED_S = 30.0
"""How long a limit is watched once it is in force."""

LIMIT_SAMPLED_S = 0.2
"""How often: as long as the means that a current is usually judged by."""

OFF_S = 5.0
"""How long an outlet is watched that must be off."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """The outlet of the EVSE under test, as the station file describes it."""

    station: Station
    bench: Bench

    @property
    def phases(self) -> int:
        """Phases of the EVSE."""
        return self.station.evse_by_id(self.bench.evse).phases

    @property
    def rated_current_a(self) -> float:
        """Rated current of the EVSE, per phase."""
        return self.station.evse_by_id(self.bench.evse).rated_current_a

    @property
    def currents(self) -> tuple[str, ...]:
        """The current of every phase."""
        return PHASE_CURRENTS[: self.phases]

    @property
    def voltages(self) -> tuple[str, ...]:
        """The voltage of every phase."""
        return PHASE_VOLTAGES[: self.phases]

    def is_dead(self, sample: Sample) -> bool:
        """Whether a reading of the analyser shows an outlet without voltage."""
        return dead(self.voltages, self.station.pixit.outlet_dead_v)(sample)

    def voltage_is_seen(self) -> bool:
        """Whether the analyser sits behind the contactor; in front of it the mains stay, which counts as unobserved."""
        wired = self.bench.wired("power_analyzer")
        if wired is None or wired.location != "supply":
            return True
        self.bench.unobserved("absence of voltage at the outlet", "power_analyzer")
        return False

    async def comes_below(self, limit_a: float, *, after: Seen, holds: float = 0.0) -> None:
        """Every phase comes below a limit at all, and stays there."""
        await self._below("current below the limit", limit_a, self.station.pixit.long_operation_timeout_s, after, holds)

    async def below_in_time(self, limit_a: float, *, after: Seen) -> None:
        """Every phase is below a limit within `profile_applied_within_s`."""
        pixit = self.station.pixit
        in_time = (pixit.basis("profile_applied_within_s"),)
        what = "current below the limit in time"
        await self._below(what, limit_a, pixit.profile_applied_within_s, after, bases=in_time)

    async def _below(
        self, what: str, limit_a: float, within: float, after: Seen, holds: float = 0.0, bases: tuple[Basis, ...] = ()
    ) -> None:
        await self.bench.settles(
            what, self.currents, high=limit_a, within=within, holds=holds, after=after, bases=bases, tells_excess=True
        )

    async def draws(self, at_least_a: float = CHARGING_A) -> None:
        """The EV draws on every phase."""
        within = self.station.pixit.message_timeout_s
        await self.bench.settles("charging current", self.currents, low=at_least_a, within=within)

    async def rests(self, holds: float = 0.0) -> None:
        """No current flows."""
        pixit = self.station.pixit
        await self.bench.settles(
            "absence of current", self.currents, high=pixit.noise_floor_a, within=pixit.message_timeout_s, holds=holds
        )

    async def draws_nothing(self, *, after: Seen, for_s: float) -> None:
        """No current flows from `after` on for so long."""
        basis = self.station.pixit.basis("noise_floor_a")
        high = self.station.pixit.noise_floor_a
        await self.bench.stays("absence of current", self.currents, high=high, for_s=for_s, after=after, bases=(basis,))

    async def off(self, *, after: Seen | None = None, for_s: float = OFF_S, bases: tuple[Basis, ...] = ()) -> None:
        """The outlet carries no voltage from now, or from `after`, on. `bases`: what else demands that."""
        pixit = self.station.pixit
        if self.voltage_is_seen():
            await self.bench.stays(
                "absence of voltage at the outlet",
                self.voltages,
                high=pixit.outlet_dead_v,
                for_s=for_s,
                after=after,
                bases=(pixit.basis("outlet_dead_v"), *bases),
            )

    async def goes_off(
        self, *, after: Seen | Record, within: float, holds: float = 0.0, bases: tuple[Basis, ...] = ()
    ) -> None:
        """Current and voltage of every phase go within so many seconds of `after`, and stay away for `holds` seconds."""
        pixit = self.station.pixit
        for effect, quantities, high, basis in (
            ("end of the current", self.currents, pixit.noise_floor_a, "noise_floor_a"),
            ("absence of voltage at the outlet", self.voltages, pixit.outlet_dead_v, "outlet_dead_v"),
        ):
            if quantities == self.voltages and not self.voltage_is_seen():
                continue
            limits = (*bases, pixit.basis(basis))
            await self.bench.settles(
                effect, quantities, high=high, within=within, holds=holds, after=after, bases=limits
            )


async def begin_charging(dialect: Dialect, outlet: Outlet, at_least_a: float = CHARGING_A) -> Charge:
    """An EV that wants all the EVSE can give is plugged in, a transaction runs, and current flows on every phase. For a preamble."""
    await outlet.bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
    charge = await dialect.start_charging()
    await outlet.draws(at_least_a)
    return charge
