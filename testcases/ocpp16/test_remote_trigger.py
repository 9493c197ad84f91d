"""OCPP 1.6, remote trigger profile."""

from typing import Any

from fixtures.cases import case
from fixtures.configuration16 import read
from fixtures.csms.facade import Csms, Seen
from fixtures.meter_values16 import measurands, sampled
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Has, OneOf

FOLLOWS = "OCPP 1.6 5.17: what was accepted is sent"
IDLE = "OCPP 1.6 4.4, 4.5: Idle where no transfer is under way"


@case("TC_054_CS")
async def test_triggered_messages_follow(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """Each message that can be triggered follows the trigger."""
    connector = procedures.connector_id
    async with step.preamble("the measurands of MeterValuesSampledData are known"):
        setting = await read(csms, "MeterValuesSampledData")
    async with step.test("a trigger of MeterValues is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "MeterValues", connectorId=connector)
    async with step.test("MeterValues follows", FOLLOWS):
        values = await csms.next("MeterValues", after=trigger, connectorId=connector)
    async with step.test("it holds every measurand of MeterValuesSampledData", "OCPP 1.6 5.17, errata 3.46"):
        values.has(meterValue=Has({}))
        value = next(sampled(values))
        for wanted in measurands(setting.value if setting is not None else None):
            value.has_measurand(wanted)
    async with step.test("a trigger of Heartbeat is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "Heartbeat")
    async with step.test("Heartbeat follows", FOLLOWS):
        await csms.next("Heartbeat", after=trigger)
    async with step.test("a trigger of StatusNotification is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "StatusNotification", connectorId=connector)
    async with step.test("StatusNotification follows, with the status that holds", FOLLOWS):
        await csms.next("StatusNotification", after=trigger, connectorId=connector, status="Available")
    has_diagnostics = station.pics.answer("1.6-FirmwareManagement") is not False
    await _transfer(csms, step, "DiagnosticsStatusNotification", always=has_diagnostics)
    await _transfer(csms, step, "FirmwareStatusNotification", always=False)


async def _trigger(csms: Csms, wanted: str, **fields: Any) -> Seen:
    reply = await csms.call("TriggerMessage", requestedMessage=wanted, **fields)
    return reply.has(status="Accepted")


async def _transfer(csms: Csms, step: Steps, wanted: str, *, always: bool) -> None:
    """Triggers the status of a file transfer; NotImplemented will do unless the station `always` has it."""
    allowed = ("Accepted",) if always else ("Accepted", "NotImplemented")
    async with step.test(
        f"a trigger of {wanted} is accepted{'' if always else ', or not implemented'}", "OCPP 1.6 5.17"
    ):
        trigger = await csms.call("TriggerMessage", requestedMessage=wanted)
        trigger.has(status=OneOf(allowed))
    if trigger.get("status") == "Accepted":
        async with step.test(f"{wanted} follows, Idle", IDLE):
            await csms.next(wanted, after=trigger, status="Idle")
