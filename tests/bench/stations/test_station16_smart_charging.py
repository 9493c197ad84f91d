import asyncio

import pytest


def profile(number, purpose, *periods, level=0, unit="A", **more):
    schedule = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": start, "limit": limit} for start, limit in periods],
    }
    schedule.update(more.pop("schedule", {}))
    return {
        "chargingProfileId": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
        **more,
    }


async def put(rig, connector, wanted, status="Accepted"):
    answer = await rig.csms.call("SetChargingProfile", connectorId=connector, csChargingProfiles=wanted)
    assert answer == [{"status": status}]
    await asyncio.sleep(2)


def amps(rig, connector=1):
    return round(rig.hardware[connector].current_a, 2)


def test_a_transaction_profile_lowers_the_current_and_ends_with_the_transaction(rig16):
    async def body(rig):
        _, number = await rig.charge()
        assert amps(rig) == 32
        await put(rig, 1, profile(1, "TxProfile", (0, 10.1), transactionId=number))
        assert amps(rig) == 10.1
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        await rig.csms.wait("StopTransaction")
        assert await rig.csms.call("ClearChargingProfile") == [{"status": "Unknown"}]

    rig16(body)


@pytest.mark.parametrize(("fault", "expected"), [("limit_never_applied", 32), ("limit_plus_20pct", 12)])
def test_limits_that_are_not_kept(rig16, fault, expected):
    async def body(rig):
        await rig.charge()
        await put(rig, 1, profile(1, "TxProfile", (0, 10)))
        assert amps(rig) == expected

    rig16(body, faults=[fault])


def test_limit_applied_late(rig16):
    async def body(rig):
        await rig.charge()
        await put(rig, 1, profile(1, "TxProfile", (0, 10)))
        await asyncio.sleep(80)
        assert amps(rig) == 32
        await asyncio.sleep(20)
        assert amps(rig) == 10

    rig16(body, faults=["limit_applied_late"])


def test_a_limit_of_zero_suspends_and_its_end_resumes(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        await put(rig, 1, profile(1, "TxProfile", (0, 0)))
        await rig.csms.wait("StatusNotification", after=after, connectorId=1, status="SuspendedEVSE")
        assert not rig.hardware[1].closed
        assert rig.hardware[1].duty is None
        after = len(rig.csms.messages)
        assert await rig.csms.call("ClearChargingProfile", id=1) == [{"status": "Accepted"}]
        await rig.csms.wait("StatusNotification", after=after, connectorId=1, status="Charging")
        assert amps(rig) == 32
        assert rig.csms.seen("StopTransaction") == []

    rig16(body)


def test_the_highest_stack_level_prevails_within_a_purpose_and_the_minimum_between_purposes(rig16):
    async def body(rig):
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 8), level=0))
        await put(rig, 1, profile(2, "TxDefaultProfile", (0, 20), level=3))
        await rig.charge()
        await asyncio.sleep(1)
        assert amps(rig) == 20
        await put(rig, 0, profile(3, "ChargePointMaxProfile", (0, 14)))
        assert amps(rig) == 14
        await put(rig, 1, profile(4, "TxProfile", (0, 25)))
        assert amps(rig) == 14
        await rig.csms.call("ClearChargingProfile", chargingProfilePurpose="ChargePointMaxProfile")
        await asyncio.sleep(1)
        assert amps(rig) == 25

    rig16(body)


def test_periods_change_at_their_time_and_a_duration_ends_the_profile(rig16):
    async def body(rig):
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 16), (30, 10), schedule={"duration": 60}))
        await rig.charge()
        seen = []
        for _ in range(3):
            await asyncio.sleep(19)
            seen.append(amps(rig))
        await asyncio.sleep(20)
        assert [*seen, amps(rig)] == [16, 10, 10, 32]

    rig16(body)


def test_an_absolute_daily_schedule_in_watts(rig16):
    async def body(rig):
        daily = profile(1, "TxDefaultProfile", (0, 6900.0), unit="W", recurrencyKind="Daily")
        daily["chargingProfileKind"] = "Recurring"
        daily["chargingSchedule"].update(startSchedule="2026-04-01T00:00:00Z", duration=7200)
        await put(rig, 0, daily)
        await rig.charge()
        await asyncio.sleep(1)
        assert amps(rig) == 10

    rig16(body)


def test_a_remote_start_brings_its_profile(rig16):
    async def body(rig):
        rig.hardware[1].plug_in()
        wish = {"idTag": "T", "connectorId": 1, "chargingProfile": profile(9, "TxProfile", (0, 9))}
        assert await rig.csms.call("RemoteStartTransaction", **wish) == [{"status": "Accepted"}]
        await rig.csms.wait("StatusNotification", connectorId=1, status="Charging")
        assert amps(rig) == 9
        wish["chargingProfile"]["chargingProfilePurpose"] = "TxDefaultProfile"
        wish["connectorId"] = 2
        assert await rig.csms.call("RemoteStartTransaction", **wish) == [{"status": "Rejected"}]

    rig16(body)


def test_the_composite_schedule_is_what_will_be_applied(rig16):
    async def body(rig):
        await put(rig, 1, profile(1, "TxDefaultProfile", (0, 16), (300, 10)))
        await rig.charge()
        (answer,) = await rig.csms.call("GetCompositeSchedule", connectorId=1, duration=600)
        assert answer["status"] == "Accepted"
        first, second = answer["chargingSchedule"]["chargingSchedulePeriod"]
        assert (first["startPeriod"], first["limit"], second["limit"]) == (0, 16, 10)
        assert 290 <= second["startPeriod"] <= 300
        (watts,) = await rig.csms.call("GetCompositeSchedule", connectorId=1, duration=9, chargingRateUnit="W")
        assert watts["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 11040.0}]
        assert await rig.csms.call("GetCompositeSchedule", connectorId=7, duration=9) == [{"status": "Rejected"}]

    rig16(body)


@pytest.mark.parametrize(
    ("connector", "wanted"),
    [
        (1, profile(1, "TxProfile", (0, 10))),
        (1, profile(1, "ChargePointMaxProfile", (0, 10))),
        (0, profile(1, "TxDefaultProfile", (5, 10))),
        (0, profile(1, "TxDefaultProfile", (0, 10), level=99)),
    ],
)
def test_profiles_that_cannot_be_set(rig16, connector, wanted):
    async def body(rig):
        await put(rig, connector, wanted, status="Rejected")

    rig16(body)


def test_a_profile_for_no_connector_is_a_callerror(rig16):
    async def body(rig):
        wanted = profile(1, "TxDefaultProfile", (0, 10))
        answer = await rig.csms.call("SetChargingProfile", connectorId=5, csChargingProfiles=wanted)
        assert answer[0] == "PropertyConstraintViolation"

    rig16(body)


def test_profiles_survive_a_reset(rig16):
    async def body(rig):
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 11)))
        after = len(rig.csms.messages)
        await rig.csms.call("Reset", type="Soft")
        await rig.csms.wait("StatusNotification", after=after, connectorId=2)
        await rig.charge()
        await asyncio.sleep(1)
        assert amps(rig) == 11

    rig16(body)
