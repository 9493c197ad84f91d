"""Stations that are unusual and right pass: a few runs, each of a station that does everything of its rows at once."""

from bench.virtual.stations.lenient import LENIENT


def test_what_is_allowed_passes_without_a_finding(run, allowed_rows, detection_runs):
    done = detection_runs.allowed(run)
    assert done.record is not None, done.output
    results = {case.id: (case.result.value, case.reason) for case in done.record.cases}
    assert results == dict.fromkeys(results, ("pass", "")), done.output
    rows = [row for row in allowed_rows if (row.ocpp, row.run, row.station) == run]
    assert results.keys() == {case for row in rows for case in row.concerned()}
    assert done.record.findings == []
    assert done.shown >= {row.name for row in rows}
    assert done.exit_code == 0, done.output


def test_every_allowed_behaviour_is_run_once(allowed_rows):
    assert sorted((row.name, row.ocpp) for row in allowed_rows) == sorted(
        (entry.name, ocpp) for entry in LENIENT.values() for ocpp in entry.ocpp
    )
