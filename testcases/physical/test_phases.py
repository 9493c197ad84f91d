"""Switching from three phases to one and back in a transaction, on any OCPP version."""

from fixtures.bench_facade import PHASE_CURRENTS, Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.plans import Plan
from fixtures.dialects.registers import steps_back
from fixtures.steps import Steps
from harness.limits import AtLeast, AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from testcases.physical.charging import CHARGING_A, Outlet, begin_charging
from testcases.physical.comparison import Comparison
from testcases.physical.counting import Count, counts_alike
from testcases.physical.course import Course
from testcases.physical.measuring import reading
from testcases.physical.pauses import longest_pause
from testcases.physical.timing import LIVE_V

LIMIT_A = 10.0

SAMPLED_EVERY_S = 0.4

LOOKS_EVERY_S = 20.0
"""How often the phases are looked at that a station changes: it pauses for that, and the EV starts anew."""

HOLDS_S = 10.0

STANDS_S = 3.0
"""How long nothing may flow before the reference meter is read."""


@case("HIL_PHASE_02")
async def test_phase_switching(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV takes what it is given: all phases that are live."""
    outlet = Outlet(station, bench)
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        async with step.preamble("the EV charges on three phases"):
            before = await reading(bench, "reference_meter")
            charge = await begin_charging(dialect, outlet)
        async with bench.sampling(SAMPLED_EVERY_S):
            for phases in (1, 3):
                await _switches(dialect, station, bench, step, charge, phases)
        async with step.preamble("the EV pauses, and the station tells its register"):
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=STANDS_S)
            rested = await reading(bench, "reference_meter")
            await dialect.next_sample(charge, rested)
        await _register(csms, dialect, station, bench, step, charge, comparison, before)
    async with step.postamble("the profile is cleared"):
        await dialect.plans.remove(_plan(charge, 3))


def _plan(charge: Charge, phases: int) -> Plan:
    steps = ((0, LIMIT_A),)
    return Plan(221, "transaction", "Relative", steps, phases=phases, transaction_id=charge.id)


async def _switches(dialect: Dialect, station: Station, bench: Bench, step: Steps, charge: Charge, phases: int) -> None:
    clauses, pixit, outlet = dialect.plans.clauses, station.pixit, Outlet(station, bench)
    name = "one phase" if phases == 1 else "three phases"
    async with step.preamble(f"the pilot is seen before the change to {name}"):
        before = await reading(bench, "pilot_scope" if bench.has("pilot_scope") else "power_analyzer")
    async with step.test(f"the station accepts a profile for {name}", clauses.accepted_for_transaction):
        told = await dialect.plans.install(_plan(charge, phases))
    async with step.preamble(f"the station has its time to change to {name}"):
        settled = await _settled(bench, pixit.noise_floor_a, phases, pixit.long_operation_timeout_s)
    async with step.test(f"two phases are never live without the third on the way to {name}", clauses.phases):
        _never_two(outlet, told.record)
    async with step.test(f"the EV is charged on {name} alone", clauses.phases):
        used = outlet.currents if phases == 3 else (_fullest(settled),)
        await bench.stays("current on these phases", used, low=CHARGING_A, high=LIMIT_A, for_s=HOLDS_S, after=settled)
        for other in set(outlet.currents) - set(used):
            await bench.stays(
                "no current on the others", (other,), high=pixit.noise_floor_a, for_s=HOLDS_S, after=settled
            )
    if bench.has("pilot_scope"):
        async with step.test(f"energy pauses on the way to {name}", "IEC 61851-1; PIXIT phase_pause_s"):
            pause = longest_pause(bench, before)
            limit = AtLeast(pixit.phase_pause_s, "s", pixit.basis("phase_pause_s"))
            bench.judge("time without PWM", pause.time, limit, pause.evidence)


async def _settled(bench: Bench, floor_a: float, phases: int, within_s: float) -> Record:
    """A reading in which so many phases carry what an EV charges with and the others nothing, or the last one that there was time for."""
    left_s, settled = within_s, await reading(bench, "power_analyzer")
    while left_s > 0:
        await bench.wait(min(LOOKS_EVERY_S, left_s))
        left_s -= LOOKS_EVERY_S
        settled = await reading(bench, "power_analyzer")
        if (
            _above(settled, PHASE_CURRENTS, CHARGING_A)[0] == phases
            and _above(settled, PHASE_CURRENTS, floor_a)[1] == len(PHASE_CURRENTS) - phases
        ):
            break
    return settled


def _above(record: Record, quantities: tuple[str, ...], floor: float) -> tuple[int, int]:
    """How many of the quantities are surely above the floor in a reading, and how many surely below."""
    assert isinstance(record.event, Sample)  # that is what a reading is
    values = [record.event.values[name] for name in quantities if name in record.event.values]
    above = sum(1 for value, _, u in values if value - u > floor)
    return above, sum(1 for value, _, u in values if value + u < floor)


def _fullest(record: Record) -> str:
    """The phase that carries most: a station selects it on its own (OCPP 2.0.1 K01.FR.47)."""
    assert isinstance(record.event, Sample)  # that is what a reading is
    values = record.event.values
    return max(PHASE_CURRENTS, key=lambda name: values[name][0] if name in values else 0.0)


def _never_two(outlet: Outlet, since: Record) -> None:
    """Samples in which two phases are surely live, and the third surely dead.

    Voltages tell what the station connects; currents tell what the EV takes of it, whose modules may start one by one.
    """
    if not outlet.voltage_is_seen():
        return
    dead_v = outlet.station.pixit.outlet_dead_v
    found = [
        record.seq
        for record in outlet.bench.readings("power_analyzer", since=since)
        if _above(record, outlet.voltages, LIVE_V)[0] == 2 and _above(record, outlet.voltages, dead_v)[1] == 1
    ]
    evidence = tuple(found[:5]) or (since.seq,)
    found_samples = Quantity(float(len(found)), "", 0.0)
    outlet.bench.judge("samples with two live phases of three", found_samples, AtMost(0.0, ""), evidence)


async def _register(
    csms: Csms,
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    charge: Charge,
    comparison: Comparison,
    before: Record,
) -> None:
    registers = dialect.registers(charge)
    messages = tuple(register.seen for register in registers)
    async with step.test("the register never steps back", dialect.clauses.monotonic):
        csms.holds("registers told", len(registers), (charge.began, *messages), low=2)
        csms.holds("steps back", len(steps_back(registers)), messages, high=0)
    async with step.test("it goes on as the reference meter counts", dialect.clauses.register_of_samples):
        course = Course.of(bench, "reference_meter", "energy_wh", since=before)
        first, last = registers[0], registers[-1]
        counts_alike(
            station,
            bench,
            comparison,
            Count(before.t, first.energy_wh, first.seen, course.values[0], 0.0),
            Count(last.seen.t, last.energy_wh, last.seen, course.values[-1], 0.0),
            since=before,
        )
