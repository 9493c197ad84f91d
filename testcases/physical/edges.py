"""The moment at which something changed at the outlet, from the samples around it."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular


@dataclass(frozen=True, slots=True)
class Edge:
    """A change at `t` on the run's clock, known to `half_s` either side, between two samples."""

    t: float
    half_s: float
    evidence: tuple[int, ...]

    def until(self, t: float) -> Quantity:
        """The time from the edge to `t`, with its uncertainty."""
        u = expanded(rectangular(self.half_s))
        return Quantity(t - self.t, "s", u, {"between two samples": u})


async def edge(
    bench: Bench,
    role: str,
    quantity: str,
    *,
    after: Record,
    within: float,
    low: float | None = None,
    high: float | None = None,
) -> Edge:
    """When a quantity first came within its bounds after `after`. For a preamble: raises StepOver when it does not in time.

    Raises BenchError when the bench has no such instrument.
    """
    reached = await bench.settles(
        f"change of {quantity}", (quantity,), low=low, high=high, within=within, after=after, role=role
    )
    wired = bench.wired(role)
    if reached is None or wired is None:
        raise BenchError(f"no {role} to see {quantity}. Cure: wire one to this EVSE")
    samples = [record for record in bench.readings(role, since=after) if quantity in _values(record)]
    inside = next(record for record in samples if _within(_values(record)[quantity][0], low, high))
    before = [record for record in samples if record.seq < inside.seq]
    earliest_t, latest_t = (_at(before[-1]) if before else after.t) - wired.update_interval_s, _at(inside)
    evidence = tuple(record.seq for record in (*before[-1:], inside))
    return Edge((earliest_t + latest_t) / 2, (latest_t - earliest_t) / 2, evidence)


def _values(record: Record) -> dict[str, tuple[float, str, float]]:
    return record.event.values if isinstance(record.event, Sample) else {}


def _at(record: Record) -> float:
    assert isinstance(record.event, Sample)  # Bench.readings gives nothing else
    return record.event.at


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
