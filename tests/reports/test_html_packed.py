import pytest
from markupsafe import Markup

from harness.facts.model import ClauseTrace, Declared, DocumentTrace, Identity, ReplyTiming, Volume
from harness.oracle.invariants import all_rules, of_described
from reports.assign import MOST_LINES, batches
from reports.html import render, unpacked
from reports.html.cases import Allowance, Budget
from reports.html.payload_html import marked_json
from reports.offences import offences
from reports.remedies import REMEDIES
from tests.reports.sample_record import STATION, sample_run
from tests.reports.test_html import Page


def test_what_needs_attention_is_in_the_file_as_it_is_and_the_rest_packed():
    record, lines = sample_run()
    text = render(record, lines)
    assert "Take the plug out of socket 1" in text  # of a case that fails
    assert "SetChargingProfile" not in text  # of one that passes
    assert "SetChargingProfile" in unpacked(text)


def test_beyond_the_budget_cases_that_pass_are_left_out_and_counted():
    record, lines = sample_run()
    page = Page(render(record, lines, Budget(cases=6)))
    assert len(page.cases) == 6
    assert [case["open"] for case in page.cases.values()][:4] == [True] * 4
    assert "5 more cases, none of which needs attention, are left out here" in page.text


def test_without_room_for_rows_the_steps_still_stand():
    record, lines = sample_run()
    page = Page(render(record, lines, Budget(plain=Allowance(0, 0), packed=Allowance(0, 0))))
    assert "the reference meter agrees" in page.text
    assert "rows of this case are left out here; they stand in trace.jsonl" in page.text


def test_lines_come_case_by_case_and_those_of_none_last():
    record, lines = sample_run()
    found = list(batches(record.cases, iter(lines)))
    assert [batch.index for batch in found][-1] is None
    assert sorted(batch.index for batch in found[:-1]) == [i for i, c in enumerate(record.cases) if c.last_event]
    assert sum(len(batch.lines) for batch in found) == len(lines)


def test_a_case_keeps_a_bounded_number_of_lines():
    record, _ = sample_run()
    record.cases[0].first_event, record.cases[0].last_event = 1, 10**9
    record.cases = record.cases[:1]
    lines = ({"seq": n, "kind": "x"} for n in range(1, MOST_LINES + 50))
    case, outside = batches(record.cases, lines)
    assert (len(case.lines), case.dropped, outside.lines) == (MOST_LINES, 49, [])


@pytest.mark.parametrize(
    ("text", "frame", "paths", "expected"),
    [
        ('[2,"1","A",{"a":1,"b":[{"c":2},{"c":3}]}]', "call", ["b[1].c"], '"c": <mark>3</mark>'),
        ('[2,"1","A",{"a":1,"b":[{"c":2}]}]', "call", ["b[*].c"], '"c": <mark>2</mark>'),
        ('[3,"1",{"status":"No"}]', "result", ["status"], '"status": <mark>"No"</mark>'),
        ('[3,"1",{"s":{"a":1}}]', "result", ["s"], '"s": <mark>{\n      "a": 1\n    }</mark>'),
        ('[3,"1",{"s":{},"t":[]}]', "result", ["t"], '"t": <mark>[]</mark>'),
        ('[4,"1","Code","text",{"d":1}]', "error", ["d"], '"d": <mark>1</mark>'),
        ('[3,"1",{"a":"<b>&"}]', "result", ["a"], '<mark>"&lt;b&gt;&amp;"</mark>'),
        ('[3,"1",{"a":"\\u0000 \\" ,{"}]', "result", ["a"], '<mark>"\\u0000 \\" ,{"</mark>'),
    ],
)
def test_the_offending_field_is_marked(text, frame, paths, expected):
    assert expected in marked_json(text, frame, paths)


@pytest.mark.parametrize(
    "text", ["", "]]]}", "[[[[", '{"a', '[2,"1","A",{"a":', "no json at all", '{"a":1}}', "<b>", ",,:"]
)
def test_what_is_no_json_is_laid_out_and_closed(text):
    shown = marked_json(text, "call", ["a"])
    assert isinstance(shown, Markup)
    assert shown.count("<mark>") == shown.count("</mark>")
    assert "<b>" not in shown


def test_no_token_is_lost_or_changed():
    text = '[2,"1","A",{"a":1.50,"b":[{"c":1e3},{"c":null}],"d":{},"e":"\\ud800"}]'
    plain = marked_json(text, "call", ["b[0]"]).replace("<mark>", "").replace("</mark>", "")
    assert "".join(plain.split()) == text


def test_a_failed_check_names_the_fields_at_which_the_message_is_wrong():
    frame = {"seq": 5, "kind": "frame", "frame": "call", "action": "StatusNotification", "raw": '[2,"1","StatusNotification",{"connectorId":1,"status":"Faulted"}]'}  # fmt: skip
    pattern = {"action": "StatusNotification", "fields": {"status": {"is": "equals", "value": "Charging"}, "connectorId": {"is": "equals", "value": 1}}}  # fmt: skip
    check = {"seq": 6, "kind": "expectation", "verdict": "fail", "evidence": [5], "spec": {"kind": "message", "word": "next", "patterns": [pattern]}}  # fmt: skip
    assert offences([frame, check]) == {5: ["status"]}
    assert offences([frame, check | {"verdict": "pass"}]) == {}
    assert offences([frame, check | {"spec": {"word": "never", "patterns": [pattern]}}]) == {}


@pytest.mark.parametrize("spec", [None, 7, {"patterns": 3}, {"patterns": [None]}, {"fields": {"a": 1}}, {"patterns": [{"fields": []}]}])  # fmt: skip
def test_specs_of_other_versions_mark_nothing(spec):
    lines = [
        {"seq": 1, "kind": "frame", "frame": "call", "raw": "{"},
        {"seq": 2, "kind": "expectation", "verdict": "fail", "evidence": [1, "x"], "spec": spec},
    ]
    assert offences(lines) == {}


def test_a_schema_problem_is_marked_in_the_page():
    record, lines = sample_run()
    place = next(line for line in lines if line.get("action") == "StopTransaction" and line["frame"] == "call")
    place["problems"] = [{"path": "meterStop", "rule": "type", "message": "is no integer"}]
    assert '"meterStop": <mark>540</mark>' in unpacked(render(record, lines))


def test_every_remedy_is_that_of_a_rule():
    assert set(REMEDIES) <= {rule.id for rule in (*all_rules(), *of_described({}))}


def test_a_rule_without_a_remedy_still_tells_what_it_costs(monkeypatch):
    monkeypatch.delitem(REMEDIES, "schema-valid")
    record, lines = sample_run()
    cost = next(rule.explanation for rule in all_rules() if rule.id == "schema-valid")
    assert cost in Page(render(record, lines)).text


def test_findings_tell_what_to_do():
    record, lines = sample_run()
    assert REMEDIES["schema-valid"] in Page(render(record, lines)).text


def test_pace_volume_identity_declarations_and_clauses_are_shown():
    record, lines = sample_run()
    record.identities = [Identity(STATION, "1.6", {"model": "One"}, {"model": ["Two"]}, ["model"], [2])]
    record.declared = [Declared(STATION, {"C-01": True}, {"noise_floor_a": 0.5, "cpo_name": "x"}, ["noise_floor_a"])]
    record.timing = [ReplyTiming(STATION, "1.6", "station", "Reset", 3, 0.01, 0.02, 0.03, 0.04)]
    record.volumes = [Volume("transaction", "7", STATION, "1.6", 1.0, 3.0, 4, 400, 5, 500, whole=True)]
    covered = [ClauseTrace("5.11", "Remote Start Transaction", ["TC_010_CS", "TC_099_CS"], ["schema-valid"])]
    record.traceability = [DocumentTrace("OCPP 1.6 edition 2", covered, ["9.1.4"], 2)]
    text = "".join(Page(render(record, lines)).text.split())
    for part in (
        "One Two differs", "C-01", "0.5 (default)", "Reset 3 10 20 30 40", "400 5 500 2 s", "5.11 Remote Start Transaction",
        "TC_010_CS TC_099_CS schema-valid (broken)", "Known and cited by none (1 of 2): 9.1.4",
    ):  # fmt: skip
        assert part.replace(" ", "") in text, part
