import pytest

from harness.model.pics import Pics
from harness.model.pics_told16 import contradiction_text, contradictions, told


def entry(key, value, readonly=False):
    return {"key": key, "value": value, "readonly": readonly}


def answers(*entries, **options):
    return {item: one.answer for item, one in told(entries, **options).items()}


def test_profiles_are_answered_both_ways():
    found = answers(entry("SupportedFeatureProfiles", "Core, smartcharging,Reservation", readonly=True))
    assert found == {
        "1.6-FirmwareManagement": False,
        "1.6-LocalAuthListManagement": False,
        "1.6-Reservation": True,
        "1.6-SmartCharging": True,
        "1.6-RemoteTrigger": False,
    }


@pytest.mark.parametrize(
    ("value", "readonly", "answer"), [("true", True, True), ("false", False, True), ("false", True, False)]
)
def test_a_switch_can_be_true_when_it_is_or_can_be_set(value, readonly, answer):
    assert answers(entry("authorizeRemoteTxRequests", value, readonly)) == {"1.6-AuthorizeRemoteTxRequests": answer}


@pytest.mark.parametrize(
    ("value", "readonly", "answer"), [("false", True, True), ("true", False, True), ("true", True, False)]
)
def test_the_local_list_can_be_disabled(value, readonly, answer):
    assert answers(entry("LocalAuthListEnabled", value, readonly)) == {"1.6-LocalAuthListCanBeDisabled": answer}


def test_a_missing_key_is_an_answer_only_where_all_were_asked_for():
    assert answers(entry("SecurityProfile", "1")) == {"1.6-SecurityExtension": True}
    assert answers(complete=True) == {"1.6-AuthorizationCache": False, "1.6-SecurityExtension": False}


@pytest.mark.parametrize(
    "odd",
    [None, 3, "x", {}, {"key": 1}, {"key": "AuthorizeRemoteTxRequests"}, entry("AuthorizeRemoteTxRequests", "yes")],
)
def test_what_is_malformed_says_nothing(odd):
    assert told([odd]) == {}


def test_only_what_the_file_denies_is_a_contradiction():
    heard = told([entry("SupportedFeatureProfiles", "Core")])
    found = contradictions(Pics({"1.6-SmartCharging": True, "1.6-Reservation": False}), heard)
    assert [one.item for one in found] == ["1.6-SmartCharging"]
    text = contradiction_text(found[0])
    assert text.startswith("the station says no to 1.6-SmartCharging")
    assert "SupportedFeatureProfiles = 'Core'" in text


def test_one_key_can_answer_two_questions_and_a_number_one():
    found = answers(
        entry("StopTransactionOnEVSideDisconnect", "true", readonly=True), entry("ChargingScheduleMaxPeriods", "6")
    )
    assert found == {
        "1.6-StopTransactionOnEVSideDisconnect": True,
        "1.6-KeepTransactionOnEVSideDisconnect": False,
        "1.6-ChargingScheduleMaxPeriods": 6,
    }
    assert [
        one.item
        for one in contradictions(
            Pics({"1.6-ChargingScheduleMaxPeriods": 5}), told([entry("ChargingScheduleMaxPeriods", "6")])
        )
    ] == ["1.6-ChargingScheduleMaxPeriods"]
