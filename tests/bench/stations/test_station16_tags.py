"""Tags that are presented while a transaction runs, and what a station must refuse."""

import asyncio

import pytest

GROUP = {"status": "Accepted", "parentIdTag": "FAMILY"}


def in_a_group(rig):
    rig.csms.answers["Authorize"] = {"idTagInfo": GROUP}
    rig.csms.answers["StartTransaction"] = {"transactionId": 101, "idTagInfo": GROUP}


async def present(rig, tag, seconds=20):
    """At the reader of connector 1; gives what the station sent since."""
    after = len(rig.csms.messages)
    rig.hardware.present(tag, 1)
    await asyncio.sleep(seconds)
    return [action for _, action, _ in rig.csms.messages[after:] if action in {"Authorize", "StopTransaction"}]


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ((), []),
        (("asks_for_tags_that_cannot_stop",), ["Authorize"]),
        (("any_tag_stops",), ["StopTransaction"]),
        (("other_tag_cuts_energy",), []),
    ],
)
def test_a_tag_of_no_group_is_not_asked_for_and_stops_nothing(rig16, fault, sent):
    async def body(rig):
        await rig.charge()
        assert await present(rig, "OTHER") == sent
        assert rig.hardware[1].closed == (not fault or "asks" in fault[0])

    rig16(body, faults=list(fault))


def test_the_tag_that_began_stops_without_being_asked_for(rig16):
    async def body(rig):
        await rig.charge()
        assert await present(rig, "TAG-1") == ["StopTransaction"]
        assert rig.csms.seen("StopTransaction")[0]["idTag"] == "TAG-1"

    rig16(body)


@pytest.mark.parametrize(
    ("fault", "sent", "named"),
    [
        ((), ["Authorize", "StopTransaction"], "OTHER"),
        (("group_tag_not_asked",), ["StopTransaction"], "OTHER"),
        (("group_stop_names_the_first_tag",), ["Authorize", "StopTransaction"], "TAG-1"),
        (("group_tag_does_not_stop",), ["Authorize"], None),
    ],
)
def test_a_tag_of_the_group_is_asked_for_and_stops(rig16, fault, sent, named):
    async def body(rig):
        in_a_group(rig)
        await rig.charge()
        assert await present(rig, "OTHER") == sent
        assert [stop["idTag"] for stop in rig.csms.seen("StopTransaction")] == [named] * (named is not None)

    rig16(body, faults=list(fault))


@pytest.mark.parametrize(
    ("fault", "connector", "answer", "closed"),
    [
        ((), 1, {"status": "Rejected"}, True),
        ((), 0, {"status": "Rejected"}, True),
        (("second_remote_start_accepted",), 1, {"status": "Accepted"}, True),
        (("second_remote_start_ends_the_first",), 1, {"status": "Rejected"}, False),
        (("second_remote_start_cuts_energy",), 1, {"status": "Rejected"}, False),
        (("connector_0_start_accepted",), 0, {"status": "Accepted"}, True),
    ],
)
def test_a_remote_start_where_none_can_begin(rig16, fault, connector, answer, closed):
    async def body(rig):
        await rig.charge()
        assert await rig.csms.call("RemoteStartTransaction", idTag="TAG-2", connectorId=connector) == [answer]
        await asyncio.sleep(15)
        assert rig.hardware[1].closed == closed
        assert len(rig.csms.seen("StartTransaction")) == 1

    rig16(body, faults=list(fault))


def test_a_refusal_by_callerror(rig16):
    async def body(rig):
        (code, *_) = await rig.csms.call("RemoteStartTransaction", idTag="TAG-2", connectorId=0)
        assert code == "PropertyConstraintViolation"
        (code, *_) = await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="-1")
        assert code == "PropertyConstraintViolation"

    rig16(body, faults=["refuses_by_callerror"])


def test_a_value_that_was_rejected_and_stored(rig16):
    async def body(rig):
        (told,) = await rig.csms.call("GetConfiguration", key=["MeterValueSampleInterval"])
        assert told["configurationKey"][0]["value"] == "60"
        assert await rig.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="-1") == [
            {"status": "Rejected"}
        ]
        (told,) = await rig.csms.call("GetConfiguration", key=["MeterValueSampleInterval"])
        assert told["configurationKey"][0]["value"] == "0"

    rig16(body, faults=["rejected_value_stored"])
