"""An update of the firmware in OCPP 2.0.1, without signatures, dates or transactions."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.files.facade import Files
from fixtures.files.shelf import Protocol
from fixtures.steps import Steps
from harness.model.station import Station

ACTION = "FirmwareStatusNotification"
REQUEST_ID = 4711
DEFAULT_PROTOCOL: Protocol = "http"


@case("ROB_FIRMWARE_01")
async def test_update(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """The image is the one that the PIXIT names."""
    patience_s = station.pixit.firmware_timeout_s
    async with step.preamble("the station accepts an update"):
        content = files.read(station.pixit.firmware_file)
        image = files.offer(station.pixit.file_protocol or DEFAULT_PROTOCOL, "firmware.bin", content)
        order = {"location": image.url, "retrieveDateTime": files.now}
        accepted = await csms.call("UpdateFirmware", requestId=REQUEST_ID, retries=0, firmware=order)
        accepted.has(status="Accepted")
    async with step.test("the end of the download is told", "OCPP 2.0.1 L02.FR.01"):
        downloaded = await csms.eventually(
            ACTION, after=accepted, within=patience_s, status="Downloaded", requestId=REQUEST_ID
        )
    async with step.test("Installed is told", "OCPP 2.0.1 L02.FR.20"):
        installed = await csms.eventually(
            ACTION, since=downloaded, within=patience_s, status="Installed", requestId=REQUEST_ID
        )
    async with step.test("no installation was told to be scheduled", "OCPP 2.0.1 L02.FR.01, L02.FR.10, L02.FR.23"):
        told = [one for one in csms.said(ACTION, after=accepted) if one.get("status") == "InstallScheduled"]
        csms.holds("InstallScheduled told", len(told), tuple(told) or (accepted, installed), high=0)
    async with step.preamble("the station accepts to tell its status again"):
        trigger = await csms.call("TriggerMessage", requestedMessage=ACTION)
        trigger.has(status="Accepted")
    async with step.test("it tells Idle", "OCPP 2.0.1 L02.FR.16, F06.FR.16"):
        await csms.next(ACTION, after=trigger, status="Idle")
