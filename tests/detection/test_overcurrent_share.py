"""How far above its offer an EV may draw stands in no text that was read: a station that adopted no figure is failed by none."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file

CASE, FAULT = "HIL_OVERCURRENT_02", "overcurrent_half_ignored"


@pytest.mark.parametrize(
    ("pixit", "fault", "result"),
    [
        ("", FAULT, "fail"),
        ('adopted_limits = ["pixit.overcurrent_to_dead_s", "pixit.noise_floor_a"]', FAULT, "inconclusive"),
        ("overcurrent_share_pct = 60.0", FAULT, "pass"),
    ],
    ids=["adopted", "not adopted", "a larger share"],
)
def test_a_monitor_that_lets_half_as_much_again_pass(tmp_path, pixit, fault, result):
    file = tmp_path / "monitored.toml"
    file.write_text(f'base = "{station_file("virtual-monitored")}"\n[pixit]\n{pixit}\n')
    done = run_cases([CASE], ocpp="1.6", faults=[fault], station=file)
    assert done.record is not None, done.output
    (case,) = (one for one in done.record.cases if one.id == CASE)
    assert case.result.value == result, case.reason
