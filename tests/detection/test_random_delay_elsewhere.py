"""A station that delays charging after a start at random is judged by the cases that have nothing to do with it as any other."""

import pytest

from fixtures.detection_runs import run_cases


@pytest.mark.parametrize(("ocpp", "cases"), [("1.6", ("TC_010_CS", "HIL_AUTH_01")), ("2.0.1", ("HIL_AUTH_01",))])
def test_its_delay_is_overridden_in_them(ocpp, cases):
    done = run_cases(cases, ocpp=ocpp, station="virtual-delay")
    assert done.record is not None, done.output
    assert {case.id: case.result.value for case in done.record.cases} == dict.fromkeys(cases, "pass"), done.output
