import asyncio


def test_cold_boot_reports_reason_statuses_and_startup(simulate):
    async def scenario(b):
        await b.csms.heard("SecurityEventNotification")
        return b.csms.calls

    calls = simulate(scenario)
    assert [action for _, action, _ in calls] == [
        "BootNotification",
        "StatusNotification",
        "StatusNotification",
        "SecurityEventNotification",
    ]
    boot = calls[0][2]
    assert boot["reason"] == "PowerUp"
    assert boot["chargingStation"]["vendorName"]
    assert boot["chargingStation"]["model"]
    assert [(c[2]["evseId"], c[2]["connectorId"], c[2]["connectorStatus"]) for c in calls[1:3]] == [
        (1, 1, "Available"),
        (2, 1, "Available"),
    ]
    assert calls[3][2]["type"] == "StartupOfTheDevice"


def test_rejected_boot_is_repeated_after_the_interval_and_nothing_else_is_sent(simulate):
    async def scenario(b):
        b.csms.boots = [("Rejected", 40), ("Accepted", 600)]
        await b.csms.heard("BootNotification")
        refused = await b.csms.raw("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
        b.evse.plug_in()
        await b.csms.heard("BootNotification", count=2)
        return refused, list(b.csms.calls)

    refused, calls = simulate(scenario)
    assert refused[0] == 4
    assert refused[2] == "SecurityError"
    assert [action for _, action, _ in calls] == ["BootNotification"] * 2
    assert 40.0 <= calls[1][0] - calls[0][0] < 41.0


def test_pending_station_serves_variables_refuses_start_and_boots_when_triggered(simulate):
    async def scenario(b):
        b.csms.boots = [("Pending", 300), ("Accepted", 600)]
        await b.csms.heard("BootNotification")
        component = {"name": "OCPPCommCtrlr"}
        row = {"component": component, "variable": {"name": "OfflineThreshold"}}
        set_to = await b.csms.call("SetVariables", setVariableData=[row | {"attributeValue": "300"}])
        report = await b.csms.call("GetBaseReport", requestId=7, reportBase="FullInventory")
        await b.csms.heard("NotifyReport", tbc=False)
        token = {"idToken": "VALID", "type": "Central"}
        start = await b.csms.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)
        trigger = await b.csms.call("TriggerMessage", requestedMessage="BootNotification")
        await b.csms.heard("StatusNotification", evseId=2)
        return set_to, report, start, trigger, b.csms.all("BootNotification"), b.csms.calls[0][1]

    set_to, report, start, trigger, boots, first = simulate(scenario)
    assert set_to["setVariableResult"][0]["attributeStatus"] == "Accepted"
    assert report["status"] == "Accepted"
    assert start["status"] == "Rejected"
    assert trigger["status"] == "Accepted"
    assert [boot["reason"] for boot in boots] == ["PowerUp", "Triggered"]
    assert first == "BootNotification"


def test_heartbeat_follows_the_interval_of_the_boot(simulate):
    async def scenario(b):
        b.csms.boots = [("Accepted", 20)]
        await b.csms.heard("Heartbeat", count=3, within=90)
        times = [t for t, action, _ in b.csms.calls if action == "Heartbeat"]
        return times[1] - times[0], times[2] - times[1]

    for gap in simulate(scenario):
        assert 19.9 <= gap <= 20.5


def test_reset_reboots_with_remote_reset_and_keeps_unavailable(simulate):
    async def scenario(b):
        await b.booted()
        off = await b.csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
        await b.csms.heard("StatusNotification", connectorStatus="Unavailable", evseId=2)
        b.csms.calls.clear()
        reset = await b.csms.call("Reset", type="Immediate")
        await b.csms.heard("SecurityEventNotification")
        boot, statuses = b.csms.all("BootNotification"), b.csms.all("StatusNotification")
        rejected = await b.csms.call("TriggerMessage", requestedMessage="BootNotification")
        return off, reset, boot, statuses, rejected, b.csms.all("SecurityEventNotification")

    off, reset, boot, statuses, rejected, security = simulate(scenario)
    assert off["status"] == "Accepted"
    assert reset["status"] == "Accepted"
    assert [row["reason"] for row in boot] == ["RemoteReset"]
    assert [row["connectorStatus"] for row in statuses] == ["Available", "Unavailable"]
    assert rejected["status"] == "Rejected"
    assert [row["type"] for row in security] == ["ResetOrReboot"]


def test_short_offline_reports_changes_only_and_long_offline_everything(simulate):
    async def reconnect(b, away_s):
        b.csms.calls.clear()
        await b.csms.cut()
        b.evse.plug_in()
        await asyncio.sleep(away_s)
        b.csms.refusing = False
        async with asyncio.timeout(120), b.csms.news:
            await b.csms.news.wait_for(lambda: b.csms.connected)
        await asyncio.sleep(5)
        return [(p["evseId"], p["connectorStatus"]) for p in b.csms.all("StatusNotification")]

    async def short(b):
        await b.booted()
        return await reconnect(b, 10)

    async def long(b):
        await b.booted()
        return await reconnect(b, 100)

    assert simulate(short) == [(1, "Occupied")]
    assert simulate(long) == [(1, "Occupied"), (2, "Available")]


def test_same_seed_gives_the_same_run(simulate):
    async def scenario(b):
        transaction_id = await b.charging()
        return transaction_id, b.csms.calls

    assert simulate(scenario) == simulate(scenario)
    assert simulate(scenario)[0] != simulate(scenario, seed=2)[0]


def test_pending_interval_holds_over_a_reconnect(simulate):
    async def scenario(b):
        b.csms.boots = [("Pending", 60), ("Accepted", 600)]
        await b.csms.heard("BootNotification")
        await b.csms.cut()
        b.csms.refusing = False
        await b.csms.heard("BootNotification", count=2, within=90)
        return [t for t, action, _ in b.csms.calls if action == "BootNotification"]

    first, second = simulate(scenario)
    assert second - first >= 60.0
