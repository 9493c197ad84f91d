"""JUnit and Allure files as programs that others wrote understand them: junitparser, and the readers of Allure 3."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml

from fixtures.detection_forks import run_pytest
from harness.verdict import RESULTS, Result
from reports.build import build_all
from tests.reports.sample_record import sample_run
from tests.reports.test_hostile_content import EVIL, hostile

HERE = Path(__file__).parent
BENCH, STATION = "bench/topologies/virtual.toml", "fixtures/stations/virtual.toml"
OUTCOMES = {"pass": None, "failure": Failure, "error": Error, "skipped": Skipped}


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None or not (HERE / "node_modules" / "@allurereport" / "reader").exists():
        told = "missing: node and @allurereport/reader (npm ci in tests/browser)"
        if os.environ.get("PLUGPROOF_BROWSER") == "needed":
            pytest.fail(told)
        pytest.skip(told)
    return found


def read_by_allure(node, reader, files):
    done = subprocess.run(
        [node, str(HERE / "read_results.mjs"), reader, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert seen["refused"] == []
    return seen


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    record, lines = sample_run()
    folder = tmp_path_factory.mktemp("sample")
    build_all(folder, record, lines)
    return record, folder / "junit.xml"


def by_name(xml):
    return {case.name: case for suite in xml for case in suite}


def test_junitparser_reads_every_case_with_its_outcome_and_the_verdict_word(sample):
    record, path = sample
    xml = JUnitXml.fromfile(str(path))
    cases = [case for suite in xml for case in suite]
    told = {prop.value: case for case in cases for prop in case.properties() if prop.name == "result"}
    assert {case.result.value for case in record.cases} == set(told) == {result.value for result in Result}
    for result in Result:
        kinds = [type(outcome) for outcome in told[result.value].result]
        wanted = OUTCOMES[RESULTS[result].junit]
        assert kinds == ([wanted] if wanted else []), result
    counted = (xml.tests, xml.failures, xml.errors, xml.skipped)
    xml.update_statistics()
    assert counted == (xml.tests, xml.failures, xml.errors, xml.skipped)


def test_allure_reads_the_same_junit_file(sample, node):
    record, path = sample
    seen = read_by_allure(node, "junitXml", [path])
    statuses = [result["status"] for result in seen["results"]]
    cases = JUnitXml.fromfile(str(path))
    assert len(statuses) == sum(len(list(suite)) for suite in cases)
    junit = [RESULTS[case.result].junit for case in record.cases]
    assert statuses.count("skipped") == junit.count("skipped")
    assert statuses.count("failed") >= junit.count("failure")


@pytest.mark.parametrize("evil", EVIL.values(), ids=list(EVIL))
def test_a_junit_file_with_hostile_texts_is_read_by_both(evil, node, tmp_path):
    record, lines = hostile(evil)[:2]
    build_all(tmp_path, record, lines)
    xml = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert len(read_by_allure(node, "junitXml", [tmp_path / "junit.xml"])["results"]) == xml.tests


@pytest.fixture(scope="module")
def allure_results(tmp_path_factory):
    """A pass, a fail and what is not applicable; an inconclusive of a second run."""
    folder = tmp_path_factory.mktemp("allure")
    for more in (
        ("--case", "TC_001_CS", "--case", "TC_056_CS", "--case", "TC_085_CS", "--fault", "limit_never_applied"),
        ("--case", "TC_003_CS", "--fault", "dead"),
    ):
        run_pytest(
            ["testcases", "-q", "--bench", BENCH, "--station", STATION, "--ocpp", "1.6", "--runs", str(folder / "runs"), "--no-samples",
             "--alluredir", str(folder / "allure"), "-p", "allure_pytest.plugin", *more]
        )  # fmt: skip
    return folder / "allure"


def test_allure_reads_verdicts_steps_and_attachments(allure_results, node):
    seen = read_by_allure(node, "allure2", sorted(allure_results.iterdir()))
    results = {result["name"].split()[0]: result for result in seen["results"]}
    assert {name: result["status"] for name, result in results.items()} == {
        "TC_001_CS": "passed", "TC_056_CS": "failed", "TC_085_CS": "skipped", "TC_003_CS": "broken",
    }  # fmt: skip
    labels = {(label["name"], label["value"]) for label in results["TC_085_CS"]["labels"]}
    assert {("tag", "not applicable"), ("parentSuite", "PP-VIRTUAL"), ("suite", "OCPP 1.6")} < labels
    assert [label for label in labels if label[0] == "suite"] == [("suite", "OCPP 1.6")]
    failed = results["TC_056_CS"]
    assert failed["message"].startswith("fail: required")
    assert "Required: " in failed["trace"]
    steps = [step for step in failed["steps"] if step["type"] == "step"]
    assert [step["status"] for step in steps].count("failed") == 1
    assert any(step["type"] == "attachment" for step in failed["steps"])
    assert results["TC_003_CS"]["message"].startswith("inconclusive")
    assert {name for name in seen["attachments"] if not name.endswith((".txt", ".jsonl"))} == set()


def test_allure_reads_categories_and_environment(allure_results, node):
    files = [allure_results / "categories.json", allure_results / "environment.properties"]
    seen = read_by_allure(node, "allure2", files)
    assert seen["matched"] == [file.name for file in files]
    assert "Inconclusive: the evidence does not decide" in json.dumps(seen["metadata"])
    assert "PP-VIRTUAL" in json.dumps(seen["metadata"])
