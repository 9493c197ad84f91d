"""The local authorization list (OCPP 1.6 sections 3.5, 5.10, 5.15, 7.1)."""

import asyncio

VALID = {"status": "Accepted"}
ACCEPTED, FAILED, MISMATCH = [{"status": "Accepted"}], [{"status": "Failed"}], [{"status": "VersionMismatch"}]


def rows(*tags, info=VALID):
    return [{"idTag": tag, "idTagInfo": info} if info else {"idTag": tag} for tag in tags]


async def send(rig, version, entries=None, kind="Full"):
    listed = {} if entries is None else {"localAuthorizationList": entries}
    return await rig.csms.call("SendLocalList", listVersion=version, updateType=kind, **listed)


async def version(rig):
    return (await rig.csms.call("GetLocalListVersion"))[0]["listVersion"]


async def started(rig, tag, connector=1):
    """Whether presenting the tag starts a transaction within some seconds, and whether the CSMS was asked."""
    after = len(rig.csms.messages)
    rig.hardware.present(tag, connector)
    await asyncio.sleep(5)
    begun = bool(rig.csms.seen("StartTransaction", after=after, idTag=tag))
    return begun, bool(rig.csms.seen("Authorize", after=after, idTag=tag))


def test_a_differential_list_adds_updates_and_deletes(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="LocalPreAuthorize", value="true")
        assert await send(rig, 1, rows("KEPT", "GONE")) == ACCEPTED
        changes = [*rows("ADDED"), *rows("GONE", info=None)]
        assert await send(rig, 2, changes, "Differential") == ACCEPTED
        assert await version(rig) == 2
        rig.csms.answers["Authorize"] = {"idTagInfo": {"status": "Invalid"}}
        rig.hardware[1].plug_in()
        assert await started(rig, "GONE") == (False, True)
        assert await started(rig, "added") == (True, False)
        assert await started(rig, "added") == (False, False)
        await asyncio.sleep(10)
        assert await started(rig, "KEPT") == (True, False)

    rig16(body)


def test_lists_that_are_refused(rig16):
    async def body(rig):
        assert await send(rig, 3, rows("A")) == ACCEPTED
        assert await send(rig, 3, rows("B"), "Differential") == MISMATCH
        assert await send(rig, 0, rows("B")) == FAILED
        assert await send(rig, -1, rows("B")) == FAILED
        assert await send(rig, 4, rows("B", "b")) == FAILED
        assert await send(rig, 4, rows("B", info=None)) == FAILED
        assert await send(rig, 4, rows(*(f"T{n}" for n in range(101)))) == FAILED
        assert await send(rig, 4, rows(*(f"T{n}" for n in range(100))), "Differential") == FAILED
        assert await version(rig) == 3
        assert await send(rig, 1, None) == ACCEPTED
        assert await version(rig) == 0

    rig16(body)


def test_memory_that_fails_keeps_the_old_list_and_faults_no_connector(rig16):
    async def body(rig):
        assert await send(rig, 1, rows("A")) == ACCEPTED
        after = len(rig.csms.messages)
        rig.hardware[1].inject("memory_failure")
        assert await send(rig, 2, rows("B")) == FAILED
        assert await version(rig) == 1
        assert rig.csms.seen("StatusNotification", after=after) == []
        rig.hardware[1].inject(None)
        assert await send(rig, 2, rows("B")) == ACCEPTED

    rig16(body)


def test_a_list_that_is_switched_off_is_not_supported_and_kept(rig16):
    async def body(rig):
        assert await send(rig, 1, rows("A")) == ACCEPTED
        await rig.csms.call("ChangeConfiguration", key="LocalAuthListEnabled", value="false")
        assert await version(rig) == -1
        assert await send(rig, 2, rows("B")) == [{"status": "NotSupported"}]
        await rig.csms.call("ChangeConfiguration", key="LocalAuthListEnabled", value="true")
        assert await version(rig) == 1

    rig16(body)


def test_the_list_decides_while_offline_and_outlives_a_power_cycle(rig16):
    async def body(rig):
        await send(rig, 1, [*rows("GOOD"), *rows("BAD", info={"status": "Blocked"})])
        await rig.csms.call("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true")
        rig.hardware.switch_mains(False)
        await asyncio.sleep(5)
        await rig.csms.stop()
        rig.hardware.switch_mains(True)
        await asyncio.sleep(10)
        rig.hardware[1].plug_in()
        rig.hardware.present("BAD", 1)
        await asyncio.sleep(5)
        assert not rig.hardware[1].closed
        rig.hardware.present("GOOD", 1)
        await asyncio.sleep(5)
        assert rig.hardware[1].closed

    rig16(body)


def test_a_conflict_with_the_csms_is_told(rig16):
    async def body(rig):
        await send(rig, 1, rows("A"))
        rig.csms.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
        rig.hardware.present("A", 1)
        _, told = await rig.csms.wait("StatusNotification", connectorId=0, errorCode="LocalListConflict")
        assert told["status"] == "Available"

    rig16(body)
