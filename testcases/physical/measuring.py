"""A quantity as the bench measured it once, ready to be held against a limit."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record


async def reading(bench: Bench, role: str) -> Record:
    """One reading of an instrument that the case cannot do without. Raises BenchError when there is none."""
    record = await bench.read(role)
    if record is None:
        raise BenchError(f"no {role}. Cure: wire one to this EVSE")
    return record


def shows(record: Record, name: str) -> bool:
    """Whether the instrument could measure the quantity in this reading: a steady pilot has no duty."""
    return isinstance(record.event, Sample) and name in record.event.values


def measured(record: Record, name: str) -> Quantity:
    """A quantity of a reading with the instrument's own uncertainty. Raises BenchError where the reading has none."""
    event = record.event
    if not isinstance(event, Sample) or name not in event.values:
        raise BenchError(f"the instrument measured no {name}. Cure: run `plugproof doctor` on the bench file")
    value, unit, u = event.values[name]
    return Quantity(value, unit, u, {event.source: u} if u > 0 else {})
