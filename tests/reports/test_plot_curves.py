import itertools
import random

import pytest

from reports.plots.axis import path_through, steps_between
from reports.plots.curves import Curve, Gap, Point, curves_of, gaps_in, thinned
from tests.reports.plot_parts import amperes, sample, stretches


def test_a_sample_is_drawn_when_it_was_taken_not_when_it_was_recorded():
    (curve,) = curves_of([amperes(10.0, 1.0) | {"t": 10.7}], 8.0)
    assert curve.points == [Point(2.0, 1.0, 0.01)]


def test_samples_become_one_curve_for_each_instrument_and_quantity_in_the_order_of_time():
    both = {"current_l1_a": (1.0, "A", 0.1), "voltage_l1_v": (230.0, "V", 0.3)}
    lines = [sample(2.0, both), sample(1.0, both), sample(1.5, both, source="meter_1", role="reference_meter")]
    curves = {(curve.source, curve.quantity): curve for curve in curves_of(lines, 0.0)}
    assert {key: [p.t for p in curve.points] for key, curve in curves.items()} == {
        ("analyzer_1", "current_l1_a"): [1.0, 2.0],
        ("analyzer_1", "voltage_l1_v"): [1.0, 2.0],
        ("meter_1", "current_l1_a"): [1.5],
        ("meter_1", "voltage_l1_v"): [1.5],
    }


@pytest.mark.parametrize(
    "told", [None, [], ["x", "A"], [True, "A"], [1.0], [float("nan"), "A"], [1e300, "A"], [1.0, 7], {"a": 1}]
)
def test_what_is_no_number_with_a_unit_is_left_out(told):
    lines = [sample(0.0, {"current_l1_a": told, "current_l2_a": [2.0, "A", None]}), {"kind": "sample", "values": 5}]
    assert [curve.quantity for curve in curves_of(lines, 0.0)] == ["current_l2_a"]


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        ([0, 1, 2, 3, 4], []),
        ([0, 1, 2, 7, 8, 9], [(2, 7)]),
        ([0, 1, 2, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8], []),  # read faster from then on
        ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.5, 2.5, 3.5], []),  # and slower
        ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.5, 2.5, 9.0, 10.0], [(2.5, 9.0)]),
        ([0, 1, 1.02, 2, 3, 3.02, 4], []),  # read once more in between
        ([0, 9], []),
        ([5], []),
        ([], []),
        ([1, 1, 1, 1], []),
    ],
)
def test_gaps_are_what_is_long_against_the_usual_interval_and_its_neighbours(times, gaps):
    assert [(gap.begin, gap.end) for gap in gaps_in([float(t) for t in times])] == gaps


def test_a_gap_breaks_the_curve():
    curve = Curve("m", "", 1, "q", "A", [Point(float(t), 0.0, 0.0) for t in (0, 1, 2, 7, 8)], [Gap(2.0, 7.0)])
    assert [[p.t for p in part] for part in curve.stretches()] == [[0, 1, 2], [7, 8]]


def test_a_gap_without_samples_after_it_breaks_nothing():
    curve = Curve("m", "", 1, "q", "A", [Point(1.0, 0.0, 0.0)], [Gap(0.0, 0.5), Gap(2.0, 3.0)])
    assert [[p.t for p in part] for part in curve.stretches()] == [[1.0]]


def test_thinning_keeps_peaks_ends_order_and_the_bound():
    points = [Point(float(t), 1000.0 if t == 7_777 else -5.0 if t == 123 else float(t % 7), 0.0) for t in range(10_000)]
    kept = thinned(points, 100)
    assert len(kept) <= 400
    assert {points[7_777], points[123], points[0], points[-1]} <= set(kept)
    assert kept == sorted(kept)


def test_thinning_covers_the_same_rows_of_pixels_in_every_bucket():
    noise = random.Random(3)
    points = [Point(i / 97, noise.uniform(-1, 1), 0.0) for i in range(5_000)]
    kept, span = thinned(points, 50), points[-1].t
    for bucket in range(50):
        inside = [p.value for p in points if bucket <= p.t / span * 50 < bucket + 1]
        drawn = [p.value for p in kept if bucket <= p.t / span * 50 < bucket + 1]
        assert (min(drawn), max(drawn)) == (min(inside), max(inside))


def test_few_points_are_kept_as_they_are():
    points = [Point(float(i), 1.0, 0.0) for i in range(40)]
    assert thinned(points, 10) is points


def test_a_path_leaves_out_what_lies_on_a_line_and_nothing_else():
    assert path_through([(0, 5), (1, 5), (2, 5), (3, 9), (4, 9)]) == "M0 5L2 5L3 9L4 9"
    assert path_through([(0.04, 1.26)]) == "M0 1.3"
    assert path_through([(1, 1), (1, 5), (1, 2), (2, 2)]) == "M1 1L1 5L1 2L2 2"


def test_a_shortened_path_stays_within_its_tolerance():
    noise = random.Random(5)
    points, y = [], 50.0
    for i in range(3_000):
        y += noise.uniform(-0.3, 0.3)
        points.append((i / 4, y))
    (kept,) = stretches(path_through(points, 0.15))
    assert len(kept) < len(points) / 2
    for x, y in points:
        (x0, y0), (x1, y1) = next(
            pair for pair in itertools.pairwise(kept) if pair[0][0] - 0.06 <= x <= pair[1][0] + 0.06
        )
        assert abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 0.15 + 0.15  # and the rounding of both ends


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 17.3, [0, 5, 10, 15]), (-1, 1, [-1, -0.5, 0, 0.5, 1]), (3, 3, [3])],
)
def test_axis_figures_are_round(low, high, expected):
    assert steps_between(low, high, 4) == pytest.approx(expected)
