import pytest

from harness.oracle.expectations import Settles, Stays
from harness.oracle.judge import judge
from harness.trace.events import InstrumentTrouble
from tests.harness.oracle.trace_builder import TraceBuilder


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.step(0.0)
    return builder


def settles(**fields):
    standard = {
        "role": "power_analyzer", "evse": 1, "quantities": ("current_l1_a",), "since": 0, "until": 5.0, "holds": 3.0,
        "max_gap": 2.0, "high": 0.5,
    }  # fmt: skip
    return Settles(**{**standard, **fields})


def series(made, values, start=0.5, step=1.0, **options):
    for index, value in enumerate(values):
        made.sample(start + index * step, value, **options)


def test_it_settles_in_time_and_stays(made):
    series(made, [10.0, 10.0, 0.1, 0.1, 0.1, 0.1, 0.1])
    outcome = judge(settles(), made.trace, 7.0)
    assert outcome.state == "met"
    assert "settled at +2.50 s" in outcome.observed


def test_settled_is_not_met_before_it_has_held(made):
    series(made, [10.0, 0.1, 0.1])
    outcome = judge(settles(), made.trace, 3.0)
    assert outcome.state == "pending"
    assert outcome.wake_at == pytest.approx(4.5)


def test_coming_back_is_a_violation(made):
    series(made, [10.0, 0.1, 0.1, 1.2, 1.2])
    outcome = judge(settles(), made.trace, 5.0)
    assert outcome.state == "violated"
    assert "but current_l1_a 1.20 ± 0.05 A" in outcome.observed


def test_never_settling_is_proven_by_a_sample_after_the_deadline(made):
    series(made, [10.0, 10.0, 10.0, 10.0, 10.0])
    assert judge(settles(), made.trace, 5.0).state == "pending"
    made.sample(5.5, 10.0)
    assert judge(settles(), made.trace, 5.5).state == "violated"


def test_settling_between_the_last_sample_and_the_first_late_one_is_undecided(made):
    series(made, [10.0, 10.0, 10.0, 10.0, 10.0])
    made.sample(5.5, 0.1)
    assert judge(settles(), made.trace, 9.0).state == "inconclusive"


def test_a_value_closer_to_the_limit_than_u_cannot_pass(made):
    series(made, [0.1, 0.48, 0.1, 0.1, 0.1], u=0.05)
    outcome = judge(settles(), made.trace, 6.0)
    assert outcome.state == "inconclusive"
    assert "too close to the limit" in outcome.observed


def test_a_value_beyond_the_limit_by_less_than_u_cannot_fail(made):
    series(made, [0.52] * 8, u=0.05)
    assert judge(settles(), made.trace, 8.0).state == "inconclusive"


def test_a_gap_in_the_samples_cannot_pass(made):
    made.sample(0.5, 0.1)
    made.sample(3.4, 0.1)
    outcome = judge(settles(), made.trace, 4.0)
    assert outcome.state == "inconclusive"
    assert "unobserved" in outcome.observed


def test_a_gap_names_the_instrument_that_failed_and_no_other(made):
    trouble = {"address": "TCPIP::1", "what": "no answer", "cure": "look"}
    made.sample(0.5, 0.1)
    made.add(InstrumentTrouble(instrument="meter", **trouble), 0.8)
    made.add(InstrumentTrouble(instrument="analyzer", **trouble), 1.0)
    made.sample(3.4, 0.1)
    assert judge(settles(), made.trace, 4.0).observed.endswith("2.9 s went unobserved: analyzer at TCPIP::1: no answer")


def test_a_fault_after_the_time_that_was_watched_explains_no_gap(made):
    made.sample(0.5, 0.1)
    made.sample(3.4, 0.1)
    made.add(InstrumentTrouble(instrument="analyzer", address="TCPIP::1", what="no answer", cure="look"), 3.6)
    assert judge(settles(), made.trace, 4.0).observed.endswith("unobserved")


def test_no_samples_at_all_is_the_benchs_trouble(made):
    assert judge(settles(), made.trace, 5.0).state == "pending"
    assert judge(settles(), made.trace, 7.5).state == "inconclusive"


def test_every_quantity_counts(made):
    for t in range(1, 9):
        made.sample(float(t), 0.1, current_l2_a=10.0 if t < 8 else 0.1)
    both = settles(quantities=("current_l1_a", "current_l2_a"))
    outcome = judge(both, made.trace, 8.0)
    assert outcome.state == "violated"
    assert "current_l2_a" in outcome.observed


def test_a_lower_bound_works_the_same(made):
    series(made, [0.0, 0.0, 16.0, 16.0, 16.0, 16.0])
    assert judge(settles(high=None, low=5.0), made.trace, 6.0).state == "met"


def test_other_roles_and_evses_are_not_looked_at(made):
    series(made, [0.1] * 8, role="reference_meter")
    assert judge(settles(), made.trace, 8.0).state == "inconclusive"


class TestStays:
    def stays(self, **fields):
        standard = {
            "role": "power_analyzer", "evse": 1, "quantities": ("current_l1_a",), "since": 0, "until": 5.0,
            "max_gap": 2.0, "high": 10.0,
        }  # fmt: skip
        return Stays(**{**standard, **fields})

    def test_within_to_the_end(self, made):
        series(made, [9.0] * 5)
        assert judge(self.stays(), made.trace, 4.9).state == "pending"
        assert judge(self.stays(), made.trace, 5.0).state == "met"

    def test_one_sample_outside_is_enough(self, made):
        series(made, [9.0, 10.2, 9.0])
        assert judge(self.stays(), made.trace, 3.0).state == "violated"

    def test_unobserved_time_cannot_pass(self, made):
        series(made, [9.0, 9.0])
        assert judge(self.stays(), made.trace, 5.0).state == "inconclusive"

    def test_the_window_ends_at_its_deadline(self, made):
        series(made, [9.0] * 5)
        made.sample(5.5, 32.0)
        assert judge(self.stays(), made.trace, 6.0).state == "met"
