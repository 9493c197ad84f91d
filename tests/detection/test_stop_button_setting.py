"""FD-326 is a setting that goes wrong: with the stop button disabled the same station stops as it should."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import DEFAULT, station_file

FAULT = "stop_button_setting_keeps_energy"


@pytest.mark.parametrize(("enabled", "result"), [("true", "fail"), ("false", "pass")])
def test_the_setting_decides(tmp_path, enabled, result):
    file = tmp_path / "button.toml"
    setting = f'[virtual]\nconfiguration = {{ StopButtonEnabled = "{enabled}" }}\n'
    file.write_text(f'base = "{station_file(DEFAULT)}"\nocpp = ["1.6"]\n{setting}')
    done = run_cases(["HIL_STOP_01"], ocpp="1.6", faults=[FAULT], station=file)
    assert done.record is not None, done.output
    (case,) = (one for one in done.record.cases if one.id == "HIL_STOP_01")
    assert case.result.value == result, case.reason
    assert (FAULT in done.shown) is (result == "fail")
