"""Delays of changes of load: each is a time from what asks for the change to the sample that shows it."""

from collections.abc import Sequence

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.limits import AtLeast, AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular

CURRENT = "current_l1_a"

SAMPLES_A_DELAY = 30
"""The longest delay is so many samples long: seconds to tell delays apart, and not many samples."""


class Delay:
    """Seconds from `asked_t` on the run's clock to the change, with its uncertainty, and the samples around it."""

    def __init__(self, asked_t: float, before: Record | None, shown: Record) -> None:
        earliest_t = asked_t if before is None else max(_at(before), asked_t)
        half_s = max((_at(shown) - earliest_t) / 2, 0.0)
        u = expanded(rectangular(half_s))
        self.time = Quantity((_at(shown) + earliest_t) / 2 - asked_t, "s", u, {"between two samples": u} if u else {})
        self.evidence = tuple(record.seq for record in (before, shown) if record is not None)


async def delay(
    bench: Bench, asked: Record, asked_t: float, *, within: float, low: float | None = None, high: float | None = None
) -> Delay | None:
    """The delay until the current of L1 is within the bounds, None when it is not in time. Judges nothing.

    `asked`: a record at or before `asked_t`, from which samples are looked at. Raises BenchError without samples.
    """
    end_t, seen = asked_t + within, asked.seq
    before: Record | None = None
    now = asked
    while True:
        fresh = [record for record in bench.readings("power_analyzer", since=asked) if record.seq > seen]
        for record in fresh:
            seen, now = record.seq, record
            if _at(record) < asked_t:
                continue
            if _shows(record, low, high):
                return Delay(asked_t, before, record)
            before = record
        if now.t >= end_t:
            return None
        await bench.wait(max(within / SAMPLES_A_DELAY / 2, 0.5))
        if not bench.readings("power_analyzer", since=asked):
            raise BenchError("the power analyser is not sampled. Cure: give it sample = true in the bench file")


def in_range(station: Station, bench: Bench, delays: Sequence[Delay], most_s: float, allowance_s: float) -> None:
    """Every delay is at most the maximum and what the station needs besides. Raises StepOver."""
    limit = AtMost(most_s + allowance_s, "s", station.pixit.basis("random_delay_max_s"))
    for number, one in enumerate(delays, start=1):
        bench.judge(f"delay {number}", one.time, limit, one.evidence)


def spread(station: Station, bench: Bench, delays: Sequence[Delay]) -> None:
    """The longest and the shortest lie apart. Raises StepOver."""
    first, last = min(delays, key=_value), max(delays, key=_value)
    limit = AtLeast(station.pixit.random_delay_spread_s, "s", station.pixit.basis("random_delay_spread_s"))
    apart = Quantity.of_budget(
        last.time.value - first.time.value, "s", {"shortest delay": first.time.u, "longest delay": last.time.u}
    )
    bench.judge("between the shortest and the longest delay", apart, limit, (*first.evidence, *last.evidence))


def longest(delays: Sequence[Delay]) -> Delay:
    """The longest of some delays."""
    return max(delays, key=_value)


def _value(one: Delay) -> float:
    return one.time.value


def _at(record: Record) -> float:
    return record.event.at if isinstance(record.event, Sample) else record.t


def _shows(record: Record, low: float | None, high: float | None) -> bool:
    if not isinstance(record.event, Sample) or CURRENT not in record.event.values:
        return False
    value, _, u = record.event.values[CURRENT]
    return (low is None or value - u >= low) and (high is None or value + u <= high)
