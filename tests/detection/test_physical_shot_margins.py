"""Cases that rest on shots of an oscilloscope: a figure at its limit decides nothing, and nor does a limit that nobody adopted."""

import pytest

from fixtures.detection_changes import judged, not_adopted, run_changed, virtual
from tests.detection.undecided import undecided


@pytest.mark.parametrize(
    ("case_id", "ocpp", "setting", "step"),
    [
        ("HIL_EDGE_05", "1.6", "contactor = { open_delay_s = 0.101 }", "the contactor is open in time"),
        (
            "HIL_EDGE_06",
            "2.0.1",
            "contactor = { open_delay_s = 2.02 }",
            "the contactor opened before the station was back",
        ),
        ("HIL_DIP_03", "1.6", "contactor = { open_delay_s = 0.499 }", "the contactor drops out in time"),
        ("HIL_PILOT_03", "2.0.1", "pilot_edge_tau_s = 0.91e-6", "the pulses rise in time"),
    ],
)
def test_a_figure_closer_to_its_limit_than_u_decides_nothing(tmp_path, case_id, ocpp, setting, step):
    undecided(run_changed(tmp_path, case_id, ocpp=ocpp, bench=[virtual(setting)]), step)


@pytest.mark.parametrize(
    ("case_id", "fault", "limit_id"),
    [
        ("HIL_EDGE_05", "plug_loss_debounced", "contactor_opens_within_s"),
        ("HIL_DIP_02", "contactor_chatters", "dip_openings"),
        ("HIL_DIP_03", "contactor_latches", "contactor_drops_out_within_s"),
        ("HIL_PILOT_03", "pilot_edges_slow", "pilot_edge_us"),
    ],
)
def test_what_breaks_a_limit_that_nobody_adopted_fails_nothing(tmp_path, case_id, fault, limit_id):
    case = run_changed(tmp_path, case_id, station=[not_adopted()], fault=fault)
    assert case.result == "inconclusive"
    assert f'until the station file lists "pixit.{limit_id}"' in judged(case)[1].observed


SIGLENT = [
    ('driver = "keysight_infiniivision"', 'driver = "siglent_sds"'),
    ("options = { channel = 1, outlet_voltage", 'options = { dialect = "advanced", channel = 1, outlet_voltage'),
]


@pytest.mark.parametrize(("fault", "result"), [(None, "pass"), ("contactor_pulses_at_boot", "fail")])
def test_the_longest_shot_of_one_that_keeps_as_much_before_the_trigger_as_after(tmp_path, fault, result):
    assert run_changed(tmp_path, "HIL_EDGE_06", ocpp="2.0.1", bench=SIGLENT, fault=fault).result == result


def test_an_oscilloscope_with_too_few_samples_decides_nothing(tmp_path):
    few = (SIGLENT[1][0], SIGLENT[1][1].replace("channel = 1", 'memory_depth = "7k", channel = 1', 1))
    case = run_changed(tmp_path, "HIL_EDGE_06", ocpp="2.0.1", bench=[SIGLENT[0], few])
    assert case.result == "inconclusive"
    assert "too seldom for half waves of the mains" in str(case)
