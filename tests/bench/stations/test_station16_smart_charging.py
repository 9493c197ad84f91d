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
        (0, profile(1, "TxDefaultProfile", (0, 10), (60, 12), (30, 14))),
        (0, profile(1, "TxDefaultProfile", (0, -1))),
        (0, profile(1, "TxDefaultProfile", (0, 10), chargingProfileKind="Recurring")),
        (0, profile(1, "TxDefaultProfile", (0, 10), validFrom="soon")),
        (0, profile(1, "TxProfile", (0, 10))),
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


async def periods(rig, connector=1, duration=400, **more):
    (answer,) = await rig.csms.call("GetCompositeSchedule", connectorId=connector, duration=duration, **more)
    assert answer["status"] == "Accepted"
    return [(p["startPeriod"], p["limit"]) for p in answer["chargingSchedule"]["chargingSchedulePeriod"]]


async def clears(rig, status="Accepted", **criteria):
    assert await rig.csms.call("ClearChargingProfile", **criteria) == [{"status": status}]
    await asyncio.sleep(1)


def test_a_transaction_profile_overrules_the_default_beyond_its_schedule(rig16):
    async def body(rig):
        await put(rig, 1, profile(1, "TxDefaultProfile", (0, 8)))
        _, number = await rig.charge()
        await put(rig, 1, profile(2, "TxProfile", (0, 10), transactionId=number, schedule={"duration": 30}))
        assert amps(rig) == 10
        await asyncio.sleep(40)
        assert amps(rig) == 32
        await clears(rig, id=2)
        assert amps(rig) == 8

    rig16(body)


def test_a_default_applies_to_the_transaction_that_runs(rig16):
    async def body(rig):
        await rig.charge()
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 9)))
        assert amps(rig) == 9
        await clears(rig, id=1)
        assert amps(rig) == 32

    rig16(body)


def test_profiles_are_cleared_by_what_is_named(rig16):
    async def body(rig):
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 20)))
        await put(rig, 1, profile(2, "TxDefaultProfile", (0, 16), level=1))
        await put(rig, 1, profile(3, "TxDefaultProfile", (0, 12), level=2))
        await clears(rig, "Unknown", id=4)
        await clears(rig, "Unknown", connectorId=0, stackLevel=1)
        assert await periods(rig) == [(0, 12)]
        await clears(rig, chargingProfilePurpose="TxDefaultProfile", stackLevel=2)
        assert await periods(rig) == [(0, 16)]
        await clears(rig, connectorId=1)
        assert await periods(rig) == [(0, 20)]
        await clears(rig)
        assert await periods(rig) == [(0, 32)]
        await clears(rig, "Unknown")

    rig16(body)


def test_a_full_station_takes_a_profile_only_in_the_place_of_another(rig16):
    async def body(rig):
        for number in range(20):
            await put(rig, number % 3, profile(number, "TxDefaultProfile", (0, 10), level=number // 3))
        await put(rig, 0, profile(99, "TxDefaultProfile", (0, 10), level=9), status="Rejected")
        await put(rig, 0, profile(99, "TxDefaultProfile", (0, 10), level=0))

    rig16(body)


def test_the_maximum_is_shared_by_the_connectors_that_charge(rig16):
    async def body(rig):
        await put(rig, 0, profile(1, "ChargePointMaxProfile", (0, 30)))
        await rig.charge(1)
        assert amps(rig) == 30
        await rig.charge(2)
        await asyncio.sleep(2)
        assert (amps(rig, 1), amps(rig, 2)) == (15, 15)
        assert await periods(rig, connector=0) == [(0, 30)]
        assert await periods(rig, connector=0, chargingRateUnit="W") == [(0, 20700)]

    rig16(body)


def test_the_station_as_a_whole_is_told_within_its_maximum(rig16):
    async def body(rig):
        assert await periods(rig, connector=0) == [(0, 64)]
        await put(rig, 0, profile(1, "ChargePointMaxProfile", (0, 20)))
        assert await periods(rig, connector=0) == [(0, 20)]

    rig16(body)


def test_a_transaction_profile_does_not_outlive_a_reset(rig16):
    async def body(rig):
        after, number = await rig.charge()
        await put(rig, 0, profile(1, "TxDefaultProfile", (0, 11)))
        await put(rig, 1, profile(2, "TxProfile", (0, 7), transactionId=number))
        assert amps(rig) == 7
        await rig.csms.call("Reset", type="Hard")
        await rig.csms.wait("StatusNotification", after=after, connectorId=2)
        await clears(rig, "Unknown", id=2)
        await clears(rig, id=1)

    rig16(body)


def test_a_weekly_schedule_repeats(rig16):
    async def body(rig):
        weekly = profile(1, "TxDefaultProfile", (0, 10), recurrencyKind="Weekly", schedule={"duration": 3600})
        weekly["chargingProfileKind"] = "Recurring"
        weekly["chargingSchedule"]["startSchedule"] = "2026-04-24T00:00:00Z"
        await put(rig, 1, weekly)
        shown = await periods(rig, duration=8 * 86400)
        assert [limit for _, limit in shown] == [10, 32, 10, 32]
        assert shown[2][0] - shown[1][0] == pytest.approx(7 * 86400 - 3600, abs=1)

    rig16(body)


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ("profile_not_installed", [(0, 32)]),
        ("composite_without_profiles", [(0, 32)]),
        ("composite_limits_doubled", [(0, 20), (60, 24), (120, 16), (200, 64)]),
        ("only_the_first_period", [(0, 10), (120, 8), (200, 64 / 2)]),
        ("lowest_stack_level_prevails", [(0, 8), (200, 32)]),
        ("no_fall_back_in_the_stack", [(0, 10), (60, 12), (120, 32)]),
    ],
)
def test_wrong_composite_schedules(rig16, fault, shown):
    async def body(rig):
        begin = rig.now()
        upper = {"duration": 120, "startSchedule": begin}
        lower = {"duration": 200, "startSchedule": begin}
        for level, number, steps, schedule in ((1, 1, ((0, 10), (60, 12)), upper), (0, 2, ((0, 8),), lower)):
            wanted = profile(number, "TxDefaultProfile", *steps, level=level, schedule=schedule)
            await put(rig, 1, {**wanted, "chargingProfileKind": "Absolute"})
        told = await periods(rig)
        assert [limit for _, limit in told] == [limit for _, limit in shown]
        assert [start for start, _ in told] == pytest.approx([start for start, _ in shown], abs=6)

    rig16(body, faults=[fault])


@pytest.mark.parametrize(
    ("faults", "ends", "starts", "flows_a"),
    [
        ([], ["PowerLoss"], 0, 0),
        (["resumes_after_power_loss"], [], 0, 10),
        (["resumes_without_its_limit"], [], 0, 32),
        (["begins_again_after_power_loss"], ["PowerLoss"], 1, 32),
    ],
)
def test_a_limited_transaction_over_a_loss_of_supply(rig16, faults, ends, starts, flows_a):
    async def body(rig):
        _, number = await rig.charge()
        await put(rig, 1, profile(1, "TxProfile", (0, 10), transactionId=number))
        rig.hardware.switch_mains(False)
        after = len(rig.csms.messages)
        await asyncio.sleep(10)
        rig.hardware.switch_mains(True)
        await rig.csms.wait("BootNotification", after=after)
        await asyncio.sleep(60)
        told = rig.csms.seen("StopTransaction", after=after)
        assert [(stop["transactionId"], stop["reason"]) for stop in told] == [(number, reason) for reason in ends]
        assert len(rig.csms.seen("StartTransaction", after=after)) == starts
        assert amps(rig) == flows_a

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "flows_a"), [([], 32), (["tx_profile_outlives_transaction"], 10)])
def test_the_transaction_after_a_loss_of_supply(rig16, faults, flows_a):
    async def body(rig):
        await rig.charge()
        await put(rig, 1, profile(1, "TxProfile", (0, 10)))
        rig.hardware.switch_mains(False)
        await asyncio.sleep(10)
        rig.hardware.switch_mains(True)
        await asyncio.sleep(60)
        rig.hardware[1].unplug()
        await asyncio.sleep(10)
        await rig.charge()
        await asyncio.sleep(10)
        assert amps(rig) == flows_a

    rig16(body, faults=faults)
