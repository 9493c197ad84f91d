"""Every case passes on the good stations without a finding: what `make conformance` shows, here beside all rows (--all-rows)."""


def test_the_good_station_passes(good_case, detection_runs):
    run = detection_runs.good(good_case[2])
    assert run.record is not None, run.output
    results = {(record.id, record.ocpp): (record.result.value, record.reason) for record in run.record.cases}
    assert results[good_case[:2]] == ("pass", "")


def test_the_good_run_is_green_without_a_finding(station_name, detection_runs):
    run = detection_runs.good(station_name)
    assert run.exit_code == 0, run.output
    assert run.record.findings == []
