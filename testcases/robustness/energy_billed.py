"""What a transaction bills, held against what the reference meter counted over the whole of it."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench, energy_of
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from harness.limits import Basis, Between
from harness.model.station import Station
from harness.quantity import Quantity, root_sum_square
from harness.trace.trace import Record

SLACK_WH = 20.0
"""Beside the class of the station's meter: what the two meters may differ by in a short session (our figure)."""


async def counted(bench: Bench) -> Record | None:
    """A reading of the reference meter; None, and counted as unobserved, on a bench without one."""
    if not bench.has("reference_meter"):
        bench.unobserved("energy that flowed", "reference_meter")
        return None
    return await bench.read("reference_meter")


async def billed_is_what_flowed(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, charge: Charge, ended: Seen, before: Record | None
) -> None:
    """The registers told at begin and end differ by what the reference meter counted since `before`, a reading at rest.

    Raises StepOver where they do not, or were not told, and BenchError where the bench file states no accuracy of the meter.
    """
    begins, ends = dialect.begin_registers(charge), dialect.end_registers(ended)
    csms.holds("registers told at begin and end", len(begins) + len(ends), (charge.began, ended), low=2)
    after, meter = await counted(bench), station.evse_by_id(bench.evse).meter
    if before is None or after is None or meter is None:
        return
    wired = bench.wired("reference_meter")
    if wired is None or "energy" not in wired.uncertainty:
        cure = "give the reference meter [instrument.uncertainty] energy = { of_reading_pct = ..., resolution = ... }"
        raise BenchError(f"the bench file states no accuracy of energy for EVSE {bench.evse}. Cure: {cure}")
    accuracy, flowed_wh = wired.uncertainty["energy"], energy_of(after) - energy_of(before)
    u_wh = root_sum_square((accuracy.of_reading_pct / 100.0 * flowed_wh, 2.0 * accuracy.half_width(0.0)))
    billed_wh = ends[-1].energy_wh - begins[0].energy_wh
    most_wh = SLACK_WH + meter.mpe_percent / 100.0 * flowed_wh
    bench.judge(
        "energy billed - energy that flowed",
        Quantity(billed_wh - flowed_wh, "Wh", u_wh),
        Between(-most_wh, most_wh, "Wh", Basis(f"{meter.source}, and {SLACK_WH:g} Wh")),
        (begins[0].seen.seq, ends[-1].seen.seq, before.seq, after.seq),
    )
