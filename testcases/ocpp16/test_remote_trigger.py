"""OCPP 1.6, remote trigger profile."""

from typing import Any

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured, read
from fixtures.csms.facade import Csms, Seen
from fixtures.meter_values16 import Moment, measurands, sampled
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Equals, Has, OneOf

FOLLOWS = "OCPP 1.6 5.17: what was accepted is sent"
IDLE = "OCPP 1.6 4.4, 4.5: Idle where no transfer is under way"


@case("TC_054_CS")
async def test_triggered_messages_follow(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Each message that can be triggered follows the trigger."""
    connector = procedures.connector_id
    async with configured(csms, step, station, {}, if_offered={"ClockAlignedDataInterval": "0"}):
        await _meter_values(csms, bench, step, connector)
    async with step.test("a trigger of Heartbeat is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "Heartbeat")
    async with step.test("Heartbeat follows", FOLLOWS):
        await csms.next("Heartbeat", after=trigger)
    async with step.test("a trigger of StatusNotification is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "StatusNotification", connectorId=connector)
    async with step.test("StatusNotification follows, with the status that holds", FOLLOWS):
        where = {"connectorId": connector}
        await csms.next("StatusNotification", after=trigger, where=where, status="Available")
    has_diagnostics = station.pics.answer("1.6-FirmwareManagement") is not False
    await _transfer(csms, step, "DiagnosticsStatusNotification", always=has_diagnostics)
    await _transfer(csms, step, "FirmwareStatusNotification", always=False)


async def _meter_values(csms: Csms, bench: Bench, step: Steps, connector: int) -> None:
    """One message or more (4.7), of this connector; the station's own of other connectors may come between."""
    where = {"connectorId": connector}
    async with step.preamble("the measurands of MeterValuesSampledData are known"):
        setting = await read(csms, "MeterValuesSampledData")
        wanted = measurands(setting.value if setting is not None else None)
    async with step.test("a trigger of MeterValues is accepted", "OCPP 1.6 5.17"):
        trigger = await _trigger(csms, "MeterValues", connectorId=connector)
    async with step.test("MeterValues follows", FOLLOWS):
        first = await csms.next("MeterValues", after=trigger, where=where)
    async with step.test("it holds every measurand of MeterValuesSampledData", "OCPP 1.6 5.17, errata 3.46"):
        first.has(meterValue=Has({}))
        told = _told(csms, trigger, where)
        if not all(told.holds(measurand) for measurand in wanted):
            await bench.wait(csms.message_timeout_s)  # what is missing may come in messages of its own
            told = _told(csms, trigger, where)
        for measurand in wanted:
            told.has_measurand(measurand)


def _told(csms: Csms, trigger: Seen, where: dict[str, Any]) -> Moment:
    messages = csms.said("MeterValues", after=trigger, where=where)
    return Moment(tuple(value for message in messages for value in sampled(message)))


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


@case("TC_055_CS")
async def test_a_trigger_for_no_connector_is_refused(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """MeterValues of a connector that is not there are refused, and do not come."""
    nowhere = max(procedures.connector_ids) + 1
    async with step.test("a trigger for a connector that is not there is refused", "OCPP 1.6 5.17"):
        fields = {"requestedMessage": "MeterValues", "connectorId": nowhere}
        refused = await csms.call("TriggerMessage", fields, error_ok=True)
        if not refused.is_error:
            refused.has(status="Rejected")
    async with step.test("no triggered MeterValues follow", "OCPP 1.6 5.17: the answer says whether it will send it"):
        triggered = {"meterValue": Has({"sampledValue": Has({"context": Equals("Trigger")})})}
        await csms.never("MeterValues", after=refused, within=csms.message_timeout_s, where=triggered)
        await csms.never("MeterValues", after=refused, within=csms.message_timeout_s, connectorId=nowhere)
