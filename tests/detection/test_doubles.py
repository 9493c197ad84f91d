"""Stations that do nothing right pass nothing, but for the cases that testcases/detection/doubles.toml excuses with a reason."""

import pytest

from fixtures.catalogue_files import DETECTION
from fixtures.detection import DOUBLES, load_excused
from harness.verdict import RESULTS

EXCUSED = load_excused(DETECTION / "doubles.toml")


@pytest.mark.parametrize("double", DOUBLES)
def test_a_double_passes_exactly_what_is_excused(double, doubled, detection_runs):
    run = detection_runs.double(*doubled, double)
    assert run.record is not None, run.output
    assert run.exit_code == 1, run.output
    passed = {case.id for case in run.record.cases if RESULTS[case.result].counts_as_pass}
    excused = [entry for entry in EXCUSED if (entry.ocpp, entry.station, entry.double) == (*doubled, double)]
    assert passed == {entry.case for entry in excused}
    assert [case.id for case in run.record.cases if case.error is not None] == []


def test_every_excuse_is_told_once():
    keys = [(entry.double, entry.ocpp, entry.case, entry.station) for entry in EXCUSED]
    assert sorted(set(keys)) == sorted(keys)


def test_every_excuse_is_looked_at(doubled_stations):
    assert {(entry.ocpp, entry.station) for entry in EXCUSED} - set(doubled_stations) == set()
