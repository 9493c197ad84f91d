"""Reservations of connectors, and of any connector (OCPP 1.6 sections 3.11, 5.1, 5.13)."""

import asyncio
from datetime import datetime, timedelta

import pytest

STATUSES = "StatusNotification"
LATER = "2026-05-02T00:00:00Z"
ACCEPTED, OCCUPIED = [{"status": "Accepted"}], [{"status": "Occupied"}]


async def reserve(rig, number, connector, tag="MINE", **more):
    wish = {"expiryDate": LATER, "idTag": tag, "reservationId": number, **more}
    return await rig.csms.call("ReserveNow", connectorId=connector, **wish)


def soon(rig):
    return (datetime.fromisoformat(rig.now()) + timedelta(seconds=120)).isoformat()


async def charges(rig, tag, connector=1, within_s=5.0):
    """Whether a remote start of this tag leads to a transaction on the connector."""
    after = len(rig.csms.messages)
    await rig.csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
    await asyncio.sleep(within_s)
    return rig.csms.seen("StartTransaction", after=after, idTag=tag)


def test_the_id_of_another_replaces_it_wherever_it_is(rig16):
    async def body(rig):
        assert await reserve(rig, 1, 1) == ACCEPTED
        assert await reserve(rig, 1, 2, tag="YOURS") == ACCEPTED
        await rig.csms.wait(STATUSES, connectorId=1, status="Available")
        await rig.csms.wait(STATUSES, connectorId=2, status="Reserved")
        rig.hardware[2].plug_in()
        assert not await charges(rig, "MINE", 2)
        assert await charges(rig, "YOURS", 2)

    rig16(body)


def test_any_connector_stays_available_until_one_is_left(rig16):
    async def body(rig):
        assert await reserve(rig, 1, 0) == ACCEPTED
        assert await reserve(rig, 2, 0, tag="YOURS") == ACCEPTED
        await rig.csms.wait(STATUSES, connectorId=1, status="Reserved")
        assert await reserve(rig, 3, 0, tag="HERS") == OCCUPIED
        assert await reserve(rig, 4, 1, tag="HERS") == OCCUPIED
        await rig.csms.call("CancelReservation", reservationId=2)
        await rig.csms.wait(STATUSES, connectorId=1, status="Available")

    rig16(body)


def test_the_last_connector_is_kept_for_who_reserved_any(rig16):
    async def body(rig):
        await reserve(rig, 1, 0)
        rig.hardware[2].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Reserved")
        assert await charges(rig, "OTHER", 2)
        rig.hardware[1].plug_in()
        await asyncio.sleep(1)
        assert not rig.csms.seen(STATUSES, connectorId=1, status="Preparing")
        assert not await charges(rig, "OTHER", 1)
        (start,) = await charges(rig, "MINE", 1)
        assert start["reservationId"] == 1

    rig16(body)


@pytest.mark.parametrize("connector", [1, 0])
def test_why_a_reservation_is_refused(rig16, connector):
    async def body(rig):
        for evse in (1, 2):
            rig.hardware[evse].inject("ground_failure")
        assert await reserve(rig, 1, connector) == [{"status": "Faulted"}]
        for evse in (1, 2):
            rig.hardware[evse].inject(None)
        await rig.csms.call("ChangeAvailability", connectorId=0, type="Inoperative")
        assert await reserve(rig, 1, connector) == [{"status": "Unavailable"}]
        await rig.csms.call("ChangeAvailability", connectorId=0, type="Operative")
        for evse in (1, 2):
            rig.hardware[evse].plug_in()
        await asyncio.sleep(1)
        assert await reserve(rig, 1, connector) == OCCUPIED

    rig16(body)


def test_connector_zero_only_where_it_is_supported(rig16):
    async def body(rig):
        assert await reserve(rig, 1, 0) == [{"status": "Rejected"}]
        assert await reserve(rig, 1, 9) == [{"status": "Rejected"}]

    rig16(body, configuration={"ReserveConnectorZeroSupported": "false"})


@pytest.mark.parametrize("connector", [1, 0])
def test_a_fault_or_unavailability_ends_a_reservation(rig16, connector):
    async def body(rig):
        await reserve(rig, 1, connector)
        await rig.csms.call("ChangeAvailability", connectorId=connector, type="Inoperative")
        await asyncio.sleep(1)
        assert await rig.csms.call("CancelReservation", reservationId=1) == [{"status": "Rejected"}]
        await rig.csms.call("ChangeAvailability", connectorId=connector, type="Operative")
        await rig.csms.wait(STATUSES, connectorId=1, status="Available")

    rig16(body)


def test_another_tag_of_the_group_is_asked_for_and_admitted(rig16):
    def answer(payload):
        group = {"parentIdTag": "GROUP"} if payload["idTag"] == "SISTER" else {}
        return {"idTagInfo": {"status": "Accepted", **group}}

    async def body(rig):
        rig.csms.answers["Authorize"] = answer
        await reserve(rig, 1, 1, parentIdTag="group")
        rig.hardware[1].plug_in()
        assert not await charges(rig, "OTHER")
        (start,) = await charges(rig, "SISTER")
        assert start["reservationId"] == 1
        assert [asked["idTag"] for asked in rig.csms.seen("Authorize")] == ["OTHER", "SISTER"]

    rig16(body)


def test_a_reservation_outlives_a_power_cycle_but_not_its_expiry(rig16):
    async def body(rig):
        await reserve(rig, 1, 1)
        await reserve(rig, 2, 2, expiryDate=soon(rig))
        await rig.csms.wait(STATUSES, connectorId=2, status="Reserved")
        rig.hardware.switch_mains(False)
        await asyncio.sleep(300)
        after = len(rig.csms.messages)
        rig.hardware.switch_mains(True)
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Reserved")
        await rig.csms.wait(STATUSES, after=after, connectorId=2, status="Available")

    rig16(body)


def test_the_tag_is_checked_when_it_reserves_where_the_station_likes_to(rig16):
    async def body(rig):
        await reserve(rig, 1, 1)
        await rig.csms.wait("Authorize", idTag="MINE")

    rig16(body, faults=["asks_for_reserving_tags"])
