"""OCPP 1.6, core profile: vendor-specific messages to the station."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, OneOf

NO_VENDOR = "org.example.no-such-vendor"
"""A vendorId of the reversed DNS namespace (4.3) that belongs to nobody."""


@case("TC_062_CS")
async def test_unknown_vendor(csms: Csms, station: Station, step: Steps) -> None:
    """A vendor-specific message of an unknown vendor is refused; Accepted is allowed, and worth a warning."""
    unknown, refused = "UnknownVendorId", ("Rejected", "UnknownMessageId", "UnknownVendorId")
    async with step.test("a message of an unknown vendor is answered by a status", "OCPP 1.6 5.6, 4.3"):
        reply = await csms.call("DataTransfer", vendorId=NO_VENDOR, messageId="Nothing", data="")
        reply.has(status=OneOf((*refused, "Accepted")))
        if reply.get("status") == unknown:
            reply.has(data=Absent(), why="OCPP 1.6 4.3: no data with UnknownVendorId")
    async with step.test("it is not accepted", "OCPP 1.6 4.3: UnknownVendorId; OCTT 1.6 TC_062_CS warns of Accepted"):
        accepted = float(reply.get("status") == "Accepted")
        bases = (station.pixit.basis("unknown_vendor_refused"),)
        csms.holds("messages of an unknown vendor accepted", accepted, (reply,), high=0.0, bases=bases)
