"""Wrong 1.6 stations of boot and session differ in what their description says."""

import asyncio

import pytest

STATUSES = "StatusNotification"


def boots_with_interval(rig, seconds):
    rig.csms.answers["BootNotification"] = lambda _: {
        "status": "Accepted",
        "interval": seconds,
        "currentTime": rig.now(),
    }


async def switched_on(rig):
    await rig.csms.start()
    await rig.station.start(rig.csms.url)
    await rig.csms.wait(STATUSES, connectorId=2)
    await asyncio.sleep(1)


@pytest.mark.parametrize(("faults", "first"), [([], "BootNotification"), (["status_before_boot"], STATUSES)])
def test_what_is_sent_first(rig16, faults, first):
    async def body(rig):
        await switched_on(rig)
        assert rig.csms.messages[0][1] == first
        assert [name for _, name, _ in rig.csms.messages].count("BootNotification") == 1

    rig16(body, booted=False, faults=faults)


@pytest.mark.parametrize(("faults", "beats"), [([], 3), (["heartbeat_too_often"], 6)])
def test_how_often_it_beats(rig16, faults, beats):
    async def body(rig):
        boots_with_interval(rig, 20)
        await switched_on(rig)
        await asyncio.sleep(60)
        assert len(rig.csms.times("Heartbeat")) == beats

    rig16(body, booted=False, faults=faults)


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ([], ["Available", "Preparing", "Charging", "Finishing"]),
        (["preparing_not_reported"], ["Available", "Charging", "Finishing"]),
        (["finishing_not_reported"], ["Available", "Preparing", "Charging"]),
    ],
)
def test_which_statuses_of_a_session_are_reported(rig16, faults, seen):
    async def body(rig):
        rig.hardware[1].plug_in()
        await asyncio.sleep(1)
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await rig.csms.wait(STATUSES, connectorId=1, status="Charging")
        await rig.csms.call("RemoteStopTransaction", transactionId=rig.transactions)
        await rig.csms.wait("StopTransaction")
        await asyncio.sleep(1)
        assert [p["status"] for p in rig.csms.seen(STATUSES, connectorId=1)] == seen

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "status"), [([], "Preparing"), (["connection_timeout_halved"], "Available")])
def test_how_long_an_authorisation_is_kept(rig16, faults, status):
    async def body(rig):
        rig.hardware.present("TAG-7")
        await asyncio.sleep(40)
        assert rig.csms.seen(STATUSES, connectorId=1)[-1]["status"] == status

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "tags"), [([], []), (["authorisation_outlives_timeout"], ["TAG-7"])])
def test_a_cable_that_comes_too_late(rig16, faults, tags):
    async def body(rig):
        after = len(rig.csms.messages)
        rig.hardware.present("TAG-7")
        await rig.csms.wait(STATUSES, after=after, connectorId=1, status="Available", within_s=100)
        rig.hardware[1].plug_in()
        await asyncio.sleep(20)
        assert [p["idTag"] for p in rig.csms.seen("StartTransaction")] == tags

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "energised"), [([], False), (["energy_after_ev_disconnect"], True)])
def test_an_ev_that_is_connected_again(rig16, faults, energised):
    async def body(rig):
        await rig.charge()
        rig.hardware[1].unplug_ev_side()
        await rig.csms.wait("StopTransaction", reason="EVDisconnected")
        assert not rig.hardware[1].closed
        rig.hardware[1].plug_in()
        await asyncio.sleep(20)
        assert rig.hardware[1].closed is energised
        assert len(rig.csms.seen("StartTransaction")) == 1

    rig16(body, faults=faults)
