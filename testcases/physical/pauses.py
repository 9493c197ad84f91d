"""How long the control pilot was without PWM, from the samples of what looks at it."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular
from testcases.physical.measuring import has_pwm


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in seconds with its uncertainty, and the samples that show it."""

    time: Quantity
    evidence: tuple[int, ...]


def longest_pause(bench: Bench, since: Record) -> Pause:
    """The longest time without PWM from `since` on; 0 where every sample shows it. Raises BenchError without samples."""
    samples = [
        (record.seq, event.at, has_pwm(record))
        for record in bench.readings("pilot_scope", since=since)
        if isinstance(event := record.event, Sample)
    ]
    if not samples:
        raise BenchError("the pilot_scope gave no samples. Cure: have it sampled (sample = true)")
    pauses = [Pause(Quantity(0.0, "s", 0.0), (samples[0][0], samples[-1][0]))]
    for index in (n for n in range(1, len(samples)) if samples[n - 1][2] and not samples[n][2]):
        end = next((n for n in range(index, len(samples)) if samples[n][2]), None)
        if end is not None:
            pauses.append(_pause(samples[index - 1 : index + 1], samples[end - 1 : end + 1]))
    return max(pauses, key=lambda pause: pause.time.value)


def _pause(begin: list[tuple[int, float, bool]], end: list[tuple[int, float, bool]]) -> Pause:
    """From the middle between two samples to the middle between two others."""
    (last_on, first_off), (last_off, first_on) = (row[1] for row in begin), (row[1] for row in end)
    length_s = (last_off + first_on) / 2 - (last_on + first_off) / 2
    budget = {
        "begin between two samples": expanded(rectangular((first_off - last_on) / 2)),
        "end between two samples": expanded(rectangular((first_on - last_off) / 2)),
    }
    return Pause(Quantity.of_budget(length_s, "s", budget), (begin[1][0], end[1][0]))
