"""How a quantity went, read off between the samples of an instrument."""

from bisect import bisect_left
from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.trace.events import Sample
from harness.trace.trace import Record


@dataclass(frozen=True, slots=True)
class Course:
    """A quantity over the run's clock: straight lines between samples. `half_s`: how far a sample's value may lie from its time."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    half_s: float

    @classmethod
    def of(cls, bench: Bench, role: str, quantity: str, *, since: Record) -> "Course":
        """What the instrument of this role measured from `since` on. Raises BenchError where that is less than two samples."""
        wired = bench.wired(role)
        samples = [
            event
            for record in bench.readings(role, since=since)
            if isinstance(event := record.event, Sample) and quantity in event.values
        ]
        if wired is None or len(samples) < 2:
            raise BenchError(f"the {role} gave no course of {quantity}. Cure: have it sampled (sample = true)")
        half_s = wired.update_interval_s / 2 + max(sample.t_u for sample in samples)
        return cls(tuple(one.at for one in samples), tuple(one.values[quantity][0] for one in samples), half_s)

    @property
    def last_t(self) -> float:
        """Time of the last sample."""
        return self.times[-1]

    def at(self, t: float) -> float:
        """The value at a time from the first sample to the last; before and after, that of the nearest."""
        index = bisect_left(self.times, t)
        if index == 0 or index == len(self.times):
            return self.values[min(index, len(self.values) - 1)]
        (t0, t1), (v0, v1) = self.times[index - 1 : index + 1], self.values[index - 1 : index + 1]
        return v0 + (v1 - v0) * (t - t0) / (t1 - t0)
