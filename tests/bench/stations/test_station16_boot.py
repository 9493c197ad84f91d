import asyncio
import itertools

import pytest
from rig16 import Rig16

from bench.errors import BenchError
from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.faults import ActiveFaults


def test_an_accepted_boot_is_followed_by_the_status_of_every_connector_and_heartbeats(rig16):
    async def body(rig):
        rig.csms.answers["BootNotification"] = lambda _: {
            "status": "Accepted",
            "interval": 10,
            "currentTime": rig.now(),
        }
        await rig.boot()
        await asyncio.sleep(35)
        actions = [name for _, name, _ in rig.csms.messages]
        assert actions[0] == "BootNotification"
        assert actions.count("BootNotification") == 1
        assert actions[1:4] == ["StatusNotification"] * 3
        assert [p["connectorId"] for p in rig.csms.seen("StatusNotification")] == [0, 1, 2]
        assert {p["status"] for p in rig.csms.seen("StatusNotification")} == {"Available"}
        beats = rig.csms.times("Heartbeat")
        assert len(beats) == 3
        assert [round(b - a) for a, b in itertools.pairwise(beats)] == [10, 10]
        assert rig.csms.path == "/CS16"

    rig16(body, booted=False)


def refuse_first(rig, status, interval=20):
    answers = iter([status])
    rig.csms.answers["BootNotification"] = lambda _: {
        "status": next(answers, "Accepted"),
        "interval": interval,
        "currentTime": rig.now(),
    }


@pytest.mark.parametrize("status", ["Rejected", "Pending"])
def test_a_refused_boot_is_repeated_at_the_interval_and_nothing_else_is_sent(rig16, status):
    async def body(rig):
        refuse_first(rig, status)
        await rig.boot()
        first, second = rig.csms.times("BootNotification")
        assert 20 <= second - first < 20.5
        assert [name for _, name, _ in rig.csms.messages][:3] == ["BootNotification"] * 2 + ["StatusNotification"]

    rig16(body, booted=False)


def test_boot_retried_early_does_not_wait(rig16):
    async def body(rig):
        refuse_first(rig, "Rejected")
        await rig.boot()
        first, second = rig.csms.times("BootNotification")
        assert second - first < 6

    rig16(body, booted=False, faults=["boot_retried_early"])


def test_boot_never_retried_stays_silent(rig16):
    async def body(rig):
        refuse_first(rig, "Rejected")
        await rig.csms.start()
        await rig.station.start(rig.csms.url)
        await asyncio.sleep(120)
        assert len(rig.csms.messages) == 1

    rig16(body, booted=False, faults=["boot_never_retried"])


def test_a_pending_station_answers_but_refuses_remote_starts_and_boots_when_triggered(rig16):
    async def body(rig):
        refuse_first(rig, "Pending", interval=600)
        await rig.csms.start()
        await rig.station.start(rig.csms.url)
        await rig.csms.wait("BootNotification")
        await asyncio.sleep(1)
        assert await rig.csms.call("RemoteStartTransaction", idTag="T", connectorId=1) == [{"status": "Rejected"}]
        answer = await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="5")
        assert answer == [{"status": "Accepted"}]
        triggered = await rig.csms.call("TriggerMessage", requestedMessage="BootNotification")
        assert triggered == [{"status": "Accepted"}]
        await rig.csms.wait("StatusNotification", connectorId=2, within_s=2)
        assert len(rig.csms.seen("BootNotification")) == 2

    rig16(body, booted=False)


def test_a_rejected_station_answers_nothing(rig16):
    async def body(rig):
        refuse_first(rig, "Rejected", interval=600)
        await rig.csms.start()
        await rig.station.start(rig.csms.url)
        await rig.csms.wait("BootNotification")
        await asyncio.sleep(1)
        with pytest.raises(TimeoutError):
            await rig.csms.call("GetConfiguration")

    rig16(body, booted=False)


def test_a_reconnected_station_boots_no_more_and_reports_what_changed(rig16):
    async def body(rig):
        after = len(rig.csms.messages)
        rig.csms.cut()
        await asyncio.sleep(0.5)
        rig.hardware[2].plug_in()
        await rig.csms.wait("StatusNotification", connectorId=2, status="Preparing")
        await asyncio.sleep(5)
        assert rig.csms.connections == 2
        assert [name for _, name, _ in rig.csms.messages[after:]] == ["StatusNotification"]

    rig16(body)


def test_attempts_to_connect_come_at_growing_distances(sim):
    times = []

    async def main():
        rig = Rig16()

        async def refuse(_reader, writer):
            times.append(asyncio.get_running_loop().time())
            writer.transport.abort()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        await rig.station.start(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.sleep(100)
        await rig.station.stop()
        server.close()

    sim(main)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps[:4] == sorted(gaps[:4])
    assert gaps[0] < 4
    assert gaps[3] > 16


def test_the_password_goes_into_basic_authentication(rig16):
    async def body(rig):
        assert rig.csms.headers["Authorization"] == "Basic Q1MxNjpzZWNyZXQ="

    rig16(body, password="secret")


def test_a_dead_station_connects_and_is_silent(rig16):
    async def body(rig):
        await rig.csms.start()
        await rig.station.start(rig.csms.url)
        await asyncio.sleep(60)
        assert rig.csms.connections == 1
        assert rig.csms.messages == []
        with pytest.raises(TimeoutError):
            await rig.csms.call("GetConfiguration")

    rig16(body, booted=False, faults=["dead"])


def test_the_clock_follows_the_csms(rig16):
    async def body(rig):
        rig.hardware[1].plug_in()
        _, status = await rig.csms.wait("StatusNotification", connectorId=1, status="Preparing")
        assert status["timestamp"].startswith("2026-05-01T00:")

    rig16(body)


def test_an_unknown_fault_and_an_unknown_setting_name_the_nearest():
    with pytest.raises(BenchError, match="remote_stop_ignored"):
        ActiveFaults(["remote_stop_ignore"])
    with pytest.raises(BenchError, match="'identity'"):
        StationConfig.from_dict({"identty": "X"})
    with pytest.raises(BenchError, match="wrong type"):
        StationConfig.from_dict({"identity": "X", "evses": "two"})


def test_no_heartbeat_is_silent_but_alive(rig16):
    async def body(rig):
        await asyncio.sleep(2000)
        assert rig.csms.seen("Heartbeat") == []
        assert await rig.csms.call("ClearCache") == [{"status": "Accepted"}]

    rig16(body, faults=["no_heartbeat"])
