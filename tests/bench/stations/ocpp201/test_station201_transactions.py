import asyncio

import pytest

from bench.virtual.stations.ocpp201.session import POWER_OFF_S

TOKEN = {"idToken": "VALID", "type": "ISO14443"}


def contexts(event):
    return [s["context"] for v in event.get("meterValue", []) for s in v["sampledValue"]]


def register(event, context):
    return next(
        s["value"]
        for v in event["meterValue"]
        for s in v["sampledValue"]
        if s["context"] == context and s["measurand"] == "Energy.Active.Import.Register"
    )


def test_cable_first_local_start_and_stop(simulate):
    async def scenario(b):
        await b.charging()
        await asyncio.sleep(130)
        b.plant.present_token(0, "VALID")
        await b.csms.heard("TransactionEvent", eventType="Ended")
        closed, drawn = b.evse.contactor_closed(), max(b.current())
        b.evse.unplug()
        await b.csms.heard("StatusNotification", connectorStatus="Available")
        await asyncio.sleep(10)
        return b.csms.events(), b.csms.all("Authorize"), closed, drawn, b.evse.read_meter().energy_wh

    events, authorize, closed, drawn, energy_wh = simulate(scenario)
    assert authorize == [{"idToken": TOKEN}]
    assert [(e["eventType"], e["triggerReason"], e["transactionInfo"].get("chargingState")) for e in events] == [
        ("Started", "CablePluggedIn", "EVConnected"),
        ("Updated", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Updated", "MeterValuePeriodic", None),
        ("Updated", "MeterValuePeriodic", None),
        ("Ended", "StopAuthorized", "EVConnected"),
    ]
    assert [e["seqNo"] for e in events] == list(range(6))
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1
    assert events[0]["evse"] == {"id": 1, "connectorId": 1}
    assert [i for i, e in enumerate(events) if "evse" in e] == [0]
    assert [i for i, e in enumerate(events) if "idToken" in e] == [1, 5]
    assert not any("offline" in e for e in events)
    assert contexts(events[0]) == ["Transaction.Begin"]
    assert set(contexts(events[3])) == {"Sample.Periodic"}
    assert contexts(events[5]) == ["Transaction.Begin", "Transaction.End"]
    assert events[5]["transactionInfo"]["stoppedReason"] == "Local"
    assert register(events[5], "Transaction.End") == energy_wh > register(events[0], "Transaction.Begin")
    assert not closed
    assert drawn < 0.1


def test_refused_token_starts_nothing(simulate):
    async def scenario(b):
        await b.booted()
        b.evse.plug_in()
        await b.csms.heard("TransactionEvent", eventType="Started")
        b.plant.present_token(0, "STRANGER")
        await b.csms.heard("Authorize")
        await asyncio.sleep(60)
        return b.csms.events(), b.evse.contactor_closed()

    events, closed = simulate(scenario, SampledDataCtrlr__TxUpdatedInterval="0")
    assert [e["eventType"] for e in events] == ["Started"]
    assert not closed


def test_remote_start_cable_first_and_remote_stop(simulate):
    async def scenario(b):
        await b.booted()
        b.evse.plug_in()
        started = await b.csms.heard("TransactionEvent", eventType="Started")
        transaction_id = started["transactionInfo"]["transactionId"]
        token = {"idToken": "VALID", "type": "Central"}
        start = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=77, evseId=1)
        await b.heard_state("Charging")
        again = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=78, evseId=1)
        status = await b.csms.call("GetTransactionStatus", transactionId=transaction_id)
        await asyncio.sleep(20)
        strange = await b.csms.call("RequestStopTransaction", transactionId="strange")
        stop = await b.csms.call("RequestStopTransaction", transactionId=transaction_id)
        await b.csms.heard("TransactionEvent", eventType="Ended", within=POWER_OFF_S + 1)
        await asyncio.sleep(30)
        return transaction_id, start, again, status, strange, stop, b.csms.events(), max(b.current())

    transaction_id, start, again, status, strange, stop, events, drawn = simulate(scenario)
    assert start == {"status": "Accepted", "transactionId": transaction_id}
    assert again["status"] == "Rejected"
    assert status == {"ongoingIndicator": True, "messagesInQueue": False}
    assert strange["status"] == "Rejected"
    assert stop == {"status": "Accepted"}
    remote = events[1]
    assert remote["triggerReason"] == "RemoteStart"
    assert remote["transactionInfo"]["remoteStartId"] == 77
    assert remote["idToken"]["idToken"] == "VALID"
    ended = events[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")
    assert drawn < 0.1


def test_remote_start_first_names_the_start_in_its_first_event(simulate):
    async def scenario(b):
        await b.booted()
        token = {"idToken": "VALID", "type": "Central"}
        start = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=5, evseId=2)
        await asyncio.sleep(10)
        before = list(b.csms.events())
        b.plant.evse(2).plug_in()
        await b.heard_state("Charging")
        return start, before, b.csms.events()

    start, before, events = simulate(scenario, TxCtrlr__TxStartPoint="PowerPathClosed")
    assert start == {"status": "Accepted"}
    assert before == []
    first = events[0]
    assert (first["eventType"], first["triggerReason"]) == ("Started", "RemoteStart")
    assert first["transactionInfo"]["remoteStartId"] == 5
    assert first["evse"] == {"id": 2, "connectorId": 1}
    assert first["idToken"]["idToken"] == "VALID"


def test_token_first_follows_the_driver_to_the_other_evse(simulate):
    async def scenario(b):
        await b.booted()
        b.plant.present_token(0, "VALID")
        await b.csms.heard("TransactionEvent", eventType="Started")
        await asyncio.sleep(5)
        b.plant.evse(2).plug_in()
        await b.heard_state("Charging")
        return b.csms.events()

    events = simulate(scenario)
    assert [(e["eventType"], e["triggerReason"]) for e in events] == [
        ("Started", "Authorized"),
        ("Updated", "CablePluggedIn"),
        ("Updated", "ChargingStateChanged"),
    ]
    assert "evse" not in events[0]
    assert "meterValue" not in events[0]
    assert events[1]["evse"] == {"id": 2, "connectorId": 1}
    assert contexts(events[2]) == ["Transaction.Begin"]
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1


def test_no_cable_ends_the_transaction_with_timeout(simulate):
    async def scenario(b):
        await b.booted()
        b.plant.present_token(1, "VALID")
        return await b.csms.heard("TransactionEvent", eventType="Ended"), b.csms.events()[0]

    ended, started = simulate(scenario, TxCtrlr__EVConnectionTimeOut="30")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("EVConnectTimeout", "Timeout")
    assert started["transactionInfo"]["chargingState"] == "Idle"


def test_unplugging_ends_the_transaction(simulate):
    async def scenario(b):
        await b.charging()
        b.evse.unplug()
        return await b.csms.heard("TransactionEvent", eventType="Ended")

    ended = simulate(scenario)
    assert ended["triggerReason"] == "EVCommunicationLost"
    assert ended["transactionInfo"]["chargingState"] == "Idle"
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"


def test_stop_point_ev_connected_keeps_the_transaction_until_the_cable_goes(simulate):
    async def scenario(b):
        await b.charging()
        b.plant.present_token(0, "VALID")
        await asyncio.sleep(20)
        b.evse.unplug()
        await b.csms.heard("TransactionEvent", eventType="Ended")
        return b.csms.events()

    events = simulate(scenario, TxCtrlr__TxStopPoint="EVConnected")
    assert [(e["eventType"], e["triggerReason"], e["transactionInfo"].get("chargingState")) for e in events[3:]] == [
        ("Updated", "StopAuthorized", None),
        ("Updated", "ChargingStateChanged", "EVConnected"),
        ("Ended", "EVCommunicationLost", "Idle"),
    ]


@pytest.mark.parametrize(
    ("variables", "trigger", "state", "kind"),
    [
        ({}, "Deauthorized", "EVConnected", "Ended"),
        ({"TxCtrlr__StopTxOnInvalidId": "false"}, "ChargingStateChanged", "SuspendedEVSE", "Updated"),
        ({"TxCtrlr__TxStopPoint": "EVConnected"}, "Deauthorized", None, "Updated"),
    ],
)
def test_token_that_the_csms_takes_back(simulate, variables, trigger, state, kind):
    async def scenario(b):
        b.csms.tokens["CACHED"] = {"status": "Accepted"}
        await b.charging("CACHED")
        b.plant.present_token(0, "CACHED")
        await asyncio.sleep(20)
        b.evse.unplug()
        await asyncio.sleep(10)
        b.csms.tokens["CACHED"] = {"status": "Blocked"}
        b.csms.calls.clear()
        b.evse.plug_in()
        await asyncio.sleep(5)
        b.plant.present_token(0, "CACHED")
        await b.csms.heard("TransactionEvent", triggerReason=trigger, eventType=kind)
        await asyncio.sleep(20)
        return b.csms.all("TransactionEvent", triggerReason=trigger, eventType=kind)[-1], max(b.current())

    event, drawn = simulate(scenario, AuthCtrlr__LocalPreAuthorize="true", **variables)
    assert event["transactionInfo"].get("chargingState") == state
    assert event["transactionInfo"].get("stoppedReason") == ("DeAuthorized" if kind == "Ended" else None)
    assert drawn < 0.1


def test_offline_transaction_is_queued_marked_and_delivered_in_order(simulate):
    async def scenario(b):
        await b.booted()
        await b.csms.cut()
        await asyncio.sleep(1)
        b.evse.plug_in()
        await asyncio.sleep(2)
        b.plant.present_token(0, "UNKNOWN")
        await asyncio.sleep(30)
        b.plant.present_token(0, "UNKNOWN")
        await asyncio.sleep(15)
        b.csms.tokens["UNKNOWN"] = {"status": "Accepted"}
        b.csms.refusing = False
        await b.csms.heard("TransactionEvent", eventType="Ended", within=120)
        return b.csms.events(), b.csms.all("Authorize"), b.csms.all("BootNotification")

    events, authorize, boots = simulate(scenario, AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    assert [e["seqNo"] for e in events] == list(range(len(events)))
    assert all(e["offline"] for e in events)
    assert authorize == []
    assert boots == []


def test_mains_loss_ends_the_transaction_with_power_loss_after_the_boot(simulate):
    async def scenario(b):
        transaction_id = await b.charging()
        await asyncio.sleep(30)
        last = b.csms.events()[-1]["seqNo"]
        b.plant.set_mains_cut(cut=True)
        await asyncio.sleep(10)
        b.plant.set_mains_cut(cut=False)
        ended = await b.csms.heard("TransactionEvent", eventType="Ended")
        return transaction_id, last, ended, b.csms.all("BootNotification")

    transaction_id, last, ended, boots = simulate(scenario)
    assert ended["transactionInfo"]["transactionId"] == transaction_id
    assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
    assert ended["seqNo"] == last + 1
    assert ended["offline"] is True
    assert [boot["reason"] for boot in boots] == ["PowerUp"]


def test_unanswered_event_is_tried_again_and_then_given_up(simulate):
    async def scenario(b):
        await b.booted()
        b.csms.silent = {"TransactionEvent"}
        b.evse.plug_in()
        await b.csms.heard("TransactionEvent", count=2, within=200)
        times = [t for t, action, _ in b.csms.calls if action == "TransactionEvent"]
        await asyncio.sleep(120)
        waiting = await b.csms.call("GetTransactionStatus")
        return times[1] - times[0], len(b.csms.events()), waiting

    variables = {"SampledDataCtrlr__TxUpdatedInterval": "0"}
    gap_s, sent, waiting = simulate(scenario, **variables)
    assert 40.0 <= gap_s < 41.0
    assert sent == 3
    assert waiting == {"messagesInQueue": False}


def test_immediate_reset_ends_the_transaction_first(simulate):
    async def scenario(b):
        await b.charging()
        reset = await b.csms.call("Reset", type="Immediate")
        await b.csms.heard("BootNotification")
        return reset, b.csms.events(), [action for _, action, _ in b.csms.calls]

    reset, events, order = simulate(scenario)
    assert reset["status"] == "Accepted"
    ended = next(e for e in events if e["eventType"] == "Ended")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("ResetCommand", "ImmediateReset")
    assert order.index("BootNotification") > order.index("TransactionEvent")


def test_reset_on_idle_waits_for_the_transaction(simulate):
    async def scenario(b):
        await b.charging()
        reset = await b.csms.call("Reset", type="OnIdle")
        await b.csms.heard("StatusNotification", evseId=2, connectorStatus="Unavailable")
        await asyncio.sleep(30)
        early = b.csms.all("BootNotification")
        b.plant.present_token(0, "VALID")
        boot = await b.csms.heard("BootNotification")
        return reset, early, boot

    reset, early, boot = simulate(scenario)
    assert reset["status"] == "Scheduled"
    assert early == []
    assert boot["reason"] == "ScheduledReset"


def test_emergency_stop_faults_and_ends(simulate):
    async def scenario(b):
        await b.charging()
        b.plant.press_button(1, "emergency_stop")
        ended = await b.csms.heard("TransactionEvent", eventType="Ended")
        await b.csms.heard("StatusNotification", connectorStatus="Faulted")
        token = {"idToken": "VALID", "type": "Central"}
        start = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=5, evseId=1)
        return ended, start

    ended, start = simulate(scenario)
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("AbnormalCondition", "EmergencyStop")
    assert start["status"] == "Rejected"


def test_availability_change_waits_for_the_transaction(simulate):
    async def scenario(b):
        await b.charging()
        answer = await b.csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        unlock = await b.csms.call("UnlockConnector", evseId=1, connectorId=1)
        b.plant.present_token(0, "VALID")
        await b.csms.heard("StatusNotification", evseId=1, connectorStatus="Unavailable")
        same = await b.csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        free = await b.csms.call("UnlockConnector", evseId=2, connectorId=1)
        unknown = await b.csms.call("UnlockConnector", evseId=1, connectorId=9)
        return [row["status"] for row in (answer, unlock, same, free, unknown)]

    assert simulate(scenario) == [
        "Scheduled",
        "OngoingAuthorizedTransaction",
        "Accepted",
        "Unlocked",
        "UnknownConnector",
    ]


def test_triggered_messages_follow_the_answer(simulate):
    async def scenario(b):
        await b.charging()
        b.csms.calls.clear()
        answers = [
            (await b.csms.call("TriggerMessage", requestedMessage=name, **more))["status"]
            for name, more in [
                ("TransactionEvent", {"evse": {"id": 1}}),
                ("MeterValues", {"evse": {"id": 1}}),
                ("StatusNotification", {"evse": {"id": 1, "connectorId": 1}}),
                ("StatusNotification", {}),
                ("Heartbeat", {}),
                ("SignV2GCertificate", {}),
            ]
        ]
        await b.csms.heard("Heartbeat")
        return answers, [(action, p.get("triggerReason")) for _, action, p in b.csms.calls]

    answers, heard = simulate(scenario)
    assert answers == ["Accepted", "Accepted", "Accepted", "Rejected", "Accepted", "NotImplemented"]
    assert sorted(heard, key=str) == [
        ("Heartbeat", None),
        ("MeterValues", None),
        ("StatusNotification", None),
        ("TransactionEvent", "Trigger"),
    ]
