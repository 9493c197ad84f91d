"""OCPP 1.6, core profile: UnlockConnector, with a lock and without one."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station

UNLOCKED = "OCPP 1.6 5.18, 7.46: Unlocked"
NO_LOCK = "OCPP 1.6 7.46; errata 3.87: NotSupported without a connector lock"


@case("TC_017_1_CS")
async def test_unlock_idle(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """An idle connector with a lock is unlocked."""
    async with step.test("the connector is said to be unlocked", UNLOCKED):
        reply = await csms.call("UnlockConnector", connectorId=procedures.connector_id)
        reply.has(status="Unlocked")
    async with step.test("its lock holds nothing", "OCPP 1.6 5.18: whether it was able to unlock its connector"):
        await bench.plug_is_held(held=False, within=0.0, for_s=station.pixit.max_time_deviation_s)


@case("TC_017_2_CS")
async def test_unlock_fixed_cable_idle(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A connector with a fixed cable has no lock, and says so."""
    async with step.test("the request is answered with NotSupported", NO_LOCK):
        reply = await csms.call("UnlockConnector", connectorId=procedures.connector_id)
        reply.has(status="NotSupported")


@case("TC_018_1_CS")
async def test_unlock_with_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """UnlockConnector ends the transaction and frees the plug."""
    connector, slack_s = procedures.connector_id, station.pixit.max_time_deviation_s
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    transaction = procedures.transaction
    async with step.test("the connector is said to be unlocked", UNLOCKED):
        reply = await csms.call("UnlockConnector", connectorId=connector)
        reply.has(status="Unlocked")
    async with step.test("the transaction is finished, with reason UnlockCommand", "OCPP 1.6 5.18, 4.10, 7.36"):
        # it is finished first (5.18), so it may be told before the answer
        ended = await csms.next("StopTransaction", since=transaction.began)
        ended.has(transactionId=transaction.id, reason="UnlockCommand")
    async with step.test("Finishing is reported", "OCPP 1.6 4.9 C6; errata 3.19"):
        await csms.eventually("StatusNotification", since=transaction.began, connectorId=connector, status="Finishing")
    async with step.test("the current stops", "OCPP 1.6 5.18, 4.10; 4.1: energy for an authorized transaction only"):
        await procedures.energy_stops(after=ended)
    async with step.test("the plug is free", "OCPP 1.6 5.18: whether it was able to unlock its connector"):
        await bench.plug_is_held(held=False, within=slack_s)
    async with step.test("Available is reported once the cable is out", "OCPP 1.6 4.9 F1; errata 3.19"):
        await procedures.unplug()
        await csms.eventually("StatusNotification", connectorId=connector, status="Available")


@case("TC_018_2_CS")
async def test_unlock_fixed_cable_with_transaction(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A connector with a fixed cable has no lock, during a transaction as well."""
    async with step.preamble("a transaction runs"):
        await procedures.reach("Charging")
    async with step.test("the request is answered with NotSupported", NO_LOCK):
        reply = await csms.call("UnlockConnector", connectorId=procedures.connector_id)
        reply.has(status="NotSupported")


@case("TC_030_CS")
async def test_unlock_fails(csms: Csms, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """A lock that does not let the plug go is told as a failure.

    An idle station's lock is open already; it can only fail to open once it holds a plug.
    """
    async with step.preamble("a lock holds the plug, and is jammed"):
        await procedures.reach("Charging")
        await bench.faults.inject("lock_failure", bench.evse)
    async with step.test(
        "the failure is told", "OCPP 1.6 7.46, errata 3.87: UnlockFailed, it tried and is still locked"
    ):
        reply = await csms.call("UnlockConnector", connectorId=procedures.connector_id)
        reply.has(status="UnlockFailed")


@case("TC_031_CS")
async def test_unlock_unknown_connector(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A connector that the station has not cannot be unlocked."""
    unknown = max(procedures.connector_ids) + 1
    async with step.test(
        "the request is answered with NotSupported", "OCPP 1.6 7.46; errata 3.87: unknown ConnectorId"
    ):
        reply = await csms.call("UnlockConnector", connectorId=unknown)
        reply.has(status="NotSupported")
