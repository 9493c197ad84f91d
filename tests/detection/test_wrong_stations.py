"""Every case is failed by a station that breaks what the case is about."""

from fixtures.detection_stations import misplaced


def test_the_wrong_station_is_failed_in_the_right_step(row, detection_runs):
    outcome = detection_runs.outcome(row)
    where = f"{row.case} ({row.ocpp}) under {row.fault}{row.place}"
    assert outcome.fate == "killed", f"{where}: {outcome.fate}: {outcome.why}"
    assert outcome.evidence, "a fail without evidence"


def test_no_case_is_without_a_wrong_station(detection_rows, all_cases):
    covered = {(row.case, row.ocpp) for row in detection_rows if not row.rule}
    assert sorted(set(all_cases) - covered) == []


def test_every_row_stands_on_a_station_that_its_case_applies_to(detection_rows):
    assert [told for row in detection_rows if (told := misplaced(row.case, row.station))] == []


def test_no_row_stands_twice(detection_rows):
    keys = [(row.case, row.ocpp, row.fault, row.station, row.rule, row.evse) for row in detection_rows]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []
