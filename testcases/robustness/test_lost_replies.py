"""OCPP 1.6: answers that never come, while the connection lasts and when it breaks."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Repeats

AGAIN = "OCPP 1.6 3.7.1, 4.8, 4.10: a transaction-related message is sent again until it is processed or its attempts are spent"
SAME = "OCPP 1.6 3.7.1: this message is sent again; 6.45, 6.49"
AS_GIVEN = "OCPP 1.6 6.31, 6.49; errata 3.18: the transactionId of StartTransaction.conf, and -1 only where none came"
FAILED = "OCPP 1.6 3.7.1 with OCPP-J 1.6 errata (4.2.3): CALLERROR is a failure to process, and one failure is no reason to skip a message"
ONCE = "OCPP 1.6 3.7.1: sent again only as long as it keeps failing"
GIVES_UP_S = 60.0
"""How long a station may wait for an answer: OCPP-J 1.6 (4.1.1) leaves it to the station (our figure)."""
RETRY_S = 5
KEYS = {"TransactionMessageAttempts": "4", "TransactionMessageRetryInterval": str(RETRY_S)}
START = ("connectorId", "idTag", "meterStart", "timestamp")
SAMPLE = ("connectorId", "meterValue")
STOP = ("transactionId", "meterStop", "timestamp")


async def _started(csms: Csms, step: Steps, procedures: Procedures16) -> Seen:
    """A session is asked for; its first StartTransaction.req."""
    async with step.preamble("the station tells that a transaction began"):
        await procedures.plug_in()
        await csms.eventually("StatusNotification", connectorId=procedures.connector_id, status="Preparing")
        reply = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=procedures.connector_id)
        reply.has(status="Accepted")
        return await csms.eventually("StartTransaction", connectorId=procedures.connector_id)


async def _told_again(csms: Csms, station: Station, action: str, first: Seen, fields: tuple[str, ...]) -> Seen:
    """The same message once more, when the station has given up waiting and made its pause. Raises StepOver."""
    within = max(station.pixit.long_operation_timeout_s, GIVES_UP_S) + RETRY_S
    again = await csms.next(action, after=first, within=within)
    return again.has({name: Repeats(first.get(name)) for name in fields}, why=SAME)


@case("ROB_LOST_01")
async def test_start_unanswered(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """The CSMS takes the first StartTransaction.req and says nothing."""
    interval_s, connector = station.pixit.meter_value_interval_s, procedures.connector_id
    wanted = {**KEYS, "MeterValueSampleInterval": str(interval_s), "ClockAlignedDataInterval": "0"}
    async with configured(csms, step, station, wanted):
        async with step.preamble("the next StartTransaction will have no answer"):
            csms.withhold("StartTransaction", times=1)
        first = await _started(csms, step, procedures)
        async with step.test("it is sent again, as it was", AGAIN):
            again = await _told_again(csms, station, "StartTransaction", first, START)
        transaction = (await csms.answered(again)).get("transactionId")
        async with step.test("meter values bear the transactionId that it was given", AS_GIVEN):
            within = 2 * interval_s + station.pixit.message_timeout_s
            await bench.wait(interval_s)  # what was sampled before may still be under way
            value = await csms.next("MeterValues", within=within, where={"connectorId": connector})
            value.has(transactionId=transaction)
        async with step.preamble("it is stopped remotely"):
            stopped = await csms.call("RemoteStopTransaction", transactionId=transaction)
            stopped.has(status="Accepted")
        async with step.test("its end bears the transactionId that it was given", AS_GIVEN):
            await csms.next("StopTransaction", after=stopped, transactionId=transaction)


@case("ROB_LOST_02")
async def test_stop_unanswered(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """The CSMS takes the first StopTransaction.req and says nothing."""
    async with configured(csms, step, station, KEYS):
        async with step.preamble("a transaction runs, and its end will have no answer"):
            await procedures.reach("Charging")
            csms.withhold("StopTransaction", times=1)
            stopped = await csms.call("RemoteStopTransaction", transactionId=procedures.transaction.id)
            stopped.has(status="Accepted")
            first = await csms.eventually("StopTransaction", transactionId=procedures.transaction.id)
        async with step.test("it is sent again, as it was", AGAIN):
            again = await _told_again(csms, station, "StopTransaction", first, STOP)
        async with step.test("once it is answered it is sent no more", ONCE):
            answered = await csms.answered(again)
            await csms.never("StopTransaction", after=answered, within=station.pixit.message_timeout_s)


@case("ROB_LOST_04")
async def test_errors(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """Each kind of message fails once: a database of the CSMS that is locked for a moment."""
    interval_s, connector = station.pixit.meter_value_interval_s, procedures.connector_id
    wanted = {**KEYS, "MeterValueSampleInterval": str(interval_s), "ClockAlignedDataInterval": "0"}
    async with configured(csms, step, station, wanted):
        async with step.preamble("the next message of each kind will be answered with an error"):
            mine = {"connectorId": connector}
            for action, where in (("StartTransaction", mine), ("MeterValues", mine), ("StopTransaction", {})):
                csms.reply_error(action, "InternalError", where=where, times=1)
        first = await _started(csms, step, procedures)
        async with step.test("the start is sent again, as it was", FAILED):
            again = await _told_again(csms, station, "StartTransaction", first, START)
        transaction = (await csms.answered(again)).get("transactionId")
        async with step.preamble("a sample is taken"):
            within = 2 * interval_s + station.pixit.message_timeout_s
            sample = await csms.eventually("MeterValues", since=again, within=within, where={"connectorId": connector})
        async with step.test("the sample is sent again, as it was", FAILED):
            await _told_again(csms, station, "MeterValues", sample, SAMPLE)
        async with step.preamble("it is stopped remotely"):
            stopped = await csms.call("RemoteStopTransaction", transactionId=transaction)
            stopped.has(status="Accepted")
            ended = await csms.eventually("StopTransaction", after=stopped)
        async with step.test("the end is sent again, as it was, with the transactionId that was given", FAILED):
            told = await _told_again(csms, station, "StopTransaction", ended, STOP)
            told.has(transactionId=transaction, why=AS_GIVEN)


@case("ROB_LOST_03")
async def test_connection_breaks(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """The connection breaks in the moment between a request and its answer."""
    async with step.preamble("the next StartTransaction will have no answer"):
        csms.withhold("StartTransaction", times=1)
    first = await _started(csms, step, procedures)
    async with step.preamble("the connection breaks"):
        await csms.cut("reset")
        await csms.connects(within=station.pixit.long_operation_timeout_s)
    async with step.test("the start is told again", AGAIN):
        again = await _told_again(csms, station, "StartTransaction", first, START)
    transaction = (await csms.answered(again)).get("transactionId")
    async with step.preamble("it is stopped remotely; the connection breaks before the end is answered"):
        csms.withhold("StopTransaction", times=1)
        stopped = await csms.call("RemoteStopTransaction", transactionId=transaction)
        stopped.has(status="Accepted")
        ended = await csms.eventually("StopTransaction", after=stopped)
        await csms.cut("reset")
        await csms.connects(within=station.pixit.long_operation_timeout_s)
    async with step.test("the end is told again", AGAIN):
        told = await _told_again(csms, station, "StopTransaction", ended, STOP)
    async with step.test("it bears the transactionId that was given", AS_GIVEN):
        told.has(transactionId=transaction)
