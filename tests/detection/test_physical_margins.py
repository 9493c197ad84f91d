"""Where a measurement cannot decide, a physical case ends inconclusive; a gross error fails on the poorest bench.

Each run is the suite itself in a process of its own, on a bench file or station file that differs from the virtual one in what the test names.
"""

import pytest

from fixtures.detection_changes import judged, not_adopted, stated, virtual
from fixtures.detection_changes import run_changed as run
from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file
from tests.detection.undecided import NOT_CAPABLE, POOR_REFERENCE, left_open, undecided


def station_meter(gain_error):
    """The station's meter reads so much more than what flows; the reference reads 0.05 % more."""
    return ("[virtual]\n", f"[virtual]\n[virtual.station_meter]\ngain_error = {gain_error}\n")


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_an_energy_error_closer_to_the_class_limit_than_u_decides_nothing(tmp_path, ocpp):
    case = run(tmp_path, "HIL_ENERGY_01", ocpp=ocpp, bench=[station_meter(0.0205)])
    undecided(case, "its energy agrees with the reference meter")


def test_an_energy_error_inside_the_class_limit_by_more_than_u_passes(tmp_path):
    assert run(tmp_path, "HIL_ENERGY_01", bench=[station_meter(0.0165)]).result == "pass"


def test_a_bench_that_is_not_capable_passes_no_good_station(tmp_path):
    case = run(tmp_path, "HIL_ENERGY_01", bench=[POOR_REFERENCE])
    undecided(case, "its energy agrees with the reference meter", NOT_CAPABLE)


def test_a_gross_error_fails_on_a_bench_that_is_not_capable(tmp_path):
    case = run(tmp_path, "HIL_ENERGY_01", bench=[POOR_REFERENCE, station_meter(0.10)])
    step, check = judged(case)
    assert case.result == "fail"
    assert step.title == "its energy agrees with the reference meter"
    assert "beyond the limit, more than U" in check.observed


@pytest.mark.parametrize(
    ("case_id", "ocpp", "setting", "step"),
    [
        ("HIL_PILOT_01", "1.6", "duty_error_pct = 0.49", "the pilot's duty says 6 A"),
        ("HIL_PILOT_01", "2.0.1", "duty_error_pct = -0.49", "the pilot's duty says 6 A"),
        ("HIL_PILOT_01", "1.6", "pilot_frequency_hz = 1004.99", "the pilot's frequency is 1 kHz"),
        ("HIL_CABLE_01", "1.6", "duty_error_pct = 0.49", "the pilot offers no more than 13 A"),
        ("HIL_AUTH_01", "1.6", "induced_v = 25.0", "the outlet of an EV that waits for the pilot is off"),
        ("HIL_STOP_03", "2.0.1", "induced_v = 25.0", "current and voltage go and stay away"),
        (
            "HIL_ENERGY_02",
            "1.6",
            "station_meter = { gain_error = 0.0205 }",
            "its energy agrees with the reference meter",
        ),
        (
            "HIL_ENERGY_02",
            "2.0.1",
            "station_meter = { gain_error = 0.0205 }",
            "its energy agrees with the reference meter",
        ),
        (
            "HIL_SAMPLE_01",
            "1.6",
            "station_meter = { gain_error = 0.0102 }",
            "Current.Import is what the analyser measures",
        ),
        (
            "HIL_SAMPLE_02",
            "2.0.1",
            "station_meter = { voltage_error = 0.0102 }",
            "Voltage is what the analyser measures",
        ),
        (
            "HIL_SAMPLE_03",
            "1.6",
            "station_meter = { gain_error = 0.0102 }",
            "Power.Active.Import is what the analyser measures",
        ),
        ("HIL_STOP_05", "2.0.1", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_STOP_06", "1.6", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_STOP_04", "1.6", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_LIMIT_02", "1.6", "ev = { undershoot = 1.0 }", "it stays below the new limit"),
        ("HIL_CPFAULT_01", "1.6", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_CPFAULT_02", "2.0.1", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_CPFAULT_03", "1.6", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_VENT_01", "2.0.1", "induced_v = 25.0", "its outlet is off"),
        ("HIL_CABLE_02", "2.0.1", "duty_error_pct = 0.49", "the pilot offers no more than 32 A"),
        ("HIL_CABLE_03", "1.6", "induced_v = 25.0", "its outlet is off"),
        ("HIL_GRID_02", "1.6", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_GRID_05", "2.0.1", "induced_v = 25.0", "the outlet goes dead and stays so"),
        ("HIL_IDLE_01", "1.6", "induced_v = 25.0", "the outlet is dead for an hour"),
        (
            "HIL_STANDBY_01",
            "1.6",
            "electronics_w = 5.97",
            "its mean power is what the data sheet says, or less",
        ),
        (
            "HIL_OFFLINE_01",
            "2.0.1",
            "station_meter = { gain_error = 0.0205 }",
            "its energy agrees with the reference meter",
        ),
        (
            "HIL_SCHEDULE_01",
            "2.0.1",
            "ev = { undershoot = 1.0 }",
            "the EV is charged by the schedule: 13 A from 0 s on",
        ),
        (
            "HIL_ALIGNED_01",
            "2.0.1",
            "station_meter = { gain_error = 0.1003 }",
            "each is what the reference meter had counted by then",
        ),
        ("HIL_SCHEDULE_02", "1.6", "duty_error_pct = 0.49", "the EV is charged by the schedule: 11 A from 0 s on"),
        ("HIL_EDGE_01", "1.6", "contactor = { open_delay_s = 0.0995 }", "the contactor is open in time"),
        ("HIL_EDGE_01", "2.0.1", "contactor = { open_delay_s = 0.0995 }", "the contactor is open in time"),
        ("HIL_EDGE_02", "1.6", "contactor = { open_delay_s = 0.0995 }", "the contactor is open in time"),
        ("HIL_EDGE_03", "1.6", "contactor = { open_delay_s = 0.0985 }", "the contactor is open in time"),
    ],
)
def test_a_figure_closer_to_its_limit_than_u_decides_nothing(tmp_path, case_id, ocpp, setting, step):
    undecided(run(tmp_path, case_id, ocpp=ocpp, bench=[virtual(setting)]), step)


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_a_status_told_as_late_as_the_limit_decides_nothing(tmp_path, ocpp):
    """The virtual station takes the EV for paused after 1 s."""
    case = run(tmp_path, "HIL_STATUS_01", ocpp=ocpp, station=[stated("status_told_within_s = 1.0")])
    undecided(case, "it is told in time that the EV pauses")


def run_variant(tmp_path, base, pixit, case_id, ocpp, *faults):
    """The record of a case on a configuration of the virtual station that states another item of the PIXIT."""
    file = tmp_path / "variant.toml"
    file.write_text(f'base = "{station_file(base)}"\n[pixit]\n{pixit}\n', encoding="utf-8")
    done = run_cases([case_id], ocpp=ocpp, station=file, faults=faults)
    assert done.record is not None, done.output
    return next(case for case in done.record.cases if case.id == case_id)


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_a_pause_between_phases_as_long_as_the_limit_decides_nothing(tmp_path, ocpp):
    """The virtual station pauses for 4 s."""
    case = run_variant(tmp_path, "virtual-phases", "phase_pause_s = 4.0", "HIL_PHASE_02", ocpp)
    undecided(case, "energy pauses on the way to one phase")


def test_random_delays_that_lie_as_far_apart_as_the_limit_decide_nothing(tmp_path):
    good = run_variant(tmp_path, "virtual-delay", "random_delay_spread_s = 60", "HIL_DELAY_01", "1.6")
    measured = [one for step in good.steps for one in step.measurements]
    spread = next(one for one in measured if one.name.startswith("between the shortest"))
    asked = f"random_delay_spread_s = {spread.value:.1f}"
    case = run_variant(tmp_path, "virtual-delay", asked, "HIL_DELAY_01", "1.6")
    undecided(case, "the delays after restarts lie apart")


@pytest.mark.parametrize(
    ("case_id", "fault", "step", "limit_id"),
    [
        (
            "HIL_DELAY_01",
            "random_delay_too_long",
            "no delay after a restart is longer than the maximum",
            "random_delay_max_s",
        ),
        (
            "HIL_DELAY_02",
            "limit_changes_not_delayed",
            "the delays of new limits lie apart",
            "random_delay_spread_s",
        ),
    ],
)
def test_a_random_delay_that_the_station_does_not_adopt_fails_nothing(tmp_path, case_id, fault, step, limit_id):
    case = run_variant(tmp_path, "virtual-delay", "adopted_limits = []", case_id, "2.0.1", fault)
    left_open(case, step, limit_id)


NOT_ADOPTED = not_adopted()


@pytest.mark.parametrize(
    ("case_id", "fault", "step", "limit_id"),
    [
        ("HIL_STOP_01", "contactor_opens_late", "current and voltage are gone in time", "stop_to_noise_floor_s"),
        ("HIL_LIMIT_01", "limit_applied_late", "every phase is below the limit in time", "profile_applied_within_s"),
        (
            "HIL_REGISTER_01",
            "meter_register_rebased",
            "it begins at the register where the last one ended",
            "register_continuity",
        ),
        ("HIL_STOP_05", "closed_in_state_b", "the outlet goes dead and stays so", "unplug_to_dead_s"),
        ("HIL_STOP_06", "contactor_opens_late", "it is dead in time", "unplug_to_dead_s"),
        ("HIL_STOP_04", "contactor_opens_late", "it is dead in time", "unplug_to_dead_s"),
        (
            "HIL_SAMPLE_03",
            "meter_gain_plus_3pct",
            "Power.Active.Import is what the analyser measures",
            "sampled_value_tolerance_pct",
        ),
        (
            "HIL_SCHEDULE_01",
            "schedule_steps_late",
            "the step comes in time: 8 A from 60 s on",
            "schedule_step_within_s",
        ),
        ("HIL_STATUS_01", "statuses_told_late", "it is told in time that the plug is put in", "status_told_within_s"),
        ("HIL_ALIGNED_01", "aligned_to_nothing", "the times of all values are those of the clock", "aligned_within_s"),
        ("HIL_CABLE_01", "pilot_duty_plus_2", "the pilot offers no more than 13 A", "pilot_duty_tolerance_pct"),
        ("HIL_STOP_03", "contactor_opens_late", "they are gone in time", "emergency_stop_to_dead_s"),
        ("HIL_LIMIT_02", "limit_applied_late", "the current rises in time", "profile_applied_within_s"),
        ("HIL_LIMIT_03", "limit_applied_late", "the limit is kept in time", "profile_applied_within_s"),
        ("HIL_PILOT_01", "pilot_duty_plus_2", "the pilot's duty says 6 A", "pilot_duty_tolerance_pct"),
        ("HIL_PILOT_01", "pilot_frequency_off", "the pilot's frequency is 1 kHz", "pilot_frequency_tolerance_pct"),
        ("HIL_EDGE_01", "contactor_slow_open", "the contactor is open in time", "contactor_opens_within_s"),
        ("HIL_EDGE_03", "contactor_slow_open", "the contactor is open in time", "emergency_stop_opens_within_s"),
        ("HIL_EDGE_04", "inrush_tenfold", "the inrush stays within its limits", "inrush_peak_a|inrush_a2s"),
        ("HIL_EDGE_04", "outlet_l1_loaded", "no load is connected when it closes", "closing_current_a"),
        ("HIL_CPFAULT_01", "pilot_faults_ignored", "the outlet goes dead and stays so", "pilot_fault_to_dead_s"),
        ("HIL_VENT_01", "ventilation_assumed", "an EV that needs ventilation gets no current", "ventilation_state"),
        (
            "HIL_CABLE_03",
            "invalid_proximity_accepted",
            "no current flows through an unknown cable",
            "invalid_proximity",
        ),
        ("HIL_GRID_01", "supply_faults_noticed_late", "it is dead in time", "supply_fault_to_dead_s"),
        (
            "HIL_DIP_01",
            "chatters_after_a_dip",
            "the contactor does not chatter after a dip to 80 % for 0.01 s",
            "dip_openings",
        ),
    ],
)
def test_a_limit_that_the_station_does_not_adopt_fails_nothing(tmp_path, case_id, fault, step, limit_id):
    case = run(tmp_path, case_id, station=[NOT_ADOPTED], fault=fault)
    left_open(case, step, limit_id)


def test_an_outlet_that_stays_on_fails_whatever_was_adopted(tmp_path):
    case = run(tmp_path, "HIL_STOP_01", station=[NOT_ADOPTED], fault="contactor_welded")
    assert case.result == "fail"
    assert judged(case)[0].title == "the outlet is switched off"


SCOPE_CURRENT = "current = { of_reading_pct = 1.0, absolute = 0.1, resolution = 1.953125 } # 8 bits over 500 A"


def test_an_oscilloscope_that_cannot_tell_a_load_from_nothing_passes_no_closing(tmp_path):
    poor = "current = { of_reading_pct = 1.0, absolute = 5.0, resolution = 1.953125 }"
    case = run(tmp_path, "HIL_EDGE_04", bench=[(SCOPE_CURRENT, poor)])
    undecided(case, "no load is connected when it closes", NOT_CAPABLE)


def test_a_load_at_closing_that_is_closer_to_its_limit_than_u_decides_nothing(tmp_path):
    case = run(tmp_path, "HIL_EDGE_04", station=[stated("closing_current_a = 10.2")], fault="outlet_l1_loaded")
    undecided(case, "no load is connected when it closes")


def test_an_oscilloscope_whose_range_ends_below_the_limit_passes_no_inrush(tmp_path):
    case = run(tmp_path, "HIL_EDGE_04", bench=[virtual("scope = { current_span_a = 20.0 }")])
    assert case.result == "inconclusive"
    assert "the range of outlet_current ends at" in case.steps[-2].detail + case.steps[-1].detail + case.reason


def test_a_button_whose_instant_is_not_known_well_enough_passes_no_emergency_stop(tmp_path):
    slow = (
        "sample = true\noptions = { channel = 1, outlet_voltage",
        "sample = true\nupdate_interval_s = 0.05\noptions = { channel = 1, outlet_voltage",
    )
    case = run(tmp_path, "HIL_EDGE_03", bench=[slow])
    undecided(case, "the contactor is open in time", NOT_CAPABLE)


def test_without_a_channel_on_the_outlet_nothing_is_judged(tmp_path):
    wired = "channel = 1, outlet_voltage = { channel = 2 }, outlet_current = { channel = 3 }"
    case = run(tmp_path, "HIL_EDGE_01", bench=[(wired, "channel = 1")])
    assert case.result == "not run"
    assert "neither voltage nor current of the outlet is on its channels" in case.reason
