import re

import pytest

from harness.record import CaseRecord, finish
from harness.verdict import Result, Verdict
from reports.terminal import failure_block, paint, progress_line, remaining_s, summary
from tests.reports.sample_record import sample_run


@pytest.fixture
def record():
    return sample_run()[0]


def _by_result(record, result):
    return next(case for case in record.cases if case.result is result)


@pytest.mark.parametrize("result", list(Result))
def test_every_result_word_is_in_progress_and_summary(record, result):
    case = _by_result(record, result)
    assert f"  {result.value}  " in progress_line(1, 11, case) + "  "
    assert re.search(rf"^  \S {re.escape(result.value)} +\d+$", "\n".join(summary(record, "report.html")), re.MULTILINE)


def test_progress_line():
    case = CaseRecord("TC_010_CS", "t", "1.6", "s", 1, Result.PASS, Verdict.PASS, wall_seconds=0.31)
    assert progress_line(3, 26, case) == "[ 3/26] TC_010_CS 1.6  pass  0.31 s"
    told = progress_line(3, 26, case, elapsed_s=12.0)
    assert told == "[ 3/26] TC_010_CS 1.6  pass  0.31 s  elapsed 12.0 s, about 1 min 32 s left"
    assert progress_line(26, 26, case, elapsed_s=12.0).endswith("elapsed 12.0 s")


def test_a_simulated_case_tells_both_clocks():
    case = CaseRecord("X", "t", "1.6", "s", 1, Result.PASS, Verdict.PASS, started=5.0, ended=67.0, wall_seconds=0.31)
    assert "0.31 s (1 min 02 s on the bench)" in progress_line(1, 1, case)


def test_remaining_time_is_unknown_before_the_first_case():
    assert remaining_s(0, 10, 5.0) is None
    assert remaining_s(5, 10, 5.0) == 5.0


def test_a_failure_reads_as_designed(record):
    case = _by_result(record, Result.FAIL)
    evidence = case.steps[2].checks[0].evidence
    assert failure_block(case, "runs/x/trace.jsonl")[:4] == [
        'FAIL  HIL_F_01  step 3 "the reference meter agrees"  (OCPP 1.6, EVSE 1 of virtual-16)',
        "  Required: current_l1 >= 9.5 A within 30.0 s of RemoteStartTransaction (id m2)",
        "  Observed: highest 0.42 A (±0.05 A) in 31 samples; station reported Charging at +1.8 s",
        f"  Evidence: runs/x/trace.jsonl lines {evidence[0] + 1}-{evidence[-1] + 1}",
    ]


def test_an_error_stands_beside_a_fail_and_does_not_hide_it(record):
    case = _by_result(record, Result.FAIL)
    case.error = "KeyError: 'x'"
    text = "\n".join(failure_block(case, "trace.jsonl"))
    assert text.startswith("FAIL  HIL_F_01")
    assert "ERROR  HIL_F_01" in text
    assert "KeyError: 'x'" in text


@pytest.mark.parametrize(
    "result", [Result.PASS, Result.PASS_MESSAGES_ONLY, Result.NOT_APPLICABLE, Result.NOT_RUN, Result.WAIVED]
)
def test_no_block_for_what_did_not_fail(record, result):
    assert failure_block(_by_result(record, result), "trace.jsonl") == []


def test_the_summary_tells_why_it_is_red_and_where_the_report_is(record):
    lines = summary(record, "runs/x/report.html")
    assert lines[-1] == "Report: runs/x/report.html"
    assert lines[-2].startswith("RED  1 fail, ")
    assert "1 MUST rule broken" in lines[-2]
    assert "  not run: the bench has no id_reader: HIL_A_01" in lines
    assert any(line.startswith("  MUST   schema-valid  4x") for line in lines)


def test_a_green_run_says_so(record):
    record.cases = [case for case in record.cases if case.result is Result.PASS]
    record.findings = []
    line = summary(finish(record), "r")[-2]
    assert line == "GREEN  every judged case passed. Passing is not certification."


def test_nothing_a_station_said_reaches_the_terminal_raw(record):
    hostile = "\x1b]0;owned\x07\x9b31m\u202e\r\n" + "y" * 1_000_000
    case = _by_result(record, Result.FAIL)
    case.id = case.ocpp = case.reason = case.requirement = hostile
    case.steps[2].title = case.steps[2].checks[0].observed = hostile
    record.findings[0].message = record.findings[0].rule = record.run.id = hostile
    record.instrument_faults[0]["what"] = hostile
    lines = [*failure_block(case, "t"), *summary(record, "r"), progress_line(1, 1, case)]
    assert len(lines) > 10
    for line in lines:
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", line)
        assert len(line) < 3_000


def test_paint_is_the_only_source_of_escape_sequences(record):
    assert paint("fail", Result.FAIL) == "\x1b[31mfail\x1b[0m"
    assert "\x1b" not in "".join(summary(record, "r"))


def spread_over_two(record):
    for number, one in enumerate(record.cases):
        one.station, one.evse, one.module = (
            ("CS-A", "CS-B")[number % 2],
            1 + number % 2,
            ("Core", "Reservation")[number % 2],
        )
    return finish(record)


def test_counts_stand_by_profile_and_configuration(record):
    lines = summary(spread_over_two(record), "r")
    block = lines[lines.index("By profile and configuration:") + 1 :]
    assert block[0].startswith("  Core         CS-A 1.6  1 fail, ")
    assert block[1].startswith("  Reservation  CS-B 1.6  ")
    counted = sum(int(part.split()[0]) for line in block[:2] for part in line.split("1.6", 1)[1].split(","))
    assert counted == len(record.cases)


def test_one_profile_on_one_station_needs_no_table(record):
    for one in record.cases:
        one.module = "Core"
    assert not any("By profile" in line for line in summary(record, "r"))


def test_where_there_are_several_a_case_says_where_it_ran(record):
    record = spread_over_two(record)
    assert "(CS-" in "\n".join(line for line in summary(record, "r") if line.startswith("  not run:"))
    case = record.cases[0]
    assert "1.6 CS-A EVSE 1  " in progress_line(1, 1, case, place="CS-A EVSE 1")
