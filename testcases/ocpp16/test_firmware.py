"""OCPP 1.6, firmware management profile: updates of the firmware."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.files.facade import Files, Place
from fixtures.firmware16 import Updates, all_available, downloaded, file_protocol, told_version
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import NotOneOf

ACTION = "FirmwareStatusNotification"
KEPT_UPDATED = "OCPP 1.6 4.5, 5.19; errata 3.47"

LOOK_S = 1.0
"""How often it is looked whether the station has left its connection."""


async def _ordered(csms: Csms, step: Steps, station: Station, files: Files, location: Place) -> Updates:
    async with step.test("the station answers UpdateFirmware", "OCPP 1.6 5.19"):
        order = await csms.call("UpdateFirmware", location=location.url, retries=0, retrieveDate=files.now)
    return Updates(csms, ACTION, order, station.pixit.firmware_timeout_s)


@case("TC_044_1_CS")
async def test_update_is_downloaded_and_installed(
    csms: Csms, station: Station, bench: Bench, step: Steps, files: Files, procedures: Procedures16
) -> None:
    """After UpdateFirmware the station runs the new firmware and is Available again."""
    pixit = station.pixit
    async with step.preamble("the new firmware lies on the file server; the old version is known"):
        protocol = await file_protocol(csms, files, station)
        image = files.offer(protocol, "firmware.bin", files.read(pixit.firmware_file))
        old = told_version(csms)
    updates = await _ordered(csms, step, station, files, image)
    fetched = await downloaded(step, files, updates, image, KEPT_UPDATED)
    async with step.test("Installing is told", KEPT_UPDATED):
        installing = await updates.then(fetched, "Installing")
    async with step.test("the station restarts and tells the new version", "OCPP 1.6 5.19; errata 3.48; 4.2"):
        boot = await csms.next("BootNotification", after=installing, within=pixit.firmware_timeout_s)
        boot.has(firmwareVersion=pixit.firmware_version)
        if old == pixit.firmware_version:
            bench.unobserved("another version than before", "a station that does not run the new firmware already")
    async with step.test("Installed is told", KEPT_UPDATED):
        await updates.then(installing, "Installed")
    async with step.test("every connector is Available", "OCTT 1.6 TC_044_1_CS step 11; OCPP 1.6 4.9; errata 3.22"):
        await all_available(csms, procedures, boot, pixit.long_operation_timeout_s)


@case("TC_044_2_CS")
async def test_failed_download_is_told(
    csms: Csms, station: Station, step: Steps, files: Files, procedures: Procedures16
) -> None:
    """Where there is no file to download, the station says so and goes on with its old firmware."""
    async with step.preamble("the file server has no such file"):
        image = files.missing(await file_protocol(csms, files, station), "download_fail.fwi")
    updates = await _ordered(csms, step, station, files, image)
    async with step.test("DownloadFailed is told; Downloading may be told before", KEPT_UPDATED):
        where = {"status": NotOneOf(("Downloading",))}
        failed = await csms.next(
            ACTION, after=updates.request, within=updates.timeout_s, where=where, status="DownloadFailed"
        )
    await _goes_on(csms, station, step, procedures, updates.request, failed)


@case("TC_044_3_CS")
async def test_failed_installation_is_told(
    csms: Csms, station: Station, bench: Bench, step: Steps, files: Files, procedures: Procedures16
) -> None:
    """A file that is no firmware for the station is not installed, and the station says so."""
    async with step.preamble("a file that is no firmware lies on the file server; the version that runs is known"):
        protocol = await file_protocol(csms, files, station)
        image = files.offer(protocol, "firmware.bin", files.read(station.pixit.invalid_firmware_file))
        old = told_version(csms)
    updates = await _ordered(csms, step, station, files, image)
    fetched = await downloaded(step, files, updates, image, KEPT_UPDATED)
    async with step.test("InstallationFailed is told; Installing may be told before", KEPT_UPDATED):
        where = {"status": NotOneOf(("Downloaded", "Installing"))}
        failed = await csms.next(
            ACTION, after=fetched, within=updates.timeout_s, where=where, status="InstallationFailed"
        )
    async with step.preamble("a station that restarts afterwards has had the time to begin"):
        await _may_leave(csms, bench)
    await _goes_on(csms, station, step, procedures, updates.request, failed)
    boots = csms.said("BootNotification", after=fetched)
    if boots and old is not None:
        async with step.test("the restart on the way shows the old version", "OCPP 1.6 7.25: InstallationFailed"):
            for boot in boots:
                boot.has(firmwareVersion=old)


async def _may_leave(csms: Csms, bench: Bench) -> None:
    """The restart may come before or after InstallationFailed, or not at all (TC_044_3_CS, steps 9 to 13)."""
    left_s = csms.message_timeout_s
    while csms.connected and left_s > 0:
        await bench.wait(LOOK_S)
        left_s -= LOOK_S


async def _goes_on(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, order: Seen, failed: Seen
) -> None:
    """The station answers, also after a restart; connectors that were made Unavailable for the update come back."""
    patience_s = station.pixit.long_operation_timeout_s
    async with step.test("the station goes on working", "OCTT 1.6 TC_044_2_CS, TC_045_2_CS: normal operation"):
        await csms.call("GetConfiguration", key=["HeartbeatInterval"], within=patience_s)
    closed = [number for number in procedures.connector_ids if _status(csms, order, number) == "Unavailable"]
    if closed:
        async with step.test("connectors made Unavailable for it are Available again", "OCTT 1.6 TC_044_2_CS"):
            for number in closed:
                await csms.eventually(
                    "StatusNotification", since=failed, within=patience_s, connectorId=number, status="Available"
                )


def _status(csms: Csms, order: Seen, connector: int) -> str | None:
    """What was last told of a connector since the order; None for nothing."""
    told = csms.said("StatusNotification", after=order, where={"connectorId": connector})
    return str(told[-1].get("status")) if told else None
