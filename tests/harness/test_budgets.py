import math

import pytest

from harness.budgets import energy_error, energy_to_charge, energy_uncertainty, latency_uncertainty
from harness.limits import WithinOf, decide
from harness.quantity import root_sum_square
from harness.verdict import Verdict


def budget(energy_wh, **changes):
    inputs = {"reference_accuracy_pct": 0.1, "station_resolution_wh": 1.0, "reference_resolution_wh": 0.1}
    return energy_uncertainty(energy_wh, **{**inputs, **changes})


@pytest.mark.parametrize(
    ("energy_wh", "standing_pct", "running_pct", "coarse_pct"),
    [
        (100, 0.83, 2.64, 8.17),
        (500, 0.20, 0.54, 1.64),
        (1000, 0.14, 0.29, 0.82),
        (2000, 0.12, 0.18, 0.42),
        (10000, 0.12, 0.12, 0.14),
    ],
)
def test_the_worked_table_of_three_phase_16_amperes(energy_wh, standing_pct, running_pct, coarse_pct):
    def percent(parts):
        return round(100 * root_sum_square(parts.values()) / energy_wh, 2)

    assert percent(budget(energy_wh)) == standing_pct
    assert percent(budget(energy_wh, power_w=3 * 230 * 16, misalignment_s=0.5)) == running_pct
    assert percent(budget(energy_wh, station_resolution_wh=10.0)) == coarse_pct


def test_a_standing_start_has_no_part_from_time():
    assert "time alignment" not in budget(1000, power_w=0.0, misalignment_s=0.5)
    assert "time alignment" in budget(1000, power_w=11000.0, misalignment_s=0.5)


def test_cable_and_repetitions_are_standard_uncertainties():
    parts = budget(1000, cable_u_wh=0.7, repeatability_wh=1.0, repeats=4)
    assert parts["cable"] == pytest.approx(1.4)
    assert parts["repeatability"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "value"), [("power_w", -1.0), ("station_resolution_wh", -1.0), ("misalignment_s", math.nan)]
)
def test_negative_parts_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        budget(1000, **{name: value})


def test_no_repeat_is_refused():
    with pytest.raises(ValueError, match="repeats = 0"):
        budget(1000, repeats=0)


def test_energy_error_is_judged_in_percent():
    parts = budget(1000)
    good = energy_error(1005.0, 1000.0, parts)
    assert good.value == pytest.approx(0.5)
    assert good.u == pytest.approx(0.14, abs=0.005)
    class_b = WithinOf(0.0, 2.0, "%")
    assert decide(good, class_b).verdict is Verdict.PASS
    assert decide(energy_error(1020.5, 1000.0, parts), class_b).verdict is Verdict.INCONCLUSIVE
    assert decide(energy_error(1030.0, 1000.0, parts), class_b).verdict is Verdict.FAIL


@pytest.mark.parametrize("reference", [0.0, -5.0])
def test_no_energy_is_no_reference(reference):
    with pytest.raises(ValueError, match="charge before"):
        energy_error(1.0, reference, budget(1))


def test_latency_budget_follows_the_sampling_of_the_instrument():
    parts = latency_uncertainty(clock_u_s=0.01, sample_interval_s=0.1, rms_cycle_s=0.02)
    assert root_sum_square(parts.values()) == pytest.approx(2 * math.sqrt(0.01**2 + 0.1**2 / 3 + 0.02**2 / 3))
    assert latency_uncertainty(clock_u_s=0.0, sample_interval_s=0.0) == {}
    with pytest.raises(ValueError, match="sample_interval_s"):
        latency_uncertainty(clock_u_s=0.0, sample_interval_s=-0.1)


def test_what_the_reference_counted_around_the_stations_readings_is_doubt():
    assert "not standing" not in budget(500)
    moved = budget(500, bracket_wh=(3.0, 4.0))
    assert moved["not standing"] == pytest.approx(2 * math.hypot(1.5, 2.0) / math.sqrt(3))
    with pytest.raises(ValueError, match="end_bracket_wh = -1"):
        budget(500, bracket_wh=(0.0, -1.0))


def test_a_part_of_the_reference_that_does_not_grow_counts_once_a_reading():
    parts = budget(1000, reference_accuracy_pct=0.0, reference_absolute_wh=0.5)
    assert parts["reference accuracy"] == pytest.approx(2 * math.sqrt(2) * 0.5 / math.sqrt(3))


@pytest.mark.parametrize(("mpe_pct", "accuracy_pct", "u_pct"), [(2.0, 0.1, 0.2), (0.5, 0.0, 0.05), (1.0, 0.3, 0.3637)])
def test_charging_goes_on_until_it_hardly_helps(mpe_pct, accuracy_pct, u_pct):
    inputs = {"station_resolution_wh": 1.0, "reference_resolution_wh": 0.1, "reference_accuracy_pct": accuracy_pct}
    fixed = root_sum_square(energy_uncertainty(0.0, **inputs).values())
    energy_wh = energy_to_charge(mpe_pct, accuracy_pct=accuracy_pct, fixed_u_wh=fixed)
    reached = 100 * root_sum_square(energy_uncertainty(energy_wh, **inputs).values()) / energy_wh
    assert reached == pytest.approx(u_pct, rel=1e-3)


def test_a_limit_without_width_cannot_be_charged_for():
    with pytest.raises(ValueError, match="mpe_pct = 0"):
        energy_to_charge(0, accuracy_pct=0.1, fixed_u_wh=1.0)
