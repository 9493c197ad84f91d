"""OCPP 1.6, core profile: loss of supply, with and without a back-up supply."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen, message
from fixtures.procedures16 import Procedures16
from fixtures.starting16 import boots, reported, stays_unavailable
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, OneOf

EVERY_CONNECTOR = "OCPP 1.6 4.9; errata 3.22: the current status of connector 0 and all connectors"
REGISTERS = "OCPP 1.6 4.2: BootNotification each time it boots or reboots"
NO_TRANSACTION = "OCPP 1.6 4.1: energy is supplied to an authorized transaction only"
POWER_LOSS = "OCPP 1.6 4.10, 7.36: PowerLoss"


@case("TC_032_1_CS")
async def test_power_loss_with_backup_supply(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A station with a back-up supply stops the transaction before it goes down, and is itself again with the mains."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    transaction = procedures.transaction
    async with step.test("the transaction is stopped before the station goes down, with reason PowerLoss", POWER_LOSS):
        await bench.mains.output(on=False)
        ended = await csms.next("StopTransaction")
        ended.has(transactionId=transaction.id, reason="PowerLoss")
    async with step.test("Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
        # the document has it after StopTransaction.req, and lets the two change places (1.2)
        await csms.eventually("StatusNotification", since=transaction.began, connectorId=tested, status="Finishing")
    async with step.preamble("the back-up supply is empty"):
        await procedures.goes_down()
        if csms.connected:
            await csms.disconnects(within=0.0)  # it outlasts long_operation_timeout_s: there is no restart to be judged
    async with step.test("with the mains the station registers again", REGISTERS):
        await bench.mains.output(on=True)
        boot = await boots(csms, since=ended, within=patience_s)
    await _as_it_was(csms, station, step, procedures, boot)


async def _as_it_was(csms: Csms, station: Station, step: Steps, procedures: Procedures16, boot: Seen) -> None:
    async with step.test(
        "every connector is reported: the one with the cable as Finishing or Preparing, the others as Available",
        EVERY_CONNECTOR,
    ):
        others = dict.fromkeys(procedures.other_connectors, ("Available",))
        await reported(csms, {**others, procedures.connector_id: ("Finishing", "Preparing")}, since=boot)
    async with step.test("no current flows after the restart", NO_TRANSACTION):
        await procedures.no_energy(station.pixit.message_timeout_s)


@case("TC_032_2_CS")
async def test_power_loss_without_backup_supply(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16
) -> None:
    """A station without a back-up supply tells the end of the transaction after the restart, or goes on with it."""
    tested, patience_s = procedures.connector_id, station.pixit.long_operation_timeout_s
    async with step.preamble("a transaction runs, and current flows; then the supply is gone"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
        await procedures.switch_off()
    transaction = procedures.transaction
    async with step.test("with the mains the station registers again", REGISTERS):
        await procedures.switch_on()
        boot = await boots(csms, since=transaction.began, within=patience_s)
    async with step.test(
        "every connector is reported: the one with the cable as Preparing, Finishing or Charging, the others as Available",
        EVERY_CONNECTOR,
    ):
        await reported(csms, dict.fromkeys(procedures.other_connectors, ("Available",)), since=boot)
        status = await csms.eventually(
            "StatusNotification",
            since=boot,
            where={"connectorId": tested},
            status=OneOf(("Preparing", "Finishing", "Charging")),
        )
    charging = message("StatusNotification", connectorId=tested, status="Charging")
    async with step.test("the transaction is told as ended, with reason PowerLoss, unless it goes on", POWER_LOSS):
        goes_on = status.get("status") == "Charging"
        first = status if goes_on else await csms.either(message("StopTransaction"), charging, since=boot)
        resumed = first.get("status") is not None
        if not resumed:
            first.has(transactionId=transaction.id, reason="PowerLoss")
    charged = first
    if resumed:
        first = await _stopped_by_the_driver(csms, step, procedures, first)
    async with step.test("Preparing or Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
        if resumed:  # the document lets it change places with StopTransaction.req
            wanted = OneOf(("Preparing", "Finishing"))
            await csms.eventually("StatusNotification", since=charged, connectorId=tested, status=wanted)
        else:
            status.has(status=OneOf(("Preparing", "Finishing")))
    async with step.test("no current flows without a transaction", NO_TRANSACTION):
        await procedures.energy_stops(after=first)
        await procedures.no_energy(station.pixit.message_timeout_s)


async def _stopped_by_the_driver(csms: Csms, step: Steps, procedures: Procedures16, charging: Seen) -> Seen:
    async with step.preamble("the driver stops the transaction that went on"):
        await procedures.present_token()
    async with step.test("it is stopped, with reason Local or without one", "OCPP 1.6 4.10, 7.36: Local"):
        patterns = (message("StopTransaction", reason="Local"), message("StopTransaction", reason=Absent()))
        ended = await csms.either(*patterns, since=charging)
        return ended.has(transactionId=procedures.transaction.id)


@case("TC_034_CS")
async def test_power_loss_while_unavailable(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16
) -> None:
    """A station that was taken out of service is still out of service after a loss of supply."""
    patience_s = station.pixit.long_operation_timeout_s
    connectors = procedures.connector_ids
    async with step.test("the station can be taken out of service", "OCPP 1.6 5.2"):
        taken_out = await csms.call("ChangeAvailability", connectorId=0, type="Inoperative")
        taken_out.has(status="Accepted")
    async with step.test("the station and every connector are reported as Unavailable", "OCPP 1.6 5.2, 4.9 A8"):
        await reported(csms, dict.fromkeys(connectors, ("Unavailable",)), since=taken_out)
    async with step.preamble("the supply is gone"):
        await procedures.switch_off()
    async with step.test("with the mains the station registers again", REGISTERS):
        await procedures.switch_on()
        boot = await boots(csms, since=taken_out, within=patience_s)
    async with step.test(
        "the station and every connector are still Unavailable", "OCPP 1.6 4.9, 5.2: persistent; errata 3.22"
    ):
        await stays_unavailable(csms, connectors, since=boot)
