"""What a station samples, beside what the bench measures at the same time."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.sampled_values import Told
from harness.limits import WithinOf
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular
from testcases.physical.measuring import measured, reading

STEADY_S = 10.0
"""How long the EV has drawn its current before anything is compared."""

SAMPLED_EVERY_S = 5.0

PHASES = ("L1", "L2", "L3")


async def next_values(
    csms: Csms, dialect: Dialect, bench: Bench, charge: Charge, measurand: str
) -> tuple[Record, list[Told], Record]:
    """A sample, and the analyser before and after it."""
    before = await reading(bench, "power_analyzer")
    told = await dialect.next_values(charge, before, measurand)
    csms.holds(f"values of {measurand}", len(told), tuple(one.seen for one in told) or (charge.began,), low=1)
    return before, told, await reading(bench, "power_analyzer")


def name_of(told: Told, quantity: str, phases: int) -> str:
    """What the analyser calls it; empty for what it does not measure: a current of all phases, a voltage between two."""
    if told.phase in PHASES[:phases]:
        return quantity.format(phase=told.phase.lower())
    if told.phase == "" and phases == 1:
        return quantity.format(phase="l1")
    return "power_w" if told.phase == "" and quantity.startswith("power") else ""


def agrees(
    station: Station, bench: Bench, told: Told, measurand: str, name: str, around: tuple[Record, Record]
) -> None:
    """The error in percent of the mean of the two readings, which also say how steady it was."""
    first, last = (measured(record, name) for record in around)
    mean = (first.value + last.value) / 2
    if mean <= 0:
        raise BenchError(
            f"the analyser measures {name} = {mean:g} {first.unit} while the EV charges. Cure: check its wiring"
        )
    budget = {
        "reference": max(first.u, last.u),
        "not steady": expanded(rectangular(abs(last.value - first.value) / 2)),
        "station's last digit": expanded(rectangular(told.step / 2)),
    }
    share = {part: 100 * u / mean for part, u in budget.items() if u > 0}
    error = Quantity.of_budget(100 * (told.value - mean) / mean, "%", share)
    basis = station.pixit.basis("sampled_value_tolerance_pct")
    limit = WithinOf(0.0, station.pixit.sampled_value_tolerance_pct, "%", basis)
    evidence = (told.seen.seq, *(record.seq for record in around))
    bench.judge(f"error of {measurand} {told.phase or 'in total'}", error, limit, evidence)
