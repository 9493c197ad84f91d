"""The registers that a transaction tells at its begin and end are those of the meter, on any OCPP version."""

from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import Register
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet
from testcases.physical.register_checks import never_steps_back

SAMPLED_EVERY_S = 2.0

METER_FOLLOWS_S = 10.0
"""How long nothing flows before a sample counts as one of the meter at rest: stations read their meters every few seconds."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A transaction whose register was sampled while nothing flowed: after its begin and before its end."""

    charge: Charge
    begin: Register
    first: Register


@case("HIL_REGISTER_01")
async def test_registers(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Two sessions; what the station samples while nothing flows is compared with what it tells at begin and end."""
    meter = station.evse_by_id(bench.evse).meter
    step_wh = dialect.register_step_wh(meter.resolution_wh if meter is not None else 1.0)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        first = await _begins(csms, dialect, station, bench, step, step_wh)
        async with bench.sampling(SAMPLED_EVERY_S):
            ended, last = await _charges_and_ends(dialect, station, bench, step, first.charge)
        async with step.test("the register at the end is what the meter reads", dialect.clauses.end_register):
            told = dialect.end_registers(ended)
            csms.holds("registers at the end", len(told), (ended,), low=1)
            _agree(csms, "register at the end - sample", told[0], last, step_wh)
        async with step.test("the register never steps back", dialect.clauses.monotonic):
            never_steps_back(csms, dialect.registers(first.charge))
        async with step.test("the energy told is the energy sampled", dialect.clauses.register_of_samples):
            seen = (first.begin.seen, first.first.seen, last.seen, ended)
            sampled_wh = last.energy_wh - first.first.energy_wh
            unexplained_wh = told[0].energy_wh - first.begin.energy_wh - sampled_wh
            csms.holds("energy sampled", sampled_wh, seen, low=step_wh, unit="Wh")
            csms.holds("energy told - energy sampled", unexplained_wh, seen, low=-step_wh, high=step_wh, unit="Wh")
        await _goes_on(csms, dialect, station, bench, step, first.charge, ended, step_wh)


async def _begins(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, step_wh: float
) -> _Standing:
    outlet = Outlet(station, bench)
    async with step.preamble("a transaction begins, nothing flows yet"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        charge = await dialect.start_charging(energy=False)
        await outlet.rests()
    async with step.test("the register at the begin is what the meter reads", dialect.clauses.begin_register):
        first = await dialect.next_sample(charge, charge.began)
        told = dialect.begin_registers(charge)
        csms.holds("registers at the begin", len(told), (charge.began,), low=1)
        _agree(csms, "register at the begin - sample", told[0], first, step_wh)
    return _Standing(charge, told[0], first)


async def _charges_and_ends(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, charge: Charge
) -> tuple[Seen, Register]:
    outlet = Outlet(station, bench)
    async with step.preamble("energy is charged, then the EV pauses"):
        await bench.ev.request_energy(on=True)
        await outlet.draws()
        await bench.wait(2.5 * station.pixit.meter_value_interval_s)
        await bench.ev.request_energy(on=False)
        rested = await bench.settles(
            "absence of current",
            outlet.currents,
            high=station.pixit.noise_floor_a,
            within=station.pixit.message_timeout_s,
            holds=METER_FOLLOWS_S,
        )
    async with step.preamble("the register is sampled once more, and the transaction ends"):
        if rested is None:  # nobody sees that nothing flows: the EV was told, and the meter is given its time
            await bench.wait(METER_FOLLOWS_S + station.pixit.message_timeout_s)
            rested = max((one.seen.record for one in dialect.registers(charge)), key=lambda record: record.seq)
        last = await dialect.next_sample(charge, rested)
        ended = await dialect.ended(charge, await dialect.remote_stop(charge))
    return ended, last


async def _goes_on(
    csms: Csms,
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    first: Charge,
    ended: Seen,
    step_wh: float,
) -> None:
    async with step.preamble("another transaction begins"):
        await bench.ev.unplug()
        await dialect.freed(first)
        charge = await dialect.start_charging(energy=False)
        await dialect.next_sample(charge, charge.began)
    async with step.test("it begins at the register where the last one ended", dialect.clauses.continuity):
        ends, begins = dialect.end_registers(ended), dialect.begin_registers(charge)
        csms.holds("registers at the begin", len(begins), (charge.began,), low=1)
        gap_wh = begins[0].energy_wh - ends[0].energy_wh
        adopted = (station.pixit.basis("register_continuity"),)
        seen = (ended, charge.began)
        csms.holds(
            "register at the begin - register at the last end",
            gap_wh,
            seen,
            low=0,
            high=step_wh,
            unit="Wh",
            bases=adopted,
        )


def _agree(csms: Csms, name: str, told: Register, sampled: Register, step_wh: float) -> None:
    difference_wh = told.energy_wh - sampled.energy_wh
    csms.holds(name, difference_wh, (told.seen, sampled.seen), low=-step_wh, high=step_wh, unit="Wh")
