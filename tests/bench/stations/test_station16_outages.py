import asyncio
from datetime import datetime
from itertools import pairwise

import pytest
from websockets.asyncio.server import serve

STATUSES = "StatusNotification"
TRANSACTION = ("StartTransaction", "MeterValues", "StopTransaction")
OUTAGE_S = 70


async def offline(rig, seconds):
    """The CSMS is away for so long; gives the index of the first message after it."""
    rig.csms._server.close(close_connections=False)
    rig.csms.cut()
    after = len(rig.csms.messages)
    await asyncio.sleep(seconds)
    port = int(rig.csms.url.rsplit(":", 1)[1])
    await listen_again(rig.csms, port)
    await asyncio.sleep(90)
    return after


async def listen_again(csms, port):
    csms._server = await serve(csms._connected, "127.0.0.1", port, subprotocols=[csms.subprotocol], ping_interval=None)


def told(rig, after):
    return [(action, fields) for _, action, fields in rig.csms.messages[after:] if action in TRANSACTION]


@pytest.mark.parametrize(
    ("faults", "values", "in_order"),
    [
        ([], 4, True),
        (["offline_meter_values_lost"], 1, True),
        (["offline_meter_value_skipped"], 3, True),
        (["queue_newest_first"], 4, False),
    ],
)
def test_meter_values_of_an_outage(rig16, faults, values, in_order):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="20")
        await rig.charge()
        await asyncio.sleep(5)
        after = await offline(rig, OUTAGE_S)
        await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
        stamps = [fields["meterValue"][0]["timestamp"] for _, fields in told(rig, after)]
        assert len(stamps) >= values
        assert all(one <= other for one, other in pairwise(stamps)) == in_order

    rig16(body, faults=faults)


@pytest.mark.parametrize(
    ("faults", "actions"),
    [
        ([], ["StartTransaction", "StopTransaction"]),
        (["offline_start_not_told"], ["StopTransaction"]),
        (["offline_stop_not_told"], ["StartTransaction"]),
        (["queue_newest_first"], ["StopTransaction", "StartTransaction"]),
    ],
)
def test_a_transaction_of_an_outage(rig16, faults, actions):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true")
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        asyncio.get_running_loop().call_later(10, rig.hardware.present, "TAG-9")
        asyncio.get_running_loop().call_later(30, rig.hardware.present, "TAG-9")
        after = await offline(rig, OUTAGE_S)
        assert [action for action, _ in told(rig, after)] == actions
        for action, fields in told(rig, after):
            if action == "StopTransaction":
                assert fields["transactionId"] == (101 if actions[0] == "StartTransaction" else -1)
                assert fields["reason"] == "Local"

    rig16(body, faults=faults)


@pytest.mark.parametrize(
    ("faults", "begins", "ends"),
    [([], True, True), (["offline_id_refused"], False, False), (["own_tag_needs_csms"], True, False)],
)
def test_what_a_tag_does_in_an_outage(rig16, faults, begins, ends):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true")
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        loop, seen = asyncio.get_running_loop(), []
        loop.call_later(10, rig.hardware.present, "TAG-9")
        loop.call_later(29, lambda: seen.append(rig.hardware[1].closed))
        loop.call_later(30, rig.hardware.present, "TAG-9")
        loop.call_later(50, lambda: seen.append(rig.hardware[1].closed))
        await offline(rig, OUTAGE_S)
        assert seen == [begins, begins and not ends]

    rig16(body, faults=faults)


@pytest.mark.parametrize(
    ("faults", "stop_on_invalid", "status", "energised", "stops"),
    [
        ([], "false", "SuspendedEVSE", False, 0),
        ([], "true", "Finishing", False, 1),
        (["invalid_id_keeps_energy"], "false", "SuspendedEVSE", True, 0),
        (["invalid_id_always_stops"], "false", "Finishing", False, 1),
        (["invalid_id_stops_later"], "false", "Finishing", False, 1),
    ],
)
def test_a_tag_that_is_found_invalid_later(rig16, faults, stop_on_invalid, status, energised, stops):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="StopTransactionOnInvalidId", value=stop_on_invalid)
        rig.csms.answers["StartTransaction"] = {"transactionId": 7, "idTagInfo": {"status": "Invalid"}}
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        rig.hardware.present("TAG-9")
        await rig.csms.wait("StartTransaction")
        await asyncio.sleep(30)
        assert rig.csms.seen(STATUSES, connectorId=1)[-1]["status"] == status
        assert rig.hardware[1].closed == energised
        assert [stop["reason"] for stop in rig.csms.seen("StopTransaction")] == ["DeAuthorized"] * stops

    rig16(body, faults=faults)


def test_a_message_that_the_csms_fails_to_process_is_sent_again_and_then_given_up(rig16):
    async def body(rig):
        for key, value in (("TransactionMessageAttempts", "3"), ("TransactionMessageRetryInterval", "10")):
            await rig.csms.call("ChangeConfiguration", key=key, value=value)
        await rig.csms.call("ChangeConfiguration", key="MessageTimeout", value="5")
        rig.csms.answers["StartTransaction"] = lambda _: None
        rig.hardware[1].plug_in()
        await rig.csms.wait(STATUSES, connectorId=1, status="Preparing")
        await rig.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=1)
        await asyncio.sleep(200)
        times = rig.csms.times("StartTransaction")
        assert len(times) == 3
        waits = [other - one for one, other in pairwise(times)]
        answer_s = waits[1] - 20  # the wait grows with the number of transmissions (section 3.7.1)
        assert waits == [pytest.approx(10 + answer_s, abs=0.2), pytest.approx(20 + answer_s, abs=0.2)]
        assert 4.9 < answer_s < 30.2

    rig16(body)


@pytest.mark.parametrize(
    ("faults", "apart_s", "context", "count"),
    [
        ([], 20, "Sample.Clock", 2),
        (["aligned_too_rarely"], 40, "Sample.Clock", 2),
        (["aligned_timestamps_frozen"], 0, "Sample.Clock", 2),
        (["aligned_context_wrong"], 20, "Sample.Periodic", 2),
        (["aligned_measurand_missing"], 20, "Sample.Clock", 1),
    ],
)
def test_clock_aligned_values(rig16, faults, apart_s, context, count):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="ClockAlignedDataInterval", value="20")
        await asyncio.sleep(130)
        values = [fields["meterValue"][0] for fields in rig.csms.seen("MeterValues", connectorId=1)]
        moments = [datetime.fromisoformat(value["timestamp"]) for value in values]
        assert {(other - one).total_seconds() for one, other in pairwise(moments)} == {apart_s}
        assert {sample["context"] for value in values for sample in value["sampledValue"]} == {context}
        assert {len(value["sampledValue"]) for value in values} == {count}

    rig16(body, faults=faults)


def test_no_clock_aligned_values(rig16):
    async def body(rig):
        await rig.csms.call("ChangeConfiguration", key="ClockAlignedDataInterval", value="20")
        await asyncio.sleep(130)
        assert rig.csms.seen("MeterValues") == []

    rig16(body, faults=["aligned_never"])
