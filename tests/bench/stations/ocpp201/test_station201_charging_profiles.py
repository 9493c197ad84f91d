import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.ocpp201.charging_profiles import ActiveTransaction, ProfileStore
from bench.virtual.stations.ocpp201.variables import StationFacts

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts("CS", "v", "m", "s", "1", (1, 2), 32.0, 230.0, 3)


def profile(number=1, purpose="TxDefaultProfile", kind="Relative", *, level=0, unit="A", periods=((0, 10.0),), **more):
    schedule = {
        "id": number,
        "charging_rate_unit": unit,
        "charging_schedule_period": [{"start_period": s, "limit": limit} for s, limit in periods],
    }
    for name in ("duration", "start_schedule"):
        if name in more:
            schedule[name] = more.pop(name)
    return {
        "id": number,
        "stack_level": level,
        "charging_profile_purpose": purpose,
        "charging_profile_kind": kind,
        "charging_schedule": [schedule],
    } | more


@pytest.fixture
def store():
    return ProfileStore(
        FACTS, {}, lambda evse: ActiveTransaction("tx", T0) if evse == 1 else None, ActiveFaults(), lambda: T0
    )


def limits(store, *seconds, evse=1):
    return [store.limit_a(evse, T0 + timedelta(seconds=s)) for s in seconds]


def test_without_profiles_the_rating_holds(store):
    assert limits(store, 0) == [32.0]


def test_periods_follow_each_other_and_end_with_the_duration(store):
    assert store.install(0, profile(periods=((0, 10.0), (60, 16.0)), duration=120)) is None
    assert limits(store, 0, 59, 60, 119, 120) == [10.0, 10.0, 16.0, 16.0, 32.0]


def test_tx_profile_overrules_default_and_station_cap_does_not_yield(store):
    store.install(0, profile(1, periods=((0, 10.0),)))
    store.install(1, profile(2, "TxProfile", periods=((0, 20.0),), transaction_id="tx"))
    assert limits(store, 5) == [20.0]
    cap = profile(3, "ChargingStationMaxProfile", "Absolute", periods=((0, 18.0),), start_schedule=T0.isoformat())
    assert store.install(0, cap) is None
    assert limits(store, 5) == [18.0]
    assert store.limit_a(1, T0, sharing=2) == 9.0


def test_higher_stack_level_leads_while_it_is_valid(store):
    store.install(1, profile(1, level=0, periods=((0, 10.0),)))
    store.install(1, profile(2, level=3, periods=((0, 25.0),), valid_to=(T0 + timedelta(seconds=30)).isoformat()))
    assert limits(store, 29, 30) == [25.0, 10.0]
    assert store.next_change(T0) == T0 + timedelta(seconds=30)


def test_watts_are_shared_over_the_phases(store):
    store.install(1, profile(unit="W", periods=((0, 6900.0),)))
    assert limits(store, 1) == [10.0]


def test_daily_schedule_comes_back(store):
    start = (T0 - timedelta(days=3, hours=1)).isoformat()
    rows = ((0, 8.0), (7200, 12.0))
    store.install(0, profile(kind="Recurring", recurrency_kind="Daily", periods=rows, start_schedule=start))
    assert limits(store, 0, 3599, 3600, 82799, 82800) == [8.0, 8.0, 12.0, 12.0, 8.0]
    assert store.next_change(T0) == T0 + timedelta(seconds=3600)


@pytest.mark.parametrize(
    ("evse", "bad", "reason"),
    [
        (9, profile(), "UnknownEvse"),
        (1, profile(purpose="TxProfile", transaction_id="other"), "TxNotFound"),
        (2, profile(purpose="TxProfile", transaction_id="tx"), "TxNotFound"),
        (0, profile(purpose="TxProfile", transaction_id="tx"), "TxNotFound"),
        (1, profile(level=10), "InvalidStackLevel"),
        (1, profile(periods=((5, 10.0),)), "InvalidSchedule"),
        (1, profile(kind="Absolute"), "InvalidSchedule"),
        (1, profile(purpose="ChargingStationMaxProfile"), "InvalidProfile"),
        (1, profile(purpose="ChargingStationExternalConstraints"), "InvalidProfile"),
    ],
)
def test_refusals_name_their_reason(store, evse, bad, reason):
    assert store.install(evse, bad) == reason
    assert len(store) == 0


def test_default_on_station_and_on_evse_with_one_level_collide(store):
    assert store.install(0, profile(1)) is None
    assert store.install(1, profile(2)) == "DuplicateProfile"
    assert store.install(0, profile(1, periods=((0, 6.0),))) is None
    assert limits(store, 0) == [6.0]


def test_clearing_by_id_and_by_criteria(store):
    store.install(1, profile(1))
    store.install(2, profile(2))
    assert store.clear(7, None) == 0
    assert store.clear(1, None) == 1
    assert store.clear(None, {"charging_profile_purpose": "TxDefaultProfile", "evse_id": 2}) == 1
    assert len(store) == 0


def test_composite_schedule_merges_what_is_equal(store):
    store.install(0, profile(periods=((0, 10.0), (60, 10.0), (120, 16.0)), duration=300))
    assert store.composite(1, T0, 600, "A") == [
        {"start_period": 0, "limit": 10.0, "number_phases": 3},
        {"start_period": 120, "limit": 16.0, "number_phases": 3},
        {"start_period": 300, "limit": 32.0, "number_phases": 3},
    ]


def sent(limit, purpose="TxProfile", periods=None, **more):
    rows = periods or [{"startPeriod": 0, "limit": limit}]
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": rows}
    return {
        "id": 11,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    } | more


def test_profile_shows_in_amperes_suspends_at_zero_and_dies_with_the_transaction(simulate):
    async def scenario(b):
        transaction_id = await b.charging()
        await asyncio.sleep(10)
        drawn = [max(b.current())]
        for limit in (10.0, 0.0, 16.0):
            wanted = sent(limit, transactionId=transaction_id)
            answer = await b.csms.call("SetChargingProfile", evseId=1, chargingProfile=wanted)
            assert answer["status"] == "Accepted"
            await asyncio.sleep(20)
            drawn.append(max(b.current()))
        composite = await b.csms.call("GetCompositeSchedule", duration=60, evseId=1)
        await b.csms.call("RequestStopTransaction", transactionId=transaction_id)
        await b.csms.heard("TransactionEvent", eventType="Ended")
        cleared = await b.csms.call("ClearChargingProfile", chargingProfileId=11)
        return drawn, composite, cleared, [e["transactionInfo"].get("chargingState") for e in b.csms.events()]

    drawn, composite, cleared, states = simulate(scenario, SampledDataCtrlr__TxUpdatedInterval="0")
    assert drawn[0] > 30
    assert 9.0 < drawn[1] <= 10.0
    assert drawn[2] < 0.1
    assert 15.0 < drawn[3] <= 16.0
    assert composite["schedule"]["chargingSchedulePeriod"][0]["limit"] == 16.0
    assert cleared["status"] == "Unknown"
    assert states == ["EVConnected", "EVConnected", "Charging", "SuspendedEVSE", "Charging", "EVConnected"]


def test_default_profile_steps_down_in_time_and_survives_a_reboot(simulate):
    async def scenario(b):
        await b.booted()
        rows = [{"startPeriod": 0, "limit": 20.0}, {"startPeriod": 60, "limit": 8.0}]
        wanted = sent(0, "TxDefaultProfile", rows)
        await b.csms.call("SetChargingProfile", evseId=0, chargingProfile=wanted)
        await b.csms.call("Reset", type="Immediate")
        await b.csms.heard("BootNotification")
        await b.charging()
        await asyncio.sleep(30)
        early = max(b.current())
        await asyncio.sleep(60)
        return early, max(b.current())

    early, late = simulate(scenario)
    assert 19.0 < early <= 20.0
    assert 7.0 < late <= 8.0


def test_profile_in_a_remote_start_holds_for_its_transaction(simulate):
    async def scenario(b):
        await b.booted()
        b.evse.plug_in()
        await b.csms.heard("TransactionEvent", eventType="Started")
        token = {"idToken": "VALID", "type": "Central"}
        bad = sent(12.0, "TxDefaultProfile")
        refused = await b.csms.call(
            "RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1, chargingProfile=bad
        )
        await b.csms.call(
            "RequestStartTransaction", idToken=token, remoteStartId=2, evseId=1, chargingProfile=sent(12.0)
        )
        await b.heard_state("Charging")
        await asyncio.sleep(20)
        return refused, max(b.current())

    refused, drawn = simulate(scenario)
    assert refused["status"] == "Rejected"
    assert 11.0 < drawn <= 12.0


def over_a_loss_of_supply(limit):
    """A transaction with a limit of its own loses its supply while the EV asks on: drivers of others, its ends, and what flows a minute later."""

    async def scenario(b):
        transaction_id = await b.charging()
        wanted = sent(limit, transactionId=transaction_id)
        await b.csms.call("SetChargingProfile", evseId=1, chargingProfile=wanted)
        await asyncio.sleep(20)
        last = b.csms.events()[-1]["seqNo"]
        b.plant.set_mains_cut(cut=True)
        await asyncio.sleep(10)
        b.csms.calls.clear()
        b.plant.set_mains_cut(cut=False)
        await b.csms.heard("BootNotification")
        await asyncio.sleep(60)
        events = b.csms.events()
        mine = [event for event in events if event["transactionInfo"]["transactionId"] == transaction_id]
        assert mine[0]["seqNo"] == last + 1
        drivers = [event["idToken"]["idToken"] for event in events if event not in mine and "idToken" in event]
        ends = [e["transactionInfo"]["stoppedReason"] for e in events if e["eventType"] == "Ended"]
        return drivers, ends, round(max(b.current()))

    return scenario


@pytest.mark.parametrize(
    ("fault", "limit_a", "drivers", "ends", "flows_a"),
    [
        ("", 10.0, [], ["PowerLoss"], 0),
        ("resumes_after_power_loss", 10.0, [], [], 10),
        ("resumes_after_power_loss", 0.0, [], [], 0),
        ("resumes_without_its_limit", 10.0, [], [], 31),
        ("begins_again_after_power_loss", 10.0, ["VALID"], ["PowerLoss"], 31),
    ],
)
def test_a_limited_transaction_over_a_loss_of_supply(simulate, fault, limit_a, drivers, ends, flows_a):
    found = simulate(over_a_loss_of_supply(limit_a), *([fault] if fault else []))
    assert found == (drivers, ends, flows_a)
