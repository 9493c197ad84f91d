import msgspec
import pytest

from harness.oracle.matchers import (
    Absent,
    AnyMatcher,
    Between,
    Equals,
    Fits,
    Has,
    Lacks,
    NotOneOf,
    OneOf,
    Present,
    SameToken,
    as_fields,
    mismatches,
    values_at,
)

PAYLOAD = {
    "status": "Accepted",
    "transactionInfo": {"chargingState": "Charging", "seqNo": 3},
    "meterValue": [{"sampledValue": [{"value": "12.5"}, {"value": "13.5", "unit": "A"}]}],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("status", ["Accepted"]),
        ("transactionInfo.chargingState", ["Charging"]),
        ("meterValue[0].sampledValue[1].value", ["13.5"]),
        ("meterValue[*].sampledValue[*].value", ["12.5", "13.5"]),
        ("meterValue[1].sampledValue[0].value", []),
        ("missing.deeper", []),
        ("status.deeper", []),
    ],
)
def test_paths_find_every_value(path, expected):
    assert list(values_at(PAYLOAD, path)) == expected


@pytest.mark.parametrize(
    ("matcher", "fits", "misses"),
    [
        (Equals(1), [1, 1.0], [True, "1", 2, None]),
        (Equals(True), [True], [1, "true"]),
        (SameToken("AbC"), ["abc", "ABC"], ["abcd", 3, None]),
        (OneOf(("A", "B")), ["A"], ["C", None]),
        (NotOneOf(("A",)), ["B"], ["A"]),
        (Between(0, 10), [0, 10, "5.5"], [-0.1, 10.1, "x", None, []]),
        (Fits("[0-9]+"), ["12"], ["12a", 12, ""]),
        (Present(), [None, 0, ""], []),
        (Has({"key": Equals("x")}), [[{"key": "y"}, {"key": "x"}]], [[], [{"key": "y"}], {"key": "x"}]),
        (Lacks({"key": Equals("x")}), [[], [{"key": "y"}]], [[{"key": "x"}]]),
    ],
)
def test_each_matcher_tells_right_from_wrong(matcher, fits, misses):
    assert [matcher.matches(value) for value in fits] == [True] * len(fits)
    assert [matcher.matches(value) for value in misses] == [False] * len(misses)


def test_absent_means_not_there():
    assert mismatches({"a": 1}, {"b": Absent()}) == []
    assert mismatches({"a": None}, {"a": Absent()}) == ["a is null"]


def test_a_mismatch_names_path_and_value():
    fields = as_fields({"status": "Rejected", "transactionInfo__chargingState": "EVConnected", "none": Present()})
    assert mismatches(PAYLOAD, fields) == [
        'status is "Accepted"',
        'transactionInfo.chargingState is "Charging"',
        "none is absent",
    ]


def test_any_element_may_match_a_starred_path():
    assert mismatches(PAYLOAD, as_fields({"meterValue[*].sampledValue[*].unit": "A"})) == []


@pytest.mark.parametrize("payload", [None, [], "text", 5])
def test_a_payload_that_is_no_object_mismatches_without_error(payload):
    assert mismatches(payload, as_fields({"status": "Accepted"})) == ["status is absent"]


def test_matchers_survive_storage():
    stored = [Equals({"a": [1]}), OneOf(("x", 2)), Has({"k": Between(1, None)}), Absent(), Fits("a|b")]
    restored = msgspec.json.decode(msgspec.json.encode(stored), type=list[AnyMatcher])
    assert restored == stored
