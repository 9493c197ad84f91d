"""OCPP 1.6, security: the station's own certificate, root certificates, and what it tells of invalid ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures.cases import case
from fixtures.configuration16 import read
from fixtures.csms.facade import Csms
from fixtures.pki.authority import Authority
from fixtures.pki.reading import described
from fixtures.security.tools import SecurityTools
from fixtures.signing16 import CENTRAL, MANUFACTURER, algorithm_in, holding, is_listed, operator_named, signable
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Fits, Lacks

TRIGGERED = "A02, scenario 1 and 2; 5.5, 6.16"


@case("TC_074_CS")
async def test_new_certificate(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """The station asks for a certificate when told to, takes it over, and connects with it."""
    patience_s = station.pixit.long_operation_timeout_s
    async with operator_named(csms, step, station):
        async with step.test("the trigger is accepted", TRIGGERED):
            trigger = await csms.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
            trigger.has(status="Accepted")
        async with step.test("the station asks for a certificate", "A02.FR.02, 03"):
            asked = await csms.next("SignCertificate", after=trigger, within=patience_s)
            request, record = security.examine_request(asked)
            security.shows(record, problem="")
        async with step.test("it asks for a new key pair", "A02.FR.02"):
            security.shows(record, new_key=True)
        async with step.test("the key is strong enough", "A00.FR.502, 503"):
            security.key_is_strong(record, "says")
        async with step.test("its subject holds the operator's name", "A02.FR.13"):
            security.shows(record, says__subject_o=str(station.pixit.cpo_name))
        async with step.test("its subject holds the station's serial number", "A00.FR.511"):
            security.shows(record, says__subject_cn=Fits(r"(?!.*://)\S.*"))
        async with step.test("the signed certificate is accepted", "A02.FR.06; 5.2"):
            certificate = security.sign(signable(request, record))
            reply = await security.send_certificate(certificate)
            reply.has(status="Accepted")
        async with step.test("the station connects with the new certificate", "A02.FR.08, 09"):
            await security.opening(
                "tls", after=reply, within=patience_s, client_certificate__sha256=described(certificate).sha256
            )
        async with step.preamble("the WebSocket is there again"):
            await security.opening("http", after=reply, within=patience_s, where={"accepted": True})


@case("TC_077_CS")
async def test_invalid_certificate(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """A certificate whose time is over is rejected, and told as a security event."""
    patience_s = station.pixit.long_operation_timeout_s
    async with operator_named(csms, step, station):
        async with step.test("the trigger is accepted", TRIGGERED):
            trigger = await csms.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
            trigger.has(status="Accepted")
        async with step.test("the station asks for a certificate", "A02.FR.02, 03"):
            asked = await csms.next("SignCertificate", after=trigger, within=patience_s)
            request, record = security.examine_request(asked)
            security.shows(record, problem="")
        async with step.test("a certificate whose time is over is rejected", "A02.FR.06, 07"):
            reply = await security.send_certificate(security.sign(signable(request, record), expired=True))
            reply.has(status="Rejected")
        async with step.test("the station tells of it", "A02.FR.07; A04.FR.01; chapter 8"):
            await csms.eventually("SecurityEventNotification", since=asked, type="InvalidChargePointCertificate")


@case("TC_075_1_CS")
async def test_manufacturer_root(step: Steps, security: SecurityTools) -> None:
    """A manufacturer's root is installed, and listed by its hash data."""
    await _installs(step, security, MANUFACTURER, security.test_root(MANUFACTURER))


@case("TC_075_2_CS")
async def test_central_system_root(csms: Csms, step: Steps, security: SecurityTools) -> None:
    """A root of the central system is installed, and listed by its hash data."""
    root = security.test_root(CENTRAL, replacing=await _checks_roots(csms, step))
    await _installs(step, security, CENTRAL, root)


async def _checks_roots(csms: Csms, step: Steps) -> bool:
    """A station with AdditionalRootCertificateCheck takes a new root only from the one that it has (M05.FR.09)."""
    async with step.preamble("AdditionalRootCertificateCheck is read"):
        setting = await read(csms, "AdditionalRootCertificateCheck")
    return setting is not None and (setting.value or "").casefold() == "true"


async def _installs(step: Steps, security: SecurityTools, kind: str, root: Authority) -> None:
    async with _taken_out(step, security, kind, root):
        async with step.test("the root certificate is accepted", "M05.FR.01, 02"):
            reply = await security.install(kind, root)
            reply.has(status="Accepted")
        async with step.test("it is listed, with the hash data of its issuer", "M03.FR.03, 04; 6.1"):
            listed = await security.listed(kind)
            listed.has(status="Accepted", certificateHashData=holding(security, root, algorithm_in(listed, root)))


@asynccontextmanager
async def _taken_out(step: Steps, security: SecurityTools, kind: str, root: Authority) -> AsyncIterator[None]:
    """Afterwards the root is not installed any more; one that renews the CSMS's own stays where the station has it in use."""
    try:
        yield
    finally:
        async with step.postamble("the root certificate is taken out again"):
            if is_listed(security, root, await security.listed(kind)):
                await security.delete(root)


@case("TC_076_CS")
async def test_delete_root(csms: Csms, step: Steps, security: SecurityTools) -> None:
    """A root that is not in use is deleted, and listed no more."""
    # with AdditionalRootCertificateCheck there is one root of the central system only, and that is in use (M05.FR.08, M04.FR.06)
    kind = MANUFACTURER if await _checks_roots(csms, step) else CENTRAL
    root = security.test_root(kind)
    async with step.preamble(f"a {kind} is installed that nothing rests on"):
        reply = await security.install(kind, root)
        reply.has(status="Accepted")
        listed = await security.listed(kind)  # a root that was never there is deleted by nobody
        listed.has(certificateHashData=holding(security, root, algorithm_in(listed, root)))
    async with _taken_out(step, security, kind, root):
        async with step.test("the deletion is accepted", "M04.FR.01, 02"):
            algorithm = algorithm_in(listed, root)
            reply = await security.delete(root, algorithm)
            reply.has(status="Accepted")
        async with step.test("the root is listed no more", "M04.FR.02; M03.FR.02, 04"):
            after = await security.listed(kind)
            after.has(certificateHashData=Lacks(holding(security, root, algorithm).fields))


@case("TC_078_CS")
async def test_invalid_root(csms: Csms, step: Steps, security: SecurityTools) -> None:
    """A root of the central system whose time is over is rejected, and told as a security event."""
    root = security.test_root(CENTRAL, expired=True)
    async with step.preamble("the installed roots are listed"):
        before = await security.listed(CENTRAL)
    async with _taken_out(step, security, CENTRAL, root):
        async with step.test("a root certificate whose time is over is rejected", "M05.FR.06"):
            reply = await security.install(CENTRAL, root)
            reply.has(status="Rejected")
        async with step.test("the station tells of it", "A04.FR.01; chapter 8"):
            await csms.eventually("SecurityEventNotification", since=before, type="InvalidCentralSystemCertificate")
        async with step.test("it is not installed", "M05.FR.06; M03.FR.04"):
            listed = await security.listed(CENTRAL)
            algorithm = algorithm_in(listed, root)
            listed.has(certificateHashData=Lacks(holding(security, root, algorithm).fields))
