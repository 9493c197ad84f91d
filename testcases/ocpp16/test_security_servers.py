"""OCPP 1.6, security: central systems that no station may talk to. Judged by the handshakes: what the station was met with, and that no request followed."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.csms.tls_door import Shows
from fixtures.security.tools import SecurityTools
from fixtures.steps import Steps
from harness.model.station import Station

INVALID = "InvalidCentralSystemCertificate"


async def _is_refused(
    csms: Csms, station: Station, step: Steps, security: SecurityTools, shows: Shows, event: str, source: str
) -> None:
    patience_s = station.pixit.long_operation_timeout_s
    with security.csms_shows(shows):
        async with step.preamble(f"the connection is ended, and the CSMS shows: {shows}"):
            before = await csms.call("GetConfiguration", key=["SecurityProfile"])
            await csms.cut()
            met = await security.opening("tls", after=before, within=patience_s, where={"shown": shows})
        async with step.test("the station sends no request to such a CSMS", f"{source}: it terminates the connection"):
            await security.no_request(after=met, within=station.pixit.message_timeout_s)
    async with step.preamble("the CSMS has its valid certificate again, and the station comes back"):
        await security.opening("http", after=met, within=2 * patience_s, where={"accepted": True})
    async with step.test("it tells of the CSMS that it refused", f"{source}: security event {event}; A04"):
        await csms.eventually("SecurityEventNotification", since=met, type=event)


@case("HIL_TLS_01")
async def test_unknown_issuer(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate that no root of the station leads to."""
    await _is_refused(csms, station, step, security, "unknown issuer", INVALID, "A00.FR.307, 309, 310, 411, 413, 414")


@case("HIL_TLS_02")
async def test_expired(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate whose time is over."""
    await _is_refused(csms, station, step, security, "expired", INVALID, "A00.FR.307, 309, 310, 411, 413, 414")


@case("HIL_TLS_03")
async def test_wrong_name(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate that was made for another host."""
    await _is_refused(csms, station, step, security, "wrong name", INVALID, "A00.FR.308 to 310, 412 to 414")


@case("HIL_TLS_04")
async def test_old_tls(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A CSMS that speaks TLS 1.1 at most."""
    await _is_refused(csms, station, step, security, "old TLS", "InvalidTLSVersion", "A00.FR.312, 315, 416, 419")
