"""A case that finds a limit exceeded tells for how long, and watches until it knows."""

import re

import pytest

from fixtures.detection_changes import judged, run_changed


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_an_overshoot_of_five_seconds_is_told_as_one(tmp_path, ocpp):
    """The station offers the full current for 5 s; the EV takes its time to rise above the limit, and to fall below it again."""
    case = run_changed(tmp_path, "HIL_LIMIT_02", ocpp=ocpp, fault="limit_overshoots_when_raised")
    step, check = judged(case)
    assert (case.result, step.title) == ("fail", "it stays below the new limit")
    told = re.search(r"longest excess (\d+) ms to (\d+) ms from \+(\S+) s on, (\w+) up to", check.observed)
    assert told is not None, check.observed
    least_ms, most_ms = int(told[1]), int(told[2])
    assert 3500 <= least_ms < most_ms <= 7500
    assert most_ms - least_ms <= 500  # two samples, 0.2 s apart
    assert told[4] in {"current_l1_a", "current_l2_a", "current_l3_a"}
    assert "each value is a mean over at most 200 ms, one every 200 ms" in check.observed


def test_a_limit_that_is_never_kept_is_watched_for_half_a_minute(tmp_path):
    case = run_changed(tmp_path, "HIL_LIMIT_01", fault="limit_never_applied")
    told = re.search(r"longest excess at least (\d+) ms from", judged(case)[1].observed)
    assert told is not None
    assert 29_000 <= int(told[1]) <= 31_000
