import pytest

from reports.assign import assign
from reports.html.rows import rows_of
from reports.payload import brief, shown
from tests.reports.sample_record import sample_run


def test_lines_go_to_the_case_whose_key_they_carry_even_when_cases_overlap():
    record, _ = sample_run()
    one, two = record.cases[0], record.cases[1]
    one.first_event, one.last_event = 1, 6
    two.first_event, two.last_event = 2, 8
    keys = [
        "",
        "TC_010_CS/virtual-16/1.6/1",
        "TC_001_CS/virtual-16/1.6/1",
        "TC_010_CS/virtual-16/1.6/1",
        "",
        "TC_001_CS/virtual-16/1.6/1",
        "OTHER/virtual-16/1.6/1",
        "",
        "",
        "",
    ]
    found = assign([one, two], [{"seq": i, "case": key} for i, key in enumerate(keys)])
    assert [line["seq"] for line in found.cases[0]] == [1, 3, 4]
    assert [line["seq"] for line in found.cases[1]] == [2, 5, 7, 8]
    assert [line["seq"] for line in found.outside] == [0, 6, 9]


def test_secret_values_are_masked_and_the_rest_is_shown():
    raw = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret","list":[{"pin":1},{"pin":2}]}]'
    payload, text = shown("call", raw, ["value", "list.pin"])
    assert "s3cret" not in text
    assert payload == {
        "key": "AuthorizationKey",
        "value": "(secret)",
        "list": [{"pin": "(secret)"}, {"pin": "(secret)"}],
    }
    assert shown("call", raw, ["list[1].pin"])[0]["list"] == [{"pin": 1}, {"pin": "(secret)"}]


@pytest.mark.parametrize("path", ["gone", "value.deeper", "list[7].pin", ""])
def test_a_secret_that_cannot_be_found_withholds_the_frame(path):
    _, text = shown("call", '[2,"1","X",{"value":"s3cret","list":[]}]', [path])
    assert text.startswith("(withheld")


def test_without_secrets_the_text_is_the_one_on_the_wire():
    raw = '[3, "1", {"a":1.0,"a":1e400 }]'
    assert shown("result", raw, [])[1] == raw


def test_brief_names_fields_and_hides_depth():
    assert brief({"a": "x", "b": {"c": 1}, "d": [1, 2], "e": None, "f": {}}) == "a x · b {…} · d [2] · e null · f {}"


def test_consecutive_samples_and_pings_become_one_row():
    lines = [
        {"seq": i, "t": i * 1.0, "kind": "sample", "source": "m", "values": {"current_l1_a": [float(i), "A", 0.1]}}
        for i in range(5)
    ]
    lines += [{"seq": 5 + i, "t": 5.0, "kind": "ping", "direction": "in"} for i in range(3)]
    samples, pings = rows_of(lines, 0.0, {3})
    assert (samples.line, samples.lines, samples.head, samples.brief) == (
        0,
        [0, 1, 2, 3, 4],
        "5 samples",
        "m current_a L1 0 to 4 A",
    )
    assert samples.marked
    assert not pings.marked
    assert pings.head == "WebSocket ping or pong, 3x"


def test_a_capture_tells_its_edges():
    edges = [
        {"signal": "pilot", "what": "leaves state C", "t": 0.0, "u": 1e-6},
        {"signal": "outlet_voltage", "what": "ends", "t": 0.0123},
    ]
    line = {
        "seq": 7,
        "t": 5.0,
        "kind": "capture",
        "at": 4.5,
        "source": "scope_1",
        "trigger": "state C left",
        "edges": edges,
    }
    (row,) = rows_of([line], 4.0)
    assert (row.head, row.lane) == ("capture, triggered by state C left", "bench")
    assert row.brief == "scope_1 · after the trigger: pilot leaves state C 0 ms, outlet voltage ends 12.3 ms"
    (row,) = rows_of([{**line, "edges": [None, {"t": "x"}, 3]}], 4.0)
    assert row.brief == "scope_1 · after the trigger: no edge"
