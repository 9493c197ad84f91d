"""What a station takes for itself while nobody uses it, on any OCPP version."""

from math import hypot

from bench.errors import BenchError
from fixtures.bench_facade import Bench, energy_of
from fixtures.cases import case
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import Accuracy, expanded, rectangular
from testcases.physical.measuring import reading

WATCHED_S = 3600.0
"""How long nobody comes. A step of 0.1 Wh of the meter is then less than 0.1 W."""

SAMPLED_EVERY_S = 60.0


@case("HIL_STANDBY_01")
async def test_standby_power(station: Station, bench: Bench, step: Steps) -> None:
    """The mean power of an hour, from the register of a meter in front of the station."""
    wired = bench.wired("supply_meter")
    if wired is None or "energy" not in wired.uncertainty:
        cure = "give the supply meter [instrument.uncertainty] energy = { of_reading_pct = ..., resolution = ... }"
        raise BenchError(f"the bench file states no accuracy of the supply meter's energy. Cure: {cure}")
    allowed_w = station.pixit.standby_power_w
    assert allowed_w is not None  # or the case was not selected
    async with step.preamble("nobody uses the station for an hour"), bench.sampling(SAMPLED_EVERY_S):
        begin = await reading(bench, "supply_meter")
        await bench.wait(WATCHED_S)
        end = await reading(bench, "supply_meter")
    async with step.test("its mean power is what the data sheet says, or less", "PIXIT standby_power_w"):
        power = _mean_power(begin, end, wired.uncertainty["energy"])
        limit = AtMost(allowed_w, "W", station.pixit.basis("standby_power_w"))
        bench.judge("mean power of an hour without an EV", power, limit, (begin.seq, end.seq))


def _mean_power(begin: Record, end: Record, accuracy: Accuracy) -> Quantity:
    """In W. The gain error counts once, for both readings are of one instrument; steps and offset count twice."""
    hours = (_at(end) - _at(begin)) / 3600.0
    counted_wh = energy_of(end) - energy_of(begin)
    gain_wh = expanded(rectangular(accuracy.of_reading_pct / 100 * counted_wh))
    each_wh = hypot(expanded(rectangular(accuracy.half_width(0.0))), expanded(rectangular(accuracy.resolution / 2)))
    budget = {"supply meter": gain_wh / hours, "steps and offset of its register": hypot(each_wh, each_wh) / hours}
    return Quantity.of_budget(counted_wh / hours, "W", budget)


def _at(record: Record) -> float:
    assert isinstance(record.event, Sample)  # what `reading` gives
    return record.event.at
