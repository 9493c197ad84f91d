"""OCPP 1.6, security: central systems that no station may talk to. Judged by the handshakes: what the station was met with, and that no request followed."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.csms.tls_door import Shows
from fixtures.security.tools import SecurityTools
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf

INVALID = "InvalidCentralSystemCertificate"
PATH = "A00.FR.307, 309, 310, 411, 413, 414"


async def _is_refused(
    csms: Csms, station: Station, step: Steps, security: SecurityTools, shows: Shows, source: str, *events: str
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
    async with step.test(
        "it tells of the CSMS that it refused", f"{source}: security event {' or '.join(events)}; A04"
    ):
        await csms.eventually("SecurityEventNotification", since=met, type=OneOf(events))


@case("HIL_TLS_01")
async def test_unknown_issuer(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate that no root of the station leads to."""
    await _is_refused(csms, station, step, security, "unknown issuer", PATH, INVALID)


@case("HIL_TLS_02")
async def test_expired(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate whose time is over."""
    await _is_refused(csms, station, step, security, "expired", PATH, INVALID)


@case("HIL_TLS_03")
async def test_wrong_name(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate that was made for another host."""
    await _is_refused(csms, station, step, security, "wrong name", "A00.FR.308 to 310, 412 to 414", INVALID)


@case("HIL_TLS_04")
async def test_old_tls(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A CSMS that speaks TLS 1.1 at most."""
    # A station that offers no suite of old TLS is told of that, and not of the version: then it knows of the suites alone (322, 426).
    source = "A00.FR.312, 315, 322, 416, 419, 426"
    await _is_refused(csms, station, step, security, "old TLS", source, "InvalidTLSVersion", "InvalidTLSCipherSuite")


@case("HIL_TLS_05")
async def test_suites(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """Both suites of the pair that the station offers are agreed when the CSMS takes nothing else."""
    patience_s = station.pixit.long_operation_timeout_s
    for suite in security.offered_pair():
        with security.csms_agrees_only_on(suite):
            async with step.preamble(f"the connection is ended; the CSMS agrees on TLS 1.2 with {suite} only"):
                before = await csms.call("GetConfiguration", key=["SecurityProfile"])
                await csms.cut()
            async with step.test(f"the station connects with {suite}", "A00.FR.318, 422"):
                hello = await security.opening(
                    "tls", after=before, within=patience_s, outcome="completed", version="TLSv1.2", suite=suite
                )
                await security.opening("http", after=hello, within=patience_s, accepted=True)
