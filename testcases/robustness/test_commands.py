"""Commands that change nothing, or must not: availability, remote starts, unlocking, triggers."""

from typing import Any

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen, message
from fixtures.dialects.dialect import Dialect
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf, SameToken
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.robustness.survival import Survival

GOES_ON_S = 60.0
SETTLED_S = 60.0
"""How long after a restart a station is watched for the next one."""
SAMPLED_S = 2.0

ALREADY = {
    "1.6": "OCPP 1.6 5.2: a status that it is already in is Accepted",
    "2.0.1": "OCPP 2.0.1 G03.FR.03, G04.FR.04: a state that it is already in is Accepted",
}
ONE_RESET = {
    "1.6": "OCPP 1.6 5.14; OCPP-J 1.6 4.1.1: one request is one reset",
    "2.0.1": "OCPP 2.0.1 B11.FR.03, B11.FR.04: one request is one reboot",
}
NOT_ENDED = {
    "1.6": "OCPP 1.6 5.11, 4.10: a transaction that was started goes on until it is stopped",
    "2.0.1": "OCPP 2.0.1 F01.FR.02, E06: a transaction that was started goes on until it is stopped",
}
ANSWERED = "OCPP 1.6 5.11: the answer says whether it will attempt to start a transaction"
NO_UNLOCK = "OCPP 2.0.1 F05.FR.02: no attempt to unlock in an authorized transaction"
SENT = "OCPP 2.0.1 F06.FR.10: what was accepted is sent"
TRIGGERED: dict[str, str] = {
    "BootNotification": "BootNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
    "TransactionEvent": "TransactionEvent",
    "LogStatusNotification": "LogStatusNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "PublishFirmwareStatusNotification": "PublishFirmwareStatusNotification",
    "SignChargingStationCertificate": "SignCertificate",
}
"""What may be asked for, and as which message it comes."""


@case("ROB_AVAILABILITY_01")
async def test_operative_again(
    csms: Csms, bench: Bench, step: Steps, survival: Survival, procedures: Procedures16, ocpp: str
) -> None:
    """The whole station first, as a CSMS that comes up does it, then one EVSE."""
    async with step.preamble("the station answers"):
        began = await survival.answers()
    for what, fields in _operative16(procedures) if ocpp == "1.6" else _operative201(bench.evse):
        for again in ("", ", once more"):
            async with step.test(f"{what} is made Operative{again}", ALREADY[ocpp]):
                reply = await csms.call("ChangeAvailability", fields)
                reply.has(status="Accepted")
    async with step.test("nothing is out of service", ALREADY[ocpp]):
        last = await survival.answers()
        name = "status" if ocpp == "1.6" else "connectorStatus"
        told = csms.said("StatusNotification", after=began, where={name: "Unavailable"})
        csms.holds("connectors told to be Unavailable", len(told), (last, *told), high=0)


def _operative16(procedures: Procedures16) -> tuple[tuple[str, dict[str, Any]], ...]:
    places = {"the station": 0, "a connector": procedures.connector_id}
    return tuple((what, {"connectorId": number, "type": "Operative"}) for what, number in places.items())


def _operative201(evse: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    kind = {"operationalStatus": "Operative"}
    return (("the station", kind), ("an EVSE", {**kind, "evse": {"id": evse}}))


@case("ROB_RESET_01")
async def test_one_reset(
    csms: Csms, dialect: Dialect, station: Station, step: Steps, survival: Survival, ocpp: str
) -> None:
    """The request was the last thing on the old connection; nobody repeats it on the new one."""
    async with step.preamble("the station is reset, and has registered again"):
        reset = await dialect.reset()
        within = 2 * station.pixit.long_operation_timeout_s
        boot = await csms.eventually("BootNotification", after=reset, within=within)
        registered = await csms.answered(boot)
    async with step.test("it does not restart again", ONE_RESET[ocpp]):
        await csms.never("BootNotification", after=registered, within=SETTLED_S)
    async with step.test("it answers", survival.clause):
        await survival.answers()


@case("ROB_START_01")
async def test_a_session_goes_on(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """Nobody touches it."""
    outlet = Outlet(station, bench)
    async with step.preamble("a transaction is started remotely with the cable in"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        charge = await dialect.start_charging()
    async with bench.sampling(SAMPLED_S), step.test("its end is not told", NOT_ENDED[ocpp]):
        await dialect.goes_on(charge, charge.began, GOES_ON_S)
    async with step.test("no other transaction began", NOT_ENDED[ocpp]):
        began = csms.said(_BEGINNING[ocpp], after=charge.began, where=_begun(ocpp))
        csms.holds("transactions that began", len(began), tuple(began), low=1, high=1)
    async with step.test("current flows", NOT_ENDED[ocpp]):
        within = station.pixit.message_timeout_s
        await bench.settles("charging current", outlet.currents[:1], low=CHARGING_A, within=within)


_BEGINNING = {"1.6": "StartTransaction", "2.0.1": "TransactionEvent"}


def _begun(ocpp: str) -> dict[str, Any]:
    return {} if ocpp == "1.6" else {"eventType": "Started"}


@case("ROB_START_02")
async def test_a_start_where_a_cable_was_left_in(
    csms: Csms, dialect: Dialect, station: Station, step: Steps, procedures: Procedures16
) -> None:
    """The driver goes on charging without touching the cable, if the station lets him."""
    connector, tag = {"connectorId": procedures.connector_id}, station.pixit.valid_id_token
    async with step.preamble("a transaction was stopped, and its cable is in"):
        charge = await dialect.start_charging()
        stopped = await dialect.stop_told(charge, await dialect.remote_stop(charge))
        await csms.eventually("StatusNotification", after=charge.began, where=connector, status="Finishing")
    async with step.test("the remote start is answered", ANSWERED):
        start = await csms.call("RemoteStartTransaction", connector | {"idTag": tag})
        start.has(status=OneOf(("Accepted", "Rejected")))
    async with step.test("a transaction begins if it was accepted, and none if it was not", ANSWERED):
        if start.get("status") == "Accepted":
            began = await csms.eventually("StartTransaction", after=stopped, where=connector)
            began.has(idTag=SameToken(str(tag)))
        else:
            await csms.never("StartTransaction", after=stopped, within=csms.message_timeout_s, where=connector)


@case("ROB_UNLOCK_01")
async def test_no_unlock_in_a_transaction(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The driver is away, and somebody asks the operator for the cable."""
    async with step.preamble("an authorized transaction charges"):
        charge = await dialect.start_charging()
    connector = station.evse_by_id(bench.evse).connectors[0]
    async with step.test("the request is answered OngoingAuthorizedTransaction", NO_UNLOCK):
        reply = await csms.call("UnlockConnector", evseId=bench.evse, connectorId=connector.id)
        reply.has(status="OngoingAuthorizedTransaction")
    if connector.lock:
        async with step.test("the plug is held", NO_UNLOCK):
            await bench.plug_is_held(held=True, within=station.pixit.message_timeout_s, for_s=2.0)
    async with step.test("the transaction goes on", NO_UNLOCK):
        await dialect.goes_on(charge, reply, station.pixit.message_timeout_s)


@case("ROB_TRIGGER_01")
async def test_what_is_accepted_is_sent(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """One message after the other, of the EVSE under test where it is one of an EVSE."""
    connector = station.evse_by_id(bench.evse).connectors[0].id
    of_evse = {"evse": {"id": bench.evse, "connectorId": connector}}
    for wanted, action in TRIGGERED.items():
        fields: dict[str, Any] = {"requestedMessage": wanted}
        async with step.test(f"{wanted} is triggered, and comes if that was accepted", SENT):
            trigger = await csms.call("TriggerMessage", fields | of_evse)
            trigger.has(status=OneOf(("Accepted", "Rejected", "NotImplemented")))
            if trigger.get("status") == "Accepted":
                await csms.eventually(action, after=trigger)


@case("ROB_TRIGGER_02")
async def test_a_trigger_for_all(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """What it refuses it need not send; what it accepts is for every connector, and 0 is the station."""
    async with step.test("the status of connector 0 comes when it is asked for", "OCPP 1.6 5.17: connectorId 0"):
        trigger = await _trigger(csms, connectorId=0)
        if not trigger.is_error and trigger.get("status") == "Accepted":
            await csms.next("StatusNotification", after=trigger, where={"connectorId": 0})
    async with step.test("the status of every connector comes when none is named", "OCPP 1.6 5.17: for all allowed"):
        trigger = await _trigger(csms)
        if trigger.get("status") == "Accepted":
            numbers = procedures.connector_ids
            await csms.all_of(*(message("StatusNotification", connectorId=number) for number in numbers), after=trigger)


async def _trigger(csms: Csms, **fields: Any) -> Seen:
    fields["requestedMessage"] = "StatusNotification"
    codes = ("PropertyConstraintViolation",) if "connectorId" in fields else ()  # 6.51 has connectorId > 0, 5.17 has 0
    reply = await csms.call("TriggerMessage", fields, error_codes=codes)
    return reply if reply.is_error else reply.has(status=OneOf(("Accepted", "Rejected")))
