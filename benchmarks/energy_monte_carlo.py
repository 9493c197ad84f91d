"""The uncertainty of the energy comparison by Monte Carlo (JCGM 101), against the budget that the case states.

    python benchmarks/energy_monte_carlo.py [--trials 100000]

A trial draws what nobody knows of a session - the reference meter's gain, where its register and the station's stand between two steps, when the
station read its own within the reference's two readings, the cable's resistance, the ammeter's error - lets both registers count and cut off, and hands
what they show to the formula of the case itself (testcases/physical/comparison.py). The station is right, so what comes out is error of the
bench alone: its spread is the combined standard uncertainty. Printed beside it: half of the U (k=2) that the case states. The target is 5 %.
"""

import argparse
import math
import random
import statistics
from dataclasses import dataclass

from harness.model.cable import CableEntry
from harness.model.station import StationMeter
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import Accuracy
from testcases.physical.comparison import Comparison
from testcases.physical.placement import Placement

TARGET_PCT = 5.0
SESSION_S = 600.0
SAMPLED_EVERY_S = 10.0
BENCH_FILE_CABLE_OHM = 5 / 58 / 6  # 5 m of 6 mm2 copper, as the bench file describes it


@dataclass(frozen=True)
class Point:
    """A session: energy at the outlet, what the two meters are, how it begins and ends.

    `bracket_s`: seconds between the reference's readings before and after the station's own while current flows; 0 stands still.
    `cable_pct`: half-width of the cable's resistance, where the reference sits at its far end. `ammeter_pct`: U (k=2) of the current.
    """

    name: str
    energy_wh: float
    accuracy_pct: float = 0.1
    absolute_wh: float = 0.0
    reference_step_wh: float = 0.1
    station_step_wh: float = 1.0
    bracket_s: float = 0.0
    cable_pct: float = 0.0
    conductor_ohm: float = BENCH_FILE_CABLE_OHM
    ammeter_pct: float = 0.2


POINTS = (
    Point("standing", 100.0),
    Point("standing", 1000.0),
    Point("standing", 10000.0),
    Point("standing, station in steps of 10 Wh", 1000.0, station_step_wh=10.0),
    Point("standing, reference in steps of 10 Wh", 2000.0, accuracy_pct=0.2, reference_step_wh=10.0),
    Point("standing, reference off by 0.5 Wh a reading", 500.0, absolute_wh=0.5),
    Point("running, 1 s between the readings", 2000.0, bracket_s=1.0),
    Point("running, 0.2 s between the readings", 500.0, bracket_s=0.2),
    Point("reference at the cable's end, 5 m of 6 mm2 ± 10 %", 5000.0, accuracy_pct=0.05, cable_pct=10.0),
    Point("the same, 25 m of 2.5 mm2 ± 15 %", 5000.0, cable_pct=15.0, conductor_ohm=25 / 58 / 2.5, ammeter_pct=1.0),
)
"""Energies, resolutions, accuracies, standing and running, without and with a cable to correct for."""


class Bench:
    """All that Placement asks of a bench: the samples of one trial."""

    def __init__(self):
        self.seen = []

    def readings(self, _role, *, since):  # noqa: ARG002 - a trial has no other readings
        """What the ammeter sampled."""
        return self.seen


@dataclass(frozen=True)
class Result:
    """Standard deviation of the error and mean of what the budget states, both in percent of the energy, k = 1."""

    spread_pct: float
    stated_pct: float

    @property
    def off_pct(self):
        """By how much the budget lies above the spread, in percent of it."""
        return 100 * (self.stated_pct / self.spread_pct - 1)


def comparison_of(point, bench):
    """The case's own comparison for this bench."""
    accuracy = Accuracy(
        of_reading_pct=point.accuracy_pct, absolute=point.absolute_wh, resolution=point.reference_step_wh
    )
    placement = Placement(bench, "Outlet", "outlet")
    if point.cable_pct:
        cable = CableEntry(accuracy_pct=point.cable_pct, conductor_ohm=point.conductor_ohm)
        placement = Placement(bench, "Outlet", "cable_end", cable, "power_analyzer")
    meter = StationMeter("B", 2.0, "the class", resolution_wh=point.station_step_wh)
    return Comparison(meter, accuracy, point.station_step_wh, placement)


def simulate(point, trials, seed=1):
    """Run the trials of one point."""
    draw = random.Random(seed)
    bench = Bench()
    comparison = comparison_of(point, bench)
    errors, stated = [], []
    for _ in range(trials):
        quantity = comparison.error(*_session(point, bench, draw))
        errors.append(quantity.value)
        stated.append(quantity.u / 2)
    return Result(statistics.pstdev(errors), statistics.fmean(stated))


def _session(point, bench, draw):
    """Registers of one session: what the station told, and the reference's readings at both ends."""

    def off(half_width):
        return draw.uniform(-half_width, half_width)

    power_w = point.energy_wh * 3600 / SESSION_S
    lost_share = _cable(point, bench, draw, power_w)
    gain = (1 + off(point.accuracy_pct / 100)) * (1 - lost_share)
    starts = [draw.uniform(0, step) for step in (point.station_step_wh, point.reference_step_wh)]
    told, readings = [], []
    for end_wh in (0.0, point.energy_wh + draw.uniform(0.0, 10.0)):  # no session ends on a whole step
        counted_wh = power_w * point.bracket_s / 3600
        fixed_wh = off(point.absolute_wh)
        told.append(_cut(starts[0] + end_wh, point.station_step_wh))
        before_wh = end_wh - draw.random() * counted_wh
        seen = ((starts[1] + wh * gain + fixed_wh) for wh in (before_wh, before_wh + counted_wh))
        at = SESSION_S if end_wh else 0.0
        shown = [{"energy_wh": (_cut(wh, point.reference_step_wh), "Wh", 0.0)} for wh in seen]
        readings.append(tuple(_record(at, "reference_meter", values) for values in shown))
    return told[1] - told[0], readings[0], readings[1]


def _cable(point, bench, draw, power_w):
    """Let the cable lose its share and the ammeter see the current; the share of the energy that is lost."""
    if not point.cable_pct:
        return 0.0
    amps = power_w / (3 * 230.0)
    true_ohm = point.conductor_ohm * (1 + draw.uniform(-point.cable_pct, point.cable_pct) / 100)
    u_a = amps * point.ammeter_pct / 100
    shown = amps + draw.gauss(0.0, u_a / 2)
    values = {f"current_l{k}_a": (shown, "A", u_a) for k in (1, 2, 3)}
    times = range(0, int(SESSION_S) + 1, int(SAMPLED_EVERY_S))
    bench.seen = [_record(float(t), "power_analyzer", values) for t in times]
    return 3 * amps**2 * true_ohm / power_w


def _cut(wh, step):
    """A register shows whole steps."""
    return math.floor(wh / step + 1e-9) * step


def _record(at, role, values):
    return Record(0, at, "", "", Sample(at=at, source=role, role=role, evse=1, values=values, t_u=0.0))


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description="Monte Carlo of the energy comparison")
    parser.add_argument("--trials", type=int, default=100_000)
    trials = parser.parse_args().trials
    print(f"{'session':<52} {'Wh':>6} {'Monte Carlo u':>14} {'budget u':>10} {'off':>7}")
    worst = 0.0
    for point in POINTS:
        result = simulate(point, trials)
        worst = max(worst, abs(result.off_pct))
        figures = f"{result.spread_pct:>12.4f} % {result.stated_pct:>8.4f} % {result.off_pct:>+5.1f} %"
        print(f"{point.name:<52} {point.energy_wh:>6.0f} {figures}")
    print(f"{trials} trials a row; worst {worst:.1f} %, target {TARGET_PCT:g} %")
    return 0 if worst <= TARGET_PCT else 1


if __name__ == "__main__":
    raise SystemExit(main())
