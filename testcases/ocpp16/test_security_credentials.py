"""OCPP 1.6, security: a password that is changed over OCPP, a security profile that must not be. What is sent stands in the credential file first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures.cases import case
from fixtures.configuration16 import read
from fixtures.csms.facade import Csms
from fixtures.security.tools import SecurityTools
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Lacks, OneOf, SameToken

NEW_PASSWORD = b"OCA_OCTT_admin_test"
"""The one that the test case document names. It is known to all: a station that keeps it by accident can be reached by anyone who reads this,
and its owner is never locked out."""
OTHER_PASSWORD = b"OCA_OCTT_admin_tes2"

RECONNECTS = "A01, scenario 3 and 4; OCPP-J 1.6, 6.2.2"


@case("TC_073_CS")
async def test_new_password(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A new AuthorizationKey is accepted; the station leaves, and comes back with it."""
    patience_s, old = station.pixit.long_operation_timeout_s, security.password
    new = OTHER_PASSWORD if old == NEW_PASSWORD else NEW_PASSWORD
    async with _put_back(csms, step, station, security, old):
        async with step.test("the new password is accepted", "A01, scenario 2; OCPP-J 1.6, 6.2.2"):
            reply = await security.set_password(new)
            reply.has(status="Accepted")
        async with step.test("the station ends its connection", RECONNECTS):
            await csms.disconnects(after=reply, within=patience_s)
        async with step.test("it connects with the new password", RECONNECTS):
            await security.opening(
                "http",
                after=reply,
                within=patience_s,
                credentials__user=station.identity,
                credentials__password=OneOf(("current", "next")),
                accepted=True,
            )
        async with step.test("the password is not given to whoever asks for it", "7.2 AuthorizationKey: write-only"):
            asked = await csms.call("GetConfiguration", key=["AuthorizationKey"])
            asked.has({"configurationKey": Lacks({"value": SameToken(new.hex().upper())})})


@asynccontextmanager
async def _put_back(
    csms: Csms, step: Steps, station: Station, security: SecurityTools, old: bytes
) -> AsyncIterator[None]:
    """Afterwards the station has its old password again; where that fails, the run tries again before the next case."""
    patience_s = station.pixit.long_operation_timeout_s
    try:
        yield
    finally:
        security.credentials.let_all_in()
        async with step.postamble("the old password is put back"):
            if not csms.connected:
                await csms.connects(within=patience_s)
            reply = await security.set_password(old)
            security.credentials.let_all_in()
            reply.has(status="Accepted")
            await security.opening("http", after=reply, within=patience_s, where={"accepted": True})


@case("TC_084_CS")
async def test_lower_profile(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A lower SecurityProfile is rejected, and nothing comes of it."""
    present = str(security.profile)
    async with step.preamble("the profile is read"):
        known = await read(csms, "SecurityProfile") is not None
    async with step.test("the lower profile is rejected", "A05.FR.01; A00.FR.005; 7.6"):
        reply = await csms.call("ChangeConfiguration", key="SecurityProfile", value=str(security.profile - 1))
        reply.has(status="Rejected")
    async with step.test("the station keeps its connection", "A05.FR.01: it shall not reconnect"):
        await security.keeps_connection(after=reply, within=station.pixit.message_timeout_s)
    if known:
        async with step.test("the profile is what it was", "A05.FR.01: it shall not change the value"):
            setting = await csms.call("GetConfiguration", key=["SecurityProfile"])
            setting.has({"configurationKey[0].value": present})
