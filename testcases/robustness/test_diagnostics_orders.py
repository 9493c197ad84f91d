"""OCPP 1.6: orders for diagnostics that are legal and not what a station sees every day."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.files.facade import Files
from fixtures.firmware16 import Updates, file_protocol
from fixtures.steps import Steps
from harness.model.station import Station

ACTION = "DiagnosticsStatusNotification"
RETRIES, RETRY_S = 3, 3
EARLY_S = 1.0
MANY = 1000
DAY_S = 86_400.0
TRIED = "OCPP 1.6 6.25: retries is how many times it must try to upload before giving up; retryInterval; 4.4, 7.24"
ONCE = "OCPP 1.6 5.9: a single diagnostics file is uploaded; 6.25: retries are for an upload that fails"
ANSWERED = (
    "OCPP 1.6 5.9, 6.26: fileName, or none where no diagnostic information is available; 4.4: the progress is told"
)


@case("ROB_DIAGNOSTICS_01")
async def test_orders(csms: Csms, station: Station, step: Steps, files: Files) -> None:
    """Refused, allowed a thousand times, and of tomorrow."""
    timeout_s, patience_s = station.pixit.firmware_timeout_s, station.pixit.long_operation_timeout_s
    async with step.preamble("the file server refuses what is brought to one folder, and takes it in another"):
        protocol = await file_protocol(csms, files, station)
        refused, taken, early = files.inbox(protocol, "refused"), files.inbox(protocol), files.inbox(protocol)
    async with step.test(f"a refused upload is tried {RETRIES} times at least, and told as failed", TRIED):
        order = await csms.call("GetDiagnostics", location=refused.url, retries=RETRIES, retryInterval=RETRY_S)
        updates = Updates(csms, ACTION, order, timeout_s)
        failed = await updates.first("Uploading", "UploadFailed")
        if failed.get("status") == "Uploading":
            failed = await updates.then(failed, "UploadFailed")
        while len(files.transfers(refused, after=order)) < RETRIES:  # it may tell of each attempt that fails (7.24)
            failed = await csms.eventually(ACTION, after=failed, within=patience_s, status="UploadFailed")
        tries = files.transfers(refused, after=order)
        csms.holds("attempts", len(tries), (order, failed), low=RETRIES)
        took_s = tries[-1].began - tries[0].began
        csms.holds("from the first attempt to the last", took_s, (order, failed), low=RETRY_S - EARLY_S, unit="s")
    async with step.test("an upload that succeeds is made once", ONCE):
        order = await csms.call("GetDiagnostics", location=taken.url, retries=MANY, retryInterval=0)
        updates = Updates(csms, ACTION, order, timeout_s)
        told = await updates.then(await updates.first("Uploading"), "Uploaded")
        await csms.never(ACTION, after=told, within=station.pixit.message_timeout_s, status="Uploading")
        brought = files.transfers(taken, after=order)
        csms.holds("uploads", len(brought), (order, told), low=1, high=1)
    async with step.test(
        "an order for what has not been yet is answered, and what is begun is told to its end", ANSWERED
    ):
        day = {"startTime": csms.utc(DAY_S), "stopTime": csms.utc(2 * DAY_S)}
        order = await csms.call("GetDiagnostics", day, location=early.url, retries=0, retryInterval=0)
        updates = Updates(csms, ACTION, order, timeout_s)
        if order.get("fileName") is not None:
            told = await updates.first("Uploading", "Uploaded", "UploadFailed")
            if told.get("status") == "Uploading":
                await updates.then(told, "Uploaded", "UploadFailed")
