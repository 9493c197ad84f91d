"""Stations that do nothing right pass nothing, but for the cases that testcases/detection/doubles.toml excuses with a reason."""

import pytest

from fixtures.catalogue_files import DETECTION
from fixtures.detection import DOUBLES, load_excused
from harness.verdict import RESULTS

EXCUSED = load_excused(DETECTION / "doubles.toml")


@pytest.mark.parametrize("double", DOUBLES)
def test_a_double_passes_exactly_what_is_excused(double, version, detection_runs):
    run = detection_runs.double(version, double)
    assert run.record is not None, run.output
    assert run.exit_code == 1, run.output
    passed = {case.id for case in run.record.cases if RESULTS[case.result].counts_as_pass}
    assert passed == {entry.case for entry in EXCUSED if (entry.double, entry.ocpp) == (double, version)}
    assert [case.id for case in run.record.cases if case.error is not None] == []


def test_every_excuse_is_told_once():
    keys = [(entry.double, entry.ocpp, entry.case) for entry in EXCUSED]
    assert sorted(set(keys)) == sorted(keys)
