"""Which phase a station tells a current on: an EV loads one line after the other, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.sampled_values import Told
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.physical.sampling import PHASES, SAMPLED_EVERY_S, STEADY_S, next_values

CURRENT = "Current.Import"
GRID = "RST"
"""The phases of the grid L1, L2, L3, as rotations name them."""


@case("HIL_PHASE_01")
async def test_single_phases(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """L1 is loaded alone, then L2 and L3 come on: what each adds shows which phase the station takes it for."""
    outlet, pixit = Outlet(station, bench), station.pixit
    labels = list(PHASES[: outlet.phases])
    async with step.preamble("the station's phase rotation is read"):
        rotation = await dialect.rotation() or pixit.phase_rotation or ""
    async with dialect.sampled(step, pixit.meter_value_interval_s, CURRENT):
        async with step.preamble("an EV charges on L1 alone"):
            await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=1)
            charge = await dialect.start_charging()
        carrying: set[str] = set()
        for lines in range(1, outlet.phases + 1):
            async with step.preamble(f"the EV loads {', '.join(labels[:lines])}"):
                await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=lines)
                await bench.settles(
                    "current on the loaded lines",
                    outlet.currents[:lines],
                    low=CHARGING_A,
                    within=pixit.message_timeout_s,
                    holds=STEADY_S,
                )
            async with bench.sampling(SAMPLED_EVERY_S), step.test(f"{CURRENT} is sampled", dialect.clauses.momentary):
                _, told, _ = await next_values(csms, dialect, bench, charge, CURRENT)
                if not any(
                    one.phase in PHASES for one in told
                ):  # the field is optional: an overall value names no phase
                    raise BenchError(f"the station tells {CURRENT} of no single phase. Cure: waive the case for it")
            expected = labels[GRID.index(rotation[lines - 1])] if rotation else ""
            carrying = await _tells_the_line(csms, dialect, step, told, (labels[lines - 1], expected), carrying)
            for label in sorted(set(labels) - carrying):
                async with step.test(f"no current is told on {label}", dialect.clauses.phases):
                    none = [one for one in told if one.phase == label]
                    highest_a = max((one.value for one in none), default=0.0)
                    csms.holds(f"current told on {label}", highest_a, _seen(told), high=pixit.noise_floor_a, unit="A")


async def _tells_the_line(
    csms: Csms, dialect: Dialect, step: Steps, told: list[Told], line: tuple[str, str], before: set[str]
) -> set[str]:
    """The phases that carry current now: one more than before, and where the rotation is known, the one that the line is on."""
    name, expected = line
    carrying = {one.phase for one in told if one.value >= CHARGING_A and one.phase in PHASES}
    where = f"the current of line {name} is told on {expected or 'one more phase'}"
    async with step.test(where, dialect.clauses.phases):
        if expected:
            amperes = max((one.value for one in told if one.phase == expected), default=0.0)
            csms.holds(f"current told on {expected}", amperes, _seen(told), low=CHARGING_A, unit="A")
        else:
            csms.holds("phases that came to carry current", len(carrying - before), _seen(told), low=1, high=1)
            csms.holds("phases that carry none any more", len(before - carrying), _seen(told), high=0)
    return {expected, *before} if expected else carrying


def _seen(told: list[Told]) -> tuple[Seen, ...]:
    return tuple(one.seen for one in told)
