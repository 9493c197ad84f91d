import csv
import io
import re

import pytest

from harness.record import finish
from harness.verdict import Result
from reports.compare import compare_runs
from reports.csv_tables import MEASUREMENTS, RESULTS, measurements_csv, results_csv, text_cell
from reports.markdown import summary_md, told
from tests.reports.sample_record import sample_run
from tests.reports.test_compare import two_runs

EVIL = "=cmd|'/c calc'!A0 <script>x</script> @everyone [a](http://evil) `x` |\x1b[2J\u202e\r\n# head\x00"


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_every_case_is_a_row_with_its_result_and_ground():
    record, _ = sample_run()
    found = rows(results_csv(record))
    assert [row["case"] for row in found] == [case.id for case in record.cases]
    assert tuple(found[0]) == RESULTS
    failed = next(row for row in found if row["case"] == "HIL_F_01")
    check = record.cases[-1].steps[2].checks[0]
    assert (failed["result"], failed["required"], failed["observed"]) == ("fail", check.required, check.observed)
    assert failed["first_line"] == str(record.cases[-1].first_event + 1)
    assert float(failed["clock_s"]) == pytest.approx(record.cases[-1].ended - record.cases[-1].started, abs=0.001)


def test_every_measurement_is_a_row_with_its_uncertainty_and_conditions():
    record, _ = sample_run()
    found = rows(measurements_csv(record))
    assert tuple(found[0]) == MEASUREMENTS
    energy = next(row for row in found if row["name"] == "energy")
    assert (energy["value"], energy["unit"], energy["u"], energy["verdict"]) == ("412.5", "Wh", "3.1", "pass")
    assert energy["conditions"] == "reference meter at: cable_end; cable: 1.21 Wh ± 0.11 Wh added"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\n=1"])
def test_no_text_is_a_formula(text):
    cell = text_cell(text)
    assert cell.startswith("'") or not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert not re.search(r"[\x00-\x1f]", cell)


def test_hostile_texts_stay_in_their_cell():
    record, _ = sample_run()
    for case in record.cases:
        case.reason = case.title = case.station = EVIL
    found = rows(results_csv(record))
    assert len(found) == len(record.cases)
    assert all(row["reason"].startswith("'=cmd") for row in found)
    assert b"\x1b" not in results_csv(record)
    assert b"\x00" not in results_csv(record)


def test_the_summary_tells_verdict_counts_and_what_needs_attention():
    record, _ = sample_run()
    text = summary_md(record).decode()
    assert text.startswith(
        "## 🔴 Red: 1 fail, 1 known deviation gone, 1 error, 1 inconclusive, 1 not run, 1 MUST rule broken"
    )
    assert "| ✗ fail | 1 |" in text
    assert "- **HIL&#95;F&#95;01** fail (OCPP 1.6, virtual-16, EVSE 1): step 3 required" in text
    assert "- MUST **schema-valid** violated 4x" in text
    assert "Passing is not certification." in text


def test_the_summary_of_a_comparison_names_what_is_new_and_fixed():
    now, before, _ = two_runs()
    text = summary_md(now, compare_runs(now, before)).decode()
    assert "### Compared with 2025-03-04T10-00-00" in text
    assert "**new**: TC&#95;001&#95;CS (OCPP 1.6" in text
    assert "**fixed**: HIL&#95;E&#95;03 (OCPP 1.6" in text


@pytest.mark.parametrize("sign", list("\\`*_{}[]()<>#|~!@&^$"))
def test_no_sign_of_markdown_is_left(sign):
    assert sign not in re.sub(r"&#\d+;", "", told(f"a{sign}b"))


def test_links_and_mentions_are_broken():
    assert "http://" not in told("http://evil.example")
    assert "www." not in told("www.evil.example")
    assert "@" not in told("@everyone")
    assert not told("- item").startswith("-")


def test_hostile_texts_are_no_markup_in_the_summary():
    record, _ = sample_run()
    for case in record.cases:
        case.reason = case.title = case.station = case.id = EVIL
        for step in case.steps:
            step.checks = []
            step.detail = EVIL
    record.run.id = record.run.station["vendor"] = EVIL
    for finding in record.findings:
        finding.message = finding.rule = EVIL
    text = summary_md(finish(record)).decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)
    for forbidden in ("<script", "@everyone", "](", "http://", "\n# "):
        assert forbidden not in text


def test_a_thousand_fails_still_fit_into_a_comment():
    record, _ = sample_run()
    record.cases = [record.cases[-1]] * 1000
    for case in record.cases:
        case.reason = "x" * 1_000_000
    text = summary_md(finish(record)).decode()
    assert len(text) < 60_000
    assert "975 more in report.html" in text


def test_a_green_run_says_so():
    record, _ = sample_run()
    record.cases = [case for case in record.cases if case.result is Result.PASS]
    record.findings = []
    assert summary_md(finish(record)).decode().startswith("## 🟢 Green: every judged case passed")
