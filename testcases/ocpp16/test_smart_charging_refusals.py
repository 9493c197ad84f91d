"""OCPP 1.6, smart charging profile: profiles that a station must refuse, and what then must not happen."""

import pytest

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.charging_profiles16 import ChargingProfiles16
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station

SCHEDULE_S = 300

NEVER_GIVEN = 2_000_000_000
"""A transactionId that this CSMS has given to nobody: it counts from 1."""

AS_ERROR = ("PropertyConstraintViolation",)
"""The CALLERROR that the test case document allows in the place of Rejected."""

NOT_EXECUTED = "OCPP 1.6 7.11: what is Rejected will not be executed"


@pytest.fixture
def profiles(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> ChargingProfiles16:
    """Charging profiles for the EVSE under test."""
    return ChargingProfiles16(csms, station, bench, procedures)


def _refused(reply: Seen) -> None:
    if not reply.is_error:
        reply.has(status="Rejected")


@case("TC_058_1_CS")
async def test_transaction_profile_without_transaction(
    csms: Csms, step: Steps, procedures: Procedures16, profiles: ChargingProfiles16
) -> None:
    """A profile for a transaction is refused where none runs, and limits nothing."""
    async with step.preamble("the unit of charging schedules is known"):
        await profiles.learn()
    payload = profiles.profile(1, "TxProfile", (0, 6), duration_s=SCHEDULE_S, transaction_id=NEVER_GIVEN)
    async with step.test("a profile for a transaction that does not run is refused", "OCPP 1.6 3.13.1, 5.16.4"):
        fields = {"connectorId": procedures.connector_id, "csChargingProfiles": payload}
        _refused(await csms.call("SetChargingProfile", fields, error_codes=AS_ERROR))
    async with step.test("it is not in the composite schedule", NOT_EXECUTED):
        profiles.agrees(await profiles.ask(SCHEDULE_S))


@case("TC_058_2_CS")
async def test_profile_of_another_transaction(
    csms: Csms, step: Steps, procedures: Procedures16, profiles: ChargingProfiles16
) -> None:
    """A profile for another transaction than the one that runs is refused, and limits nothing."""
    async with step.preamble("a transaction runs, and the EV draws more than the refused limit"):
        await profiles.learn()
        await procedures.reach("Charging")
        await profiles.draws_more()
    payload = profiles.profile(1, "TxProfile", (0, 6), duration_s=SCHEDULE_S, transaction_id=NEVER_GIVEN)
    async with step.test(
        "a profile with another transactionId is rejected",
        "OCPP 1.6 7.8: transactionId matches the profile to a transaction; 3.13.1",
    ):
        fields = {"connectorId": procedures.connector_id, "csChargingProfiles": payload}
        refused = await csms.call("SetChargingProfile", fields)
        refused.has(status="Rejected")
    async with step.test("it is not in the composite schedule", NOT_EXECUTED):
        profiles.agrees(await profiles.ask(SCHEDULE_S, procedures.transaction.began))
    async with step.test("the EV draws on", NOT_EXECUTED):
        await profiles.stays_above(refused)


@case("TC_060_CS")
async def test_remote_start_with_another_purpose(
    csms: Csms, bench: Bench, step: Steps, procedures: Procedures16, profiles: ChargingProfiles16
) -> None:
    """A remote start whose profile is no TxProfile is refused, and starts nothing."""
    async with step.preamble("the unit of charging schedules is known; an EV waits where the bench has one"):
        await profiles.learn()
        if bench.has("ev_simulator"):
            await procedures.reach("SetConnectorOccupied")
    payload = profiles.profile(1, "TxDefaultProfile", (0, 6), duration_s=SCHEDULE_S)
    async with step.test(
        "a remote start with a default profile is refused", "OCPP 1.6 5.16.2: the purpose MUST be TxProfile"
    ):
        fields = {"idTag": procedures.tag, "connectorId": procedures.connector_id, "chargingProfile": payload}
        refused = await csms.call("RemoteStartTransaction", fields, error_codes=AS_ERROR)
        _refused(refused)
    async with step.test("no transaction starts", "OCPP 1.6 5.11: Rejected, no attempt to start is made"):
        await csms.never("StartTransaction", after=refused, within=csms.message_timeout_s)
    if not bench.has("ev_simulator"):
        bench.unobserved("absence of current after the refused start", "ev_simulator")
        return
    async with step.test("no current flows", "OCPP 1.6 4.1: energy is supplied after authorization only"):
        await procedures.no_energy(csms.message_timeout_s)
