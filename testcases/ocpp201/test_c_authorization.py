"""OCPP 2.0.1, block C: who may charge."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.messages201 import METERING
from fixtures.procedures201 import Procedures201
from fixtures.reach201 import Reach201
from fixtures.steps import Steps
from fixtures.variables201 import DISABLE_POST_AUTHORIZE, ONLINE_AUTHORIZATION, Setting, configured
from harness.oracle.matchers import NotOneOf

ASKED_ANEW = Setting(DISABLE_POST_AUTHORIZE, "false", optional=True)
"""A token that the cache knows as refused would else be refused without asking (C10.FR.03, C12.FR.05)."""


@case("TC_C_02_CS")
async def test_refused_token(csms: Csms, step: Steps, procedures: Procedures201, reach: Reach201) -> None:
    """A driver whose token the CSMS refuses gets no energy."""
    async with configured(csms, step, *ONLINE_AUTHORIZATION, ASKED_ANEW):
        async with step.preamble("an EV is connected, nothing is authorised"):
            await reach("EVConnectedPreSession")
        async with step.test("the station asks whether the token may charge", "OCPP 2.0.1 C01.FR.02, C06.FR.02"):
            await procedures.present("invalid")
            asked = await procedures.authorize_asked(name="invalid")
        async with step.test(
            "the refusal changes nothing in the transaction", "OCPP 2.0.1 E02.FR.20 (note); TC_C_02_CS"
        ):
            await csms.never(
                "TransactionEvent",
                after=asked,
                within=csms.message_timeout_s,
                where={"triggerReason": NotOneOf(METERING)},
            )
        async with step.test("no energy is offered", "OCPP 2.0.1 C01.FR.01"):
            await procedures.no_energy(csms.message_timeout_s, after=asked)
