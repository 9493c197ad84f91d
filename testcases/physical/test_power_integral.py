"""The register counts the power that the station samples, on any OCPP version."""

from itertools import pairwise

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import IMPORT_REGISTER, Register, moment
from fixtures.dialects.sampled_values import Told, momentary
from fixtures.steps import Steps
from harness.limits import WithinOf
from harness.model.station import Station
from harness.quantity import Quantity
from harness.uncertainty import expanded, rectangular
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.register_checks import Ceiling

POWER = "Power.Active.Import"

SHARES = (1.0, 0.6, 0.3)
"""What the EV draws in turn, of the rated current: the register has to follow the power, not the time."""

LEAST_A = 6.0

SAMPLES_EACH = 12
"""Samples at each of these currents: the steps between them weigh little then."""

SAMPLED_EVERY_S = 5.0

Point = tuple[float, float, float]
"""Seconds, total power in W, and the step of what the message told of it."""


@case("HIL_REGISTER_05")
async def test_register_counts_the_power(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """Register and power, sampled together while the current changes in steps; both are the station's own."""
    outlet, interval_s = Outlet(station, bench), station.pixit.meter_value_interval_s
    async with dialect.sampled(step, interval_s, f"{IMPORT_REGISTER},{POWER}"):
        async with step.preamble("an EV charges"):
            charge = await begin_charging(dialect, outlet)
        for share in SHARES:
            current_a = max(LEAST_A, share * outlet.rated_current_a)
            async with step.preamble(f"it draws {current_a:g} A for a while"), bench.sampling(SAMPLED_EVERY_S):
                await bench.ev.set_demand(current_a=current_a, phases=outlet.phases)
                await bench.wait(SAMPLES_EACH * interval_s)
        async with step.test("the station samples register and power", dialect.clauses.momentary):
            powers = _totals(dialect.values(charge, POWER), outlet.phases)
            registers = _at(dialect.registers(charge), {at for at, _, _ in powers})
            least = len(SHARES) * SAMPLES_EACH // 2
            csms.holds("samples of both", len(registers), (charge.began,), low=least)
        async with step.test("the register is the integral of the power", dialect.clauses.register_of_samples):
            times = {at for at, _ in registers}
            _judged(station, bench, dialect, charge, registers, [point for point in powers if point[0] in times])


def _totals(told: list[Told], phases: int) -> list[Point]:
    """The power of all phases at each moment, from a total or from every phase."""
    points = []
    for at, values in momentary(told):
        whole = [one for one in values if one.phase == ""]
        parts = whole[:1] or values
        if whole or len({one.phase for one in parts}) == phases:
            points.append((at, sum(one.value for one in parts), sum(one.step for one in parts)))
    return points


def _at(registers: list[Register], times: set[float]) -> list[tuple[float, Register]]:
    """The sampled registers of these moments."""
    dated = ((at.timestamp(), one) for one in registers if (at := moment(one.at)) is not None and not one.rounded_wh)
    return list({at: (at, one) for at, one in dated if at in times}.values())


def _judged(
    station: Station,
    bench: Bench,
    dialect: Dialect,
    charge: Charge,
    registers: list[tuple[float, Register]],
    powers: list[Point],
) -> None:
    """|rise of the register - sum of power times time| <= class limit of the rise + a step + half of a change of power that a sample missed."""
    meter = station.evse_by_id(bench.evse).meter
    if meter is None:
        raise BenchError(f"the station file has no meter for EVSE {bench.evse}. Cure: describe it under [evse.meter]")
    risen_wh = registers[-1][1].energy_wh - registers[0][1].energy_wh
    pairs = list(pairwise(powers))
    integral_wh = sum((one[1] + other[1]) / 2 * (other[0] - one[0]) for one, other in pairs) / 3600
    longest_s = max(other[0] - one[0] for one, other in pairs)
    ceiling = Ceiling.of(station, bench.evse, dialect)
    tolerance_wh = (
        meter.mpe_percent / 100 * max(risen_wh, integral_wh) + ceiling.step_wh + ceiling.power_w * longest_s / 3600 / 2
    )
    digits_w = max(point[2] for point in powers)
    span_h = (powers[-1][0] - powers[0][0]) / 3600
    difference = Quantity.of_budget(
        risen_wh - integral_wh,
        "Wh",
        {
            "register's last digit": expanded(*[rectangular(ceiling.step_wh / 2)] * 2),
            "power's last digit": expanded(rectangular(digits_w / 2 * span_h)),
        },
    )
    limit = WithinOf(0.0, tolerance_wh, "Wh", station.pixit.basis("power_integral"))
    seen = (charge.began.seq, registers[0][1].seen.seq, registers[-1][1].seen.seq)
    bench.judge("rise of the register - integral of the power", difference, limit, seen)
