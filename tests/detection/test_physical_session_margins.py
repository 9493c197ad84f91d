"""Stops, limits, pilots, registers and phases: where a measurement cannot decide, the case ends inconclusive; nobody is failed for a limit not adopted."""

import pytest

from fixtures.detection_changes import judged, not_adopted, run_changed, stated, virtual
from tests.detection.undecided import CLOSE, NOT_CAPABLE, POOR_REFERENCE, left_open, undecided

POOR_ANALYZER = ("update_interval_s = 0.2 # means", "update_interval_s = 2.0 # means")


@pytest.mark.parametrize(
    ("case_id", "ocpp", "changes", "step"),
    [
        (
            "HIL_AUTH_02",
            "1.6",
            {"bench": [virtual("contactor = { close_delay_s = 3.0 }")]},
            "the contactor closes in time",
        ),
        (
            "HIL_STOP_08",
            "2.0.1",
            {"bench": [virtual("contactor = { open_delay_s = 1.1 }")]},
            "the contactor opens in its time after the PWM went",
        ),
        (
            "HIL_STOP_07",
            "1.6",
            {"bench": [POOR_ANALYZER]},
            "the outlet is dead when the lock lets the plug go",
        ),
        ("HIL_STOP_07", "2.0.1", {"station": [stated("pwm_off_within_s = 0.05")]}, "the PWM goes in time"),
        ("HIL_PILOT_02", "1.6", {"station": [stated("pilot_follows_within_s = 0.1")]}, "the pilot says 6 A in time"),
        ("HIL_PILOT_02", "2.0.1", {"bench": [virtual("duty_error_pct = 0.49")]}, "the pilot says 6 A in time"),
        ("HIL_LIMIT_04", "1.6", {"bench": [virtual("duty_error_pct = 0.49")]}, "the pilot offers no more than 20 A"),
        ("HIL_RESET_01", "1.6", {"bench": [virtual("induced_v = 25.0")]}, "the outlet went dead before it was back"),
        (
            "HIL_ENERGY_03",
            "1.6",
            {"bench": [virtual("station_meter = { gain_error = 0.0205 }")]},
            "6 A on 1 phase, power factor 1: its energy agrees with the reference meter",
        ),
        (
            "HIL_REGISTER_05",
            "2.0.1",
            {"bench": [virtual("station_meter = { power_error = 0.0369 }")]},
            "the register is the integral of the power",
        ),
    ],
)
def test_a_figure_closer_to_its_limit_than_u_decides_nothing(tmp_path, case_id, ocpp, changes, step):
    case = run_changed(tmp_path, case_id, ocpp=ocpp, **changes)
    undecided(case, step, f"{CLOSE}|{NOT_CAPABLE}")


@pytest.mark.parametrize(
    ("case_id", "fault", "step", "limit_id"),
    [
        ("HIL_STOP_07", "pwm_left_on_after_stop", "the PWM goes in time", "pwm_off_within_s"),
        (
            "HIL_STOP_07",
            "unlocks_under_load",
            "the outlet is dead when the lock lets the plug go",
            "dead_before_unlock",
        ),
        (
            "HIL_STOP_08",
            "opens_at_once_under_load",
            "the contactor opens in its time after the PWM went",
            "forced_opening_s",
        ),
        (
            "HIL_AUTH_02",
            "pwm_before_authorization",
            "the pilot offers it nothing",
            "pilot_steady_before_authorization",
        ),
        ("HIL_AUTH_02", "closes_late", "the contactor closes in time", "contactor_closes_within_s"),
        ("HIL_LIMIT_05", "pilot_kept_in_a_pause", "the pilot offers nothing", "pilot_steady_in_pause"),
        ("HIL_PILOT_02", "limit_applied_late", "the pilot says 6 A in time", "pilot_follows_within_s"),
        ("HIL_LIMIT_04", "outlet_l3_loaded", "no phase draws more than 20 A", "pilot_duty_tolerance_pct"),
        (
            "HIL_SCHEDULE_02",
            "relative_from_installation",
            "the EV is charged by the schedule: 11 A from 0 s on",
            "schedule_step_within_s",
        ),
        (
            "HIL_REGISTER_03",
            "register_forgotten_at_restart",
            "it begins at the register where the last one ended",
            "register_continuity",
        ),
        (
            "HIL_REGISTER_05",
            "meter_power_reads_half",
            "the register is the integral of the power",
            "power_integral",
        ),
    ],
)
def test_a_limit_that_the_station_does_not_adopt_fails_nothing(tmp_path, case_id, fault, step, limit_id):
    left_open(run_changed(tmp_path, case_id, station=[not_adopted()], fault=fault), step, limit_id)


def test_a_bench_that_is_not_capable_passes_no_row_of_the_matrix(tmp_path):
    case = run_changed(tmp_path, "HIL_ENERGY_03", bench=[POOR_REFERENCE])
    assert case.result == "inconclusive"
    assert "bench not capable" in judged(case)[1].observed


def test_a_gross_error_of_one_row_fails_on_a_bench_that_is_not_capable(tmp_path):
    case = run_changed(tmp_path, "HIL_ENERGY_03", bench=[POOR_REFERENCE], fault="meter_starts_at_8a")
    assert case.result == "fail"
    assert "beyond the limit, more than U" in judged(case)[1].observed


def test_a_register_that_falls_fails_whatever_was_adopted(tmp_path):
    case = run_changed(tmp_path, "HIL_REGISTER_02", station=[not_adopted()], fault="register_falls_at_midnight")
    assert case.result == "fail"


ROTATED = ('phase_rotation = "RST"\n', "")
TELLS_SRT = ("[pixit]\n", '[virtual.configuration]\nConnectorPhaseRotation = "0.RST,1.SRT,2.RST"\n\n[pixit]\n')


@pytest.mark.parametrize(
    ("fault", "told", "result"),
    [("meter_phases_swapped", [TELLS_SRT], "pass"), (None, [TELLS_SRT], "fail"), ("meter_phases_swapped", [], "fail")],
)
def test_a_line_is_told_on_the_phase_that_the_rotation_puts_it_on(tmp_path, fault, told, result):
    assert run_changed(tmp_path, "HIL_PHASE_01", station=told, fault=fault).result == result


@pytest.mark.parametrize(
    ("fault", "result"), [(None, "pass"), ("meter_phases_swapped", "pass"), ("meter_currents_averaged", "fail")]
)
def test_an_unknown_rotation_leaves_each_line_a_phase_of_its_own(tmp_path, fault, result):
    assert run_changed(tmp_path, "HIL_PHASE_01", ocpp="2.0.1", station=[ROTATED], fault=fault).result == result


def test_every_measurement_has_a_budget_of_named_parts(tmp_path):
    case = run_changed(tmp_path, "HIL_STOP_07", ocpp="2.0.1")
    assert case.result == "pass"
    measured = [one for step in case.steps for one in step.measurements]
    assert len(measured) == 2
    for measurement in measured:
        assert {name.split(": ")[1] for name in measurement.budget} <= {"pilot_scope", "power_analyzer", "lock_sensor"}
        assert all(part > 0 for part in measurement.budget.values())
