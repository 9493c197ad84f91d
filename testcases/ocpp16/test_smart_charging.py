"""OCPP 1.6, smart charging profile: profiles that are set, what the station makes of them, and what the EV draws."""

import pytest

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.charging_profiles16 import ChargingProfiles16
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken

SCHEDULE_S = 300
"""Duration of a profile with one period, and of the composite schedule that is asked for then."""

LIMIT_S = "OCPP 1.6 5.7, 6.22; errata 3.29"
KEPT = "OCPP 1.6 3.13.3: the composite schedule guides the charging level; 7.12: amperes per phase, watts in total"


@pytest.fixture
def profiles(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> ChargingProfiles16:
    """Charging profiles for the EVSE under test."""
    return ChargingProfiles16(csms, station, bench, procedures)


@case("TC_056_CS")
async def test_default_profile(
    bench: Bench,
    step: Steps,
    procedures: Procedures16,
    profiles: ChargingProfiles16,
) -> None:
    """A default profile is in the composite schedule of a free connector, and limits the session that begins there."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    async with step.test("the station accepts a default profile", "OCPP 1.6 5.16.4, 3.13.1"):
        await profiles.set(profiles.profile(1, "TxDefaultProfile", (0, 6), duration_s=SCHEDULE_S))
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(SCHEDULE_S)
    async with step.test("its periods are those of the default profile", "OCPP 1.6 5.7, 3.13.1"):
        profiles.agrees(told)
    if not bench.has("ev_simulator"):
        bench.unobserved("current of a new session within the default profile", "ev_simulator")
        return
    async with step.preamble("a session begins"):
        await procedures.reach("Charging")
    async with step.test(
        "the EV is charged within the default profile", f"OCPP 1.6 7.10: for new transactions; {KEPT}"
    ):
        await profiles.keeps(told)


@case("TC_057_CS")
async def test_transaction_profile(step: Steps, procedures: Procedures16, profiles: ChargingProfiles16) -> None:
    """A profile for the running transaction is in the composite schedule, and in the current."""
    await _charging(step, procedures, profiles)
    running = procedures.transaction
    async with step.test("the station accepts a profile for the transaction", "OCPP 1.6 5.16.3"):
        await profiles.set(profiles.profile(1, "TxProfile", (0, 6), duration_s=SCHEDULE_S, transaction_id=running.id))
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(SCHEDULE_S, running.began)
    async with step.test("its periods are those of the profile", "OCPP 1.6 5.7, 3.13.1"):
        profiles.agrees(told)
    async with step.test("the EV is charged within the profile", f"OCPP 1.6 3.13.1, 5.16.3; {KEPT}"):
        await profiles.keeps(told)


@case("TC_082_CS")
async def test_default_profile_in_a_transaction(
    step: Steps, procedures: Procedures16, profiles: ChargingProfiles16
) -> None:
    """A default profile applies to the transaction that runs without one of its own."""
    await _charging(step, procedures, profiles)
    async with step.test("the station accepts a default profile", "OCPP 1.6 5.16.4, 3.13.1"):
        await profiles.set(profiles.profile(1, "TxDefaultProfile", (0, 6), duration_s=SCHEDULE_S))
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(SCHEDULE_S, procedures.transaction.began)
    async with step.test(
        "its periods are those of the default profile", "OCPP 1.6 errata 3.8: the transaction switches to it; 5.7"
    ):
        profiles.agrees(told)
    async with step.test("the EV is charged within the default profile", f"OCPP 1.6 errata 3.8; {KEPT}"):
        await profiles.keeps(told)


@case("TC_059_CS")
async def test_remote_start_with_a_profile(
    csms: Csms, step: Steps, procedures: Procedures16, profiles: ChargingProfiles16
) -> None:
    """The transaction of a remote start that brings a profile is charged by it."""
    connector, tag = procedures.connector_id, procedures.tag
    async with step.preamble("the unit of charging schedules is known; an EV is connected"):
        await profiles.learn()
        await procedures.reach("SetConnectorOccupied")
    payload = profiles.profile(1, "TxProfile", (0, 6), duration_s=SCHEDULE_S)
    async with step.test("the station accepts a remote start with a profile", "OCPP 1.6 5.11, 5.16.2"):
        start = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector, chargingProfile=payload)
        start.has(status="Accepted")
        profiles.holds(payload, start)
    async with step.test("a transaction starts, and Charging is reported", "OCPP 1.6 5.11, 4.8; 4.9 B3"):
        began = await csms.next("StartTransaction", after=start, connectorId=connector)
        began.has(idTag=SameToken(tag))
        await csms.eventually("StatusNotification", after=start, connectorId=connector, status="Charging")
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(SCHEDULE_S, began)
    async with step.test(
        "its periods are those of the profile", "OCPP 1.6 5.16.2, errata 3.42: it is applied to the new transaction"
    ):
        profiles.agrees(told)
    async with step.test("the EV is charged within the profile", f"OCPP 1.6 5.16.2; {KEPT}"):
        await profiles.keeps(told)


@case("TC_066_CS")
async def test_three_purposes(step: Steps, procedures: Procedures16, profiles: ChargingProfiles16) -> None:
    """Station maximum, default and transaction profile together: the transaction's own, under the maximum."""
    await _charging(step, procedures, profiles)
    running = procedures.transaction
    default_steps = ((0, 6), (60, 10), (120, 8), (180, 15), (260, 8))
    own_steps = ((0, 8), (50, 11), (140, 16), (200, 6), (240, 12))
    async with step.test("the station accepts a profile of each purpose", "OCPP 1.6 3.13.1, 5.16"):
        await profiles.set(profiles.profile(1, "ChargePointMaxProfile", (0, 10), duration_s=86400), connector_id=0)
        await profiles.set(profiles.profile(2, "TxDefaultProfile", *default_steps, duration_s=300, valid_s=401))
        await profiles.set(
            profiles.profile(3, "TxProfile", *own_steps, duration_s=260, valid_s=401, transaction_id=running.id)
        )
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(400, running.began)
    async with step.test(
        "its periods are the least of maximum and transaction profile",
        "OCPP 1.6 3.13.1: the TxProfile overrules the default; 3.13.3",
    ):
        profiles.agrees(told)
    async with step.test("the EV is charged within it, period by period", KEPT):
        await profiles.keeps(told)


@case("TC_072_CS")
async def test_stack(
    bench: Bench,
    step: Steps,
    procedures: Procedures16,
    profiles: ChargingProfiles16,
) -> None:
    """Of two default profiles the one of the higher stack level prevails for its duration."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    async with step.test("the station accepts two stack levels", "OCPP 1.6 3.13.2, 5.16.4"):
        await profiles.set(
            profiles.profile(1, "TxDefaultProfile", (0, 6), (100, 8), (200, 10), duration_s=400, valid_s=401)
        )
        await profiles.set(
            profiles.profile(2, "TxDefaultProfile", (0, 7), (100, 9), level=1, duration_s=150, valid_s=401)
        )
    async with step.test("the composite schedule is told as it was asked for", LIMIT_S):
        told = await profiles.ask(350)
    async with step.test(
        "its periods are those of the higher level, then those of the lower",
        "OCPP 1.6 3.13.2: the highest stack level prevails; errata 3.43: then a lower one",
    ):
        profiles.agrees(told)
    if not bench.has("ev_simulator"):
        bench.unobserved("current of a new session within the stacked profiles", "ev_simulator")
        return
    async with step.preamble("a session begins"):
        await procedures.reach("Charging")
    async with step.test("the EV is charged within it, period by period", KEPT):
        await profiles.keeps(told)


@case("TC_067_CS")
async def test_clear(step: Steps, profiles: ChargingProfiles16) -> None:
    """Profiles are cleared by id, by purpose and stack level, and all at once; what is left shows in the composite schedule."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    async with step.test("the station accepts three profiles", "OCPP 1.6 3.13.1, 3.13.2, 5.16.4"):
        await profiles.set(profiles.profile(1, "TxDefaultProfile", (0, 6), (60, 8), (200, 10), level=1, duration_s=400))
        await profiles.set(profiles.profile(2, "TxDefaultProfile", (0, 7), (100, 9), duration_s=400, valid_s=401))
        await profiles.set(
            profiles.profile(3, "ChargePointMaxProfile", (0, 11), (200, 12), duration_s=86400, valid_s=401),
            connector_id=0,
        )
    async with step.test("one is cleared by its id", "OCPP 1.6 5.5, 6.13; 7.21"):
        await profiles.clear({"id": 1}, profile_id=1)
    async with step.test("the composite schedule is that of the others", "OCPP 1.6 5.7, 3.13.3; 6.13"):
        profiles.agrees(await profiles.ask(350))
    async with step.test(
        "one is cleared by its purpose and stack level", "OCPP 1.6 6.13; errata 3.25: all fields match"
    ):
        await profiles.clear(
            {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}, purpose="TxDefaultProfile", stack_level=0
        )
    async with step.test("the composite schedule is that of the last", "OCPP 1.6 5.7; errata 3.25: all fields match"):
        profiles.agrees(await profiles.ask(350))
    async with step.test("what is left is cleared without any field", "OCPP 1.6 errata 3.25: no field, all profiles"):
        await profiles.clear()
    async with step.test(
        "the composite schedule is the local limit of the station", "OCPP 1.6 5.7; errata 3.25: no field, all profiles"
    ):
        profiles.agrees(await profiles.ask(350))


async def _charging(step: Steps, procedures: Procedures16, profiles: ChargingProfiles16) -> None:
    async with step.preamble("a transaction runs, and the EV draws more than the limit to come"):
        await profiles.learn()
        await procedures.reach("Charging")
        await profiles.draws_more()
