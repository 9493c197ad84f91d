"""What a station samples, beside what the bench measures at the same time."""

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.sampled_values import Told
from harness.trace.trace import Record
from testcases.physical.measuring import reading

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
