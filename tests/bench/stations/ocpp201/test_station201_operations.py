import asyncio


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
