"""OCPP 2.0.1: certificates that are accepted, or asked for and do not come; and a password that is changed."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from fixtures import variables201
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.pki.authority import Authority, new_key, pem
from fixtures.pki.reading import hash_data
from fixtures.security.tools import SecurityTools
from fixtures.steps import Steps
from fixtures.variables201 import SET, Setting, Variable, set_variable
from harness.model.station import Station
from harness.oracle.matchers import OneOf, SameToken

LISTED = "OCPP 2.0.1 M03.FR.03, FR.04: each installed certificate that matches; without a type all of them"
DELETED = (
    "OCPP 2.0.1 M04.FR.02, FR.03: a certificate that is there is found; FR.07: by the hashes that the station tells"
)
ASKED = "OCPP 2.0.1 A02.FR.03: SignCertificateRequest; F06.FR.04"
BACKS_OFF = "OCPP 2.0.1 A02.FR.17, FR.18: again after CertSigningWaitMinimum, which doubles each time"
CHANGED = "OCPP 2.0.1 A01.FR.02: SetVariables of BasicAuthPassword"
RECONNECTS = "OCPP 2.0.1 A01.FR.01, FR.03: the new password is stored and used; Part 4 5.3: the station connects again"
MAKER, CSMS = "ManufacturerRootCertificate", "CSMSRootCertificate"
MINIMUM_S, REPEATS, WATCHED_S, EARLY_S = 10, 2, 100.0, 1.0
PASSWORD = Variable("SecurityCtrlr", "BasicAuthPassword")
NEW_PASSWORD = b"Plugproof-another-one"


@case("ROB_CERT_01")
async def test_accepted_is_there(csms: Csms, step: Steps) -> None:
    """A root of the maker's, one of a CSMS, and one that is no root at all."""
    now = datetime.fromisoformat(csms.utc())
    maker, other = Authority.make("Plugproof test maker", now), Authority.make("Plugproof test CSMS", now)
    leaf = other.server("csms.invalid", now, new_key("rsa")).certificate
    hashes = [
        hash_data(one, issuer)
        for one, issuer in (
            (maker.certificate, maker.certificate),
            (other.certificate, other.certificate),
            (leaf, other.certificate),
        )
    ]
    try:
        async with step.preamble("a maker's root is installed"):
            reply = await csms.call("InstallCertificate", certificateType=MAKER, certificate=maker.pem)
            reply.has(status="Accepted")
        await _there(csms, step, "the maker's root", hashes[0])
        for name, text, known in (
            ("a root for the CSMS", other.pem, hashes[1]),
            ("a certificate that is no root", pem(leaf), hashes[2]),
        ):
            async with step.preamble(f"{name} is sent"):
                sent = await csms.call("InstallCertificate", certificateType=CSMS, certificate=text)
            if sent.get("status") == "Accepted":
                await _there(csms, step, name, known)
    finally:
        async with step.postamble("nothing of it stays"):
            for known in hashes:
                await csms.call("DeleteCertificate", certificateHashData=known)


async def _there(csms: Csms, step: Steps, name: str, hashes: dict[str, str]) -> None:
    async with step.test(f"{name}, which was accepted, is listed", LISTED):
        listed = await csms.call("GetInstalledCertificateIds")
        listed.has(status="Accepted")
        chains = listed.get("certificateHashDataChain", [])
        entries = [entry for entry in chains if isinstance(entry, dict) and _names(entry, hashes)]
        csms.holds("entries for it", len(entries), (listed,), low=1)
    async with step.test(f"{name} is found when it is to be deleted", DELETED):
        deleted = await csms.call("DeleteCertificate", certificateHashData=entries[0]["certificateHashData"])
        deleted.has(status=OneOf(("Accepted", "Failed")))


def _names(entry: dict[str, Any], hashes: dict[str, str]) -> bool:
    data = entry.get("certificateHashData")
    serial = str(data.get("serialNumber", "")) if isinstance(data, dict) else ""
    return serial.lstrip("0").casefold() == hashes["serialNumber"].lstrip("0").casefold()


@case("ROB_CERT_02")
async def test_certificate_does_not_come(csms: Csms, bench: Bench, step: Steps) -> None:
    """The operator's authority is away: every request is accepted, and nothing is signed."""
    waits = (
        Setting(Variable("SecurityCtrlr", "CertSigningWaitMinimum"), str(MINIMUM_S)),
        Setting(Variable("SecurityCtrlr", "CertSigningRepeatTimes"), str(REPEATS)),
    )
    async with variables201.configured(csms, step, *waits):
        async with step.preamble("the station is asked to ask for a certificate"):
            asked = await csms.call("TriggerMessage", requestedMessage="SignChargingStationCertificate")
            asked.has(status="Accepted")
        async with step.test("it asks", ASKED):
            first = await csms.next("SignCertificate", after=asked)
        async with step.test("it asks again as seldom as it must", BACKS_OFF):
            await bench.wait(WATCHED_S)
            requests = csms.said("SignCertificate", after=first)
            for number, (earlier, later) in enumerate(pairwise(requests)):
                owed_s = MINIMUM_S * 2.0 ** min(number, REPEATS)
                name = f"pause before request {number + 2}"
                csms.holds(name, later.t - earlier.t, (earlier, later), low=owed_s - EARLY_S, unit="s")


@case("ROB_PASSWORD_01")
async def test_new_password(csms: Csms, station: Station, step: Steps, security: SecurityTools) -> None:
    """The CSMS lets both in until the station has shown which one it uses."""
    patience_s, old = station.pixit.long_operation_timeout_s, security.password
    try:
        async with step.test("the new password is accepted", CHANGED):
            reply = await _set(csms, security, NEW_PASSWORD)
            reply.has({f"{SET}.attributeStatus": OneOf(("Accepted", "RebootRequired"))})
        async with step.test("the station connects with the new password", RECONNECTS):
            await security.opening(
                "http",
                after=reply,
                within=patience_s,
                credentials__user=SameToken(station.identity),
                credentials__password=OneOf(("current", "next")),
                accepted=True,
            )
    finally:
        security.credentials.let_all_in()
        async with step.postamble("the old password is put back"):
            if not csms.connected:
                await csms.connects(within=patience_s)
            back = await _set(csms, security, old)
            security.credentials.let_all_in()
            await security.opening("http", after=back, within=patience_s, where={"accepted": True})


async def _set(csms: Csms, security: SecurityTools, key: bytes) -> Seen:
    security.credentials.about_to_set_password(key)
    reply = await set_variable(csms, PASSWORD, key.decode())
    if reply.get(f"{SET}.attributeStatus") in {"Accepted", "RebootRequired"}:
        security.credentials.password_set(key)
    return reply
