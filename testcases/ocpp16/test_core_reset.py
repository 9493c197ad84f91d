"""OCPP 1.6, core profile: reset."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station


@case("TC_013_CS")
async def test_hard_reset_without_transaction(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16
) -> None:
    """A hard reset restarts an idle station, and a connector that was taken out of service stays out of service."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    async with step.test("the connector can be taken out of service", "OCPP 1.6 5.2"):
        taken_out = await csms.call("ChangeAvailability", connectorId=tested, type="Inoperative")
        taken_out.has(status="Accepted")
    async with step.test("Unavailable is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_out, connectorId=tested, status="Unavailable")
    async with step.test("the reset is accepted", "OCPP 1.6 5.14"):
        reset = await csms.call("Reset", type="Hard")
        reset.has(status="Accepted")
    async with step.test("the station restarts", "OCPP 1.6 5.14, errata 3.36: a hard reset restarts the hardware"):
        opened = await csms.connects(after=reset, within=patience_s)
    async with step.test("it registers again", "OCPP 1.6 4.2: BootNotification each time it boots or reboots"):
        boot = await csms.next("BootNotification", after=opened, within=patience_s)
    async with step.test(
        "every connector is reported, and the one taken out of service is still Unavailable",
        "OCPP 1.6 5.2, 5.14: Unavailable shall persist; 4.9, errata 3.22: status of connector 0 and all connectors",
    ):
        await csms.next("StatusNotification", after=boot, where={"connectorId": tested}, status="Unavailable")
        for connector in (number for number in procedures.connector_ids if number != tested):
            # the others may be Unavailable first, for the station's own purposes (4.9)
            await csms.eventually("StatusNotification", after=boot, connectorId=connector, status="Available")
    async with step.test("the connector can be taken into service", "OCPP 1.6 5.2"):
        taken_in = await csms.call("ChangeAvailability", connectorId=tested, type="Operative")
        taken_in.has(status="Accepted")
    async with step.test("Available is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_in, connectorId=tested, status="Available")
