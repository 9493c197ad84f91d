"""The meter in front of the station is read at whichever EVSE a case runs, and wrong stations are found there, too."""

import pytest

from fixtures.detection_runs import run_cases

CASES = ("HIL_STANDBY_01", "ROB_LIMIT_11")


def results(**chosen):
    done = run_cases(CASES, evse=2, **chosen)
    assert done.record is not None, done.output
    assert {case.evse for case in done.record.cases} == {2}
    return {case.id: case.result.value for case in done.record.cases}


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_it_judges_a_good_station_at_evse_2(ocpp):
    assert results(ocpp=ocpp) == dict.fromkeys(CASES, "pass")


@pytest.mark.parametrize(
    ("fault", "case"), [("electronics_never_rest", "HIL_STANDBY_01"), ("maximum_for_each_evse", "ROB_LIMIT_11")]
)
def test_it_fails_a_wrong_one_at_evse_2(fault, case):
    assert results(ocpp="1.6", faults=(fault,)) == dict.fromkeys(CASES, "pass") | {case: "fail"}
