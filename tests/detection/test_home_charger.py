"""A station of one EVSE on one phase is judged as any other: nothing is asked of a connector or of phases that it has not."""

import pytest

from fixtures.detection_runs import run_cases

OF_ONE_CONNECTOR = ("TC_031_CS", "TC_049_CS", "TC_050_1_CS", "TC_055_CS")
PHYSICAL = ("HIL_ENERGY_01", "HIL_LIMIT_01", "HIL_SAMPLE_02")


@pytest.mark.parametrize(("ocpp", "cases"), [("1.6", (*OF_ONE_CONNECTOR, *PHYSICAL)), ("2.0.1", PHYSICAL)])
def test_it_passes(ocpp, cases):
    left_out = ("ROB_LIMIT_11",) if ocpp == "1.6" else ("ROB_LIMIT_11", "ROB_UNLOCK_01")
    done = run_cases((*cases, *left_out), ocpp=ocpp, station="virtual-home")
    assert done.record is not None, done.output
    results = {case.id: case.result.value for case in done.record.cases}
    assert results == dict.fromkeys(cases, "pass") | dict.fromkeys(left_out, "not applicable")
    assert done.record.findings == []


def test_it_draws_on_its_one_phase_alone():
    done = run_cases(("HIL_LIMIT_01",), ocpp="1.6", station="virtual-home", faults=("limit_never_applied",))
    assert done.record is not None, done.output
    (case,) = done.record.cases
    assert case.result.value == "fail"
    observed = " ".join(check.observed for step in case.steps for check in step.checks)
    assert ("current_l1_a" in observed, "current_l2_a" in observed) == (True, False), observed
