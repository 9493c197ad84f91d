"""OCPP 2.0.1, block E: transactions started at the station."""

from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.messages201 import token_fields
from fixtures.procedures201 import Procedures201
from fixtures.steps import Steps
from fixtures.variables201 import ONLINE_AUTHORIZATION, configured


@case("TC_E_03_CS")
async def test_local_start_cable_first(csms: Csms, step: Steps, procedures: Procedures201) -> None:
    """A driver who plugs in first and identifies himself then is charged."""
    evse, connector = procedures.connector
    async with configured(csms, step, *ONLINE_AUTHORIZATION):
        async with step.preamble("it is known what starts a transaction"):
            await procedures.learn_rules()
        async with step.test("the connector is reported as Occupied", "OCPP 2.0.1 E02.FR.05"):
            await procedures.plug_in()
            await procedures.connector_is("Occupied", since=procedures.rules.told)
        if procedures.started_at_plug:
            async with step.test("the transaction starts with the cable", "OCPP 2.0.1 E02.FR.06, E02.FR.15"):
                await procedures.plugged_event()
        async with step.test("the station asks whether the token may charge", "OCPP 2.0.1 C01.FR.02, C06.FR.02"):
            await procedures.present()
            asked = await procedures.authorize_asked()
        if procedures.started_when_authorized:
            async with step.test("the authorisation is reported", "OCPP 2.0.1 E02.FR.01, E02.FR.15, E02.FR.17"):
                event = await procedures.authorized_event(asked, triggerReason=procedures.local_trigger)
            await _carries_token(step, procedures, event)
        async with step.test("Charging is reported", "OCPP 2.0.1 E02.FR.13, E02.FR.17"):
            charging = await procedures.charging_event(asked)
        if not procedures.started_when_authorized:
            await _carries_token(step, procedures, charging)
        async with step.test("the first event after plugging in names the connector", "OCPP 2.0.1 E01.FR.16"):
            procedures.first_event.has(evse__id=evse, evse__connectorId=connector)
        async with step.test("no event of the transaction is missing", "OCPP 2.0.1 E02.FR.07; Part 2, E 1.3.2.1"):
            await procedures.sequence_is_complete()
        async with step.test("current flows on every phase", "OCPP 2.0.1 Part 2, 3.16 ChargingStateEnumType: Charging"):
            await procedures.energy_flows(after=charging)


async def _carries_token(step: Steps, procedures: Procedures201, event: Seen) -> None:
    async with step.test("the event after the authorisation carries the token", "OCPP 2.0.1 E02.FR.01"):
        event.has(token_fields(procedures.token()))
