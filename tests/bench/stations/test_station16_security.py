"""The 1.6 station's security extension (OCA white paper edition 3), met by a CSMS in the clear."""

import asyncio
from datetime import UTC, datetime

import pytest
from cryptography import x509

from fixtures.pki.authority import Authority, new_key, pem
from fixtures.pki.reading import hash_data

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PASSWORD = "sixteen-or-more-16"
KEY = "00" * 16
KEYS = {}


def authority(name="Root", kind="ec"):
    key = KEYS.setdefault(name, new_key(kind))
    return Authority.make(name, NOW, key)


def secured(profile=1, **security):
    return {"password": PASSWORD, "security": {"profile": profile, **security}}


async def ask(rig, action, **fields):
    """The payload of the answer, or the code of a CALLERROR."""
    return (await rig.csms.call(action, **fields))[0]


async def status(rig, action, **fields):
    return (await ask(rig, action, **fields))["status"]


def install(rig, pem, kind="CentralSystemRootCertificate"):
    return status(rig, "InstallCertificate", certificateType=kind, certificate=pem)


def change(rig, key, value):
    return status(rig, "ChangeConfiguration", key=key, value=value)


def events(rig):
    return [payload["type"] for payload in rig.csms.seen("SecurityEventNotification")]


def test_a_station_without_the_extension_knows_nothing_of_it(rig16):
    async def body(rig):
        asked = await ask(rig, "GetInstalledCertificateIds", certificateType="ManufacturerRootCertificate")
        assert asked == "NotSupported"
        assert await change(rig, "SecurityProfile", "1") == "NotSupported"
        assert events(rig) == []

    rig16(body)


def test_a_boot_is_a_security_event_and_so_is_a_reset(rig16):
    async def body(rig):
        await asyncio.sleep(1)
        assert events(rig) == ["StartupOfTheDevice"]
        await rig.csms.call("Reset", type="Hard")
        await asyncio.sleep(20)
        assert events(rig) == ["StartupOfTheDevice", "StartupOfTheDevice", "ResetOrReboot"]

    rig16(body, **secured())


def test_events_of_a_time_without_connection_are_told_later(rig16):
    async def body(rig):
        assert await change(rig, "AuthorizationKey", KEY) == "Accepted"
        await asyncio.sleep(20)
        assert "ReconfigurationOfSecurityParameters" in events(rig)

    rig16(body, **secured())


@pytest.mark.parametrize("value", ["0" * 30, "0" * 42, "xyz", "0" * 33, ""])
def test_a_password_that_is_no_hexadecimal_of_16_to_20_bytes_is_refused(rig16, value):
    async def body(rig):
        assert await change(rig, "AuthorizationKey", value) == "Rejected"

    rig16(body, **secured())


def test_the_password_is_never_reported(rig16):
    async def body(rig):
        await change(rig, "AuthorizationKey", KEY)
        await asyncio.sleep(20)
        told = await ask(rig, "GetConfiguration", key=["AuthorizationKey"])
        assert told["configurationKey"] == [{"key": "AuthorizationKey", "readonly": False}]

    rig16(body, **secured())


@pytest.mark.parametrize(("profile", "wanted"), [(1, "1"), (1, "0"), (1, "4"), (1, "x")])
def test_a_profile_is_not_lowered_and_not_what_is_no_profile(rig16, profile, wanted):
    async def body(rig):
        assert await change(rig, "SecurityProfile", wanted) == "Rejected"

    rig16(body, **secured(profile))


def test_a_higher_profile_needs_what_it_rests_on(rig16):
    async def body(rig):
        assert await change(rig, "SecurityProfile", "2") == "Rejected"  # A05.FR.03: no root
        assert await install(rig, authority().pem) == "Accepted"
        assert await change(rig, "SecurityProfile", "3") == "Rejected"  # A05.FR.04: no certificate of its own

    rig16(body, **secured())


def test_without_a_password_there_is_no_way_to_profile_1(rig16):
    async def body(rig):
        assert await change(rig, "SecurityProfile", "1") == "Rejected"  # A05.FR.02

    rig16(body, security={"profile": 0})


def test_a_station_falls_back_when_nobody_answers_to_the_higher_profile(rig16):
    async def body(rig):
        await install(rig, authority().pem)
        assert await change(rig, "SecurityProfile", "2") == "Accepted"
        await asyncio.sleep(120)
        assert rig.station.connected
        told = await ask(rig, "GetConfiguration", key=["SecurityProfile"])
        assert told["configurationKey"][0]["value"] == "1"

    rig16(body, **secured())


def test_roots_are_listed_by_kind_and_hash_data(rig16):
    async def body(rig):
        root = authority()
        none = await ask(rig, "GetInstalledCertificateIds", certificateType="CentralSystemRootCertificate")
        assert none == {"status": "NotFound"}
        assert await install(rig, root.pem) == "Accepted"
        told = await ask(rig, "GetInstalledCertificateIds", certificateType="CentralSystemRootCertificate")
        wanted = hash_data(root.certificate, root.certificate)
        wanted["serialNumber"] = wanted["serialNumber"].lower()
        assert told == {"status": "Accepted", "certificateHashData": [wanted]}

    rig16(body, **secured())


def test_what_is_no_certificate_and_what_is_over_is_rejected_and_told(rig16):
    async def body(rig):
        assert await install(rig, "no certificate") == "Rejected"
        assert await install(rig, authority().expired(NOW).pem) == "Rejected"
        await asyncio.sleep(1)
        assert events(rig).count("InvalidCentralSystemCertificate") == 2

    rig16(body, **secured())


def test_a_full_store_takes_no_more(rig16):
    async def body(rig):
        assert await install(rig, authority("A").pem) == "Accepted"
        assert await install(rig, authority("B").pem, "ManufacturerRootCertificate") == "Rejected"

    rig16(body, **secured(store_max=1))


def test_with_the_additional_check_a_root_replaces_the_one_that_signed_it(rig16):
    async def body(rig):
        old = authority("A")
        assert await install(rig, authority("B").pem) == "Rejected"
        assert await install(rig, old.renewed(NOW).pem) == "Accepted"
        told = await ask(rig, "GetInstalledCertificateIds", certificateType="CentralSystemRootCertificate")
        assert len(told["certificateHashData"]) == 2  # the old one until the new one has proved itself (M05.FR.11)

    rig16(body, **secured(roots=[authority("A").pem], additional_root_check=True))


def test_a_root_is_deleted_once(rig16):
    async def body(rig):
        root = authority()
        data = hash_data(root.certificate, root.certificate, "SHA512")
        assert await status(rig, "DeleteCertificate", certificateHashData=data) == "NotFound"
        await install(rig, root.pem)
        assert await status(rig, "DeleteCertificate", certificateHashData=data) == "Accepted"
        assert await status(rig, "DeleteCertificate", certificateHashData=data) == "NotFound"

    rig16(body, **secured())


def test_a_certificate_that_nobody_asked_for_is_rejected_and_told(rig16):
    async def body(rig):
        root = authority()
        await install(rig, root.pem)
        stray = root.client("VS-0001", "Op", NOW, new_key("ec"))
        assert await status(rig, "CertificateSigned", certificateChain=stray.pem) == "Rejected"
        await asyncio.sleep(1)
        assert "InvalidChargePointCertificate" in events(rig)

    rig16(body, **secured())


def test_a_certificate_of_another_operator_is_rejected(rig16):
    async def body(rig):
        await install(rig, authority("A").pem)
        asked = await triggered(rig)
        assert await status(rig, "CertificateSigned", certificateChain=signed(authority("B"), asked)) == "Rejected"
        asked = await triggered(rig)
        assert await status(rig, "CertificateSigned", certificateChain=signed(authority("A"), asked)) == "Accepted"

    rig16(body, **secured(cpo_name="Operator"))


async def triggered(rig):
    rig.csms.answers["SignCertificate"] = {"status": "Accepted"}
    before = len(rig.csms.seen("SignCertificate"))
    assert await status(rig, "ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate") == "Accepted"
    await asyncio.sleep(1)
    return rig.csms.seen("SignCertificate")[before]["csr"]


def signed(root, csr):
    return pem(root.sign(x509.load_pem_x509_csr(csr.encode()), NOW))
