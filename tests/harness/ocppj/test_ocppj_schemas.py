import copy
from typing import Any

import pytest

from fixtures.schema_files import load_documents, load_schemas
from harness.ocppj.overrides import OVERRIDES, OverrideError, SchemaOverride, apply
from harness.ocppj.schemas import Problem, Schemas
from harness.ocppj.version import OcppVersion

V16, V201, V21 = OcppVersion.V1_6, OcppVersion.V2_0_1, OcppVersion.V2_1
NOW = "2026-11-22T11:00:00Z"


def meter_values(**sampled: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "1"} | sampled]}]}


def places(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in problems]


@pytest.mark.parametrize(("version", "calls", "sends"), [(V16, 39, 0), (V201, 64, 0), (V21, 90, 1)])
def test_every_message_of_the_version_has_a_validator(version: OcppVersion, calls: int, sends: int):
    schemas = load_schemas(version)
    assert (len(schemas.call_actions), len(schemas.send_actions)) == (calls, sends)
    assert len(load_documents(version)) == 2 * calls + sends
    surplus = {"notAField": 1}
    for action in schemas.call_actions:
        assert ("notAField", "additionalProperties") in places(schemas.check_call(action, surplus)), action
        assert ("notAField", "additionalProperties") in places(schemas.check_result(action, surplus)), action
    for action in schemas.send_actions:
        assert ("notAField", "additionalProperties") in places(schemas.check_send(action, surplus)), action


def test_the_security_extension_of_1_6_is_there():
    known = load_schemas(V16).call_actions
    assert {"SignCertificate", "CertificateSigned", "SecurityEventNotification", "SignedUpdateFirmware"} <= known


def test_valid_payloads_have_no_problem():
    schemas = load_schemas(V16)
    assert schemas.check_call("Heartbeat", {}) == []
    assert schemas.check_call("MeterValues", meter_values(unit="Celsius", phase="L1-N")) == []
    assert schemas.check_result("Heartbeat", {"currentTime": NOW}) == []


@pytest.mark.parametrize(
    ("sampled", "path", "rule"),
    [
        ({"value": 1}, "value", "type string"),
        ({"unit": "Furlong"}, "unit", "enum"),
        ({"colour": "red"}, "colour", "additionalProperties"),
    ],
)
def test_a_problem_names_path_value_and_rule(sampled: dict[str, Any], path: str, rule: str):
    (problem,) = load_schemas(V16).check_call("MeterValues", meter_values(**sampled))
    assert (problem.path, problem.rule) == (f"meterValue[0].sampledValue[0].{path}", rule)
    assert problem.value == sampled[path]
    assert problem.message


def test_an_enum_problem_lists_what_is_allowed():
    (problem,) = load_schemas(V16).check_call("Reset", {"type": "Medium"})
    assert problem.message == "'Medium' is not one of: Hard, Soft"


def test_a_missing_field_is_named_itself():
    problems = load_schemas(V201).check_call(
        "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M"}}
    )
    assert problems == [
        Problem("chargingStation.vendorName", None, "required", "chargingStation.vendorName is required and missing")
    ]


def test_every_surplus_field_is_a_problem_of_its_own():
    problems = load_schemas(V16).check_call("Heartbeat", {"a": 1, "b": 2})
    assert sorted(places(problems)) == [("a", "additionalProperties"), ("b", "additionalProperties")]


def test_lengths_are_checked():
    (problem,) = load_schemas(V16).check_call("Authorize", {"idTag": "x" * 21})
    assert (problem.path, problem.rule, problem.value) == ("idTag", "maxLength 20", "x" * 21)


@pytest.mark.parametrize("version", [V16, V201, V21])
@pytest.mark.parametrize(
    "time", ["2026-11-22", "2026-11-22T11:00:00", "2026-11-22T11:00:00+0100", "2026-13-01T00:00:00Z"]
)
def test_date_time_is_asserted(version: OcppVersion, time: str):
    assert places(load_schemas(version).check_result("Heartbeat", {"currentTime": time})) == [
        ("currentTime", "format date-time")
    ]


@pytest.mark.parametrize(
    "time", ["2026-11-22T11:00:00.123456Z", "2026-11-22T11:00:00+01:00", "2026-11-22T11:00:00-00:30"]
)
def test_fractions_and_offsets_are_taken(time: str):
    """OCPP 1.6 errata 3.10."""
    assert load_schemas(V16).check_result("Heartbeat", {"currentTime": time}) == []


def profile(**changes: Any) -> dict[str, Any]:
    periods = [{"startPeriod": 0, "limit": changes.pop("limit", 16.0)}]
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": changes.pop("periods", periods)}
    return {
        "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    } | changes  # fmt: skip


def test_every_one_decimal_limit_is_a_multiple_of_a_tenth():
    schemas = load_schemas(V16)
    wrong = [
        tenth / 10
        for tenth in range(1000)
        if schemas.check_call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(limit=tenth / 10)})
    ]
    assert wrong == []
    (problem,) = schemas.check_call(
        "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(limit=16.05)}
    )
    assert problem.path == "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit"
    assert problem.rule == "multipleOf 0.1"


def test_an_integer_with_a_fraction_of_zero_is_one_from_draft_6_on():
    event = {"evseId": 1.0, "connectorId": 1, "connectorStatus": "Available", "timestamp": NOW}
    assert load_schemas(V201).check_call("StatusNotification", event) == []
    assert places(load_schemas(V16).check_call("UnlockConnector", {"connectorId": 1.0})) == [
        ("connectorId", "type integer")
    ]


def test_custom_data_takes_any_field_but_needs_its_vendor():
    schemas = load_schemas(V201)
    assert schemas.check_call("Heartbeat", {"customData": {"vendorId": "v", "anything": [1, {"deep": None}]}}) == []
    assert places(schemas.check_call("Heartbeat", {"customData": {"anything": 1}})) == [
        ("customData.vendorId", "required")
    ]


def test_deep_custom_data_is_checked_without_raising():
    deep: dict[str, Any] = {"vendorId": "v"}
    node = deep
    for _ in range(900):
        node["x"] = {}
        node = node["x"]
    assert load_schemas(V201).check_call("Heartbeat", {"customData": deep}) == []


def test_an_unknown_action_is_a_problem():
    (problem,) = load_schemas(V16).check_call("TransactionEvent", {})
    assert problem == Problem("", "TransactionEvent", "action", "OCPP 1.6 has no CALL 'TransactionEvent'")
    (problem,) = load_schemas(V16).check_call("heartbeat", {})
    assert problem.message == "OCPP 1.6 has no CALL 'heartbeat'; its name is 'Heartbeat'"


def test_calls_and_sends_are_told_apart():
    schemas = load_schemas(V21)
    stream = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0.5, "v": "230.4"}]}
    assert schemas.check_send("NotifyPeriodicEventStream", stream) == []
    (problem,) = schemas.check_call("NotifyPeriodicEventStream", stream)
    assert problem.message.endswith("it is a SEND")
    (problem,) = schemas.check_send("Heartbeat", {})
    assert problem.message.endswith("it is a CALL")


# What each override changes, shown by a payload on which the shipped file and the corrected one differ.
_STOP = {"transactionId": 1, "timestamp": NOW, "meterStop": 1}
_CONNECTOR = {
    "ChangeAvailability": {"type": "Operative"},
    "MeterValues": {"meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "1"}]}]},
    "RemoteStartTransaction": {"idTag": "T"},
    "ReserveNow": {"expiryDate": NOW, "idTag": "T", "reservationId": 1},
    "StartTransaction": {"idTag": "T", "meterStart": 0, "timestamp": NOW},
    "StatusNotification": {"errorCode": "NoError", "status": "Available"},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UnlockConnector": {},
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat"},
}
_SCHEDULE = {"chargingRateUnit": "A", "chargingSchedulePeriod": []}
_PROBES = {
    ("StopTransaction", "enum"): _STOP
    | {"transactionData": [{"timestamp": NOW, "sampledValue": [{"value": "50.0", "unit": "Hertz"}]}]},
    ("StopTransaction", "minItems"): _STOP | {"transactionData": [{"timestamp": NOW, "sampledValue": []}]},
    ("SetChargingProfile", "minItems"): {"connectorId": 1, "csChargingProfiles": profile(periods=[])},
    ("RemoteStartTransaction", "minItems"): {"idTag": "T", "chargingProfile": profile(periods=[])},
    ("GetCompositeScheduleResponse", "minItems"): {"status": "Accepted", "chargingSchedule": _SCHEDULE},
    ("SetChargingProfile", "stackLevel"): {"connectorId": 1, "csChargingProfiles": profile(stackLevel=-1)},
    ("RemoteStartTransaction", "stackLevel"): {"idTag": "T", "chargingProfile": profile(stackLevel=-1)},
}


def probe(override: SchemaOverride) -> dict[str, Any]:
    *_, field, keyword = override.pointer.split("/")
    if field == "connectorId":
        assert isinstance(override.corrected, int)
        return _CONNECTOR[override.file] | {"connectorId": override.corrected - 1}
    return _PROBES[override.file, field if field == "stackLevel" else keyword]


def check(schemas: Schemas, file: str, payload: dict[str, Any]) -> list[Problem]:
    if file.endswith("Response"):
        return schemas.check_result(file.removesuffix("Response"), payload)
    return schemas.check_call(file, payload)


@pytest.mark.parametrize("override", OVERRIDES, ids=lambda o: f"{o.version}{o.pointer}-{o.file}")
def test_each_override_is_still_needed_and_does_what_it_says(override: SchemaOverride):
    documents = load_documents(override.version)
    shipped = Schemas(override.version, documents, overrides=())
    corrected = Schemas(override.version, documents, overrides=[override])
    before = check(shipped, override.file, probe(override))
    after = check(corrected, override.file, probe(override))
    widens = override.pointer.endswith("/enum")
    assert (len(before), len(after)) == ((1, 0) if widens else (0, 1))
    keyword = override.pointer.rsplit("/", 1)[1]
    assert (before + after)[0].rule.split()[0] == keyword
    assert override.clause


def test_the_lowest_allowed_connector_is_still_taken():
    schemas = load_schemas(V16)
    for override in OVERRIDES:
        if override.pointer == "/properties/connectorId/minimum":
            payload = _CONNECTOR[override.file] | {"connectorId": override.corrected}
            assert schemas.check_call(override.file, payload) == []


def test_an_override_that_does_not_fit_says_which():
    override = next(o for o in OVERRIDES if o.pointer.endswith("/enum"))
    document = load_documents(V16)["StopTransaction"]
    corrected = apply(document, [override])
    with pytest.raises(OverrideError, match=r"StopTransaction\.json of OCPP 1\.6, /properties.*Hertz.*3\.86"):
        apply(corrected, [override])
    broken = copy.deepcopy(document)
    del broken["properties"]["transactionData"]
    with pytest.raises(OverrideError, match=r"nothing at /properties/transactionData"):
        apply(broken, [override])


def test_applying_overrides_leaves_the_shipped_document_alone():
    document = load_documents(V16)["MeterValues"]
    before = copy.deepcopy(document)
    apply(document, [o for o in OVERRIDES if o.file == "MeterValues"])
    assert document == before


def test_schemas_are_loaded_once_a_process():
    assert load_schemas(V16) is load_schemas(V16)
