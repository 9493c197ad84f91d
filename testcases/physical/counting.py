"""What the station counted between two of its registers beside the reference meter: gross errors, at a time or at rest."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.csms.facade import Seen
from harness.budgets import energy_error, energy_uncertainty
from harness.limits import WithinOf
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Count:
    """A register at `t` on the run's clock, the message that told it, and what the reference meter had counted by then.

    `half_s`: how far the two may lie apart; 0 where nothing flowed.
    """

    t: float
    energy_wh: float
    seen: Seen
    reference_wh: float
    half_s: float


def counts_alike(
    station: Station, bench: Bench, comparison: Comparison, first: Count, last: Count, *, since: Record
) -> None:
    """Judge the difference of two registers; the limit is pixit.meter_value_tolerance_pct. Raises StepOver, BenchError.

    `since`: a record before both, from which on the current through a cable between the two meters was sampled.
    """
    reference_wh = last.reference_wh - first.reference_wh
    if reference_wh <= 0:
        raise BenchError("the reference meter counted nothing between two registers. Cure: check that the EV draws")
    loss = comparison.placement.loss_between(first.t, last.t, since=since)
    reference_wh += comparison.placement.sign * loss.energy_wh
    budget = energy_uncertainty(
        reference_wh,
        reference_accuracy_pct=comparison.accuracy.of_reading_pct,
        reference_absolute_wh=comparison.accuracy.half_width(0.0),
        station_resolution_wh=comparison.step_wh,
        reference_resolution_wh=comparison.accuracy.resolution,
        power_w=3600 * reference_wh / (last.t - first.t),
        misalignment_s=max(first.half_s, last.half_s),
        cable_u_wh=loss.u_wh,
    )
    limit_pct = station.pixit.meter_value_tolerance_pct
    limit = WithinOf(0.0, limit_pct, "%", station.pixit.basis("meter_value_tolerance_pct"))
    error = energy_error(last.energy_wh - first.energy_wh, reference_wh, budget)
    bench.judge("error of the energy between two registers", error, limit, (first.seen.seq, last.seen.seq))
