"""Each wrong behaviour differs from the good station in its own point, and the steps before that point hold."""

import asyncio

import pytest

from bench.virtual.stations.ocpp201.events import ENDED_OFFSET_WH

OFFLINE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}, "attributeType": "Actual"}


async def boot(b):
    await b.csms.heard("StatusNotification", evseId=1)
    await asyncio.sleep(20)
    return b.csms.calls


async def variables(b):
    await b.booted()
    written = await b.csms.call("SetVariables", setVariableData=[OFFLINE | {"attributeValue": "300"}])
    read = await b.csms.call("GetVariables", getVariableData=[OFFLINE])
    return written["setVariableResult"][0], read["getVariableResult"][0]


async def remote_session(b):
    """Cable first, remote start, 30 s of charging, remote stop, 40 s of rest."""
    await b.booted()
    b.evse.plug_in()
    started = await b.csms.heard("TransactionEvent", eventType="Started")
    token = {"idToken": "VALID", "type": "Central"}
    answer = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=9, evseId=1)
    await asyncio.sleep(30)
    drawn = max(b.current())
    transaction_id = started["transactionInfo"]["transactionId"]
    stop = await b.csms.call("RequestStopTransaction", transactionId=transaction_id)
    await b.csms.heard("TransactionEvent", eventType="Ended")
    await asyncio.sleep(40)
    return answer, b.csms.events(), drawn, stop, max(b.current()), b.evse.read_meter().energy_wh


async def local_session(b):
    await b.booted()
    b.evse.plug_in()
    await asyncio.sleep(5)
    b.plant.present_token(0, "VALID")
    await asyncio.sleep(30)
    return b.csms.calls, max(b.current())


async def refused_token(b):
    await b.booted()
    b.evse.plug_in()
    await asyncio.sleep(5)
    b.plant.present_token(0, "STRANGER")
    await asyncio.sleep(30)
    return b.csms.all("Authorize"), len(b.csms.events()), max(b.current())


def test_boot_reason(simulate):
    assert simulate(boot)[0][2]["reason"] == "PowerUp"
    assert simulate(boot, "boot_reason_unknown")[0][2]["reason"] == "Unknown"


def test_status_missing(simulate):
    calls = simulate(boot, "status_missing_after_boot")
    assert [c[1] for c in calls] == ["BootNotification", "StatusNotification", "SecurityEventNotification"]


def test_startup_event_missing(simulate):
    calls = simulate(boot, "startup_event_missing")
    assert [c[1] for c in calls] == ["BootNotification", "StatusNotification", "StatusNotification"]


@pytest.mark.parametrize(
    ("fault", "written", "read"),
    [
        (None, ("Accepted", "Actual"), ("Accepted", "Actual", "300")),
        ("variables_read_back_as_default", ("Accepted", "Actual"), ("Accepted", "Actual", "60")),
        ("read_variables_without_attribute_type", ("Accepted", "Actual"), ("Accepted", None, "300")),
        ("writable_variables_refused", ("Rejected", "Actual"), ("Accepted", "Actual", "60")),
        ("written_variables_without_attribute_type", ("Accepted", None), ("Accepted", "Actual", "300")),
    ],
)
def test_variables(simulate, fault, written, read):
    was_written, was_read = simulate(variables, *([fault] if fault else []))
    assert (was_written["attributeStatus"], was_written.get("attributeType")) == written
    assert (was_read["attributeStatus"], was_read.get("attributeType"), was_read["attributeValue"]) == read


def test_refused_token(simulate):
    authorize, events, drawn = simulate(refused_token)
    assert (len(authorize), events, drawn < 0.1) == (1, 1, True)
    # the transaction that names the refused token is ended by the CSMS's next answer: what counts is that it was opened
    authorize, events, _ = simulate(refused_token, "charges_on_refused_token")
    assert len(authorize) == 1
    assert events > 1
    authorize, events, _ = simulate(refused_token, "authorize_never_asked")
    assert len(authorize) == 0
    assert events > 1


def local_events(simulate, *faults):
    calls, drawn = simulate(local_session, *faults)
    assert drawn > 10
    return [p for _, action, p in calls if action == "TransactionEvent"], [action for _, action, _ in calls]


def test_local_session_events(simulate):
    good, _ = local_events(simulate)
    assert [e["seqNo"] for e in good] == [0, 1, 2]
    events, actions = local_events(simulate, "occupied_unreported")
    assert [(e["seqNo"], e["triggerReason"]) for e in events] == [(e["seqNo"], e["triggerReason"]) for e in good]
    assert "StatusNotification" not in actions
    events, _ = local_events(simulate, "id_token_missing_in_event")
    assert "idToken" in good[1]
    assert not any("idToken" in e for e in events)
    events, _ = local_events(simulate, "authorization_reported_as_state_change")
    assert [e["triggerReason"] for e in events] == ["CablePluggedIn", "ChargingStateChanged", "ChargingStateChanged"]
    events, _ = local_events(simulate, "charging_state_unreported")
    assert ["chargingState" in e["transactionInfo"] for e in events] == [True, False, False]
    events, _ = local_events(simulate, "seq_no_stands_still")
    assert [e["seqNo"] for e in events] == [0, 0, 0]


def register(event, context):
    return next(s["value"] for v in event["meterValue"] for s in v["sampledValue"] if s["context"] == context)


def test_remote_session_points(simulate):
    answer, events, drawn, stop, rest, energy_wh = simulate(remote_session)
    assert "transactionId" in answer
    assert events[1]["transactionInfo"]["remoteStartId"] == 9
    assert events[1]["triggerReason"] == "RemoteStart"
    assert drawn > 10
    assert stop["status"] == "Accepted"
    assert rest < 0.1
    assert register(events[-1], "Transaction.End") == energy_wh
    assert register(events[0], "Transaction.Begin") > 0
    answer, *_ = simulate(remote_session, "remote_start_without_transaction_id")
    assert answer == {"status": "Accepted"}
    _, events, *_ = simulate(remote_session, "remote_start_id_missing")
    assert not any("remoteStartId" in e["transactionInfo"] for e in events)
    _, events, *_ = simulate(remote_session, "remote_start_reported_as_authorized")
    assert events[1]["triggerReason"] == "Authorized"
    _, events, *_, energy_wh = simulate(remote_session, "ended_register_reads_high")
    assert register(events[-1], "Transaction.End") == energy_wh + ENDED_OFFSET_WH
    _, events, *_ = simulate(remote_session, "begin_register_starts_at_zero")
    assert register(events[0], "Transaction.Begin") == 0


def test_contactor_stays_closed_although_the_end_is_reported(simulate):
    _, events, drawn, stop, rest, _ = simulate(remote_session, "contactor_stays_closed_on_stop")
    assert stop["status"] == "Accepted"
    assert events[-1]["eventType"] == "Ended"
    assert rest > 10
    assert drawn > 10


def test_profile_accepted_and_not_applied(simulate):
    async def scenario(b):
        transaction_id = await b.charging()
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
        profile = {
            "id": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "transactionId": transaction_id,
            "chargingSchedule": [schedule],
        }
        answer = await b.csms.call("SetChargingProfile", evseId=1, chargingProfile=profile)
        await asyncio.sleep(30)
        return answer["status"], max(b.current())

    assert simulate(scenario, "limit_never_applied")[1] > 30
    assert simulate(scenario)[1] < 10.1
    assert {simulate(scenario, fault)[0] for fault in ("limit_never_applied", "limit_plus_20pct")} == {"Accepted"}


REQUESTS = {
    "GetVariables": {"getVariableData": [OFFLINE]},
    "SetVariables": {"setVariableData": [OFFLINE | {"attributeValue": "300"}]},
    "GetBaseReport": {"requestId": 1, "reportBase": "FullInventory"},
    "RequestStartTransaction": {"idToken": {"idToken": "VALID", "type": "Central"}, "remoteStartId": 1, "evseId": 1},
    "RequestStopTransaction": {"transactionId": "x"},
    "GetTransactionStatus": {},
    "ClearCache": {},
    "UnlockConnector": {"evseId": 1, "connectorId": 1},
    "ChangeAvailability": {"operationalStatus": "Inoperative"},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetCompositeSchedule": {"duration": 60, "evseId": 1},
    "Reset": {"type": "Immediate"},
}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("accepts_and_does_nothing", {"Accepted", "Unlocked"}),
        ("rejects_everything", {"Rejected", "UnlockFailed"}),
    ],
)
def test_doubles_answer_everything_and_do_nothing(simulate, fault, words):
    async def scenario(b):
        await b.booted()
        b.evse.plug_in()
        b.plant.present_token(0, "VALID")
        replies = {action: await b.csms.raw(action, payload) for action, payload in REQUESTS.items()}
        await asyncio.sleep(120)
        return replies, [action for _, action, _ in b.csms.calls], max(b.current())

    replies, heard, drawn = simulate(scenario, fault)
    assert {reply[0] for reply in replies.values()} == {3}
    statuses = {reply[2]["status"] for reply in replies.values() if "status" in reply[2]}
    assert statuses == words
    assert heard == ["StatusNotification"]
    assert drawn == 0


def test_dead_station_connects_and_says_nothing(simulate):
    async def scenario(b):
        await asyncio.sleep(60)
        return b.csms.connected, b.csms.calls

    assert simulate(scenario, "dead") == (True, [])
