"""A station that delays charging after a start at random is judged by the cases that have nothing to do with it as any other."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file


@pytest.mark.parametrize(("ocpp", "cases"), [("1.6", ("TC_010_CS", "HIL_AUTH_01")), ("2.0.1", ("HIL_AUTH_01",))])
def test_its_delay_is_overridden_in_them(ocpp, cases):
    done = run_cases(cases, ocpp=ocpp, station="virtual-delay")
    assert done.record is not None, done.output
    assert {case.id: case.result.value for case in done.record.cases} == dict.fromkeys(cases, "pass"), done.output


def test_one_that_cannot_be_overridden_leaves_open_what_measures_currents_and_nothing_else(tmp_path):
    file = tmp_path / "no-override.toml"
    delays = "[pics]\nGB-RandomDelay = true\n[virtual]\nrandom_delay_s = 600"
    file.write_text(f'base = "{station_file("virtual")}"\n{delays}\n', encoding="utf-8")
    done = run_cases(("TC_003_CS", "HIL_LIMIT_01", "ROB_FRAME_01"), station=file)
    assert done.record is not None, done.output
    left_open = {(case.id, case.ocpp): case.reason for case in done.record.cases if case.result.value == "inconclusive"}
    passed = [(case.id, case.ocpp) for case in done.record.cases if case.result.value == "pass"]
    assert sorted(left_open) == [("HIL_LIMIT_01", "1.6"), ("HIL_LIMIT_01", "2.0.1"), ("TC_003_CS", "1.6")], done.output
    assert all("Cure: name the setting in pixit.random_delay_override" in reason for reason in left_open.values())
    assert sorted(passed) == [("ROB_FRAME_01", "1.6"), ("ROB_FRAME_01", "2.0.1")], done.output
