from xml.etree import ElementTree as ET

import pytest

from harness.record import finish
from harness.verdict import RESULTS, Result
from reports.junit import junit_xml
from tests.reports.sample_record import sample_run


@pytest.fixture
def record():
    return sample_run()[0]


def _cases(root):
    return {
        case.find("properties/property[@name='case']").get("value"): case
        for case in root.iter("testcase")
        if case.find("properties/property[@name='case']") is not None
    }


def _property(case, name):
    found = case.find(f"properties/property[@name='{name}']")
    return None if found is None else found.get("value")


def test_every_result_shows_as_the_table_says(record):
    assert {case.result for case in record.cases} == set(Result)
    written = _cases(ET.fromstring(junit_xml(record)))
    assert set(written) == {case.id for case in record.cases}
    for case in record.cases:
        element = written[case.id]
        outcomes = [child.tag for child in element if child.tag in ("failure", "error", "skipped")]
        kind = RESULTS[case.result].junit
        assert outcomes == ([] if kind == "pass" else [kind]), case.result
        assert _property(element, "result") == case.result.value
        assert _property(element, "ocpp") == "1.6"


def test_totals_agree_with_the_cases(record):
    root = ET.fromstring(junit_xml(record))
    for element in [root, *root.findall("testsuite")]:
        assert int(element.get("tests")) == len(element.findall(".//testcase"))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(attribute)) == len(element.findall(f".//{tag}"))
    kinds = [RESULTS[case.result].junit for case in record.cases]
    suite = root.find("testsuite")
    assert (int(suite.get("failures")), int(suite.get("errors")), int(suite.get("skipped"))) == (
        kinds.count("failure"),
        kinds.count("error"),
        kinds.count("skipped"),
    )


def test_a_failure_reads_required_observed_evidence(record):
    text = _cases(ET.fromstring(junit_xml(record)))["HIL_F_01"].find("failure").text
    head, required, observed, evidence = text.splitlines()[:4]
    assert head == 'step 3 "the reference meter agrees"'
    assert required == "Required: current_l1 >= 9.5 A within 30.0 s of RemoteStartTransaction (id m2)"
    assert observed.startswith("Observed: highest 0.42 A")
    first, last = (record.cases[-1].steps[2].checks[0].evidence[i] for i in (0, -1))
    assert evidence == f"Evidence: trace.jsonl lines {first + 1}-{last + 1}"


def test_broken_rules_and_a_cut_run_turn_the_file_red(record):
    record.cases = [case for case in record.cases if case.result is Result.PASS]
    record.run.complete = False
    root = ET.fromstring(junit_xml(finish(record)))
    run = root.find("testsuite[@name='run']")
    assert {case.get("name") for case in run if case.find("failure") is not None} == {"schema-valid"}
    assert [case.get("name") for case in run if case.find("error") is not None] == ["the run came to its end"]
    assert "reply after 12.1 s" in run.find("testcase[@name='answer-in-time']/system-out").text


def test_hostile_text_stays_text(record):
    hostile = "]]><failure/>\x00\x1b[2J\u202e\ud800\ufffe&lt;"
    case = record.cases[-1]
    case.title = case.steps[2].checks[0].observed = case.reason = hostile
    case.steps[2].checks[0].required = "x" * 1_000_000
    data = junit_xml(record)
    assert len(data) < 200_000
    element = _cases(ET.fromstring(data))["HIL_F_01"]
    assert element.get("name").endswith("]]><failure/>\\x00\\x1b[2J\\u202e\\ud800\\ufffe&lt;")
    assert "(cut: 1000" in element.find("failure").text
