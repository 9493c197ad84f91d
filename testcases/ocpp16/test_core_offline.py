"""OCPP 1.6, core profile: what a station does without its way to the CSMS, and tells once it is back."""

from datetime import UTC, datetime
from itertools import pairwise
from math import inf

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen, message
from fixtures.meter_values16 import OF_THE_TRANSACTION, Moment, moments
from fixtures.outage16 import known_offline, offline
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, SameToken
from harness.trace.trace import Record

QUEUED = 3
"""The document waits for at least three meter values."""

CONNECTS = "OCPP 1.6 3.5, 3.7: offline until it is connected again; queued messages are delivered as soon as possible"
TOLD_LATER = "OCPP 1.6 3.7, 3.5.4: transaction-related messages are queued while offline"
AT_ONCE_S = 5.0
CHARGING = "OCPP 1.6 4.9: the current status, if it changed while offline; errata 3.19"
INVALID = {"status": "Invalid"}


async def _connected(csms: Csms, station: Station, step: Steps) -> Record:
    async with step.test("the station connects again", CONNECTS):
        return await csms.connects(within=station.pixit.long_operation_timeout_s)


@case("TC_036_CS")
async def test_outage_during_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """What is sampled during an outage is kept, and delivered in its order before anything newer."""
    interval_s, deviation_s = station.pixit.meter_value_interval_s, station.pixit.max_time_deviation_s
    wanted = {"MeterValueSampleInterval": str(interval_s), "ClockAlignedDataInterval": "0"}
    async with configured(csms, step, station, wanted):
        async with step.preamble("a transaction runs, and a sample has come"):
            await procedures.reach("Charging")
            latest = await csms.eventually(
                "MeterValues", within=2 * interval_s + deviation_s, connectorId=procedures.connector_id
            )
        async with offline(csms, bench, step), step.preamble(f"{QUEUED} samples become due"):
            await bench.wait((QUEUED + 1) * interval_s)
        connected = await _connected(csms, station, step)
        async with step.test("the values of the outage arrive", TOLD_LATER):
            values = await _until_newer(csms, station, latest, connected)
            missed = [value for value in values if latest.seq < value.message.seq and value.at < _utc(connected)]
            csms.holds("values sampled during the outage", len(missed), (latest, values[-1].message), low=QUEUED)
        async with step.test("values arrive in chronological order", "OCPP 1.6 3.7: in chronological order"):
            for one, other in pairwise(values):
                later_s = (other.at - one.at).total_seconds()
                csms.holds("time from a value to the next", later_s, (one.message, other.message), low=0, unit="s")
        async with step.test("their timestamps are one interval apart", "OCPP 1.6 3.16.1, 9.1.19, 3.7"):
            for one, other in pairwise(values):
                apart_s = (other.at - one.at).total_seconds()
                low, high = interval_s - deviation_s, interval_s + deviation_s
                csms.holds("time between samples", apart_s, (one.message, other.message), low=low, high=high, unit="s")
        async with step.test("they belong to the transaction", OF_THE_TRANSACTION):
            for value in values:
                value.belongs_to(procedures.transaction.id)


async def _until_newer(csms: Csms, station: Station, latest: Seen, connected: Record) -> list[Moment]:
    """The values from `latest` on, in the order they came, to the first that was sampled after the outage."""
    interval_s, where = station.pixit.meter_value_interval_s, {"connectorId": latest.get("connectorId")}
    patience_s = interval_s + station.pixit.message_timeout_s
    await csms.next("MeterValues", after=connected, where=where, within=patience_s)
    while True:
        said = csms.said("MeterValues", after=latest, where=where)
        values = moments(said, inf)  # a value may come in parts, of which the outage delays some
        if values[-1].at >= _utc(connected):
            return values
        await csms.next("MeterValues", after=said[-1], where=where, within=patience_s)


def _utc(record: Record) -> datetime:
    """When it was seen, on the CSMS's clock, which the station's follows."""
    return datetime.fromisoformat(record.utc)


async def _charges_offline(
    csms: Csms, bench: Bench, station: Station, step: Steps, procedures: Procedures16, tag: str
) -> datetime:
    """A driver begins a session at a station that cannot ask; gives the time before he did anything."""
    pixit, before = station.pixit, datetime.fromisoformat(csms.utc())
    async with step.test(
        "offline, the station charges for the tag", "OCPP 1.6 3.5, 9.1.12 LocalAuthorizeOffline; 3.5.4"
    ):
        await procedures.plug_in()
        await bench.reader.present(tag)
        # a station that has not noticed the outage asks in vain first
        await procedures.energy_flows(within=pixit.long_operation_timeout_s)
    async with step.preamble("it does so for a while"):
        await bench.wait(pixit.message_timeout_s + _unseen_s(bench, station))
    return before


def _told_of_then(csms: Csms, station: Station, told: Seen, acted: datetime, connected: Record) -> None:
    """What the driver did after `acted`, and was done message_timeout_s before the connection, bears that time. Raises StepOver."""
    text = str(told.get("timestamp"))
    moment = datetime.fromisoformat(text)
    at = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    before_s, after_s = (_utc(connected) - at).total_seconds(), (at - acted).total_seconds()
    deviation_s = station.pixit.max_time_deviation_s
    low = station.pixit.message_timeout_s - deviation_s
    csms.holds("time from its timestamp to the connection", before_s, (told,), low=low, unit="s")
    csms.holds("time from the driver's act to its timestamp", after_s, (told,), low=-deviation_s, unit="s")


async def _start_told(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, tag: str, acted: datetime
) -> tuple[Record, Seen]:
    """The connection after the outage, and the StartTransaction.req of the transaction that began in it, after `acted`."""
    connected = await _connected(csms, station, step)
    async with step.test("the transaction is told, with the tag", TOLD_LATER):
        began = await csms.next("StartTransaction", after=connected, connectorId=procedures.connector_id)
        began.has(idTag=SameToken(tag))
    async with step.test("its start bears the time of the start", "OCPP 1.6 6.45 timestamp"):
        _told_of_then(csms, station, began, acted, connected)
    return connected, began


@case("TC_037_1_CS")
async def test_offline_start(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """A transaction that began offline is told once the station is connected, and goes on."""
    connector, tag = procedures.connector_id, procedures.tag
    async with known_offline(csms, step, station, procedures, tag):
        async with offline(csms, bench, step):
            acted = await _charges_offline(csms, bench, station, step, procedures, tag)
        connected, _ = await _start_told(csms, station, step, procedures, tag, acted)
        async with step.test("Charging is reported", CHARGING):
            charging = await csms.eventually(
                "StatusNotification", since=connected, connectorId=connector, status="Charging"
            )
        async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
            await procedures.energy_flows(after=charging)


async def _refused_later(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> tuple[Record, Seen]:
    """A transaction that began offline, and whose tag the CSMS finds to be invalid; Charging is reported all the same."""
    tag = str(station.pixit.invalid_id_token)
    async with step.preamble("the CSMS will not accept the tag"):
        csms.reply_with("StartTransaction", idTagInfo=INVALID, where={"idTag": SameToken(tag)})
    async with offline(csms, bench, step):
        acted = await _charges_offline(csms, bench, station, step, procedures, tag)
    connected, began = await _start_told(csms, station, step, procedures, tag, acted)
    async with step.test("Charging is reported", CHARGING):
        await csms.eventually(
            "StatusNotification", since=connected, connectorId=procedures.connector_id, status="Charging"
        )
    return connected, began


@case("TC_037_2_CS")
async def test_offline_start_invalid_suspends(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """With StopTransactionOnInvalidId false, a tag found invalid later ends the energy and not the transaction."""
    tag, watched_s = str(station.pixit.invalid_id_token), station.pixit.message_timeout_s
    keys, free = {"StopTransactionOnInvalidId": "false"}, {"MaxEnergyOnInvalidId": "0"}
    async with known_offline(csms, step, station, procedures, tag, settings=keys, if_offered=free):
        connected, began = await _refused_later(csms, station, bench, step, procedures)
        async with step.test("the answer does not stop it", "OCPP 1.6 9.1.24 StopTransactionOnInvalidId; 3.5.4"):
            await csms.never("StopTransaction", since=began, within=AT_ONCE_S)
        async with step.test("SuspendedEVSE is reported", "OCPP 1.6 4.9 C5; 3.5.4; errata 3.17, 3.19"):
            suspended = await csms.eventually(
                "StatusNotification", since=connected, connectorId=procedures.connector_id, status="SuspendedEVSE"
            )
        async with step.test("the current stops", "OCPP 1.6 3.5.4, 4.8: only stop energy delivery; errata 3.17"):
            await procedures.energy_stops(after=suspended)
            await procedures.no_energy(watched_s)
        async with step.test("the transaction is not stopped", "OCPP 1.6 9.1.24 StopTransactionOnInvalidId; 3.5.4"):
            await csms.never("StopTransaction", since=began, within=watched_s)


@case("TC_037_3_CS")
async def test_offline_start_invalid_stops(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """With StopTransactionOnInvalidId true, a tag found invalid later ends the transaction."""
    tag = str(station.pixit.invalid_id_token)
    keys, free = {"StopTransactionOnInvalidId": "true"}, {"MaxEnergyOnInvalidId": "0"}
    async with known_offline(csms, step, station, procedures, tag, settings=keys, if_offered=free):
        connected, began = await _refused_later(csms, station, bench, step, procedures)
        answer = await csms.answered(began)
        async with step.test(
            "the transaction stops, with reason DeAuthorized", "OCPP 1.6 9.1.24, 3.5.4, 4.10, 7.36; errata 3.17"
        ):
            ended = await csms.next("StopTransaction", after=began)
            ended.has(transactionId=answer.get("transactionId"), reason="DeAuthorized")
        async with step.test("Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
            await csms.eventually(
                "StatusNotification", since=connected, connectorId=procedures.connector_id, status="Finishing"
            )
        async with step.test(
            "the current stops", "OCPP 1.6 3.5.4, 4.10; 4.1: energy for an authorized transaction only"
        ):
            await procedures.energy_stops(after=ended)


async def _stops_offline(
    csms: Csms, bench: Bench, station: Station, step: Steps, procedures: Procedures16, tag: str
) -> datetime:
    """The driver ends the session at a station that cannot ask; gives the time before he did."""
    pixit, before = station.pixit, datetime.fromisoformat(csms.utc())
    async with step.test("offline, the tag that began it ends the session", "OCPP 1.6 4.1, 4.10: without asking"):
        await bench.reader.present(tag)
        await procedures.energy_stops(within=pixit.long_operation_timeout_s)
        await procedures.no_energy(pixit.message_timeout_s)
    unseen_s = _unseen_s(bench, station)
    if unseen_s:
        async with step.preamble("it stays so for a while"):
            await bench.wait(pixit.message_timeout_s + unseen_s)
    return before


def _unseen_s(bench: Bench, station: Station) -> float:
    """Where no instrument shows when a station has acted, one that must notice the outage first is given time for it."""
    return 0.0 if bench.has("power_analyzer") else station.pixit.long_operation_timeout_s


async def _stop_told(csms: Csms, transaction: object, after: Seen | Record) -> Seen:
    """StopTransaction.req of a driver's stop, whose reason is Local and need not be given (6.49)."""
    patterns = (message("StopTransaction", reason="Local"), message("StopTransaction", reason=Absent()))
    ended = await csms.either(*patterns, after=after)
    return ended.has(transactionId=transaction, why="OCPP 1.6 6.49, 4.8: the transactionId of StartTransaction.conf")


@case("TC_038_CS")
async def test_offline_stop(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """A driver's stop during an outage is told once the station is connected."""
    connector = procedures.connector_id
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    async with offline(csms, bench, step):
        async with step.preamble("it goes on for a while"):  # so that the time of the stop is no other's
            await bench.wait(station.pixit.message_timeout_s)
        acted = await _stops_offline(csms, bench, station, step, procedures, procedures.tag)
    connected = await _connected(csms, station, step)
    async with step.test(
        "the end of the transaction is told, with reason Local or without one", "OCPP 1.6 3.7, 4.10, 7.36: Local"
    ):
        ended = await _stop_told(csms, procedures.transaction.id, connected)
    async with step.test("it bears the time of the stop", "OCPP 1.6 6.49 timestamp"):
        _told_of_then(csms, station, ended, acted, connected)
    async with step.test("Finishing is reported", "OCPP 1.6 4.9: the current status, if it changed while offline"):
        await csms.eventually("StatusNotification", since=connected, connectorId=connector, status="Finishing")


@case("TC_039_CS")
async def test_offline_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A whole transaction during an outage is told once the station is connected, its start before its end."""
    tag = procedures.tag
    async with known_offline(csms, step, station, procedures, tag):
        async with offline(csms, bench, step):
            started = await _charges_offline(csms, bench, station, step, procedures, tag)
            stopped = await _stops_offline(csms, bench, station, step, procedures, tag)
            async with step.preamble("the cable is unplugged"):
                await procedures.unplug()
        connected, began = await _start_told(csms, station, step, procedures, tag, started)
        answer = await csms.answered(began)
        async with step.test(
            "then its end is told, with reason Local or without one",
            "OCPP 1.6 3.7: chronological order; 4.10, 7.36: Local",
        ):
            await csms.never("StopTransaction", after=connected, within=began.t - connected.t)
            ended = await _stop_told(csms, answer.get("transactionId"), began)
        async with step.test("it bears the time of the stop", "OCPP 1.6 6.49 timestamp"):
            _told_of_then(csms, station, ended, stopped, connected)
