import pytest

from harness.pilot import duty_for_current_pct, offered_current_a


@pytest.mark.parametrize(
    ("current_a", "duty_pct"), [(6, 10), (16, 26.6667), (32, 53.3333), (51, 85), (63, 89.2), (80, 96)]
)
def test_a_current_has_one_duty_and_the_duty_that_current(current_a, duty_pct):
    assert duty_for_current_pct(current_a) == pytest.approx(duty_pct, abs=1e-4)
    assert offered_current_a(duty_for_current_pct(current_a)) == pytest.approx(current_a)


@pytest.mark.parametrize("current_a", [5.9, 80.1, -1])
def test_a_current_that_no_duty_offers_is_refused(current_a):
    with pytest.raises(ValueError, match="no duty offers"):
        duty_for_current_pct(current_a)


@pytest.mark.parametrize(
    ("duty_pct", "current_a"), [(5, 0), (7.9, 0), (8, 6), (9.9, 6), (96.5, 80), (97.1, 0), (100, 0)]
)
def test_duties_at_the_ends_of_the_scale(duty_pct, current_a):
    assert offered_current_a(duty_pct) == current_a
