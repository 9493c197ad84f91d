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


def test_cable_stays_locked_until_its_owner_comes_back(simulate):
    async def scenario(b):
        await b.charging()
        b.evse.connect_ev_side(connected=False)
        await b.csms.heard("TransactionEvent", eventType="Ended")
        await asyncio.sleep(5)
        kept = b.evse.locked()
        b.plant.present_token(0, "VALID")
        await asyncio.sleep(5)
        return kept, b.evse.locked(), len(b.csms.all("Authorize"))

    assert simulate(scenario, OCPPCommCtrlr__UnlockOnEVSideDisconnect="false") == (True, False, 1)
    assert simulate(scenario)[0] is False


def test_ev_that_pauses_is_reported_as_suspended_by_the_ev(simulate):
    async def scenario(b):
        await b.charging()
        b.evse.request_energy(on=False)
        await asyncio.sleep(20)
        b.evse.request_energy(on=True)
        await asyncio.sleep(20)
        return [e["transactionInfo"].get("chargingState") for e in b.csms.events()]

    states = simulate(scenario, SampledDataCtrlr__TxUpdatedInterval="0")
    assert states == ["EVConnected", "EVConnected", "Charging", "SuspendedEV", "Charging"]


def test_stop_point_energy_transfer_ends_when_the_ev_pauses(simulate):
    async def scenario(b):
        await b.charging()
        b.evse.request_energy(on=False)
        return await b.csms.heard("TransactionEvent", eventType="Ended")

    ended = simulate(scenario, TxCtrlr__TxStopPoint="EnergyTransfer")
    assert ended["transactionInfo"]["stoppedReason"] == "StoppedByEV"


def test_energy_on_an_invalid_token_ends_at_the_configured_amount(simulate):
    async def scenario(b):
        b.csms.tokens["VALID"] = {"status": "Invalid"}
        await b.booted()
        b.evse.plug_in()
        await b.csms.heard("TransactionEvent", eventType="Started")
        before_wh = b.evse.read_meter().energy_wh
        token = {"idToken": "VALID", "type": "Central"}
        await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)
        await b.heard_state("SuspendedEVSE")
        await asyncio.sleep(60)
        return b.evse.read_meter().energy_wh - before_wh, b.csms.events()[-1]["eventType"]

    used_wh, kind = simulate(scenario, TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="100")
    assert 100.0 <= used_wh < 145.0
    assert kind == "Updated"


def test_clock_aligned_readings_in_and_outside_a_transaction(simulate):
    async def scenario(b):
        await b.charging()
        b.csms.calls.clear()
        await b.csms.heard("MeterValues", count=2, within=200)
        await asyncio.sleep(1)
        return b.csms.calls

    calls = simulate(scenario, AlignedDataCtrlr__Interval="60", SampledDataCtrlr__TxUpdatedInterval="0")
    aligned = [p for _, action, p in calls if action == "TransactionEvent"]
    idle = [p for _, action, p in calls if action == "MeterValues"]
    assert [e["triggerReason"] for e in aligned] == ["MeterValueClock"] * 2
    assert [p["evseId"] for p in idle] == [2, 2]
    for value in [*(e["meterValue"][0] for e in aligned), *(p["meterValue"][0] for p in idle)]:
        assert value["timestamp"][17:19] == "00"
        assert value["sampledValue"][0]["context"] == "Sample.Clock"
