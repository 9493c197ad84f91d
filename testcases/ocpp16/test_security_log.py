"""OCPP 1.6 with the security extension: logs (OCA white paper edition 3, N01)."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.files.facade import Files
from fixtures.firmware16 import Updates, file_protocol
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Present

ACTION = "LogStatusNotification"
REQUEST_ID = 79
SAME_ID = "N01.FR.07"


@case("TC_079_CS")
async def test_security_log_is_uploaded(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """After GetLog the security log arrives as one file, and the station tells of it."""
    async with step.preamble("a folder on the file server is open"):
        protocol = await file_protocol(csms, files, station)
        inbox = files.inbox(protocol)
    async with step.test("the station accepts, and names the file", "white paper edition 3, N01.FR.01"):
        log = {"remoteLocation": inbox.url}
        request = await csms.call("GetLog", logType="SecurityLog", requestId=REQUEST_ID, log=log)
        request.has(status="Accepted", filename=Present())
    updates = Updates(csms, ACTION, request, station.pixit.firmware_timeout_s, {"requestId": REQUEST_ID})
    async with step.test("Uploading is told", f"white paper edition 3, N01.FR.08, {SAME_ID}"):
        uploading = await updates.first("Uploading")
    async with step.test("Uploaded is told", f"white paper edition 3, N01.FR.09, {SAME_ID}"):
        uploaded = await updates.then(uploading, "Uploaded")
    async with step.test(
        "a file of that name, with content, has arrived", "white paper edition 3, N01.FR.02, N01.FR.03"
    ):
        # Only FTP fixes how the file's name is told; over HTTP nothing says whether it stands in the URL.
        name = str(request.get("filename")) if protocol in {"ftp", "ftps"} else ""
        await files.moved(inbox, after=request, within=uploaded.t - request.t, name=name)
