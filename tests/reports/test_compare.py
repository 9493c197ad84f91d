from copy import deepcopy

import pytest

from fixtures.cli.main import main
from harness.record import finish
from harness.verdict import Result, Strictness
from reports.build import build_all
from reports.compare import ADDED, FIXED, GONE, NEW, OTHER, STILL, compare_runs
from reports.html import render
from reports.terminal import comparison_lines
from tests.reports.sample_record import sample_run
from tests.reports.test_html import Page


def two_runs():
    """An earlier run and one in which something of each kind changed."""
    before, lines = sample_run()
    now = deepcopy(before)
    now.run.id = "later"
    by_id = {case.id: case for case in now.cases}
    by_id["TC_001_CS"].result = Result.FAIL  # passed before
    by_id["HIL_E_03"].result = Result.PASS  # was inconclusive
    by_id["HIL_A_01"].result = Result.WAIVED  # was not run
    now.cases.remove(by_id["TC_070_CS"])
    before.cases.remove(next(case for case in before.cases if case.id == "HIL_E_02"))
    return finish(now), finish(before), lines


def kinds(comparison):
    return {change.name: change.kind for change in comparison.changes}


def test_every_kind_of_change_is_told():
    now, before, _ = two_runs()
    comparison = compare_runs(now, before)
    assert kinds(comparison) == {
        "TC_001_CS": NEW, "HIL_F_01": STILL, "TC_021_CS": STILL, "TC_003_CS": STILL, "HIL_E_03": FIXED, "HIL_A_01": OTHER,
        "HIL_E_02": ADDED, "TC_070_CS": GONE,
    }  # fmt: skip
    (new,) = comparison.of(NEW)
    assert (new.before_word, new.now_word) == ("pass", "fail")
    assert comparison.same == len(now.cases) - 7


def test_a_run_is_the_same_as_itself_but_for_what_is_red():
    record, _ = sample_run()
    comparison = compare_runs(record, record)
    assert set(kinds(comparison).values()) == {STILL}
    assert (comparison.moved, comparison.differs) == ([], [])
    assert {change.kind for change in comparison.rules} == {STILL}


def test_another_evse_or_station_is_another_case():
    now, before, _ = two_runs()
    for case in now.cases:
        case.evse = 2
    assert set(kinds(compare_runs(now, before)).values()) == {ADDED, GONE}


@pytest.mark.parametrize(("value", "moved"), [(412.5, False), (416.8, False), (417.0, True), (408.0, True)])
def test_a_measurement_moved_when_both_uncertainties_do_not_explain_it(value, moved):
    now, lines = sample_run()
    before = deepcopy(now)
    (energy,) = next(case for case in now.cases if case.id == "TC_010_CS").steps[0].measurements
    assert (energy.value, energy.u) == (412.5, 3.1)  # both: 4.38
    energy.value = value
    comparison = compare_runs(now, before)
    assert bool(comparison.moved) is moved
    if moved:
        assert f"{value:g} Wh ± 3.1 Wh, was 412.5 Wh ± 3.1 Wh" in comparison.moved[0].text()
        assert comparison.moved[0].text() in Page(render(now, lines, comparison=comparison)).text


def test_rules_and_circumstances_are_compared():
    now, before, _ = two_runs()
    now.findings = [finding for finding in now.findings if finding.strictness is Strictness.MUST]
    before.findings = [finding for finding in before.findings if finding.strictness is Strictness.SHOULD]
    now.run.plugproof = "0.2.0"
    comparison = compare_runs(now, before)
    assert {(change.name, change.kind) for change in comparison.rules} == {
        ("schema-valid", NEW),
        ("answer-in-time", FIXED),
    }
    assert "Plugproof: 0.1.0, now 0.2.0" in comparison.differs


def test_the_page_tells_the_changes_and_leads_to_each_case():
    now, before, lines = two_runs()
    page = Page(render(now, lines, comparison=compare_runs(now, before)))
    assert "Compared with run 2025-03-04T10-00-00" in page.text
    buttons = {a["data-change"] for tag, a in page.elements if tag == "button" and "data-change" in a}
    assert buttons == {"new", "still-failing", "fixed", "other-change", "added"}
    changed = [a for tag, a in page.elements if tag == "details" and "data-change" in a]
    assert len(changed) == 7
    links = [a["href"] for tag, a in page.elements if tag == "a" and a["href"].startswith("#case-")]
    assert len(links) == 7
    assert set(links) <= {f"#{a['id']}" for a in changed}


def test_the_terminal_tells_the_changes():
    now, before, _ = two_runs()
    text = "\n".join(comparison_lines(compare_runs(now, before)))
    assert text.startswith(
        "Compared with run 2025-03-04T10-00-00: 1 new, 3 still failing, 1 fixed, 1 other change, 1 added, 1 gone"
    )
    assert "new           TC_001_CS (OCPP 1.6, virtual-16, EVSE 1): pass -> fail" in text


def test_a_run_against_one_that_is_none_is_refused(tmp_path, good_copy, capsys):
    assert main(["report", str(good_copy), "--against", str(tmp_path / "nothing")]) == 2
    assert "Cure: name the folder of a run, with its record" in capsys.readouterr().err


@pytest.fixture
def good_copy(tmp_path):
    """The smallest run that can be judged again: a trace with a head and an end."""
    from harness.trace.events import RunEnded, RunStarted
    from harness.trace.jsonl import Writer
    from harness.trace.trace import Trace

    folder = tmp_path / "run"
    folder.mkdir()
    trace, writer, lines = Trace(), Writer(), []
    trace.listeners.append(lambda record: lines.append(writer.line(record)))
    head = RunStarted(schema=1, run="r", plugproof="0", station="CP", bench="b", clock="simulated", epoch_utc="x")
    trace.append(head, 0.0, "2026-01-01T00:00:00.000Z")
    trace.append(RunEnded(reason="complete", events=1), 1.0, "2026-01-01T00:00:01.000Z")
    (folder / "trace.jsonl").write_bytes(b"".join(lines))
    return folder


def test_the_command_compares_and_says_so(good_copy, tmp_path, capsys):
    before, lines = sample_run()
    build_all(tmp_path / "old", before, lines)
    assert main(["report", str(good_copy), "--against", str(tmp_path / "old")]) == 1
    assert "Compared with run 2025-03-04T10-00-00: 11 gone" in capsys.readouterr().out
    assert "Compared with run" in (good_copy / "report.html").read_text()


def test_hostile_names_stay_text():
    now, before, lines = two_runs()
    evil = "<img src=x onerror=alert(1)>\x1b[2J\u202e"
    next(case for case in before.cases if case.id == "TC_070_CS").id = evil
    before.run.id = evil
    comparison = compare_runs(now, before)
    page = Page(render(now, lines, comparison=comparison))
    assert not any(tag == "img" for tag, _ in page.elements)
    assert "\x1b" not in "\n".join(comparison_lines(comparison))
