"""OCPP 1.6, firmware management profile: diagnostics."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.files.facade import Files
from fixtures.firmware16 import Updates, file_protocol
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Present

ACTION = "DiagnosticsStatusNotification"
KEPT_UPDATED = "OCPP 1.6 4.4, 5.9; errata 3.31"


@case("TC_045_1_CS")
async def test_diagnostics_are_uploaded(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """After GetDiagnostics a file with content arrives, and the station tells of it."""
    async with step.preamble("a folder on the file server is open"):
        protocol = await file_protocol(csms, files, station)
        inbox = files.inbox(protocol)
    async with step.test("the station names the file that it will upload", "OCPP 1.6 5.9"):
        request = await csms.call("GetDiagnostics", location=inbox.url)
        request.has(fileName=Present())
    updates = Updates(csms, ACTION, request, station.pixit.firmware_timeout_s)
    async with step.test("Uploading is told", KEPT_UPDATED):
        uploading = await updates.first("Uploading")
    async with step.test("Uploaded is told", KEPT_UPDATED):
        uploaded = await updates.then(uploading, "Uploaded")
    async with step.test("a file of that name, with content, has arrived", "OCPP 1.6 5.9; 7.24: Uploaded"):
        # Only FTP fixes how the file's name is told; over HTTP nothing says whether it stands in the URL.
        name = str(request.get("fileName")) if protocol in {"ftp", "ftps"} else ""
        await files.moved(inbox, after=request, within=uploaded.t - request.t, name=name)


@case("TC_045_2_CS")
async def test_failed_upload_is_told(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """Where the upload is refused, the station says so and goes on."""
    async with step.preamble("the file server refuses what is brought to a folder"):
        inbox = files.inbox(await file_protocol(csms, files, station), "refused")
    async with step.test("the station answers GetDiagnostics", "OCPP 1.6 5.9"):
        request = await csms.call("GetDiagnostics", location=inbox.url, retries=0)
    updates = Updates(csms, ACTION, request, station.pixit.firmware_timeout_s)
    async with step.test("Uploading is told", KEPT_UPDATED):
        uploading = await updates.first("Uploading")
    async with step.test("UploadFailed is told", KEPT_UPDATED):
        await updates.then(uploading, "UploadFailed")
    async with step.test("the station goes on working", "OCTT 1.6 TC_045_2_CS: normal operation"):
        await csms.call("GetConfiguration", key=["HeartbeatInterval"])
