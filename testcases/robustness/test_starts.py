"""Answers to StartTransaction that are not Accepted, and commands that come at an odd moment (OCPP 1.6)."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.procedures16 import Procedures16
from fixtures.reservations16 import ANY_CONNECTOR, Reservations16
from fixtures.steps import Steps
from harness.model.station import Station

REFUSALS = ("Blocked", "Expired", "Invalid", "ConcurrentTx")

STOPS = "OCPP 1.6 9.1.24, errata 3.17: a transaction that is not Accepted is stopped; 6.49: under the id of its StartTransaction.conf"
DEAD = "OCPP 1.6 4.1: energy is supplied after authorization only"
AT_ONCE = "OCPP 1.6 5.12, errata 3.33: accepted where a transaction with that id is going on"
TOLD = "OCPP 1.6 5.12, 4.10, 6.49: StopTransaction with the id that was given"
STILL_RESERVED = (
    "OCPP 1.6 5.13: a reservation ends by its own tag, its time, or out of service; 4.8: StartTransaction names it"
)
ANY = "OCPP 1.6 5.13: no specific connector is reserved for a reservation of connector 0"
WATCHED_S = 20.0


async def _started(csms: Csms, procedures: Procedures16) -> Charge:
    """The cable is in and a remote start begins a transaction. For a preamble."""
    await procedures.plug_in()
    reply = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=procedures.connector_id)
    reply.has(status="Accepted")
    began = await csms.eventually("StartTransaction", since=reply, connectorId=procedures.connector_id)
    return Charge((await csms.answered(began)).get("transactionId"), began)


@case("ROB_BEGIN_01")
async def test_start_not_accepted(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The tag was authorized, and the CSMS thought better of it."""
    procedures = Procedures16(csms, station, bench)
    async with configured(csms, step, station, {"StopTransactionOnInvalidId": "true"}):
        for status in REFUSALS:
            async with step.preamble(f"StartTransaction is answered with {status}"):
                await procedures.forget_tags()
                csms.reply_with("StartTransaction", idTagInfo={"status": status}, times=1)
                charge = await _started(csms, procedures)
            async with step.test(f"the transaction is stopped under its id ({status})", STOPS):
                ended = await csms.next("StopTransaction", after=charge.began)
                ended.has(transactionId=charge.id)
            async with step.test(f"no energy flows afterwards ({status})", DEAD):
                await procedures.energy_stops(after=ended)
                await procedures.no_energy(WATCHED_S)
            async with step.preamble("the cable is out, which a station may have kept for the tag (errata 3.5)"):
                await csms.call("UnlockConnector", connectorId=procedures.connector_id, error_ok=True)
                await procedures.unplug()
                await dialect.freed(charge)


@case("ROB_BEGIN_02")
async def test_stopped_at_once(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """The driver changed his mind in the app."""
    procedures = Procedures16(csms, station, bench)
    async with step.preamble("a transaction has begun"):
        charge = await _started(csms, procedures)
    async with step.test("a remote stop at once is accepted", AT_ONCE):
        stop = await csms.call("RemoteStopTransaction", transactionId=charge.id)
        stop.has(status="Accepted")
    async with step.test("the end of the transaction is told", TOLD):
        ended = await csms.next("StopTransaction", after=stop)
        ended.has(transactionId=charge.id)
    async with step.test("no energy flows afterwards", DEAD):
        await procedures.energy_stops(after=ended)
        await procedures.no_energy(WATCHED_S)


@case("ROB_RESERVE_01")
async def test_any_connector_is_reserved(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """With one connector more than reservations, whoever comes is served."""
    procedures = Procedures16(csms, station, bench)
    reservations = Reservations16(csms, station, bench, procedures)
    async with step.preamble("a connector is reserved, and the station has more"):
        reply = await reservations.reserve(ANY_CONNECTOR)
        reply.has(status="Accepted")
    if len(procedures.connector_ids) > 2:  # connector 0 counts among them
        async with step.test("no connector is reported as Reserved", ANY):
            await reservations.none_told()
    async with step.test("it is cancelled", "OCPP 1.6 5.1"):
        cancelled = await csms.call("CancelReservation", reservationId=reservations.id)
        cancelled.has(status="Accepted")


@case("ROB_RESERVE_02")
async def test_a_reservation_outlives_another_tag(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """Whether the other tag is let in is judged elsewhere (TC_046_1_CS)."""
    procedures = Procedures16(csms, station, bench)
    reservations = Reservations16(csms, station, bench, procedures)
    async with step.preamble("the connector is reserved; another tag is tried there, and its driver leaves"):
        await procedures.forget_tags()
        await reservations.reserved()
        await procedures.plug_in()
        tried = await reservations.remote_start(reservations.other_tag)
        await bench.wait(csms.message_timeout_s)
        for began in csms.said("StartTransaction", after=tried, where={"connectorId": procedures.connector_id}):
            charge = Charge((await csms.answered(began)).get("transactionId"), began)
            await dialect.ended(charge, await dialect.remote_stop(charge))
        await procedures.unplug()
    async with step.test("the tag that reserved is let in", "OCPP 1.6 5.13, 5.11"):
        start = await reservations.remote_start(procedures.tag)
        start.has(status="Accepted")
        await procedures.plug_in()
    async with step.test("its transaction names the reservation", STILL_RESERVED):
        began = await reservations.charged(procedures.tag, reservations.own, start, why=STILL_RESERVED)
    async with step.preamble("it ends"):
        charge = Charge((await csms.answered(began)).get("transactionId"), began)
        await dialect.ended(charge, await dialect.remote_stop(charge))
        await procedures.unplug()
        await dialect.freed(charge)
