import json

import pytest

from harness.verdict import RESULTS, Result, Verdict
from reports.allure_map import (
    CATEGORIES,
    attachments,
    details,
    environment_properties,
    labels,
    parameters,
    status,
    step_status,
    step_tree,
)
from tests.reports.sample_record import sample_run


@pytest.fixture
def record():
    return sample_run()[0]


@pytest.mark.parametrize("result", list(Result))
def test_status_comes_from_the_table_and_the_word_is_kept(record, result):
    case = next(case for case in record.cases if case.result is result)
    assert status(result) == RESULTS[result].allure
    assert ("result", result.value) in parameters(case)
    assert ("tag", result.value) in labels(case, "run-1")
    assert details(case)[0].startswith(result.value)


def test_steps_carry_checks_and_measurements(record):
    case = record.cases[-1]
    steps = step_tree(case)
    assert [step.status for step in steps] == ["passed", "passed", "failed", "passed"]
    check, measurement = steps[2].children
    assert ("required", case.steps[2].checks[0].required) in check.parameters
    assert ("decision rule", case.steps[2].measurements[0].decision_rule) in measurement.parameters
    assert check.status == measurement.status == "failed"


def test_inconclusive_is_not_a_failure_of_the_station():
    assert step_status(Verdict.INCONCLUSIVE) == "broken"
    assert step_status(Verdict.NONE) == "unknown"


def test_attachments_hold_the_trace_of_the_case_as_text(record):
    lines = [json.dumps({"seq": 5, "raw": "<script>"}) + "\n", '{"seq": 6, "x": "\x1b"}\n']
    reasons, trace = attachments(record.cases[-1], lines)
    assert reasons.body.count("Required:") == 2
    assert json.loads(trace.body.splitlines()[0])["raw"] == "<script>"
    assert trace.body.splitlines()[1] == '{"seq": 6, "x": "\\x1b"}'


def test_every_status_but_passed_has_a_category():
    covered = {word for category in CATEGORIES for word in category["matchedStatuses"]}
    assert {mapping.allure for mapping in RESULTS.values()} - {"passed"} <= covered


def test_the_environment_is_read_as_properties(record):
    told = environment_properties(sample_run()[0])
    assert "plugproof = 0.1.0\n" in told
    hostile = sample_run()[0]
    hostile.run.station["vendor"] = "Zürich\n\\x = \u20ac \U0001f50c"
    line = next(line for line in environment_properties(hostile).splitlines() if line.startswith("station.vendor"))
    assert line.startswith("station.vendor = Z\\u00fcrich")
    assert line.endswith("\\\\x = \\u20ac \\ud83d\\udd0c")
