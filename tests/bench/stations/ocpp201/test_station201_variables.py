import asyncio

import pytest


def ask(component, variable, instance=None, kind=None, **evse):
    row = {"component": {"name": component}, "variable": {"name": variable}}
    if instance is not None:
        row["variable"]["instance"] = instance
    if evse:
        row["component"]["evse"] = evse
    if kind is not None:
        row["attributeType"] = kind
    return row


def run_get(simulate, *rows, faults=()):
    async def scenario(b):
        await b.booted()
        return await b.csms.call("GetVariables", getVariableData=list(rows))

    return simulate(scenario, *faults)["getVariableResult"]


def run_set(simulate, *rows, faults=()):
    async def scenario(b):
        await b.booted()
        answer = await b.csms.call("SetVariables", setVariableData=list(rows))
        read = [{k: v for k, v in row.items() if k != "attributeValue"} for row in rows]
        return answer, await b.csms.call("GetVariables", getVariableData=read)

    answer, read = simulate(scenario, *faults)
    return answer["setVariableResult"], read["getVariableResult"]


def test_get_answers_each_row_by_its_own_status(simulate):
    rows = run_get(
        simulate,
        ask("OCPPCommCtrlr", "OfflineThreshold", kind="Actual"),
        ask("ocppcommctrlr", "offlinethreshold"),
        ask("NoSuchCtrlr", "OfflineThreshold"),
        ask("OCPPCommCtrlr", "NoSuchVariable"),
        ask("OCPPCommCtrlr", "OfflineThreshold", kind="Target"),
        ask("OCPPCommCtrlr", "MessageTimeout"),
        ask("OCPPCommCtrlr", "MessageTimeout", "Default"),
        ask("SecurityCtrlr", "BasicAuthPassword"),
        ask("EVSE", "AvailabilityState", id=2),
        ask("EVSE", "AvailabilityState", id=3),
    )
    assert [row["attributeStatus"] for row in rows] == [
        "Accepted",
        "Accepted",
        "UnknownComponent",
        "UnknownVariable",
        "NotSupportedAttributeType",
        "UnknownVariable",
        "Accepted",
        "Rejected",
        "Accepted",
        "UnknownComponent",
    ]
    assert [row.get("attributeValue") for row in rows] == [
        "60", "60", None, None, None, None, "30", None, "Available", None,
    ]  # fmt: skip
    assert [row["attributeType"] for row in rows] == ["Actual"] * 4 + ["Target"] + ["Actual"] * 5
    assert rows[1]["component"] == {"name": "ocppcommctrlr"}


@pytest.mark.parametrize(
    ("component", "variable", "value", "status", "reason"),
    [
        ("OCPPCommCtrlr", "OfflineThreshold", "300", "Accepted", None),
        ("OCPPCommCtrlr", "OfflineThreshold", "-1", "Rejected", "ValueTooLow"),
        ("OCPPCommCtrlr", "OfflineThreshold", "86401", "Rejected", "ValueTooHigh"),
        ("OCPPCommCtrlr", "OfflineThreshold", "soon", "Rejected", "InvalidValue"),
        ("TxCtrlr", "StopTxOnInvalidId", "maybe", "Rejected", "InvalidValue"),
        ("TxCtrlr", "TxStartPoint", "PowerPathClosed", "Accepted", None),
        ("TxCtrlr", "TxStartPoint", "ParkingBayOccupancy", "Rejected", "InvalidValue"),
        ("TxCtrlr", "TxStartPoint", "Authorized,Authorized", "Rejected", "InvalidValue"),
        ("SmartChargingCtrlr", "ProfileStackLevel", "3", "Rejected", "ReadOnly"),
        ("SmartChargingCtrlr", "LimitChangeSignificance", "2.5", "Accepted", None),
        ("NoSuchCtrlr", "OfflineThreshold", "1", "UnknownComponent", None),
        ("TxCtrlr", "NoSuchVariable", "1", "UnknownVariable", None),
    ],
)
def test_set_takes_good_values_and_says_why_not(simulate, *, component, variable, value, status, reason):
    answer, read = run_set(simulate, ask(component, variable) | {"attributeValue": value})
    assert answer[0]["attributeStatus"] == status
    assert answer[0]["attributeType"] == "Actual"
    assert answer[0].get("attributeStatusInfo", {}).get("reasonCode") == reason
    if status == "Accepted":
        assert read[0]["attributeValue"] == value
    else:
        assert read[0].get("attributeValue") != value


def test_too_many_items_are_refused_as_a_whole(simulate):
    async def scenario(b):
        await b.booted()
        rows = [ask("OCPPCommCtrlr", "OfflineThreshold")] * 21
        return await b.csms.raw("GetVariables", {"getVariableData": rows})

    reply = simulate(scenario)
    assert reply[0] == 4
    assert reply[2] == "OccurrenceConstraintViolation"


def test_written_value_survives_a_power_cut(simulate):
    async def scenario(b):
        await b.booted()
        row = ask("OCPPCommCtrlr", "OfflineThreshold")
        await b.csms.call("SetVariables", setVariableData=[row | {"attributeValue": "777"}])
        b.plant.set_mains_cut(cut=True)
        await asyncio.sleep(5)
        b.plant.set_mains_cut(cut=False)
        await b.csms.heard("BootNotification", reason="PowerUp")
        await b.csms.heard("StatusNotification", evseId=2)
        return await b.csms.call("GetVariables", getVariableData=[row])

    read = simulate(scenario)
    assert read["getVariableResult"][0]["attributeValue"] == "777"


def report_of(simulate, base):
    async def scenario(b):
        await b.booted()
        answer = await b.csms.call("GetBaseReport", requestId=42, reportBase=base)
        await b.csms.heard("NotifyReport", tbc=False)
        return answer, b.csms.all("NotifyReport")

    answer, parts = simulate(scenario)
    assert answer["status"] == "Accepted"
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert {part["requestId"] for part in parts} == {42}
    return parts, [row for part in parts for row in part["reportData"]]


def test_full_inventory_holds_the_required_variables_in_parts(simulate):
    parts, rows = report_of(simulate, "FullInventory")
    assert len(parts) > 2
    names = {(row["component"]["name"], row["variable"]["name"], row["variable"].get("instance")) for row in rows}
    assert {
        ("OCPPCommCtrlr", "MessageTimeout", "Default"),
        ("OCPPCommCtrlr", "FileTransferProtocols", None),
        ("OCPPCommCtrlr", "NetworkConfigurationPriority", None),
        ("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
        ("OCPPCommCtrlr", "RetryBackOffWaitMinimum", None),
        ("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"),
        ("ClockCtrlr", "DateTime", None),
        ("SecurityCtrlr", "SecurityProfile", None),
        ("AuthCtrlr", "AuthorizeRemoteStart", None),
        ("TxCtrlr", "TxStartPoint", None),
        ("SampledDataCtrlr", "TxEndedMeasurands", None),
        ("AlignedDataCtrlr", "Interval", None),
        ("SmartChargingCtrlr", "Entries", "ChargingProfiles"),
        ("ChargingStation", "AvailabilityState", None),
        ("EVSE", "Power", None),
        ("Connector", "ConnectorType", None),
    } <= names
    connector = next(row for row in rows if row["component"]["name"] == "Connector")
    assert connector["component"]["evse"] == {"id": 1, "connectorId": 1}
    password = next(row for row in rows if row["variable"]["name"] == "BasicAuthPassword")
    assert "value" not in password["variableAttribute"][0]
    limits = next(row for row in rows if row["variable"]["name"] == "TxStartPoint")["variableCharacteristics"]
    assert limits["dataType"] == "MemberList"
    assert "EVConnected" in limits["valuesList"]


def test_configuration_inventory_holds_what_can_be_written(simulate):
    _, rows = report_of(simulate, "ConfigurationInventory")
    assert {row["variableAttribute"][0]["mutability"] for row in rows} == {"ReadWrite", "WriteOnly"}


def test_clear_cache_is_refused_while_the_cache_is_off(simulate):
    async def scenario(b):
        await b.booted()
        first = await b.csms.call("ClearCache")
        row = ask("AuthCacheCtrlr", "Enabled") | {"attributeValue": "false"}
        await b.csms.call("SetVariables", setVariableData=[row])
        return first, await b.csms.call("ClearCache")

    first, second = simulate(scenario)
    assert (first["status"], second["status"]) == ("Accepted", "Rejected")
