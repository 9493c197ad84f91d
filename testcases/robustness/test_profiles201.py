"""OCPP 2.0.1: charging profiles that replace one another, as the station reports them."""

from typing import Any

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.plans import Plan
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf
from harness.pilot import LOWEST_A

NUMBER = 281
REQUEST_ID = 2810

REPORTED_S = 10.0
"""Reports of one request follow each other within this time."""

REPLACED = "OCPP 2.0.1 K01.FR.05: a profile of a known id replaces the one that exists"
REPORTED = "OCPP 2.0.1 K09.FR.06: all installed profiles that match are reported"


@case("ROB_PROFILE_05")
async def test_replaced_profile(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A default profile, the same id with another limit, and a restart."""
    async with step.test(
        "the station accepts a default profile and another of the same id", dialect.plans.clauses.accepted
    ):
        for limit_a in (LOWEST_A, LOWEST_A + 2.0):
            await dialect.plans.install(Plan(NUMBER, "default", "Relative", ((0, limit_a),)))
    await _once(csms, bench, step, REQUEST_ID, "after it was replaced")
    async with step.preamble("the station restarts"):
        asked = await dialect.reset()
        await csms.next("BootNotification", after=asked, within=station.pixit.long_operation_timeout_s)
        await bench.wait(REPORTED_S)
    await _once(csms, bench, step, REQUEST_ID + 1, "after a restart")
    async with step.postamble("the profile is cleared"):
        await dialect.plans.remove(Plan(NUMBER, "default", "Relative", ((0, LOWEST_A),)))


async def _once(csms: Csms, bench: Bench, step: Steps, request_id: int, when: str) -> None:
    async with step.test(f"the profile is reported {when}", REPORTED):
        asked = await csms.call(
            "GetChargingProfiles", requestId=request_id, chargingProfile={"chargingProfileId": [NUMBER]}
        )
        asked.has(status=OneOf(("Accepted", "NoProfiles")))
        await csms.eventually("ReportChargingProfiles", after=asked, requestId=request_id)
        await bench.wait(REPORTED_S)
        reports = csms.said("ReportChargingProfiles", after=asked, where={"requestId": request_id})
    async with step.test(f"it is reported once {when}", REPLACED):
        csms.holds(f"profiles of id {NUMBER}", sum(map(_of_number, reports)), tuple(reports), low=1, high=1)


def _of_number(report: Seen) -> int:
    profiles: list[dict[str, Any]] = report.get("chargingProfile") or []
    return sum(1 for profile in profiles if profile.get("id") == NUMBER)
