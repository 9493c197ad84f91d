"""OCPP 1.6, core profile: reset."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.starting16 import boots, optional_boot, reported, stays_unavailable
from fixtures.steps import Steps
from harness.model.station import Station

PERSISTS = "OCPP 1.6 5.2, 5.14: Unavailable shall persist; 4.9, errata 3.22: status of connector 0 and all connectors"
NO_TRANSACTION = "OCPP 1.6 4.1: energy is supplied to an authorized transaction only"


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
        # the others may be Unavailable first, for the station's own purposes (4.9)
        await reported(csms, dict.fromkeys(procedures.other_connectors, ("Available",)), since=boot)
        await stays_unavailable(csms, (tested,), since=boot)
    async with step.test("the connector can be taken into service", "OCPP 1.6 5.2"):
        taken_in = await csms.call("ChangeAvailability", connectorId=tested, type="Operative")
        taken_in.has(status="Accepted")
    async with step.test("Available is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_in, connectorId=tested, status="Available")


@case("TC_014_CS")
async def test_soft_reset_without_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A connector that was taken out of service stays so over a soft reset, whether or not the station boots for it."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    async with step.test("the connector can be taken out of service", "OCPP 1.6 5.2"):
        taken_out = await csms.call("ChangeAvailability", connectorId=tested, type="Inoperative")
        taken_out.has(status="Accepted")
    async with step.test("Unavailable is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_out, connectorId=tested, status="Unavailable")
    async with step.test("the reset is accepted", "OCPP 1.6 5.14"):
        reset = await csms.call("Reset", type="Soft")
        reset.has(status="Accepted")
    async with step.preamble("the station boots, if its reset needs that"):
        boot = await optional_boot(csms, bench, after=reset, within=patience_s)
    if boot is not None:
        async with step.test(
            "every connector is reported, and the one taken out of service is still Unavailable", PERSISTS
        ):
            await reported(csms, dict.fromkeys(procedures.other_connectors, ("Available",)), since=boot)
            await stays_unavailable(csms, (tested,), since=boot)
    async with step.test("the connector can be taken into service", "OCPP 1.6 5.2"):
        taken_in = await csms.call("ChangeAvailability", connectorId=tested, type="Operative")
        taken_in.has(status="Accepted")
    async with step.test("Available is reported", "OCPP 1.6 5.2: the new availability is reported"):
        await csms.eventually("StatusNotification", after=taken_in, connectorId=tested, status="Available")


async def _asked_to_reset(csms: Csms, step: Steps, procedures: Procedures16, kind: str) -> Seen:
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    async with step.test("the reset is accepted", "OCPP 1.6 5.14"):
        reset = await csms.call("Reset", type=kind)
        return reset.has(status="Accepted")


@case("TC_015_CS")
async def test_hard_reset_with_transaction(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A hard reset restarts the station and ends the transaction, which is told before the boot or after it."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    reset = await _asked_to_reset(csms, step, procedures, "Hard")
    transaction = procedures.transaction
    async with step.test("the station restarts", "OCPP 1.6 5.14, errata 3.36: a hard reset restarts the hardware"):
        opened = await csms.connects(after=reset, within=patience_s)
    async with step.test("it registers again", "OCPP 1.6 4.2: BootNotification each time it boots or reboots"):
        boot = await boots(csms, after=opened, within=patience_s)
    before = [stop for stop in csms.said("StopTransaction", after=reset) if stop.seq < boot.seq]
    async with step.test("the transaction ended, with reason HardReset", "OCPP 1.6 5.14, 4.10, 7.36; errata 3.36"):
        ended = await csms.next("StopTransaction", after=reset, within=patience_s + boot.t - reset.t)
        ended.has(transactionId=transaction.id, reason="HardReset")
    if before:
        async with step.test("Finishing was reported before the restart", "OCPP 1.6 4.9 C6; errata 3.19"):
            await csms.eventually(
                "StatusNotification", after=reset, within=boot.t - reset.t, connectorId=tested, status="Finishing"
            )
    await _starts_anew(csms, station, step, procedures, boot)


@case("TC_016_CS")
async def test_soft_reset_with_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A soft reset stops the transaction gracefully before the station restarts, if it boots for it at all."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    reset = await _asked_to_reset(csms, step, procedures, "Soft")
    transaction = procedures.transaction
    async with step.test(
        "the transaction stops before the restart, with reason SoftReset", "OCPP 1.6 5.14, 4.10, 7.36"
    ):
        ended = await csms.next("StopTransaction", after=reset, within=patience_s)
        ended.has(transactionId=transaction.id, reason="SoftReset")
        await csms.never(
            "BootNotification", after=reset, within=ended.t - reset.t, why="OCPP 1.6 5.14: before the reset"
        )
    async with step.test("Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
        # the transaction may have taken its time to end; Finishing comes before StopTransaction.req or after it (OCTT 1.6, 1.2)
        await csms.eventually("StatusNotification", since=reset, connectorId=tested, status="Finishing")
    async with step.test("the current stops", "OCPP 1.6 5.14: stopped gracefully; 4.1"):
        await procedures.energy_stops(after=ended)
    async with step.preamble("the station boots, if its reset needs that"):
        boot = await optional_boot(csms, bench, after=reset, within=patience_s)
    if boot is not None:
        await _starts_anew(csms, station, step, procedures, boot)


async def _starts_anew(csms: Csms, station: Station, step: Steps, procedures: Procedures16, boot: Seen) -> None:
    """What a restarted station reports and supplies while the cable is still in."""
    async with step.test(
        "every connector is reported: the one with the cable as Finishing or Preparing, the others as Available",
        "OCPP 1.6 4.9; errata 3.22: the current status of connector 0 and all connectors",
    ):
        others = dict.fromkeys(procedures.other_connectors, ("Available",))
        await reported(csms, {**others, procedures.connector_id: ("Finishing", "Preparing")}, since=boot)
    async with step.test("no current flows after the restart", NO_TRANSACTION):
        await procedures.no_energy(station.pixit.message_timeout_s)
