import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.quantity import Quantity, UnitMismatchError, plain, total

finite = st.floats(-1e6, 1e6)
spread = st.floats(0, 1e3)


def amps(value, u=0.0):
    return Quantity(value, "A", u)


@pytest.mark.parametrize(
    ("value", "u", "shown"),
    [
        (9.98, 0.05, "9.98 A ± 0.05 A"),
        (9.9812, 0.0523, "9.981 A ± 0.052 A"),
        (10.0, 0.5, "10.0 A ± 0.5 A"),
        (11043.2, 12.4, "11043 A ± 12 A"),
        (11043.2, 124.0, "11043 A ± 124 A"),
        (0.42, 0.0, "0.42 A ± 0 A"),
        (16, 0.0, "16.0 A ± 0 A"),
        (-0.001, 0.0996, "-0.0 A ± 0.1 A"),
    ],
)
def test_prints_value_and_uncertainty_with_the_same_decimals(value, u, shown):
    assert str(amps(value, u)) == shown


@given(finite, st.floats(1e-9, 1e3))
def test_what_is_printed_never_shows_a_real_uncertainty_as_zero(value, u):
    shown = float(str(amps(value, u)).split("±")[1].split()[0])
    assert shown == pytest.approx(u, rel=0.051)


@given(finite, spread, finite, spread)
def test_sum_and_difference_add_uncertainties_in_quadrature(a, ua, b, ub):
    for result, value in ((amps(a, ua) + amps(b, ub), a + b), (amps(a, ua) - amps(b, ub), a - b)):
        assert result.value == value
        assert result.u == pytest.approx(math.hypot(ua, ub), rel=1e-9, abs=1e-150)
        assert result.u >= max(ua, ub) * (1 - 1e-12) - 1e-150


def test_negation_absolute_value_and_scaling():
    assert -amps(3, 0.1) == amps(-3, 0.1)
    assert abs(amps(-3, 0.1)) == amps(3, 0.1)
    energy = Quantity(1500.0, "Wh", 2.0).scaled(0.001, "kWh")
    assert (energy.value, energy.unit, energy.u) == (1.5, "kWh", 0.002)
    assert amps(2, 0.25).scaled(-3) == amps(-6, 0.75)


def test_percent_of_propagates_both_uncertainties():
    percent = amps(8, 0.08).percent_of(amps(16, 0.16))
    assert percent.value == 50
    assert percent.unit == "%"
    assert percent.u == pytest.approx(50 * math.sqrt(2) * 0.01)


def test_error_pct_is_relative_to_the_reference():
    error = Quantity(1010.0, "Wh", 1.0).error_pct(Quantity(1000.0, "Wh", 0.0))
    assert error.value == pytest.approx(1.0)
    assert error.u == pytest.approx(0.1)


def test_a_percentage_of_nothing_is_refused():
    with pytest.raises(ValueError, match="percentage of 0 A"):
        amps(1).percent_of(amps(0))


def test_different_units_never_meet():
    for operation in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a.percent_of(b),
        lambda a, b: a.error_pct(b),
    ):
        with pytest.raises(UnitMismatchError, match="different units"):
            operation(amps(1), Quantity(1.0, "mA", 0.0))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_quantity(value):
    with pytest.raises(ValueError, match="no measured value"):
        amps(value)


@pytest.mark.parametrize("u", [-0.1, math.nan, math.inf])
def test_what_is_no_uncertainty_is_refused(u):
    with pytest.raises(ValueError, match="no uncertainty"):
        amps(1, u)


def test_a_budget_makes_the_uncertainty_and_is_carried_along_by_name():
    a = Quantity.of_budget(10.0, "A", {"gain": 0.03, "noise": 0.04})
    assert a.u == pytest.approx(0.05)
    b = Quantity.of_budget(4.0, "A", {"gain": 0.04})
    difference = a - b
    assert difference.budget == pytest.approx({"gain": 0.05, "noise": 0.04})
    assert difference.u == pytest.approx(math.hypot(*difference.budget.values()))


def test_a_budget_with_an_unnamed_part_is_dropped_rather_than_shown_incomplete():
    named = Quantity.of_budget(10.0, "A", {"gain": 0.03})
    assert (named - amps(1, 0.04)).budget == {}
    assert (named - amps(1, 0.04)).u == pytest.approx(0.05)
    assert (named - amps(1)).budget == pytest.approx({"gain": 0.03})


def test_a_budget_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="adds up to"):
        Quantity(1.0, "A", 0.1, {"gain": 0.2})


def test_total():
    assert total([amps(1, 3), amps(2, 4), amps(3)]) == amps(6, 5)
    with pytest.raises(ValueError, match="at least one"):
        total([])


def test_plain_numbers():
    assert [plain(10), plain(0.1 + 0.2), plain(-3.25)] == ["10.0", "0.3", "-3.25"]
