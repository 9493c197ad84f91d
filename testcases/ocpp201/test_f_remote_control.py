"""OCPP 2.0.1, block F: transactions started and stopped by the CSMS."""

from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.messages201 import token_fields
from fixtures.procedures201 import Procedures201
from fixtures.reach201 import Reach201
from fixtures.steps import Steps
from fixtures.variables201 import ONLINE_AUTHORIZATION, configured


@case("TC_F_01_CS")
async def test_remote_start_cable_first(csms: Csms, step: Steps, procedures: Procedures201, reach: Reach201) -> None:
    """A plugged-in EV is charged after RequestStartTransaction."""
    async with configured(csms, step, *ONLINE_AUTHORIZATION):
        async with step.preamble("an EV is connected, nothing is authorised"):
            await reach("EVConnectedPreSession")
        async with step.test("the station accepts the remote start", "OCPP 2.0.1 F01.FR.01, F01.FR.02"):
            start = await procedures.request_start()
            start.has(status="Accepted")
        if procedures.started_at_plug:
            async with step.test("the answer names the transaction that runs", "OCPP 2.0.1 F01.FR.13"):
                start.has(transactionId=procedures.transaction_id)
        if procedures.rules.authorizes_remote_start:
            async with step.test("the token is authorised like a local one", "OCPP 2.0.1 F01.FR.01"):
                await procedures.authorize_asked(start)
        if procedures.started_when_authorized:
            async with step.test("an event of the transaction follows", "OCPP 2.0.1 F01.FR.03, F01.FR.05"):
                event = await procedures.authorized_event(start)
            await _tells_of_the_request(step, procedures, event)
        async with step.test("Charging is reported", "OCPP 2.0.1 F01.FR.05, F01.FR.17; E02.FR.13"):
            charging = await procedures.charging_event(start)
        if not procedures.started_when_authorized:
            await _tells_of_the_request(step, procedures, charging)
        async with step.test("no event of the transaction is missing", "OCPP 2.0.1 E01.FR.07; Part 2, E 1.3.2.1"):
            await procedures.sequence_is_complete()
        async with step.test("current flows on every phase", "OCPP 2.0.1 Part 2, 3.16 ChargingStateEnumType: Charging"):
            await procedures.energy_flows(after=charging)


async def _tells_of_the_request(step: Steps, procedures: Procedures201, event: Seen) -> None:
    """What the first event after the request owes, whenever the transaction began."""
    async with step.test("the event after the request has the trigger RemoteStart", "OCPP 2.0.1 F01.FR.19"):
        event.has(triggerReason="RemoteStart")
    async with step.test("it carries the token of the request", "OCPP 2.0.1 F01.FR.04"):
        event.has(token_fields(procedures.token()))
    async with step.test("it carries the remoteStartId of the request", "OCPP 2.0.1 F01.FR.25, F02.FR.01"):
        event.has(transactionInfo__remoteStartId=procedures.remote_start_id)
