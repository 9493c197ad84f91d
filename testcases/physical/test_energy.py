"""A billed kWh is a kWh: the energy of a transaction against the bench's reference meter, on any OCPP version."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.limits import Basis, WithinOf
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet
from testcases.physical.comparison import Comparison

STANDS_S = 3.0
"""How long nothing may flow before the reference meter is read: its display follows within seconds."""

SAMPLED_EVERY_S = 5.0

AWAY_S = 10.0
"""How long the supply is away: longer than a station's power supply holds up."""


@dataclass(frozen=True, slots=True)
class _Session:
    """A transaction, the message that ended it, and the reference meter before and after its begin and its end."""

    charge: Charge
    ended: Seen
    begin: tuple[Record, Record]
    end: tuple[Record, Record]


@case("HIL_ENERGY_01")
async def test_energy_of_a_transaction(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """Standing start and stop: both registers are read while nothing flows, so that no time has to be aligned."""
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    async with dialect.sampled(
        step, station.pixit.meter_value_interval_s
    ):  # or 2.0.1 owes no registers at begin and end
        charge, begin = await _charges(dialect, station, bench, step, comparison)
        outlet = Outlet(station, bench)
        async with step.preamble("the EV pauses, and the transaction ends while nothing flows"):
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=STANDS_S)
            paused = await _reference(bench)
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await outlet.rests(holds=STANDS_S)
            end = (paused, await _reference(bench))
        await _compares(csms, dialect, bench, step, comparison, _Session(charge, ended, begin, end))


@case("HIL_ENERGY_02")
async def test_energy_over_a_loss_of_supply(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The supply is lost under load: no energy flows from then on, so that the register at the end stands as well."""
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        charge, begin = await _charges(dialect, station, bench, step, comparison)
        async with step.preamble("the supply is lost under load and returns"):
            lost = await _reference(bench)
            await bench.mains.output(on=False)
            await bench.wait(AWAY_S)
            await _goes_down(csms, station, bench)
            await bench.ev.request_energy(on=False)
            dark = await _reference(bench)
            await bench.mains.output(on=True)
            await csms.connects(within=station.pixit.long_operation_timeout_s, after=lost)
            ended = await dialect.interrupted(charge, lost)
            end = (dark, await _reference(bench))
        await _compares(csms, dialect, bench, step, comparison, _Session(charge, ended, begin, end))


async def _goes_down(csms: Csms, station: Station, bench: Bench) -> None:
    """A back-up supply holds the station up for a while: its connection tells when that is over."""
    left_s = station.pixit.long_operation_timeout_s if station.pics.answer("1.6-BackupSupply") else 0.0
    while csms.connected and left_s > 0:
        await bench.wait(min(AWAY_S, left_s))
        left_s -= AWAY_S


async def _charges(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, comparison: Comparison
) -> tuple[Charge, tuple[Record, Record]]:
    outlet, target_wh = Outlet(station, bench), comparison.to_charge_wh()
    async with step.preamble("a transaction begins while nothing flows"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        await outlet.rests(holds=STANDS_S)
        before = await _reference(bench)
        charge = await dialect.start_charging(energy=False)
        await outlet.rests(holds=STANDS_S)
        begin = (before, await _reference(bench))
    async with step.preamble(f"{target_wh:.0f} Wh are charged"):
        await bench.ev.request_energy(on=True)
        await outlet.draws()
        async with bench.sampling(SAMPLED_EVERY_S):
            await bench.charged(target_wh, since=begin[1], within=station.pixit.energy_test_limit_s)
    return charge, begin


async def _compares(
    csms: Csms, dialect: Dialect, bench: Bench, step: Steps, comparison: Comparison, session: _Session
) -> None:
    clauses, charge, ended = dialect.clauses, session.charge, session.ended
    begin, end = session.begin, session.end
    async with step.test("the transaction has a register at its begin and at its end", clauses.end_register):
        told = [*dialect.begin_registers(charge), *dialect.end_registers(ended)]
        csms.holds("registers told", len(told), (charge.began, ended), low=2)
    async with step.test("its energy agrees with the reference meter", clauses.register_of_samples):
        meter = comparison.station_meter
        error = comparison.error(told[1].energy_wh - told[0].energy_wh, begin, end)
        evidence = (told[0].seen.seq, told[1].seen.seq, *(record.seq for record in (*begin, *end)))
        limit = WithinOf(0.0, meter.mpe_percent, "%", Basis(meter.source))
        bench.judge(
            "error of the transaction's energy",
            error,
            limit,
            evidence,
            why=f"{meter.energy_class}: {meter.source}",
            conditions=comparison.conditions(begin, end),
        )


async def _reference(bench: Bench) -> Record:
    reading = await bench.read("reference_meter")
    if reading is None:
        raise BenchError("no reference meter. Cure: wire one to this EVSE")
    return reading
