"""What list matchers say to the reader of a report."""

import pytest

from harness.oracle.matchers import Between, Equals, Has, Lacks, SameToken, mismatches

KEYS = [{"key": "HeartbeatInterval", "readonly": False}, {"key": "NumberOfConnectors", "readonly": False}]


def wanted(key, **more):
    return {"configurationKey": Has({"key": SameToken(key), **more})}


def test_an_element_that_is_almost_right_is_shown():
    told = mismatches({"configurationKey": KEYS}, wanted("numberofconnectors", readonly=Equals(value=True)))
    assert told == [
        'configurationKey has no such element: the nearest is {"key":"NumberOfConnectors","readonly":false}'
    ]


def test_an_element_that_agrees_in_other_fields_only_is_not_near():
    told = mismatches({"configurationKey": KEYS}, wanted("ResetRetries", readonly=Equals(value=False)))
    assert told == [
        'configurationKey has no such element: none of its 2 has key = "ResetRetries" (case does not matter)'
    ]


def test_a_list_without_anything_near_is_counted():
    assert mismatches({"configurationKey": KEYS}, wanted("ResetRetries")) == [
        'configurationKey has no such element: none of its 2 has key = "ResetRetries" (case does not matter)'
    ]


@pytest.mark.parametrize(("payload", "told"), [({}, "absent"), ({"configurationKey": "x"}, '"x"')])
def test_what_is_no_list_is_shown_as_it_is(payload, told):
    assert mismatches(payload, wanted("x")) == [f"configurationKey is {told}"]


def test_elements_that_are_no_objects_are_survived():
    assert mismatches({"configurationKey": [1, None]}, wanted("x"))


def test_an_empty_list_is_asked_for_in_words():
    assert Lacks({}).text("unknownKey") == "unknownKey absent or empty"
    assert not mismatches({}, {"unknownKey": Lacks({})})
    assert not mismatches({"unknownKey": []}, {"unknownKey": Lacks({})})
    assert mismatches({"unknownKey": ["a"]}, {"unknownKey": Lacks({})}) == ['unknownKey holds "a"']


def test_any_element_is_asked_for_in_words():
    assert Has({}).text("list") == "list not empty"
    assert mismatches({"list": []}, {"list": Has({})}) == ["list has no such element: it is empty"]


def test_fields_of_the_element_are_told():
    text = Has({"key": Equals("a"), "value": Between(1, None)}).text("list")
    assert text == 'list with an element where key = "a", 1 <= value'


def test_the_elements_that_should_not_be_there_are_shown():
    told = mismatches({"configurationKey": KEYS}, {"configurationKey": Lacks({"key": SameToken("heartbeatinterval")})})
    assert told == ['configurationKey holds {"key":"HeartbeatInterval","readonly":false}']
