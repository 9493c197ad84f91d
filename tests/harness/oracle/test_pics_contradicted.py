import pytest

from harness.model.pics import Pics
from harness.oracle.invariants import Invariants, pics_contradicted
from tests.harness.oracle.trace_builder import TraceBuilder

LIES = {"CP": Pics({"1.6-SmartCharging": True})}


def findings(claims, payload, action="GetConfiguration", **extra):
    made, rules = TraceBuilder(), Invariants([pics_contradicted.rule(claims)])
    call = made.sent_by_csms(0.0, action)
    reply = made.answered(1.0, call, payload, **extra)
    return [(violation.evidence, violation.message) for _, violation in rules.feed(reply)]


PROFILES = {"configurationKey": [{"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"}]}


def test_a_claim_that_the_station_denies_is_found_where_it_denies_it():
    ((evidence, message),) = findings(LIES, PROFILES)
    assert evidence == (1,)
    assert "1.6-SmartCharging" in message


def test_a_true_claim_and_another_station_are_not():
    assert findings({"CP": Pics({"1.6-SmartCharging": False})}, PROFILES) == []
    assert findings({"OTHER": Pics({"1.6-SmartCharging": True})}, PROFILES) == []
    assert findings(LIES, PROFILES, ocpp="2.0.1") == []


@pytest.mark.parametrize("payload", [{}, [], {"configurationKey": 3}, {"configurationKey": [None]}])
def test_a_malformed_answer_is_no_reason_to_fail(payload):
    assert findings(LIES, payload) == []
