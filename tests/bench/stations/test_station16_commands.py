import asyncio
import itertools
import json

import pytest

STATUSES = "StatusNotification"
CORE = {
    "AuthorizeRemoteTxRequests": None,
    "ClockAlignedDataInterval": False,
    "ConnectionTimeOut": False,
    "ConnectorPhaseRotation": False,
    "GetConfigurationMaxKeys": True,
    "HeartbeatInterval": False,
    "LocalAuthorizeOffline": False,
    "LocalPreAuthorize": False,
    "MeterValuesAlignedData": False,
    "MeterValuesSampledData": False,
    "MeterValueSampleInterval": False,
    "NumberOfConnectors": True,
    "ResetRetries": False,
    "StopTransactionOnInvalidId": False,
    "StopTxnAlignedData": False,
    "StopTxnSampledData": False,
    "SupportedFeatureProfiles": True,
    "TransactionMessageAttempts": False,
    "TransactionMessageRetryInterval": False,
    "UnlockConnectorOnEVSideDisconnect": None,
    "LocalAuthListEnabled": False,
    "LocalAuthListMaxLength": True,
    "SendLocalListMaxLength": True,
    "ChargeProfileMaxStackLevel": True,
    "ChargingScheduleAllowedChargingRateUnit": True,
    "ChargingScheduleMaxPeriods": True,
    "MaxChargingProfilesInstalled": True,
}


def test_all_required_keys_are_reported_with_their_access(rig16):
    async def body(rig):
        (answer,) = await rig.csms.call("GetConfiguration")
        readonly = {row["key"]: row["readonly"] for row in answer["configurationKey"]}
        assert {key: readonly.get(key) for key, expected in CORE.items() if expected is not None} == {
            key: expected for key, expected in CORE.items() if expected is not None
        }
        assert CORE.keys() <= readonly.keys()
        assert "unknownKey" not in answer

    rig16(body)


def test_known_and_unknown_keys_are_told_apart(rig16):
    async def body(rig):
        (answer,) = await rig.csms.call("GetConfiguration", key=["numberofconnectors", "Testing"])
        assert answer == {
            "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}],
            "unknownKey": ["Testing"],
        }

    rig16(body)


@pytest.mark.parametrize(
    ("fault", "key", "absent"),
    [("required_key_missing", "ConnectionTimeOut", "configurationKey"), ("unknown_key_missing", "Nil", "unknownKey")],
)
def test_incomplete_configurations(rig16, fault, key, absent):
    async def body(rig):
        (answer,) = await rig.csms.call("GetConfiguration", key=[key])
        assert absent not in answer

    rig16(body, faults=[fault])


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValueSampleInterval", "17", "Accepted"),
        ("MeterValueSampleInterval", "-1", "Rejected"),
        ("MeterValueSampleInterval", "1.5", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "yes", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("MeterValuesSampledData", "Voltage.L1,Current.Import", "Accepted"),
        ("MeterValuesSampledData", "Voltage,SoC", "Rejected"),
        ("ConnectorPhaseRotation", "0.RST,1.Unknown", "Accepted"),
        ("ConnectorPhaseRotation", "RST", "Rejected"),
        ("WebSocketPingInterval", "20", "RebootRequired"),
        ("Testing", "true", "NotSupported"),
    ],
)
def test_a_change_of_configuration_reads_back_only_if_it_was_taken(rig16, key, value, status):
    async def body(rig):
        assert await rig.csms.call("ChangeConfiguration", key=key, value=value) == [{"status": status}]
        (answer,) = await rig.csms.call("GetConfiguration", key=[key])
        taken = [row["value"].lower() == value.lower() for row in answer.get("configurationKey", [])]
        assert taken == ([] if status == "NotSupported" else [status in {"Accepted", "RebootRequired"}])

    rig16(body)


@pytest.mark.parametrize(
    ("fault", "key", "value"),
    [
        ("configuration_not_stored", "MeterValueSampleInterval", "17"),
        ("unknown_key_accepted", "Testing", "true"),
        ("invalid_value_accepted", "MeterValueSampleInterval", "-1"),
    ],
)
def test_changes_that_are_wrongly_accepted(rig16, fault, key, value):
    async def body(rig):
        assert await rig.csms.call("ChangeConfiguration", key=key, value=value) == [{"status": "Accepted"}]
        (answer,) = await rig.csms.call("GetConfiguration", key=[key])
        assert all(row["value"] != value for row in answer.get("configurationKey", []))

    rig16(body, faults=[fault])


@pytest.mark.parametrize(("faults", "status"), [([], "Unavailable"), (["forgets_unavailable"], "Available")])
@pytest.mark.parametrize("kind", ["Hard", "Soft"])
def test_a_reset_boots_again_and_unavailable_persists(rig16, faults, status, kind):
    async def body(rig):
        await rig.csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        await rig.csms.wait(STATUSES, connectorId=1, status="Unavailable")
        after = len(rig.csms.messages)
        assert await rig.csms.call("Reset", type=kind) == [{"status": "Accepted"}]
        await rig.csms.wait("BootNotification", after=after)
        await rig.csms.wait(STATUSES, after=after, connectorId=2)
        reported = {p["connectorId"]: p["status"] for p in rig.csms.seen(STATUSES, after=after)}
        assert reported == {0: "Available", 1: status, 2: "Available"}

    rig16(body, faults=faults)


def test_an_unavailable_connector_refuses_and_returns(rig16):
    async def body(rig):
        await rig.csms.call("ChangeAvailability", connectorId=0, type="Inoperative")
        for connector in (0, 1, 2):
            await rig.csms.wait(STATUSES, connectorId=connector, status="Unavailable")
        assert await rig.csms.call("RemoteStartTransaction", idTag="T", connectorId=1) == [{"status": "Rejected"}]
        after = len(rig.csms.messages)
        await rig.csms.call("ChangeAvailability", connectorId=0, type="Operative")
        for connector in (0, 1, 2):
            await rig.csms.wait(STATUSES, after=after, connectorId=connector, status="Available")

    rig16(body)


def test_a_change_of_availability_during_a_transaction_is_scheduled(rig16):
    async def body(rig):
        after, number = await rig.charge()
        answer = await rig.csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        assert answer == [{"status": "Scheduled"}]
        await asyncio.sleep(30)
        assert rig.csms.seen(STATUSES, after=after, connectorId=1) == []
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        await rig.csms.wait("StopTransaction")
        rig.hardware[1].unplug()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Unavailable")

    rig16(body)


def test_a_reset_stops_the_transaction_first(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        await rig.csms.call("Reset", type="Soft")
        await rig.csms.wait("BootNotification", after=after)
        actions = [name for _, name, _ in rig.csms.messages[after:]]
        assert actions.index("StopTransaction") < actions.index("BootNotification")
        assert rig.csms.seen("StopTransaction")[0]["reason"] == "SoftReset"

    rig16(body)


def test_an_ignored_reset_changes_nothing(rig16):
    async def body(rig):
        assert await rig.csms.call("Reset", type="Hard") == [{"status": "Accepted"}]
        await asyncio.sleep(120)
        assert len(rig.csms.seen("BootNotification")) == 1
        assert rig.csms.connections == 1

    rig16(body, faults=["reset_ignored"])


@pytest.mark.parametrize(
    ("message", "connector", "count"),
    [
        ("MeterValues", 1, 1),
        ("MeterValues", None, 2),
        ("Heartbeat", None, 1),
        ("StatusNotification", 0, 1),
        ("StatusNotification", None, 3),
        ("DiagnosticsStatusNotification", None, 1),
        ("FirmwareStatusNotification", None, 1),
    ],
)
@pytest.mark.parametrize("ignored", [False, True])
def test_a_triggered_message_follows(rig16, message, connector, count, ignored):
    async def body(rig):
        after = len(rig.csms.messages)
        named = {} if connector is None else {"connectorId": connector}
        answer = await rig.csms.call("TriggerMessage", requestedMessage=message, **named)
        assert answer == [{"status": "Accepted"}]
        await asyncio.sleep(5)
        assert len(rig.csms.seen(message, after=after)) == (0 if ignored else count)

    rig16(body, faults=["trigger_ignored"] if ignored else [])


@pytest.mark.parametrize(("message", "connector"), [("MeterValues", 3), ("BootNotification", 0)])
def test_triggers_that_are_rejected(rig16, message, connector):
    async def body(rig):
        answer = await rig.csms.call("TriggerMessage", requestedMessage=message, connectorId=connector)
        assert answer == [{"status": "Rejected"}]

    rig16(body)


def test_unlock_connector_ends_the_transaction_and_unlocks(rig16):
    async def body(rig):
        await rig.charge()
        assert await rig.csms.call("UnlockConnector", connectorId=1) == [{"status": "Unlocked"}]
        assert not rig.hardware[1].locked()
        await rig.csms.wait("StopTransaction", reason="UnlockCommand")
        assert await rig.csms.call("UnlockConnector", connectorId=9) == [{"status": "NotSupported"}]

    rig16(body)


def test_a_stuck_lock_is_an_unlock_failure(rig16):
    async def body(rig):
        rig.hardware[1].is_locked = rig.hardware[1].lock_stuck = True
        assert await rig.csms.call("UnlockConnector", connectorId=1) == [{"status": "UnlockFailed"}]

    rig16(body)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("NoSuchAction", {}, "NotImplemented"),
        ("GetLog", {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "x"}}, "NotSupported"),
        ("Reset", {}, "ProtocolError"),
        ("Reset", {"type": 5}, "TypeConstraintViolation"),
        ("Reset", {"type": "Gentle"}, "PropertyConstraintViolation"),
        ("Reset", {"type": "Hard", "extra": 1}, "FormationViolation"),
    ],
)
def test_calls_that_end_in_a_callerror(rig16, action, payload, code):
    async def body(rig):
        answer = await rig.csms.call(action, **payload)
        assert answer[0] == code
        assert await rig.csms.call("ClearCache") == [{"status": "Accepted"}]

    rig16(body)


@pytest.mark.parametrize("text", ["{}", "[]", "[2]", "nonsense", "[2,5,[],{}]", '[3,"x",{}]', "[" * 5000])
def test_what_is_not_ocpp_does_not_end_the_connection(rig16, text):
    async def body(rig):
        await rig.csms._socket.send(text)
        assert await rig.csms.call("ClearCache") == [{"status": "Accepted"}]
        assert rig.csms.connections == 1

    rig16(body)


def test_null_stands_for_an_empty_payload(rig16):
    async def body(rig):
        rig.csms._waiting["n"] = asyncio.get_running_loop().create_future()
        await rig.csms._socket.send(json.dumps([2, "n", "ClearCache", None]))
        assert await rig.csms._waiting["n"] == [{"status": "Accepted"}]

    rig16(body)


def test_the_agreeing_double_agrees_and_nothing_happens(rig16):
    async def body(rig):
        rig.hardware[1].plug_in()
        for action, payload in (
            ("RemoteStartTransaction", {"idTag": "T", "connectorId": 1}),
            ("Reset", {"type": "Hard"}),
            ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
        ):
            assert await rig.csms.call(action, **payload) == [{"status": "Accepted"}]
        rig.hardware.present("T")
        await asyncio.sleep(60)
        assert {name for _, name, _ in rig.csms.messages} == {"BootNotification", "StatusNotification"}
        assert rig.hardware[1].edges == []

    rig16(body, faults=["accepts_and_does_nothing"])


def test_the_refusing_double_refuses(rig16):
    async def body(rig):
        rig.hardware[1].plug_in()
        for action, payload in (
            ("RemoteStartTransaction", {"idTag": "T", "connectorId": 1}),
            ("Reset", {"type": "Hard"}),
            ("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "5"}),
        ):
            assert await rig.csms.call(action, **payload) == [{"status": "Rejected"}]
        assert await rig.csms.call("GetConfiguration", key=["A"]) == [{"unknownKey": ["A"]}]

    rig16(body, faults=["rejects_everything"])


def test_a_local_list_is_kept_and_pre_authorises(rig16):
    async def body(rig):
        rows = [{"idTag": "LOCAL", "idTagInfo": {"status": "Accepted"}}]
        assert await rig.csms.call("GetLocalListVersion") == [{"listVersion": 0}]
        sent = {"updateType": "Full", "localAuthorizationList": rows}
        assert await rig.csms.call("SendLocalList", listVersion=4, **sent) == [{"status": "Accepted"}]
        assert await rig.csms.call("GetLocalListVersion") == [{"listVersion": 4}]
        older = await rig.csms.call("SendLocalList", listVersion=3, updateType="Differential")
        assert older == [{"status": "VersionMismatch"}]
        await rig.csms.call("ChangeConfiguration", key="LocalPreAuthorize", value="true")
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        rig.hardware.present("LOCAL")
        await rig.csms.wait("StartTransaction", idTag="LOCAL")
        assert rig.csms.seen("Authorize") == []

    rig16(body)


def test_a_reservation_admits_its_tag_only_and_ends_with_the_start(rig16):
    async def body(rig):
        wish = {"connectorId": 1, "expiryDate": "2026-05-02T00:00:00Z", "idTag": "MINE", "reservationId": 3}
        assert await rig.csms.call("ReserveNow", **wish) == [{"status": "Accepted"}]
        await rig.csms.wait(STATUSES, connectorId=1, status="Reserved")
        assert await rig.csms.call("ReserveNow", **{**wish, "reservationId": 4}) == [{"status": "Occupied"}]
        rig.hardware[1].plug_in()
        await asyncio.sleep(1)
        rig.hardware.present("OTHER", 1)
        await asyncio.sleep(5)
        assert rig.csms.seen("StartTransaction") == []
        rig.hardware.present("MINE", 1)
        await rig.csms.wait("StartTransaction", reservationId=3)
        assert await rig.csms.call("CancelReservation", reservationId=3) == [{"status": "Rejected"}]

    rig16(body)


def test_a_reservation_expires_and_can_be_cancelled(rig16):
    async def body(rig):
        wish = {"expiryDate": rig.now(), "idTag": "MINE"}
        await rig.csms.call("ReserveNow", connectorId=1, reservationId=1, **wish)
        await rig.csms.wait(STATUSES, connectorId=1, status="Available", within_s=5)
        wish["expiryDate"] = "2026-05-02T00:00:00Z"
        await rig.csms.call("ReserveNow", connectorId=2, reservationId=2, **wish)
        await rig.csms.wait(STATUSES, connectorId=2, status="Reserved")
        after = len(rig.csms.messages)
        assert await rig.csms.call("CancelReservation", reservationId=2) == [{"status": "Accepted"}]
        await rig.csms.wait(STATUSES, after=after, connectorId=2, status="Available")

    rig16(body)


def test_a_status_that_does_not_last_is_not_reported(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="MinimumStatusDuration", value="5")
        after = len(rig.csms.messages)
        rig.hardware[1].plug_in()
        await asyncio.sleep(2)
        rig.hardware[1].unplug()
        await asyncio.sleep(20)
        assert rig.csms.seen(STATUSES, after=after) == []

    rig16(body)


def test_the_same_seed_gives_the_same_run(rig16):
    async def body(rig):
        _, number = await rig.charge()
        await asyncio.sleep(100)
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        await rig.csms.wait("StopTransaction")
        return rig.csms.messages, rig.csms.ids

    first, second = rig16(body), rig16(body)
    assert [m[1:] for m in first[0]] == [m[1:] for m in second[0]]
    assert first[1] == second[1]
    assert all(a != b for a, b in itertools.pairwise(first[1]))
