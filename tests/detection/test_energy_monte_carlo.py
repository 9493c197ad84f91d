"""The uncertainty that an energy comparison states is the one that comes out when its inputs are drawn (JCGM 101), within 5 %."""

import pytest

from benchmarks.energy_monte_carlo import POINTS, TARGET_PCT, simulate

TRIALS = 1500
"""Their standard deviation is itself sure to 1.8 %; the seed is fixed, so that a test that was green stays so."""


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.name}, {point.energy_wh:g} Wh")
def test_the_budget_is_the_spread_of_the_cases_own_formula(point):
    assert simulate(point, TRIALS).off_pct == pytest.approx(0.0, abs=TARGET_PCT)


def test_every_part_of_the_budget_weighs_somewhere():
    assert {bool(point.bracket_s) for point in POINTS} == {True, False}
    assert {point.cable_pct > 0 for point in POINTS} == {True, False}
    assert len({point.station_step_wh for point in POINTS}) > 1
    assert any(point.absolute_wh for point in POINTS)
