"""OCPP 1.6 with the security extension: signed updates of the firmware (OCA white paper edition 3, L01)."""

import base64
from typing import Any

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.files.facade import Files, Place
from fixtures.firmware16 import Updates, all_available, downloaded, file_protocol, told_version
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import NotOneOf

ACTION = "SignedFirmwareStatusNotification"
KEPT_UPDATED = "white paper edition 3, L01.FR.01, L01.FR.10"
REQUEST_ID = 80


async def _offered(csms: Csms, station: Station, files: Files) -> Place:
    protocol = await file_protocol(csms, files, station)
    return files.offer(protocol, "firmware.bin", files.read(station.pixit.firmware_file))


async def _ordered(csms: Csms, step: Steps, station: Station, files: Files, image: Place, signature: str) -> Updates:
    firmware: dict[str, Any] = {
        "location": image.url,
        "retrieveDateTime": files.now,
        "signingCertificate": files.read(station.pixit.firmware_signing_certificate).decode(),
        "signature": signature,
    }
    async with step.test("the station accepts the signed update", "white paper edition 3, L01.FR.23, 5.22"):
        order = await csms.call("SignedUpdateFirmware", requestId=REQUEST_ID, firmware=firmware, retries=0)
        order.has(status="Accepted")
    return Updates(csms, ACTION, order, station.pixit.firmware_timeout_s, {"requestId": REQUEST_ID})


@case("TC_080_CS")
async def test_signed_update_is_installed(
    csms: Csms, station: Station, bench: Bench, step: Steps, files: Files, procedures: Procedures16
) -> None:
    """A rightly signed firmware is verified, installed and run."""
    pixit = station.pixit
    async with step.preamble("the new firmware lies on the file server; the old version is known"):
        image = await _offered(csms, station, files)
        signature = files.read(pixit.firmware_signature).decode().strip()
        old = told_version(csms)
    updates = await _ordered(csms, step, station, files, image, signature)
    fetched = await downloaded(step, files, updates, image, KEPT_UPDATED)
    async with step.test("SignatureVerified is told", f"{KEPT_UPDATED}, L01.FR.04"):
        verified = await updates.then(fetched, "SignatureVerified")
    async with step.test("Installing is told", f"{KEPT_UPDATED}, L01.FR.05"):
        where = {"status": NotOneOf(("SignatureVerified", "InstallScheduled", "InstallRebooting"))}
        installing = await csms.next(ACTION, after=verified, within=updates.timeout_s, where=where, status="Installing")
        installing.has(requestId=REQUEST_ID)
    async with step.test(
        "the station restarts and tells the new version", "white paper edition 3, L01.FR.05; OCPP 1.6 4.2"
    ):
        boot = await csms.next("BootNotification", after=installing, within=pixit.firmware_timeout_s)
        boot.has(firmwareVersion=pixit.firmware_version)
        if old == pixit.firmware_version:
            bench.unobserved("another version than before", "a station that does not run the new firmware already")
    async with step.test("Installed is told", KEPT_UPDATED):
        installed = await csms.eventually(ACTION, after=installing, within=updates.timeout_s, status="Installed")
        installed.has(requestId=REQUEST_ID)
    async with step.test("every connector is Available", "OCTT 1.6 TC_080_CS step 15; OCPP 1.6 4.9; errata 3.22"):
        await all_available(csms, procedures, boot, pixit.long_operation_timeout_s)


@case("TC_081_CS")
async def test_badly_signed_update_is_refused(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """A firmware whose signature is another one's is not installed; it is a security event."""
    async with step.preamble("the new firmware lies on the file server; the version that runs is known"):
        image = await _offered(csms, station, files)
        old = told_version(csms)
        signature = _spoiled(files.read(station.pixit.firmware_signature))
    updates = await _ordered(csms, step, station, files, image, signature)
    fetched = await downloaded(step, files, updates, image, KEPT_UPDATED)
    async with step.test("InvalidSignature is told", f"{KEPT_UPDATED}, L01.FR.04"):
        refused = await updates.then(fetched, "InvalidSignature")
    async with step.test("the security event InvalidFirmwareSignature is told", "white paper edition 3, L01.FR.03"):
        await csms.eventually("SecurityEventNotification", since=fetched, type="InvalidFirmwareSignature")
    async with step.test(
        "the firmware is not installed", "white paper edition 3, L01.FR.04, 6.6: InvalidSignature is an end"
    ):
        await csms.never(ACTION, after=refused, within=csms.message_timeout_s, where={"status": "Installing"})
        for boot in csms.said("BootNotification", after=refused):
            if old is not None:  # a station that was connected before the run has told no version
                boot.has(firmwareVersion=old)


def _spoiled(signature: bytes) -> str:
    """A signature of the same form that fits nothing: one bit of it is another."""
    octets = bytearray(base64.b64decode(signature))
    octets[len(octets) // 2] ^= 1
    return base64.b64encode(octets).decode()
