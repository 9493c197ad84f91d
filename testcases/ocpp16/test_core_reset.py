"""OCPP 1.6, core profile: reset."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.steps import Steps
from harness.model.station import Station


@case("TC_013_CS")
async def test_hard_reset_without_transaction(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """A hard reset restarts an idle station, and a connector that was taken out of service stays out of service."""
    tested, patience_s = bench.evse, station.pixit.long_operation_timeout_s
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
        for connector in range(1 + sum(len(evse.connectors) for evse in station.evse)):
            status = "Unavailable" if connector == tested else "Available"
            await csms.next("StatusNotification", after=boot, where={"connectorId": connector}, status=status)
    async with step.test("the connector can be taken into service", "OCPP 1.6 5.2"):
        taken_in = await csms.call("ChangeAvailability", connectorId=tested, type="Operative")
        taken_in.has(status="Accepted")
    async with step.test("Available is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_in, connectorId=tested, status="Available")
