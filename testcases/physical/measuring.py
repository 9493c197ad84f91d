"""A quantity as the bench measured it once, ready to be held against a limit."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.pilot import NO_OFFER_ABOVE_PCT
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


def sees_duty(bench: Bench) -> bool:
    """Whether what looks at the pilot tells its duty: an oscilloscope does, a multimeter sees only that it does not stand still."""
    wired = bench.wired("pilot_scope")
    return wired is not None and "pilot_duty" in wired.uncertainty


def needs_duty(bench: Bench) -> None:
    """For cases that judge the duty. Raises BenchError where nothing tells it: what no instrument can see is not missing."""
    wired = bench.wired("pilot_scope")
    if wired is not None and not sees_duty(bench):
        raise BenchError(f"{wired.name} tells no duty of the pilot. Cure: wire an oscilloscope as pilot_scope")


def has_pwm(record: Record) -> bool:
    """Whether a reading of the pilot shows pulses, with or without their duty: a change in the middle of a reading leaves that out."""
    return shows(record, "pilot_duty_pct") or shows(record, "pilot_frequency_hz")


def measured(record: Record, name: str) -> Quantity:
    """A quantity of a reading with the instrument's own uncertainty. Raises BenchError where the reading has none."""
    event = record.event
    if not isinstance(event, Sample) or name not in event.values:
        raise BenchError(f"the instrument measured no {name}. Cure: run `plugproof doctor` on the bench file")
    value, unit, u = event.values[name]
    return Quantity(value, unit, u, {event.source: u} if u > 0 else {})


def highest_offer(readings: list[Record]) -> tuple[Quantity, tuple[int, ...]]:
    """The highest duty that the pilot offered a current with, and the readings that show it; 0 % where it was steady throughout.

    A duty above 97 % offers none. Raises BenchError where there were pulses and no reading tells their duty.
    """
    shown = [(measured(record, "pilot_duty_pct"), record.seq) for record in readings if shows(record, "pilot_duty_pct")]
    if not shown and any(has_pwm(record) for record in readings):
        raise BenchError("the pilot_scope shows pulses and no duty of theirs. Cure: wire an oscilloscope")
    offers = [(duty, seq) for duty, seq in shown if duty.value <= NO_OFFER_ABOVE_PCT]
    if not offers:
        return Quantity(0.0, "%", 0.0), (readings[0].seq, readings[-1].seq)
    duty, seq = max(offers, key=lambda offer: offer[0].value)
    return duty, (seq,)
