import asyncio

import pytest
from websockets.asyncio.server import serve

STATUSES = "StatusNotification"


def statuses(rig, connector=1, after=0):
    return [p["status"] for p in rig.csms.seen(STATUSES, after=after, connectorId=connector)]


def test_plug_in_then_tag_starts_a_transaction_with_that_tag(rig16):
    async def body(rig):
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        rig.hardware.present("TAG-7")
        await rig.csms.wait(STATUSES, connectorId=1, status="Charging")
        assert rig.csms.seen("Authorize") == [{"idTag": "TAG-7"}]
        (start,) = rig.csms.seen("StartTransaction")
        assert start["idTag"] == "TAG-7"
        assert start["connectorId"] == 1
        assert start["meterStart"] == 1234
        assert statuses(rig) == ["Available", "Preparing", "Charging"]
        assert rig.hardware[1].closed
        assert rig.hardware[1].locked()
        assert not rig.hardware[2].closed

    rig16(body)


def test_tag_first_prepares_and_the_cable_starts(rig16):
    async def body(rig):
        rig.hardware.present("TAG-7")
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        await asyncio.sleep(10)
        assert rig.csms.seen("StartTransaction") == []
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Charging")
        assert statuses(rig) == ["Available", "Preparing", "Charging"]

    rig16(body)


def test_tag_first_follows_the_user_to_the_other_connector(rig16):
    async def body(rig):
        rig.hardware.present("TAG-7")
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        rig.hardware[2].plug_in()
        await rig.csms.wait(STATUSES, connectorId=2, status="Charging")
        assert statuses(rig)[-1] == "Available"
        assert [p["connectorId"] for p in rig.csms.seen("StartTransaction")] == [2]

    rig16(body)


def test_an_authorisation_lapses_after_connection_timeout(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="ConnectionTimeOut", value="15")
        after = len(rig.csms.messages)
        rig.hardware.present("TAG-7")
        began, _ = await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        ended, _ = await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available")
        assert rig.csms.messages[ended][0] - rig.csms.messages[began][0] == pytest.approx(15, abs=0.5)
        rig.hardware[1].plug_in()
        await asyncio.sleep(30)
        assert rig.csms.seen("StartTransaction") == []

    rig16(body)


def test_connection_timeout_ignored_keeps_preparing(rig16):
    async def body(rig):
        rig.hardware.present("TAG-7")
        await asyncio.sleep(500)
        assert statuses(rig)[-1] == "Preparing"

    rig16(body, faults=["connection_timeout_ignored"])


def test_a_refused_tag_starts_nothing(rig16):
    async def body(rig):
        rig.csms.answers["Authorize"] = {"idTagInfo": {"status": "Invalid"}}
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, status="Preparing")
        rig.hardware.present("BAD")
        await asyncio.sleep(60)
        assert rig.csms.seen("StartTransaction") == []
        assert rig.hardware[1].edges == []

    rig16(body)


def test_starts_unauthorised_does_start(rig16):
    async def body(rig):
        rig.csms.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, status="Preparing")
        rig.hardware.present("BAD")
        await rig.csms.wait("StartTransaction", idTag="BAD")

    rig16(body, faults=["starts_unauthorised"])


@pytest.mark.parametrize(
    ("fault", "seen"),
    [("starts_with_other_tag", "XTAG-7"), ("never_starts_on_token", None), ("authorization_lost_on_plug_in", None)],
)
def test_wrong_starts_by_token(rig16, fault, seen):
    async def body(rig):
        rig.hardware.present("TAG-7")
        await asyncio.sleep(5)
        rig.hardware[1].plug_in()
        await asyncio.sleep(20)
        assert [p["idTag"] for p in rig.csms.seen("StartTransaction")] == ([seen] if seen else [])
        assert rig.hardware[1].closed == bool(seen)

    rig16(body, faults=[fault])


def test_a_remote_start_charges_a_plugged_in_ev_and_a_remote_stop_ends_it(rig16):
    async def body(rig):
        after, number = await rig.charge()
        await asyncio.sleep(600)
        assert await rig.csms.call("RemoteStopTransaction", transactionId=number) == [{"status": "Accepted"}]
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Finishing")
        _, stop = await rig.csms.wait("StopTransaction")
        assert stop["reason"] == "Remote"
        assert stop["transactionId"] == number
        assert stop["meterStop"] == int(rig.hardware[1].read_meter().energy_wh)
        assert stop["meterStop"] - 1234 == pytest.approx(600 * 3 * 32 * 230 / 3600, rel=0.01)
        assert not rig.hardware[1].closed
        assert rig.hardware[1].locked()  # until the contactor is known not to be welded
        await asyncio.sleep(60)
        assert not rig.hardware[1].locked()
        assert statuses(rig)[-1] == "Finishing"
        rig.hardware[1].unplug()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available")
        assert statuses(rig) == ["Available", "Preparing", "Charging", "Finishing", "Available"]

    rig16(body)


def test_a_rude_ev_is_cut_off_after_six_seconds_and_the_register_is_read_then(rig16):
    async def body(rig):
        rig.hardware[1].polite = False
        _, number = await rig.charge()
        began = asyncio.get_running_loop().time()
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        _, stop = await rig.csms.wait("StopTransaction")
        assert rig.hardware[1].edges[-1][0] - began == pytest.approx(6, abs=0.2)
        assert stop["meterStop"] == int(rig.hardware[1].read_meter().energy_wh)

    rig16(body)


def test_a_remote_start_first_prepares_and_the_cable_starts(rig16):
    async def body(rig):
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=2)
        await rig.csms.wait(STATUSES, connectorId=2, status="Preparing")
        rig.hardware[2].plug_in()
        await rig.csms.wait("StartTransaction", idTag="TAG-1", connectorId=2)
        await rig.csms.wait(STATUSES, connectorId=2, status="Charging")
        assert rig.csms.seen("Authorize") == []

    rig16(body)


def test_a_remote_start_is_authorised_first_when_configured(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="AuthorizeRemoteTxRequests", value="true")
        await rig.charge()
        actions = [name for _, name, _ in rig.csms.messages]
        assert actions.index("Authorize") < actions.index("StartTransaction")

    rig16(body)


@pytest.mark.parametrize("payload", [{"connectorId": 0}, {"connectorId": 3}])
def test_a_remote_start_of_no_connector_is_rejected(rig16, payload):
    async def body(rig):
        assert await rig.csms.call("RemoteStartTransaction", idTag="T", **payload) == [{"status": "Rejected"}]

    rig16(body)


def test_a_remote_start_is_rejected_while_a_transaction_runs(rig16):
    async def body(rig):
        await rig.charge()
        assert await rig.csms.call("RemoteStartTransaction", idTag="T", connectorId=1) == [{"status": "Rejected"}]

    rig16(body)


@pytest.mark.parametrize("fault", ["remote_start_ignored", "remote_start_needs_cable"])
def test_ignored_remote_starts(rig16, fault):
    async def body(rig):
        answer = await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        assert answer == [{"status": "Accepted"}]
        await asyncio.sleep(30)
        assert statuses(rig) == ["Available"]

    rig16(body, faults=[fault])


def test_ignored_remote_stop_goes_on_charging(rig16):
    async def body(rig):
        _, number = await rig.charge()
        assert await rig.csms.call("RemoteStopTransaction", transactionId=number) == [{"status": "Accepted"}]
        await asyncio.sleep(60)
        assert rig.hardware[1].current_a == 32
        assert rig.csms.seen("StopTransaction") == []

    rig16(body, faults=["remote_stop_ignored"])


def test_contactor_stays_closed_on_stop_reports_a_stop(rig16):
    async def body(rig):
        _, number = await rig.charge()
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        await rig.csms.wait("StopTransaction", reason="Remote")
        await asyncio.sleep(30)
        assert rig.hardware[1].current_a == 32
        rig.hardware[1].unplug()
        await asyncio.sleep(1)
        assert not rig.hardware[1].closed

    rig16(body, faults=["contactor_stays_closed_on_stop"])


@pytest.mark.parametrize(("faults", "status"), [([], "Rejected"), (["unknown_transaction_stop_accepted"], "Accepted")])
def test_a_remote_stop_of_an_unknown_transaction(rig16, faults, status):
    async def body(rig):
        _, number = await rig.charge()
        assert await rig.csms.call("RemoteStopTransaction", transactionId=number + 1) == [{"status": status}]
        await asyncio.sleep(30)
        assert rig.csms.seen("StopTransaction") == []

    rig16(body, faults=faults)


def test_the_same_tag_stops_and_another_tag_does_not(rig16):
    async def body(rig):
        await rig.charge()
        rig.hardware.present("OTHER", 1)
        await asyncio.sleep(20)
        assert rig.csms.seen("StopTransaction") == []
        rig.hardware.present("tag-1", 1)
        _, stop = await rig.csms.wait("StopTransaction")
        assert (stop["reason"], stop["idTag"]) == ("Local", "tag-1")

    rig16(body)


def test_a_tag_of_the_same_group_stops(rig16):
    async def body(rig):
        info = {"status": "Accepted", "parentIdTag": "GROUP"}
        rig.csms.answers["Authorize"] = {"idTagInfo": info}
        rig.csms.answers["StartTransaction"] = {"transactionId": 7, "idTagInfo": info}
        await rig.charge()
        rig.hardware.present("OTHER", 1)
        _, stop = await rig.csms.wait("StopTransaction")
        assert (stop["idTag"], stop["transactionId"]) == ("OTHER", 7)

    rig16(body)


def test_unplugging_at_the_ev_stops_the_transaction(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        rig.hardware[1].unplug_ev_side()
        await rig.csms.wait("StopTransaction", reason="EVDisconnected")
        _, status = await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Finishing")
        assert status["info"] == "EV side disconnected"
        assert rig.hardware[1].edges[-1][1] is False
        await asyncio.sleep(5)
        assert not rig.hardware[1].locked()
        assert statuses(rig)[-1] == "Finishing"
        rig.hardware[1].unplug()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available")

    rig16(body)


@pytest.mark.parametrize("faults", [[], ["ev_disconnect_keeps_transaction"]])
def test_unplugging_at_the_ev_suspends_when_the_transaction_is_to_go_on(rig16, faults):
    async def body(rig):
        value = "true" if faults else "false"
        await rig.csms.call("ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value=value)
        after, _ = await rig.charge()
        rig.hardware[1].unplug_ev_side()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="SuspendedEV")
        await asyncio.sleep(30)
        assert rig.csms.seen("StopTransaction") == []
        assert rig.hardware[1].locked()
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Charging")

    rig16(body, faults=faults)


def test_a_tag_that_start_transaction_refuses_ends_the_transaction(rig16):
    async def body(rig):
        rig.csms.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": {"status": "Blocked"}}
        rig.hardware[1].plug_in()
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await rig.csms.wait("StopTransaction", reason="DeAuthorized", transactionId=5)
        await asyncio.sleep(10)
        assert not rig.hardware[1].closed
        assert rig.hardware[1].locked()

    rig16(body)


def test_an_ev_that_pauses_is_suspended_ev_and_resumes(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        rig.hardware[1].ask(False)
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="SuspendedEV")
        assert not rig.hardware[1].closed
        rig.hardware[1].ask(True)
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Charging")

    rig16(body)


def test_a_fault_stops_the_current_and_charging_returns_with_it(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        rig.hardware[1].inject("ground_failure")
        _, status = await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Faulted")
        assert status["errorCode"] == "GroundFailure"
        await asyncio.sleep(1)
        assert not rig.hardware[1].closed
        rig.hardware[1].inject(None)
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Charging")
        assert rig.csms.seen("StopTransaction") == []

    rig16(body)


def test_the_emergency_button_ends_the_transaction(rig16):
    async def body(rig):
        await rig.charge()
        rig.hardware.press("emergency_stop")
        await rig.csms.wait("StopTransaction", reason="EmergencyStop")
        assert statuses(rig)[-1] == "Faulted"

    rig16(body)


@pytest.mark.parametrize(("fault", "offset"), [("meter_stop_wrong", 50), ("stop_reason_always_local", 0)])
def test_wrong_stop_messages(rig16, fault, offset):
    async def body(rig):
        _, number = await rig.charge()
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        _, stop = await rig.csms.wait("StopTransaction")
        assert stop["meterStop"] - int(rig.hardware[1].read_meter().energy_wh) == offset
        assert stop["reason"] == ("Local" if fault == "stop_reason_always_local" else "Remote")

    rig16(body, faults=[fault])


def test_meter_start_zero_reports_no_register(rig16):
    async def body(rig):
        await rig.charge()
        assert rig.csms.seen("StartTransaction")[0]["meterStart"] == 0
        assert rig.hardware[1].read_meter().energy_wh > 1000

    rig16(body, faults=["meter_start_zero"])


def test_messages_of_a_transaction_wait_for_the_connection_and_keep_their_order(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true")
        await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="10")
        after = len(rig.csms.messages)
        await rig.csms.stop()
        rig.csms._socket.transport.abort()
        rig.hardware[1].plug_in()
        await asyncio.sleep(1)
        rig.hardware.present("TAG-9")
        await asyncio.sleep(35)
        rig.hardware.present("TAG-9")
        await asyncio.sleep(5)
        port = int(rig.csms.url.rpartition(":")[2])
        rig.csms._server = await serve(rig.csms._connected, "127.0.0.1", port, subprotocols=["ocpp1.6"])
        await rig.csms.wait("StopTransaction", after=after)
        order = [name for _, name, _ in rig.csms.messages[after:] if name != STATUSES]
        assert order == ["StartTransaction", "MeterValues", "MeterValues", "MeterValues", "StopTransaction"]
        numbers = {
            p["transactionId"] for _, name, p in rig.csms.messages[after:] if name != STATUSES and "transactionId" in p
        }
        assert numbers == {rig.transactions}
        assert statuses(rig, after=after) == ["Finishing"]

    rig16(body)


def test_an_unanswered_message_is_repeated_and_given_up_and_the_next_bears_minus_one(rig16):
    async def body(rig):
        for key, value in (("MessageTimeout", "5"), ("TransactionMessageRetryInterval", "10")):
            await rig.csms.call("ChangeConfiguration", key=key, value=value)
        rig.csms.cut()
        rig.csms.answers["StartTransaction"] = None
        await asyncio.sleep(5)
        rig.hardware[1].plug_in()
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await asyncio.sleep(90)
        rig.hardware.present("TAG-1", 1)
        _, stop = await rig.csms.wait("StopTransaction")
        first, second, third = rig.csms.times("StartTransaction")
        assert second - first == pytest.approx(15, abs=0.5)
        assert third - second == pytest.approx(25, abs=0.5)
        assert stop["transactionId"] == -1

    rig16(body)


def test_mains_loss_ends_the_transaction_with_power_loss_after_the_boot(rig16):
    async def body(rig):
        after, number = await rig.charge()
        await asyncio.sleep(60)
        rig.hardware.switch_mains(False)
        await asyncio.sleep(30)
        register = int(rig.hardware[1].read_meter().energy_wh)
        rig.hardware.switch_mains(True)
        await rig.csms.wait("BootNotification", after=after)
        _, stop = await rig.csms.wait("StopTransaction", after=after)
        assert (stop["reason"], stop["transactionId"], stop["meterStop"]) == ("PowerLoss", number, register)
        assert not rig.hardware[1].closed

    rig16(body)
