"""How long a limit was exceeded is told with the verdict."""

import pytest

from harness.limits import Basis
from harness.oracle.excess import longest, spacing
from harness.oracle.expectations import Settles, Stays
from harness.oracle.judge import judge
from harness.trace.events import Sample
from tests.harness.oracle.trace_builder import TraceBuilder

COMMON = {"role": "power_analyzer", "evse": 1, "quantities": ("current_l1_a",), "since": 0, "max_gap": 2.0}


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.step(0.0)
    return builder


def stays(**fields):
    return Stays(**{**COMMON, "high": 10.0, "until": 8.0, "value_s": 0.2, **fields})


def settles(**fields):
    return Settles(**{**COMMON, "high": 10.0, "until": 2.0, "holds": 5.0, "value_s": 0.2, **fields})


def series(made, values, start=0.5, **options):
    for index, value in enumerate(values):
        made.sample(start + index, value, **options)


def test_the_longest_excess_is_told_with_its_place_and_height(made):
    series(made, [9.0, 10.2, 9.0, 11.0, 11.5, 9.0, 9.0, 9.0])
    outcome = judge(stays(), made.trace, 8.0)
    assert outcome.state == "violated"
    assert outcome.observed == (
        "current_l1_a 10.20 ± 0.05 A at +1.50 s; longest excess 1000 ms to 3000 ms from +3.50 s on, "
        "current_l1_a up to 11.50 A; each value is a mean over at most 200 ms, one every 1000 ms"
    )


def test_it_is_watched_to_its_end_and_no_longer_than_the_window(made):
    series(made, [9.0, 10.2])
    outcome = judge(stays(), made.trace, 1.5)
    assert (outcome.state, outcome.wake_at) == ("violated", 8.0)
    assert judge(stays(until=3600.0), made.trace, 1.5).wake_at == 31.5


def test_an_excess_that_lasts_has_no_upper_bound(made):
    series(made, [9.0, 10.2, 10.3])
    assert "longest excess at least 1000 ms from +1.50 s on" in judge(stays(), made.trace, 9.0).observed


def test_one_that_is_not_asked_for_its_length_ends_at_once(made):
    series(made, [9.0, 10.2])
    outcome = judge(stays(value_s=0.0), made.trace, 1.5)
    assert (outcome.state, outcome.wake_at) == ("violated", None)
    assert "excess" not in outcome.observed


def test_the_worst_of_several_phases_counts(made):
    made.sample(0.5, 9.0, current_l2_a=9.0)
    made.sample(1.5, 10.2, current_l2_a=9.0)
    made.sample(2.5, 9.0, current_l2_a=10.6)
    made.sample(3.5, 9.0, current_l2_a=9.0)
    outcome = judge(stays(quantities=("current_l1_a", "current_l2_a")), made.trace, 8.0)
    assert "longest excess 1000 ms to 3000 ms from +1.50 s on, current_l2_a up to 10.60 A" in outcome.observed


def test_a_value_too_close_to_the_limit_is_no_excess(made):
    series(made, [10.03, 10.2, 10.03])
    assert "longest excess 0 ms to 2000 ms from +1.50 s on" in judge(stays(), made.trace, 8.0).observed


def test_coming_back_is_watched_for_as_long_as_it_had_to_stay(made):
    series(made, [12.0, 9.0, 9.0, 10.5, 10.5, 9.0])
    outcome = judge(settles(), made.trace, 5.5)
    assert (outcome.state, outcome.wake_at) == ("violated", 6.5)
    assert "longest excess 1000 ms to 3000 ms from +3.50 s on" in outcome.observed


def test_a_limit_kept_too_late_tells_by_how_much(made):
    series(made, [12.0, 12.0, 12.0, 12.0, 9.0, 9.0, 9.0])
    outcome = judge(settles(), made.trace, 40.0)
    assert outcome.wake_at == 40.0
    assert outcome.state == "violated"
    assert "longest excess 1000 ms to 2500 ms from +2.50 s on" in outcome.observed


def test_what_passed_says_what_a_value_is_a_mean_of(made):
    series(made, [9.0] * 8)
    told = "each value is a mean over at most 200 ms, one every 1000 ms"
    assert told in judge(stays(), made.trace, 8.0).observed
    assert told in judge(settles(), made.trace, 8.0).observed


def test_a_limit_that_nobody_adopted_is_watched_as_well(made):
    series(made, [9.0, 10.2])
    basis = Basis("somebody", "a_limit", adopted=False)
    outcome = judge(stays(bases=(basis,)), made.trace, 1.5)
    assert (outcome.state, outcome.wake_at) == ("inconclusive", 8.0)
    assert "longest excess" in outcome.observed


def test_nothing_above_the_limit_is_no_excess():
    sample = Sample(at=1.0, source="a", role="power_analyzer", evse=1, values={}, t_u=0.0)
    assert longest([sample], stays(), 0.0) is None
    assert longest([], stays(), 0.0) is None


def test_the_usual_time_between_samples():
    assert spacing([1.0, 1.2, 1.4, 3.0]) == pytest.approx(0.2)
    assert spacing([1.0]) == 0.0
