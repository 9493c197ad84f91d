"""A message that is sent again is the same one, however its times are written."""

import pytest

from harness.oracle.matchers import Repeats
from harness.oracle.same_moment import same_moment

NOON = "2026-05-01T12:00:00Z"


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        "2026-05-01T12:00:00+00:00",
        "2026-05-01T14:00:00+02:00",
        "2026-05-01T06:30:00.000000-05:30",
        "2026-05-01T12:00:00.000Z",
        "2026-05-01T12:00:00.250Z",  # what had been cut off
        "2026-05-01t12:00:00z",
    ],
)
def test_the_same_moment_in_other_words(written):
    assert same_moment(NOON, written)
    assert same_moment(written, NOON)


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-01T12:00:01Z",
        "2026-05-01T11:59:59.000Z",
        "2026-05-01T12:00:00+02:00",
        "2026-05-01T12:00:00",  # whose noon?
        "noon",
        "2026-02-30T12:00:00Z",
        None,
        0,
        [NOON],
    ],
)
def test_another_moment_or_none(written):
    assert not same_moment(NOON, written)


def test_digits_that_both_have_count():
    assert not same_moment("2026-05-01T12:00:00.100Z", "2026-05-01T12:00:00.101Z")
    assert same_moment("2026-05-01T12:00:00.1Z", "2026-05-01T12:00:00.101Z")


def test_what_is_no_time_is_the_same_as_itself():
    assert same_moment("noon", "noon")
    assert not same_moment("noon", "Noon")


def test_values_repeat_at_every_depth():
    value = [{"timestamp": NOON, "sampledValue": [{"value": "1"}]}]
    again = [{"timestamp": "2026-05-01T14:00:00.000+02:00", "sampledValue": [{"value": "1"}]}]
    assert Repeats(value).matches(again)
    assert not Repeats(value).matches([again[0] | {"sampledValue": [{"value": "2"}]}])
    assert not Repeats(value).matches([again[0] | {"timestamp": "2026-05-01T12:00:00+02:00"}])
    assert not Repeats(value).matches([*again, *again])
    assert not Repeats(value).matches([{"timestamp": NOON}])


@pytest.mark.parametrize(
    ("one", "other", "same"), [(1, 1.0, True), (1, True, False), (False, 0, False), ("1", 1, False), (None, None, True)]
)
def test_other_values_compare_as_json_does(one, other, same):
    assert Repeats(one).matches(other) is same
