"""OCPP 1.6, core profile: transactions started and stopped by the CSMS."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured, settings
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Has, Lacks, SameToken

TX_REQUESTS = "AuthorizeRemoteTxRequests"


async def _authorized_first(csms: Csms, step: Steps, start: Seen, tag: str, *, owed: bool) -> Seen:
    """What the transaction follows from: the station's own authorization where it owes one, else the remote start."""
    if not owed:
        return start
    async with step.test("the tag is authorized like a local one", "OCPP 1.6 5.11: AuthorizeRemoteTxRequests is true"):
        return await csms.next("Authorize", after=start, idTag=SameToken(tag))


@case("TC_010_CS")
async def test_remote_start_cable_first(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A plugged-in EV is charged after RemoteStartTransaction."""
    connector, tag = procedures.connector_id, procedures.tag
    async with step.preamble("no tag is cached; AuthorizeRemoteTxRequests is known"):
        await procedures.forget_tags()
        authorizes = await procedures.authorizes_remote_starts()
    async with step.test("Preparing is reported once the cable is in", "OCPP 1.6 4.9 A2; errata 3.19"):
        await procedures.plug_in()
        await csms.eventually("StatusNotification", connectorId=connector, status="Preparing")
    async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
        start = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
        start.has(status="Accepted")
    trigger = await _authorized_first(csms, step, start, tag, owed=authorizes)
    async with step.test("a transaction starts with the tag that was sent", "OCPP 1.6 5.11, 4.8"):
        began = await csms.next("StartTransaction", after=trigger, connectorId=connector)
        began.has(idTag=SameToken(tag))
    async with step.test("Charging is reported", "OCPP 1.6 4.9 B3; errata 3.19"):
        charging = await csms.eventually("StatusNotification", since=start, connectorId=connector, status="Charging")
    async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
        await procedures.energy_flows(after=charging)


@case("TC_011_1_CS")
async def test_remote_start_before_the_cable(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """An EV that is plugged in after RemoteStartTransaction is charged."""
    connector, tag = procedures.connector_id, procedures.tag
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with step.test("the station tells whether it authorizes remote starts", "OCPP 1.6 5.8, 9.1.3"):
        told = await csms.call("GetConfiguration", key=[TX_REQUESTS])
        told.has(configurationKey=Has({"key": SameToken(TX_REQUESTS)}), unknownKey=Lacks({}))
    authorizes = (settings(told)[TX_REQUESTS.casefold()].value or "").casefold() == "true"
    async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
        start = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
        start.has(status="Accepted")
    await _authorized_first(csms, step, start, tag, owed=authorizes)
    async with step.test("Preparing is reported while the cable is awaited", "OCPP 1.6 4.9 A2; errata 3.19"):
        await csms.eventually("StatusNotification", after=start, connectorId=connector, status="Preparing")
    async with step.test("plugging in starts a transaction with the tag, and Charging is reported", "OCPP 1.6 5.11"):
        await procedures.plug_in()
        began = await csms.next("StartTransaction", connectorId=connector, why="OCPP 1.6 5.11, 4.8")
        began.has(idTag=SameToken(tag), why="OCPP 1.6 5.11: the tag of the request is used")
        charging = await csms.eventually(
            "StatusNotification", connectorId=connector, status="Charging", why="OCPP 1.6 4.9 B3; errata 3.19"
        )
    async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
        await procedures.energy_flows(after=charging)


@case("TC_011_2_CS")
async def test_remote_start_times_out(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A remote start that no cable follows is dropped after ConnectionTimeOut, and a cable that comes later charges nothing."""
    connector, tag = procedures.connector_id, procedures.tag
    timeout_s, slack_s = round(station.pixit.connection_timeout_s or 0), station.pixit.max_time_deviation_s
    timing = "OCPP 1.6 9.1.6: ConnectionTimeOut runs from the beginning of Preparing"
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with configured(csms, step, station, {"ConnectionTimeOut": str(timeout_s)}):
        async with step.test("the station tells whether it authorizes remote starts", "OCPP 1.6 5.8, 9.1.3"):
            told = await csms.call("GetConfiguration", key=[TX_REQUESTS])
            told.has(configurationKey=Has({"key": SameToken(TX_REQUESTS)}), unknownKey=Lacks({}))
        authorizes = (settings(told)[TX_REQUESTS.casefold()].value or "").casefold() == "true"
        async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
            start = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
            start.has(status="Accepted")
        await _authorized_first(csms, step, start, tag, owed=authorizes)
        where = {"connectorId": connector}
        async with step.test("Preparing is reported while the cable is awaited", "OCPP 1.6 4.9 A2; errata 3.19"):
            waiting = await csms.eventually("StatusNotification", after=start, where=where, status="Preparing")
        async with step.test("the connector waits for the cable until ConnectionTimeOut", timing):
            early_s = max(timeout_s - slack_s, 0.0)
            await csms.never("StatusNotification", after=waiting, within=early_s, where=where, status="Available")
        async with step.test("Available is reported after ConnectionTimeOut", f"{timing}; 4.9 B1"):
            late_s = timeout_s + slack_s
            await csms.eventually("StatusNotification", after=waiting, within=late_s, where=where, status="Available")
        if not bench.has("ev_simulator"):
            bench.unobserved("no charging after the time-out", "ev_simulator")
            return
        async with step.test(
            "a cable that comes too late starts nothing", "OCPP 1.6 4.1: energy only after authorization"
        ):
            await procedures.plug_in()
            await procedures.no_energy(station.pixit.message_timeout_s)
            await csms.never("StartTransaction", since=waiting, within=station.pixit.message_timeout_s)


@case("TC_012_CS")
async def test_remote_stop(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A running transaction ends after RemoteStopTransaction, and so does the current."""
    connector = procedures.connector_id
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    transaction = procedures.transaction
    async with step.test("the station accepts the remote stop", "OCPP 1.6 5.12"):
        stop = await csms.call("RemoteStopTransaction", transactionId=transaction.id)
        stop.has(status="Accepted")
    async with step.test("the transaction stops, with reason Remote", "OCPP 1.6 5.12, 4.10, 7.36"):
        ended = await csms.next("StopTransaction", after=stop)
        ended.has(transactionId=transaction.id, reason="Remote")
    async with step.test("Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
        await csms.eventually("StatusNotification", since=stop, connectorId=connector, status="Finishing")
    async with step.test(
        "the current stops", "OCPP 1.6 5.12, 4.1: energy is supplied to an authorized transaction only"
    ):
        await procedures.energy_stops(after=ended)
