"""A station description that claims what the station has not got is found out by the cases of what it claims."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import DEFAULT, station, station_file
from harness.verdict import Result

SMART_CHARGING = tuple(
    f"TC_{number}_CS" for number in ("056", "057", "058_1", "058_2", "059", "060", "066", "067", "072", "082")
)


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    """The virtual station without smart charging, under a description that goes on claiming it."""
    assert station(DEFAULT).pics.answer("1.6-SmartCharging") is True
    file = tmp_path_factory.mktemp("stations") / "liar.toml"
    file.write_text(
        f'base = "{station_file(DEFAULT)}"\nocpp = ["1.6"]\n[virtual]\nfeatures = ["Core", "RemoteTrigger"]\n'
    )
    return file


def test_smart_charging_that_is_claimed_and_absent_fails_every_case_of_it(liar):
    run = run_cases(SMART_CHARGING, ocpp="1.6", station=liar)
    assert run.record is not None, run.output
    assert run.exit_code == 1
    assert {case.id: case.result for case in run.record.cases if case.id in SMART_CHARGING} == dict.fromkeys(
        SMART_CHARGING, Result.FAIL
    )
    told = {
        case.id: next(check.observed for step in case.steps for check in step.checks if check.verdict.value == "fail")
        for case in run.record.cases
        if case.id in SMART_CHARGING
    }
    assert "NotSupported" in told["TC_056_CS"]
    assert "Accepted" in told["TC_060_CS"]
