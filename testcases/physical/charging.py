"""What the physical cases share: the outlet's quantities, and an EV that really draws before anything is judged."""

from dataclasses import dataclass

from fixtures.bench_facade import PHASE_CURRENTS, Bench
from fixtures.csms.facade import Seen
from fixtures.dialects.dialect import Charge, Dialect
from harness.limits import Basis
from harness.model.station import Station
from harness.trace.trace import Record

PHASE_VOLTAGES = ("voltage_l1_v", "voltage_l2_v", "voltage_l3_v")

CHARGING_A = 5.0
"""Less than the smallest current that a pilot can offer (6 A) and more than any leak: an EV that draws this charges."""

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

    def voltage_is_seen(self) -> bool:
        """Whether the analyser sits behind the contactor; in front of it the mains stay, which counts as unobserved."""
        wired = self.bench.wired("power_analyzer")
        if wired is None or wired.location != "supply":
            return True
        self.bench.unobserved("absence of voltage at the outlet", "power_analyzer")
        return False

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

    async def off(self) -> None:
        """The outlet carries no voltage now, nor for the next seconds."""
        pixit = self.station.pixit
        if self.voltage_is_seen():
            await self.bench.stays(
                "absence of voltage at the outlet",
                self.voltages,
                high=pixit.outlet_dead_v,
                for_s=OFF_S,
                bases=(pixit.basis("outlet_dead_v"),),
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
