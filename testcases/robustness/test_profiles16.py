"""OCPP 1.6: charging profiles at the edge of what the station says it can do."""

import pytest

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.charging_profiles16 import ChargingProfiles16
from fixtures.configuration16 import read
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import LINE_VOLTAGE_V, Dialect
from fixtures.dialects.ocpp16 import RATE_UNITS
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf
from harness.pilot import LOWEST_A
from testcases.physical.charging import Outlet, begin_charging
from testcases.robustness.limits import DRAWN_BEFORE, SAMPLED_S, WATCHED_S

STRETCH_S = 60
SCHEDULE_S = 300

TOLD_PERIODS = 4

MOST_PERIODS = 1000
"""A schedule of more periods would be a message of its own kind."""

BROKEN_A = 9.7
BROKEN_KW = 9.0005
"""A limit with one digit after the point, in amperes, and in the thousands of watts of the test case document."""

MAXIMUM_A = 10

BY_VOLTAGE = 1.1
"""A station that reckons with the voltage it measures stays within this of the limit; the set voltage is due (7.12)."""


@pytest.fixture
def procedures(csms: Csms, station: Station, bench: Bench) -> Procedures16:
    """The connector under test."""
    return Procedures16(csms, station, bench)


@pytest.fixture
def profiles(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> ChargingProfiles16:
    """Charging profiles for the EVSE under test."""
    return ChargingProfiles16(csms, station, bench, procedures)


@case("ROB_PROFILE_01")
async def test_largest_profile(csms: Csms, step: Steps, profiles: ChargingProfiles16) -> None:
    """The highest stack level and the most periods that the station tells it takes."""
    async with step.preamble("the station tells what it takes"):
        await profiles.learn()
        level = await _number(csms, "ChargeProfileMaxStackLevel")
        periods = min(await _number(csms, "ChargingScheduleMaxPeriods"), MOST_PERIODS)
    steps = tuple((index * STRETCH_S, 6 if index % 2 == 0 else 8) for index in range(max(periods, 1)))
    duration_s = len(steps) * STRETCH_S
    async with step.test("the station accepts its highest stack level", "OCPP 1.6 9.4.1 ChargeProfileMaxStackLevel"):
        await profiles.set(
            profiles.profile(
                261, "TxDefaultProfile", (0, 6), level=level, duration_s=duration_s, valid_s=2 * duration_s
            )
        )
    async with step.test(
        "the station accepts its largest number of periods", "OCPP 1.6 9.4.3 ChargingScheduleMaxPeriods"
    ):
        await profiles.set(
            profiles.profile(
                261, "TxDefaultProfile", *steps, level=level, duration_s=duration_s, valid_s=2 * duration_s
            )
        )
    async with step.test("the composite schedule begins with them", "OCPP 1.6 5.7, 3.13.2"):
        # of how many intervals a station tells is left open (5.7)
        profiles.agrees(await profiles.ask(min(TOLD_PERIODS, len(steps)) * STRETCH_S))
    async with step.postamble("the profile is cleared"):
        await csms.call("ClearChargingProfile", id=261)


@case("ROB_PROFILE_02")
async def test_limit_with_a_fraction(csms: Csms, step: Steps, profiles: ChargingProfiles16) -> None:
    """One digit after the point."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    limit = BROKEN_A if profiles.in_amperes else BROKEN_KW
    async with step.test("the station accepts a limit with one digit after the point", "OCPP 1.6 7.14 limit"):
        await profiles.set(profiles.profile(262, "TxDefaultProfile", (0, limit), duration_s=SCHEDULE_S))
    async with step.postamble("the profile is cleared"):
        await csms.call("ClearChargingProfile", id=262)


@case("ROB_PROFILE_03")
async def test_watts(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A schedule in W: the station refuses it where it does not list Power, or keeps it."""
    outlet = Outlet(station, bench)
    async with bench.sampling(SAMPLED_S):
        async with step.preamble("an EV draws more than the schedule will allow"):
            units = await read(csms, RATE_UNITS)
            charge = await begin_charging(dialect, outlet, at_least_a=DRAWN_BEFORE * LOWEST_A * BY_VOLTAGE)
        listed = units is not None and "power" in (units.value or "").casefold()
        profile = _in_watts(charge.id, LOWEST_A * LINE_VOLTAGE_V * outlet.phases, outlet.phases)
        async with step.test("the station answers as the units say that it lists", "OCPP 1.6 9.4.2, errata 3.88"):
            told = await csms.call(
                "SetChargingProfile", connectorId=procedures.connector_id, csChargingProfiles=profile
            )
            told.has(status="Accepted" if listed else OneOf(("Accepted", "Rejected", "NotSupported")))
        if told.get("status") == "Accepted":
            async with step.test(
                "what was accepted limits the current", "OCPP 1.6 7.11: Accepted will be executed; 7.12: watts in total"
            ):
                await outlet.comes_below(BY_VOLTAGE * LOWEST_A, after=told, holds=WATCHED_S)
        async with step.postamble("the profile is cleared"):
            await csms.call("ClearChargingProfile", id=263)


@case("ROB_PROFILE_04")
async def test_composite_of_the_station(csms: Csms, step: Steps, profiles: ChargingProfiles16) -> None:
    """A maximum for the whole station, and the composite schedule of connector 0."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    maximum = profiles.profile(264, "ChargePointMaxProfile", (0, MAXIMUM_A), duration_s=86400)
    unit = maximum["chargingSchedule"]["chargingRateUnit"]
    limit = maximum["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
    async with step.test("the station accepts a maximum", "OCPP 1.6 3.13.1, 5.16.4"):
        told = await profiles.set(maximum, connector_id=0)
    async with step.test(
        "an accepted composite schedule is told", "OCPP 1.6 5.7, errata 3.51: Rejected may leave it out"
    ):
        reply = await csms.call("GetCompositeSchedule", connectorId=0, duration=SCHEDULE_S, chargingRateUnit=unit)
        reply.has(status=OneOf(("Accepted", "Rejected")))
        periods = reply.get("chargingSchedule.chargingSchedulePeriod") or []
        if reply.get("status") == "Accepted":
            csms.holds("periods of the schedule", len(periods), (reply,), low=1)
    async with step.test(
        "no period of the station's composite schedule is beyond its maximum",
        "OCPP 1.6 5.7, errata 3.30: what the whole station expects to consume; 3.13.3",
    ):
        highest = max((float(period["limit"]) for period in periods), default=0.0)
        csms.holds("highest limit of connector 0", highest, (told, reply), high=limit, unit=unit)
    async with step.postamble("the profile is cleared"):
        await csms.call("ClearChargingProfile", id=264)


async def _number(csms: Csms, key: str) -> int:
    setting = await read(csms, key)
    text = "" if setting is None else (setting.value or "").strip()
    if not text.isdigit():
        raise BenchError(f"the station tells {key} as {text!r}. Cure: see TC_019, it must be a number (9.4)")
    return int(text)


def _in_watts(transaction_id: object, limit_w: float, phases: int) -> dict[str, object]:
    period = {"startPeriod": 0, "limit": limit_w, "numberPhases": phases}
    return {
        "chargingProfileId": 263,
        "transactionId": transaction_id,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "W", "chargingSchedulePeriod": [period]},
    }
