import asyncio

import pytest

STATUSES = "StatusNotification"


def test_no_transaction_begins_before_the_plug_is_held(rig16):
    async def body(rig):
        evse = rig.hardware[1]
        evse.lock_stuck = True
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        evse.plug_in()
        _, told = await rig.csms.wait(STATUSES, connectorId=1, status="Faulted")
        assert told["errorCode"] == "ConnectorLockFailure"
        await asyncio.sleep(30)
        assert rig.csms.seen("StartTransaction") == []
        assert evse.edges == []
        after = len(rig.csms.messages)
        evse.lock_stuck = False
        evse.unplug()
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available")
        await rig.charge()

    rig16(body)


@pytest.mark.parametrize(
    ("fault", "statuses", "starts", "energised"),
    [
        ("lock_failure_ignored", ["Available", "Preparing", "Charging"], 1, True),
        ("lock_failure_as_other_error", ["Available", "Preparing", "Faulted"], 0, False),
        ("faults_not_reported", ["Available", "Preparing"], 0, False),
        ("starts_while_faulted", ["Available", "Preparing", "Faulted"], 1, False),
        ("supplies_while_faulted", ["Available", "Preparing", "Faulted"], 0, True),
    ],
)
def test_wrong_ways_with_a_lock_that_fails(rig16, fault, statuses, starts, energised):
    async def body(rig):
        evse = rig.hardware[1]
        evse.lock_stuck = True
        evse.plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await asyncio.sleep(30)
        told = rig.csms.seen(STATUSES, connectorId=1)
        shown = list(dict.fromkeys(message["status"] for message in told))
        assert shown[: len(statuses)] == statuses
        assert ("ConnectorLockFailure" in {message["errorCode"] for message in told}) == (
            fault in {"starts_while_faulted", "supplies_while_faulted"}
        )
        assert len(rig.csms.seen("StartTransaction")) == starts
        assert evse.closed == energised

    rig16(body, faults=[fault])


def test_an_empty_socket_is_not_left_locked(rig16):
    async def body(rig):
        await rig.charge()
        assert rig.hardware[1].locked()
        rig.hardware[1].unplug()
        await asyncio.sleep(1)
        assert not rig.hardware[1].locked()

    rig16(body)


def test_a_captive_cable_is_neither_locked_nor_unlocked(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        assert not rig.hardware[1].locked()
        assert await rig.csms.call("UnlockConnector", connectorId=1) == [{"status": "NotSupported"}]
        await asyncio.sleep(10)
        assert rig.csms.seen("StopTransaction") == []
        told = await rig.csms.call("GetConfiguration", key=["UnlockConnectorOnEVSideDisconnect"])
        (entry,) = told[0]["configurationKey"]
        assert (entry["value"], entry["readonly"]) == ("false", True)
        rig.hardware[1].unplug_ev_side()
        await rig.csms.wait("StopTransaction", reason="EVDisconnected")
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available")

    rig16(body, fixed_cable=True)


@pytest.mark.parametrize(
    ("fault", "connector", "answer", "locked", "stops"),
    [
        ("unlock_not_supported", 1, "NotSupported", True, 0),
        ("unlock_answered_only", 1, "Unlocked", True, 1),
        ("unlock_keeps_transaction", 1, "Unlocked", False, 0),
        ("unlock_keeps_energy", 1, "Unlocked", False, 1),
        ("unlock_drives_home", 2, "Unlocked", True, 0),
        ("unknown_connector_unlock_failed", 9, "UnlockFailed", True, 0),
    ],
)
def test_wrong_ways_of_unlocking(rig16, fault, connector, answer, locked, stops):
    async def body(rig):
        await rig.charge()
        assert await rig.csms.call("UnlockConnector", connectorId=connector) == [{"status": answer}]
        await asyncio.sleep(15)
        looked_at = rig.hardware[2 if connector == 2 else 1]
        assert looked_at.locked() == locked
        assert len(rig.csms.seen("StopTransaction")) == stops
        assert rig.hardware[1].closed == (fault != "unlock_answered_only")

    rig16(body, faults=[fault])


def test_a_captive_cable_that_is_said_to_be_unlocked(rig16):
    async def body(rig):
        assert await rig.csms.call("UnlockConnector", connectorId=1) == [{"status": "Unlocked"}]

    rig16(body, faults=["captive_cable_unlocked"], fixed_cable=True)


@pytest.mark.parametrize(("faults", "locked"), [([], False), (["locked_after_ev_disconnect"], True)])
def test_the_plug_after_a_disconnect_at_the_ev(rig16, faults, locked):
    async def body(rig):
        await rig.charge()
        rig.hardware[1].unplug_ev_side()
        await rig.csms.wait("StopTransaction", reason="EVDisconnected")
        await asyncio.sleep(5)
        assert rig.hardware[1].locked() == locked

    rig16(body, faults=faults)
