"""OCPP 1.6, security: the way to a higher security profile, which OCPP does not undo."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.security.tools import SecurityTools
from fixtures.signing16 import operator_named, renew_certificate, root_is_installed
from fixtures.starting16 import boots, reported
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, OneOf, Present, SameToken
from harness.trace.trace import Record

LOOK_S = 1.0
"""How often it is looked whether the station has left its connection."""


@case("TC_083_CS")
async def test_higher_profile(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, security: SecurityTools
) -> None:
    """A higher SecurityProfile is accepted, and used from the next connection on."""
    patience_s, wanted = station.pixit.long_operation_timeout_s, security.profile + 1
    if wanted == 2:
        await root_is_installed(step, security)
    else:
        async with operator_named(csms, step, station):
            await renew_certificate(csms, step, security)
    async with step.test("the higher profile is accepted", "A05.FR.05"):
        reply = await security.raise_profile(wanted)
        reply.has(status=OneOf(("Accepted", "RebootRequired")))
    reset = await _reset_if_needed(csms, station, bench, step, reply)
    async with step.test(
        f"the station connects with security profile {wanted}",
        "A05.FR.06, 07; A00.FR.311" if wanted == 2 else "A05.FR.06, 07; A00.FR.401, 402",
    ):
        upgrade = await _uses(security, wanted, reply, patience_s)
        security.credentials.profile_raised(wanted)
    if reset is not None:
        async with step.test("it registers", "OCPP 1.6 4.2: BootNotification each time it boots or reboots"):
            boot = await boots(csms, after=upgrade, within=patience_s)
        async with step.test("it reports itself and every connector as Available", "OCPP 1.6 4.9; errata 3.22"):
            await reported(csms, dict.fromkeys(procedures.connector_ids, ("Available",)), since=boot)
    async with step.test("it reports the new profile", "A05, postcondition; OCPP 1.6 5.8"):
        setting = await csms.call("GetConfiguration", key=["SecurityProfile"])
        setting.has({"configurationKey[0].key": SameToken("SecurityProfile"), "configurationKey[0].value": str(wanted)})


async def _reset_if_needed(csms: Csms, station: Station, bench: Bench, step: Steps, reply: Seen) -> Seen | None:
    """The document resets a station that asks for it, or does not leave its connection by itself."""
    left_s = station.pixit.message_timeout_s
    if reply.get("status") == "Accepted":
        while csms.connected and left_s > 0:
            await bench.wait(LOOK_S)
            left_s -= LOOK_S
        if not csms.connected or left_s > 0:
            return None
    async with step.test("the reset is accepted", "OCPP 1.6 5.14; A05"):
        reset = await csms.call("Reset", type="Hard")
        reset.has(status="Accepted")
    return reset


async def _uses(security: SecurityTools, profile: int, after: Seen, patience_s: float) -> Record:
    """The first connection since is of this profile: TLS, with credentials (2) or with a certificate and without them (3)."""
    hello = await security.opening("tls", after=after, within=patience_s, outcome="completed", secure=True)
    if profile == 3:
        security.shows(hello, client_certificate__serial=Present(), client_problem="")
        return await security.opening("http", after=hello, within=patience_s, accepted=True, credentials=Absent())
    return await security.opening(
        "http",
        after=hello,
        within=patience_s,
        accepted=True,
        credentials__password="current",  # noqa: S106 - which one it is, not the password itself
    )
