import json

import pytest

from harness.record import from_json
from reports.build import REPORTS, build_all, write_atomically
from reports.json_report import environment_content, record_json
from tests.reports.sample_record import sample_run


def test_all_files_are_written_and_no_partial_one_is_left(tmp_path):
    record, lines = sample_run()
    paths = build_all(tmp_path / "run", record, iter(lines))
    assert [path.name for path in paths] == list(REPORTS)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted(path.name for path in paths)
    assert from_json(paths[0].read_bytes()) == record


def test_reports_can_be_built_again_from_the_record(tmp_path):
    record, lines = sample_run()
    first = [path.read_bytes() for path in build_all(tmp_path / "a", record, lines)]
    again = from_json((tmp_path / "a" / "record.json").read_bytes())
    assert [path.read_bytes() for path in build_all(tmp_path / "b", again, lines)] == first


def test_an_old_file_stays_whole_when_writing_fails(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("old")

    def no_space(_self, _target):
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.replace", no_space)
    with pytest.raises(OSError, match="no space"):
        write_atomically(target, b"new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_environment_names_run_station_bench_and_versions():
    record, _ = sample_run()
    content = environment_content(record)
    assert content["commit"] == "0123abc"
    assert content["bench"]["instruments"][0]["identity"] == "PLUGPROOF,VPA3,0,1.0"
    assert content["clock"] == "simulated"


def test_half_a_surrogate_pair_does_not_stop_the_record():
    record, _ = sample_run()
    record.cases[0].reason = "before \ud800 after"
    written = from_json(record_json(record))
    assert written.cases[0].reason == "before \\ud800 after"
    assert written.cases[1:] == record.cases[1:]
    assert json.loads(record_json(record))["counts"] == record.counts
