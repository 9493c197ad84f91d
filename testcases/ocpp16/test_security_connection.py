"""OCPP 1.6, security: how a station opens its connections - TLS, certificates, HTTP Basic credentials."""

from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.security.tools import SecurityTools
from fixtures.starting16 import boots, reported
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, Between, Fits, Has, OneOf
from harness.trace.trace import Record

REGISTERS = "OCPP 1.6 4.2: BootNotification each time it boots or reboots"
EVERY_CONNECTOR = "OCPP 1.6 4.9; errata 3.22: the current status of connector 0 and all connectors"
BASIC = {1: "A00.FR.202, 203, 204", 2: "A00.FR.301, 302, 303"}
KEY_LENGTH = {1: "A00.FR.205", 2: "A00.FR.304"}
VERSION = {2: "A00.FR.312, 313", 3: "A00.FR.416, 417"}
SUITES = {2: "A00.FR.318", 3: "A00.FR.422"}
PATH = {2: "A00.FR.307, 308", 3: "A00.FR.411, 412"}


async def _reset(csms: Csms, step: Steps) -> Seen:
    async with step.preamble("the station is told to reset"):
        reset = await csms.call("Reset", type="Hard")
        reset.has(status="Accepted")
    return reset


async def _comes_back(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, after: Seen | Record
) -> None:
    async with step.test("it registers", REGISTERS):
        boot = await boots(csms, after=after, within=station.pixit.long_operation_timeout_s)
    async with step.test("it reports itself and every connector", EVERY_CONNECTOR):
        await reported(csms, dict.fromkeys(procedures.connector_ids, ("Available",)), since=boot)


async def _credentials(
    station: Station, step: Steps, security: SecurityTools, after: Seen | Record, patience_s: float
) -> Record:
    """The request for the WebSocket carries the station's identity and its password, whose length is what OCPP allows."""
    profile = security.profile
    async with step.test(
        "its request for a WebSocket has HTTP Basic credentials: its identity and its password", BASIC[profile]
    ):
        upgrade = await security.opening(
            "http",
            after=after,
            within=patience_s,
            credentials__scheme=Fits("(?i)basic"),
            credentials__user=station.identity,
            credentials__problem="",
            credentials__password="current",  # noqa: S106 - which one it is, not the password itself
            accepted=True,
        )
    async with step.test("the password is of 16 to 20 bytes, 40 hexadecimal digits at most", KEY_LENGTH[profile]):
        security.shows(upgrade, credentials__octets=Between(16, 20))
    return upgrade


async def _tls(station: Station, step: Steps, security: SecurityTools, after: Seen) -> Record:
    """The ClientHello offers what the white paper demands, and the handshake is completed."""
    patience_s, profile = station.pixit.long_operation_timeout_s, security.profile
    async with step.test("it begins a TLS handshake that offers TLS 1.2 or above", VERSION[profile]):
        hello = await security.opening("tls", after=after, within=patience_s, secure=True)
    async with step.test("it offers one of the two pairs of cipher suites, whole", SUITES[profile]):
        security.shows(hello, suite_pairs=Has({}))
    async with step.test("it takes the CSMS's certificate, and TLS 1.2 or above is agreed", PATH[profile]):
        security.shows(hello, outcome="completed", version=OneOf(("TLSv1.2", "TLSv1.3")), compression=False)
    return hello


@case("TC_085_CS")
async def test_basic_authentication(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, security: SecurityTools
) -> None:
    """After a reset the station authenticates itself with HTTP Basic, and registers."""
    reset = await _reset(csms, step)
    upgrade = await _credentials(station, step, security, reset, station.pixit.long_operation_timeout_s)
    await _comes_back(csms, station, step, procedures, upgrade)


@case("TC_086_CS")
async def test_server_certificate(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, security: SecurityTools
) -> None:
    """After a reset the station takes a valid server certificate and sets up a secured WebSocket."""
    reset = await _reset(csms, step)
    hello = await _tls(station, step, security, reset)
    if security.profile == 2:
        upgrade = await _credentials(station, step, security, hello, station.pixit.message_timeout_s)
    else:
        async with step.test("its request for a WebSocket has no user name and password", "A00.FR.001; 2.5, profile 3"):
            upgrade = await security.opening(
                "http", after=hello, within=station.pixit.message_timeout_s, credentials=Absent(), accepted=True
            )
    await _comes_back(csms, station, step, procedures, upgrade)


@case("TC_087_CS")
async def test_client_certificate(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, security: SecurityTools
) -> None:
    """After a reset the station authenticates itself with its certificate, which is what the white paper asks of one.

    The document's demand for PEM is of files and messages: TLS itself carries certificates in DER.
    """
    reset = await _reset(csms, step)
    hello = await _tls(station, step, security, reset)
    async with step.test("it sends a certificate that leads to a root the CSMS trusts", "A00.FR.401, 402, 403"):
        security.shows(hello, client_asked=True, client_problem="", client_certificate__serial=Fits(".+"))
    async with step.test("its key has at least 2048 bits (RSA, DSA) or 224 (elliptic curves)", "A00.FR.502, 503"):
        security.key_is_strong(hello, "client_certificate")
    async with step.test("its commonName holds the station's serial number", "A00.FR.405, 511"):
        serial = station.serial or station.identity
        security.shows(hello, client_certificate__subject_cn=Fits(f".*{_literally(serial)}.*"))
    async with step.test("the WebSocket is set up over it", "A00.FR.415"):
        upgrade = await security.opening(
            "http", after=hello, within=station.pixit.message_timeout_s, accepted=True, tls=True
        )
    await _comes_back(csms, station, step, procedures, upgrade)


def _literally(text: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in text)
