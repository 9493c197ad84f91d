"""A switch takes its time to say that it is done, and a station may be back before it has: that is held against nobody."""

import pytest

from fixtures.detection_changes import run_changed, virtual


@pytest.mark.parametrize(("case_id", "ocpp"), [("TC_036_CS", "1.6"), ("TC_037_2_CS", "1.6")])
def test_a_station_that_is_back_before_the_switch_says_so_is_back(tmp_path, case_id, ocpp):
    case = run_changed(
        tmp_path, case_id, ocpp=ocpp, bench=[virtual("seed = 7\nlatency_s = 0.05\nlatency_jitter_s = 0.04")]
    )
    assert (case.result.value, case.reason) == ("pass", "")


def test_one_that_stays_away_is_failed(tmp_path):
    slow = virtual("seed = 7\nlatency_s = 0.05\nlatency_jitter_s = 0.04")
    case = run_changed(tmp_path, "TC_036_CS", bench=[slow], fault="stays_away")
    failed = [step.title for step in case.steps if step.verdict == "fail"]
    assert (case.result.value, failed[0]) == ("fail", "the station connects again")
