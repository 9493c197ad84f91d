"""The authorization cache (OCPP 1.6 sections 3.5.1, 3.5.3)."""

import asyncio
from datetime import datetime, timedelta

import pytest

PREAUTHORIZE = {"LocalPreAuthorize": "true"}
GROUP = {"status": "Accepted", "parentIdTag": "GROUP"}


async def presented(rig, tag, connector=1, wait_s=5):
    """Present a tag; the Authorize and StartTransaction requests that followed."""
    after = len(rig.csms.messages)
    rig.hardware.present(tag, connector)
    await asyncio.sleep(wait_s)
    return rig.csms.seen("Authorize", after=after), rig.csms.seen("StartTransaction", after=after)


async def learnt(rig, tag, info):
    """Let the station ask for a tag and give up the authorization again."""
    rig.csms.answers["Authorize"] = {"idTagInfo": info}
    asked, _ = await presented(rig, tag)
    assert asked
    if info["status"] == "Accepted":
        await presented(rig, tag)


def test_a_cached_tag_is_not_asked_for_until_it_expires(rig16):
    async def body(rig):
        expiry = datetime.fromisoformat(rig.now()) + timedelta(seconds=600)
        await learnt(rig, "A", {"status": "Accepted", "expiryDate": expiry.isoformat()})
        asked, _ = await presented(rig, "a")
        assert not asked
        await presented(rig, "a")
        await asyncio.sleep(600)
        asked, _ = await presented(rig, "A")
        assert asked

    rig16(body, configuration=PREAUTHORIZE)


def test_a_cached_tag_that_is_not_valid_is_asked_for(rig16):
    async def body(rig):
        await learnt(rig, "A", {"status": "Blocked"})
        rig.csms.answers["Authorize"] = {"idTagInfo": {"status": "Accepted"}}
        rig.hardware[1].plug_in()
        asked, started = await presented(rig, "A")
        assert asked
        assert started

    rig16(body, configuration=PREAUTHORIZE)


def test_the_cache_outlives_a_power_cycle_and_not_its_clearing(rig16):
    async def body(rig):
        await learnt(rig, "A", {"status": "Accepted"})
        rig.hardware.switch_mains(on=False)
        await asyncio.sleep(5)
        after = len(rig.csms.messages)
        rig.hardware.switch_mains(on=True)
        await rig.csms.wait("StatusNotification", after=after, connectorId=2)
        asked, _ = await presented(rig, "A")
        assert not asked
        await presented(rig, "A")
        assert await rig.csms.call("ClearCache") == [{"status": "Accepted"}]
        asked, _ = await presented(rig, "A")
        assert asked

    rig16(body, configuration=PREAUTHORIZE)


def test_a_full_cache_forgets_what_is_not_valid_first(rig16):
    async def body(rig):
        await learnt(rig, "OLDEST", {"status": "Accepted"})
        await learnt(rig, "BAD", {"status": "Invalid"})
        for number in range(99):
            await learnt(rig, f"T{number}", {"status": "Accepted"})
        asked, _ = await presented(rig, "OLDEST")
        assert not asked
        await presented(rig, "OLDEST")
        await learnt(rig, "ONE-MORE", {"status": "Accepted"})
        asked, _ = await presented(rig, "OLDEST")
        assert asked

    rig16(body, configuration=PREAUTHORIZE)


def test_a_tag_of_the_local_list_is_not_cached(rig16):
    async def body(rig):
        row = {"idTag": "A", "idTagInfo": {"status": "Blocked"}}
        await rig.csms.call("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=[row])
        await learnt(rig, "A", {"status": "Accepted"})
        await rig.csms.call("SendLocalList", listVersion=2, updateType="Full")
        asked, _ = await presented(rig, "A")
        assert asked

    rig16(body, configuration=PREAUTHORIZE)


@pytest.mark.parametrize("remote", [True, False])
def test_the_cached_group_opens_a_reserved_connector(rig16, remote):
    async def body(rig):
        await learnt(rig, "SISTER", GROUP)
        rig.csms.answers["Authorize"] = None
        wish = {"expiryDate": "2026-05-02T00:00:00Z", "idTag": "MINE", "parentIdTag": "GROUP", "reservationId": 1}
        await rig.csms.call("ReserveNow", connectorId=1, **wish)
        rig.hardware[1].plug_in()
        await asyncio.sleep(1)
        if remote:
            await rig.csms.call("RemoteStartTransaction", connectorId=1, idTag="SISTER")
        else:
            rig.hardware.present("SISTER", 1)
        await rig.csms.wait("StartTransaction", within_s=5, reservationId=1)

    rig16(body, configuration=PREAUTHORIZE)
