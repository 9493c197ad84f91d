"""An EVSE for more than 32 A is met with a cable that carries it, and a captive cable has no plug that the station reads."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file

LARGE = """
base = "{base}"
identity = "PP-LARGE"

[[evse]]
id = 1
rated_current_a = 63.0

[[evse]]
id = 2
rated_current_a = 63.0
"""


@pytest.mark.parametrize(("base", "ocpp"), [("virtual", "1.6"), ("virtual", "2.0.1"), ("virtual-captive", "1.6")])
def test_the_whole_of_its_current_is_judged(tmp_path, base, ocpp):
    cases = ("HIL_ENERGY_01", "HIL_LIMIT_01", "HIL_PILOT_01", "HIL_PILOT_03")
    file = tmp_path / "large.toml"
    file.write_text(LARGE.format(base=station_file(base)), encoding="utf-8")
    done = run_cases(cases, ocpp=ocpp, station=file)
    assert done.record is not None, done.output
    assert {case.id: case.result.value for case in done.record.cases} == dict.fromkeys(cases, "pass"), done.output
    steps = [step.title for case in done.record.cases for step in case.steps]
    assert "the pilot's duty says 63 A" in steps
