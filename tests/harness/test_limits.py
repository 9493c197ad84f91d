import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.limits import AtLeast, AtMost, Basis, Between, Rule, WithinOf, decide, measurement
from harness.quantity import Quantity, UnitMismatchError
from harness.verdict import Verdict

PASS, INCONCLUSIVE, FAIL = Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL
TEN = AtMost(10.0, "A")
SECOND_HAND = Basis("IEC 61851-1 table A.6, not read", "IEC61851-1:A.6-8.1", adopted=False)


def amps(value, u=0.05):
    return Quantity(value, "A", u)


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (AtMost(10.0, "A"), "<= 10.0 A"),
        (AtLeast(9.5, "A"), ">= 9.5 A"),
        (Between(9.5, 10.5, "A"), "9.5 A <= x <= 10.5 A"),
        (WithinOf(10.0, 0.5, "A"), "within 0.5 A of 10.0 A"),
        (AtMost(15, "s"), "<= 15.0 s"),
    ],
)
def test_a_limit_prints_as_the_comparison_it_is(limit, shown):
    assert str(limit) == shown


@pytest.mark.parametrize(
    ("value", "limit", "verdict"),
    [
        (9.94, TEN, PASS),
        (9.98, TEN, INCONCLUSIVE),
        (10.0, TEN, INCONCLUSIVE),
        (10.04, TEN, INCONCLUSIVE),
        (10.06, TEN, FAIL),
        (9.94, AtLeast(10.0, "A"), FAIL),
        (9.96, AtLeast(10.0, "A"), INCONCLUSIVE),
        (10.06, AtLeast(10.0, "A"), PASS),
        (9.44, Between(9.5, 10.5, "A"), FAIL),
        (9.56, Between(9.5, 10.5, "A"), PASS),
        (10.48, Between(9.5, 10.5, "A"), INCONCLUSIVE),
        (10.6, WithinOf(10.0, 0.5, "A"), FAIL),
        (9.7, WithinOf(10.0, 0.5, "A"), PASS),
        (9.52, WithinOf(10.0, 0.5, "A"), INCONCLUSIVE),
    ],
)
def test_guard_band(value, limit, verdict):
    assert decide(amps(value), limit).verdict is verdict


def test_the_edges_of_the_guard_band_are_exact():
    limit = AtMost(8.0, "A")
    assert decide(amps(7.5, 0.5), limit).verdict is PASS
    assert decide(amps(8.5, 0.5), limit).verdict is INCONCLUSIVE
    assert decide(amps(8.0, 0.0), limit).verdict is PASS
    assert decide(amps(8.0000001, 0.0), limit).verdict is FAIL


def test_the_text_names_value_limit_reason_and_rule():
    text = decide(amps(9.98), TEN).text
    assert text.startswith("9.98 A ± 0.05 A against <= 10.0 A: inconclusive, closer to the limit than U (0.02 A)")
    assert "guard band w = U, k=2 (ILAC-G8:09/2019)" in text
    assert "0.50 A beyond the limit, more than U" in decide(amps(10.5), TEN).text


@pytest.mark.parametrize(
    ("value", "u", "figure"),
    [
        (16.001037598, 0.012, "6.001 W beyond"),
        (9.98765432, 0.05, "(0.01 W)"),
        (10.0, 4.56789, "U = 4.6 W is above"),
        (10.1234567, 0.0, "0.1234567 W beyond"),
    ],
)
def test_figures_have_no_more_digits_than_u_leaves_a_meaning(value, u, figure):
    assert figure in decide(Quantity(value, "W", u), AtMost(10.0, "W")).text


@pytest.mark.parametrize(
    ("value", "verdict"), [(10.0, INCONCLUSIVE), (10.6, INCONCLUSIVE), (10.69, INCONCLUSIVE), (11.0, FAIL)]
)
@pytest.mark.parametrize("rule", list(Rule))
def test_an_incapable_bench_passes_nothing_but_still_fails_a_gross_error(value, verdict, rule):
    decision = decide(amps(value, 0.2), WithinOf(10.0, 0.5, "A"), rule)
    assert decision.verdict is verdict
    if verdict is INCONCLUSIVE:
        assert "bench not capable" in decision.text
        assert "better instrument" in decision.text


def test_a_third_of_the_tolerance_is_still_capable():
    assert decide(amps(10.0, 0.25), WithinOf(10.0, 0.75, "A")).verdict is PASS


def test_one_sided_limits_are_as_wide_as_their_bound_and_a_bound_at_zero_has_no_width():
    assert decide(amps(0.0, 0.2), AtMost(0.5, "A")).verdict is INCONCLUSIVE
    assert decide(amps(0.0, 0.1), AtMost(0.5, "A")).verdict is PASS
    growth = AtLeast(0.0, "Wh")
    assert growth.width is None
    assert decide(Quantity(5.0, "Wh", 1.0), growth).verdict is PASS
    assert decide(Quantity(-5.0, "Wh", 1.0), growth).verdict is FAIL


@pytest.mark.parametrize(("value", "verdict"), [(9.98, PASS), (10.0, PASS), (10.04, FAIL)])
def test_simple_acceptance_must_be_chosen_and_is_printed(value, verdict):
    decision = decide(amps(value), TEN, Rule.SIMPLE)
    assert decision.verdict is verdict
    assert "simple acceptance" in decision.text
    assert decide(amps(value), TEN).rule is Rule.GUARD_BAND


@pytest.mark.parametrize("rule", list(Rule))
def test_a_limit_that_nobody_read_cannot_fail_until_adopted(rule):
    limit = AtMost(0.1, "s", SECOND_HAND)
    slow = Quantity(0.5, "s", 0.01)
    decision = decide(slow, limit, rule)
    assert decision.verdict is INCONCLUSIVE
    assert "IEC 61851-1 table A.6, not read" in decision.text
    assert '"IEC61851-1:A.6-8.1" under adopted_limits' in decision.text
    adopted = AtMost(0.1, "s", SECOND_HAND.adopted_by(["IEC61851-1:A.6-8.1"]))
    assert decide(slow, adopted, rule).verdict is FAIL
    assert decide(slow, AtMost(0.1, "s", SECOND_HAND.adopted_by(["other"])), rule).verdict is INCONCLUSIVE
    assert decide(Quantity(0.02, "s", 0.01), limit, rule).verdict is PASS


def test_a_limit_that_cannot_be_adopted_is_refused():
    with pytest.raises(ValueError, match="limit_id"):
        Basis("hearsay", adopted=False)


def test_units_must_agree():
    with pytest.raises(UnitMismatchError, match=r"cannot be held against <= 10\.0 A"):
        decide(Quantity(9.0, "V", 0.1), TEN)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AtMost(math.nan, "A"),
        lambda: AtLeast(math.inf, "A"),
        lambda: Between(0, math.inf, "A"),
        lambda: Between(2, 1, "A"),
        lambda: WithinOf(1, -0.1, "A"),
        lambda: WithinOf(math.nan, 0.1, "A"),
    ],
)
def test_limits_that_bound_nothing_are_refused(make):
    with pytest.raises(ValueError, match=r"swap the bounds|give 0 or more|give a finite limit"):
        make()


def test_the_record_holds_what_was_decided():
    quantity = Quantity.of_budget(9.8, "A", {"gain": 0.05})
    entry = measurement("current_l1_a", quantity, TEN, decide(quantity, TEN), [7, 8])
    assert (entry.name, entry.value, entry.unit, entry.u) == ("current_l1_a", 9.8, "A", 0.05)
    assert (entry.limit, entry.verdict, entry.evidence) == ("<= 10.0 A", PASS, [7, 8])
    assert entry.budget == {"gain": 0.05}
    assert "ILAC-G8" in entry.decision_rule


values = st.floats(-100, 100)
limits = st.one_of(
    st.builds(AtMost, values, st.just("A")),
    st.builds(AtLeast, values, st.just("A")),
    st.builds(WithinOf, values, st.floats(0, 50), st.just("A")),
    st.tuples(values, values).map(lambda pair: Between(min(pair), max(pair), "A")),
)
RANK = {PASS: 0, INCONCLUSIVE: 1, FAIL: 2}


@given(values, values, st.floats(0, 20), limits, st.sampled_from(Rule))
def test_a_value_further_inside_is_never_judged_worse(a, b, u, limit, rule):
    inner, outer = sorted((a, b), key=limit.margin, reverse=True)
    assert RANK[decide(amps(inner, u), limit, rule).verdict] <= RANK[decide(amps(outer, u), limit, rule).verdict]


@given(values, st.floats(0, 20), st.floats(0, 20), limits)
def test_more_uncertainty_never_turns_a_guarded_verdict_round(value, u1, u2, limit):
    small, large = sorted((u1, u2))
    sure, unsure = decide(amps(value, small), limit).verdict, decide(amps(value, large), limit).verdict
    assert unsure in {sure, INCONCLUSIVE}


@given(values, st.floats(0, 20), limits)
def test_a_guarded_pass_is_inside_and_a_guarded_fail_is_outside(value, u, limit):
    verdict = decide(amps(value, u), limit).verdict
    assume(verdict is not INCONCLUSIVE)
    assert (limit.margin(value) >= 0) is (verdict is PASS)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (WithinOf(160 / 3, 0.5, "%"), "within 0.5 % of 53.3333 %"),
        (AtMost(100 / 3 + 0.5, "%"), "<= 33.8333 %"),
        (AtLeast(1234567.25, "Wh"), ">= 1234567.25 Wh"),
        (AtMost(0.000123456, "s"), "<= 0.000123456 s"),
        (AtMost(1.0, ""), "<= 1.0"),
    ],
)
def test_a_bound_that_was_reckoned_is_told_to_four_decimals(limit, text):
    assert str(limit) == text
