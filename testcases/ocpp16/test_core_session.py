"""OCPP 1.6, core profile: sessions that a driver begins and ends at the station."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken

CHARGING = "OCPP 1.6 4.9 B3; errata 3.19"


@case("TC_003_CS")
async def test_plug_in_first(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """An EV that is plugged in is charged after a valid tag was presented."""
    connector, tag = procedures.connector_id, procedures.tag
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with step.test("Preparing is reported once the cable is in", "OCPP 1.6 4.9 A2; errata 3.19"):
        await procedures.plug_in()
        await csms.eventually("StatusNotification", connectorId=connector, status="Preparing")
    async with step.test("the presented tag is authorized", "OCPP 1.6 4.1"):
        await procedures.present_token()
        asked = await csms.next("Authorize", idTag=SameToken(tag))
    async with step.test("a transaction starts with the tag", "OCPP 1.6 4.8, 6.45"):
        began = await csms.next("StartTransaction", after=asked, connectorId=connector)
        began.has(idTag=SameToken(tag))
    async with step.test("Charging is reported", CHARGING):
        charging = await csms.eventually("StatusNotification", since=asked, connectorId=connector, status="Charging")
    async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
        await procedures.energy_flows(after=charging)


async def _authorized(csms: Csms, step: Steps, procedures: Procedures16) -> Seen:
    """Reusable state Authorized (table 104), judged; gives the status message, which may come before Authorize.req."""
    async with step.test("the presented tag is authorized, and Preparing is reported", "OCPP 1.6 4.1; 4.9 A2"):
        await procedures.present_token()
        await csms.next("Authorize", idTag=SameToken(procedures.tag), why="OCPP 1.6 4.1")
        return await csms.eventually("StatusNotification", status="Preparing", why="OCPP 1.6 4.9 A2; errata 3.19")


@case("TC_004_1_CS")
async def test_identification_first(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """An EV that is plugged in after a valid tag was presented is charged."""
    connector, tag = procedures.connector_id, procedures.tag
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with configured(csms, step, station, {"MeterValueSampleInterval": str(station.pixit.meter_value_interval_s)}):
        await _authorized(csms, step, procedures)
        async with step.test("plugging in starts a transaction with the tag, and Charging is reported", "OCPP 1.6 4.8"):
            await procedures.plug_in()
            began = await csms.next("StartTransaction", connectorId=connector, why="OCPP 1.6 4.8, 6.45")
            began.has(idTag=SameToken(tag), why="OCPP 1.6 4.8, 6.45: the tag that the transaction is started for")
            charging = await csms.eventually(
                "StatusNotification", connectorId=connector, status="Charging", why=CHARGING
            )
        async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
            await procedures.energy_flows(after=charging)


@case("TC_004_2_CS")
async def test_identification_times_out(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """An authorization that no cable follows is dropped after ConnectionTimeOut, and a cable that comes later charges nothing."""
    timeout_s, slack_s = round(station.pixit.connection_timeout_s or 0), station.pixit.max_time_deviation_s
    timing = "OCPP 1.6 9.1.6: ConnectionTimeOut runs from the beginning of Preparing"
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with configured(csms, step, station, {"ConnectionTimeOut": str(timeout_s)}):
        waiting = await _authorized(csms, step, procedures)
        connector = waiting.get("connectorId")
        async with step.test("the connector waits for the cable until ConnectionTimeOut", timing):
            early_s = max(timeout_s - slack_s, 0.0)
            await csms.never(
                "StatusNotification", after=waiting, within=early_s, connectorId=connector, status="Available"
            )
        async with step.test("Available is reported after ConnectionTimeOut", f"{timing}; 4.9 B1"):
            late_s = timeout_s + slack_s
            await csms.eventually(
                "StatusNotification", after=waiting, within=late_s, connectorId=connector, status="Available"
            )
        if not bench.has("ev_simulator"):
            bench.unobserved("no charging after the time-out", "ev_simulator")
            return
        async with step.test(
            "a cable that comes too late starts nothing", "OCPP 1.6 4.1: energy only after authorization"
        ):
            await procedures.plug_in()
            await procedures.no_energy(station.pixit.message_timeout_s)
            await csms.never("StartTransaction", since=waiting, within=station.pixit.message_timeout_s)


@case("TC_005_1_CS")
async def test_ev_side_disconnect_stops(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Pulling the cable out of the EV ends the transaction, and plugging it in again charges nothing."""
    connector = procedures.connector_id
    wanted = {"StopTransactionOnEVSideDisconnect": "true", "UnlockConnectorOnEVSideDisconnect": "true"}
    async with configured(csms, step, station, wanted, if_offered={"MinimumStatusDuration": "0"}):
        async with step.preamble("a transaction runs, and current flows"):
            await procedures.reach("Charging")
            await procedures.energy_flows()
        transaction = procedures.transaction
        async with step.test(
            "unplugging at the EV stops the transaction, and Finishing is reported", "OCPP 1.6 4.10, 4.9 C6"
        ):
            await bench.ev.unplug_ev_side()
            ended = await csms.next("StopTransaction", why="OCPP 1.6 4.10, StopTransactionOnEVSideDisconnect")
            ended.has(transactionId=transaction.id, reason="EVDisconnected", why="OCPP 1.6 7.36, 4.10")
            await csms.eventually(
                "StatusNotification", connectorId=connector, status="Finishing", why="OCPP 1.6 4.9 C6; errata 3.19"
            )
        async with step.test("the plug is free", "OCPP 1.6 9.1.33 UnlockConnectorOnEVSideDisconnect; 4.10"):
            await bench.plug_is_held(held=False, within=station.pixit.stop_to_noise_floor_s)
        async with step.test(
            "an EV that is connected again gets no energy", "OCPP 1.6 4.10: not until a new transaction is started"
        ):
            await procedures.plug_in()
            await procedures.no_energy(station.pixit.message_timeout_s)
            await csms.never("StartTransaction", since=ended, within=station.pixit.message_timeout_s)
