"""Transactions with a standing start and stop: both registers are read while nothing flows, so that no time has to be aligned."""

from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.limits import Basis, WithinOf
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet
from testcases.physical.comparison import Comparison
from testcases.physical.measuring import reading

STANDS_S = 3.0
"""How long nothing may flow before the reference meter is read: its display follows within seconds."""

SAMPLED_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Session:
    """A transaction, the message that ended it, and the reference meter before and after its begin and its end."""

    charge: Charge
    ended: Seen
    begin: tuple[Record, Record]
    end: tuple[Record, Record]


@dataclass(frozen=True, slots=True)
class Load:
    """What the EV draws: A per phase, on how many phases, at which power factor (None: as the EV is)."""

    current_a: float
    phases: int
    power_factor: float | None = None

    def __str__(self) -> str:
        factor = "" if self.power_factor is None else f", power factor {self.power_factor:g}"
        return f"{self.current_a:g} A on {self.phases} {'phase' if self.phases == 1 else 'phases'}{factor}"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Transactions of known energy at one EVSE, one after the other."""

    csms: Csms
    dialect: Dialect
    station: Station
    bench: Bench
    step: Steps
    comparison: Comparison

    @property
    def outlet(self) -> Outlet:
        """The outlet that the EV draws from."""
        return Outlet(self.station, self.bench)

    async def charges(
        self, target_wh: float, load: Load, sampled_s: float = SAMPLED_EVERY_S
    ) -> tuple[Charge, tuple[Record, Record]]:
        """A transaction that begins while nothing flows, and charges. Its reference readings are those around its begin."""
        bench, outlet = self.bench, self.outlet
        async with self.step.preamble("a transaction begins while nothing flows"):
            await bench.ev.set_demand(current_a=load.current_a, phases=load.phases)
            if load.power_factor is not None:
                await bench.ev.set_power_factor(load.power_factor)
            await outlet.rests(holds=STANDS_S)
            before = await reading(bench, "reference_meter")
            charge = await self.dialect.start_charging(energy=False)
            await outlet.rests(holds=STANDS_S)
            begin = (before, await reading(bench, "reference_meter"))
        async with self.step.preamble(f"{target_wh:.0f} Wh are charged"):
            await bench.ev.request_energy(on=True)
            await self._flows(load)
            async with bench.sampling(sampled_s):
                await bench.charged(target_wh, since=begin[1], within=self.station.pixit.energy_test_limit_s)
        return charge, begin

    async def ends(self, charge: Charge, begin: tuple[Record, Record]) -> Session:
        """The EV pauses, and the transaction ends while nothing flows."""
        bench, dialect, outlet = self.bench, self.dialect, self.outlet
        async with self.step.preamble("the EV pauses, and the transaction ends while nothing flows"):
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=STANDS_S)
            paused = await reading(bench, "reference_meter")
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await outlet.rests(holds=STANDS_S)
            return Session(charge, ended, begin, (paused, await reading(bench, "reference_meter")))

    async def leaves(self, session: Session) -> None:
        """The cable is out and the connector free. For a preamble."""
        await self.bench.ev.unplug()
        await self.dialect.freed(session.charge)

    async def compares(self, session: Session, what: str = "") -> None:
        """The transaction has its two registers, and the energy between them is that of the reference meter."""
        csms, dialect, comparison = self.csms, self.dialect, self.comparison
        told = [*dialect.begin_registers(session.charge), *dialect.end_registers(session.ended)]
        title = "the transaction has a register at its begin and at its end"
        async with self.step.test(f"{what}{title}", dialect.clauses.end_register):
            csms.holds("registers told", len(told), (session.charge.began, session.ended), low=2)
        async with self.step.test(
            f"{what}its energy agrees with the reference meter", dialect.clauses.register_of_samples
        ):
            meter = comparison.station_meter
            error = comparison.error(told[1].energy_wh - told[0].energy_wh, session.begin, session.end)
            evidence = tuple(one.seen.seq for one in told) + tuple(one.seq for one in (*session.begin, *session.end))
            limit = WithinOf(0.0, meter.mpe_percent, "%", Basis(meter.source))
            name = f"{what}error of the transaction's energy"
            self.bench.judge(
                name,
                error,
                limit,
                evidence,
                why=f"{meter.energy_class}: {meter.source}",
                conditions=comparison.conditions(session.begin, session.end),
            )

    async def _flows(self, load: Load) -> None:
        """Every phase that the EV loads carries current."""
        within = self.station.pixit.message_timeout_s
        names, low = self.outlet.currents[: load.phases], load.current_a * FLOWS
        await self.bench.settles("charging current", names, low=low, within=within)


FLOWS = 0.75
"""An EV that draws this share of what it was set to has begun to charge: chargers stay some percent below, and ramp up."""
