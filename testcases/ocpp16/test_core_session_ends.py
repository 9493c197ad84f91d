"""OCPP 1.6, core profile: how a session ends, or does not, by tags and by the cable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures.bench_facade import PHASE_CURRENTS, Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf, SameToken

FINISHING = "OCPP 1.6 4.9 C6; errata 3.19"

ENERGY_ENDS = "OCPP 1.6 4.10, 4.1: energy is supplied to an authorized transaction only"

GROUP = "PP-GROUP"
"""A parentIdTag, which a station only compares (3.10)."""


@asynccontextmanager
async def _others_out_of_use(csms: Csms, step: Steps, procedures: Procedures16) -> AsyncIterator[None]:
    """Inside, no other connector can serve whoever presents a tag, for one reader may serve them all.

    The document has them occupied; made Inoperative (5.2), they cannot be begun at either, and no second car is needed.
    """
    others = [number for number in procedures.connector_ids if number not in {0, procedures.connector_id}]
    async with step.preamble("no other connector can serve a tag"):
        for number in others:
            await csms.call("ChangeAvailability", connectorId=number, type="Inoperative")
            await csms.eventually("StatusNotification", connectorId=number, status="Unavailable")
    try:
        yield
    finally:
        async with step.postamble("the other connectors are in use again"):
            for number in others:
                await csms.call("ChangeAvailability", connectorId=number, type="Operative")


@case("TC_068_CS")
async def test_only_the_tag_that_began_stops(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Another tag leaves the transaction alone; the one that began it ends it."""
    other = str(station.pixit.second_id_token)
    async with _others_out_of_use(csms, step, procedures):
        async with step.preamble("a transaction of a tag without a group runs, and current flows"):
            for action in ("Authorize", "StartTransaction"):
                csms.reply_with(action, idTagInfo={"status": "Accepted"})
            await procedures.forget_tags()
            await procedures.reach("Charging")
            await procedures.energy_flows()
        transaction = procedures.transaction
        async with step.test("another tag does not stop it", "OCPP 1.6 3.10: the same tag or one of its group; 4.10"):
            await bench.reader.present(other)
            await csms.never("StopTransaction", within=csms.message_timeout_s)
            await csms.never(
                "Authorize",
                within=0.0,
                why="OCTT 1.6 TC_068_CS step 1: a tag that can neither start nor stop anything is not asked for",
            )
        async with step.test("its current flows on", "OCPP 1.6 4.10: another tag does not end it"):
            phases = PHASE_CURRENTS[: station.evse_by_id(bench.evse).phases]
            floor_a = station.pixit.noise_floor_a
            await bench.stays("charging current", phases, low=floor_a, for_s=station.pixit.stop_to_noise_floor_s)
        async with step.test("the tag that began it stops it", "OCPP 1.6 4.10, 6.49: the identifier that stopped it"):
            await procedures.present_token()
            ended = await csms.next("StopTransaction")
            ended.has(transactionId=transaction.id, idTag=SameToken(procedures.tag))
            await csms.never(
                "Authorize", within=0.0, why="OCPP 1.6 4.1: only for an identifier that differs from the one that began"
            )
        async with step.test("Finishing is reported", FINISHING):
            await _reported(csms, procedures, "Finishing")
        async with step.test("the current stops", ENERGY_ENDS):
            await procedures.energy_stops(after=ended)


@case("TC_069_CS")
async def test_a_tag_of_the_group_stops(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A tag with the same parentIdTag as the one that began the transaction ends it."""
    other = str(station.pixit.second_id_token)
    async with _others_out_of_use(csms, step, procedures):
        async with step.preamble("a transaction of a tag with a group runs, and current flows"):
            for action in ("Authorize", "StartTransaction"):
                csms.reply_with(action, idTagInfo={"status": "Accepted", "parentIdTag": GROUP})
            await procedures.forget_tags()
            await procedures.reach("Charging")
            await procedures.energy_flows()
        transaction = procedures.transaction
        async with step.test(
            "the CSMS is asked for the other tag", "OCPP 1.6 4.1: a tag that is not known is asked for"
        ):
            await bench.reader.present(other)
            await csms.next("Authorize", idTag=SameToken(other))
        async with step.test("the tag of the same group stops the transaction", "OCPP 1.6 3.10; 6.49"):
            ended = await csms.next("StopTransaction")
            ended.has(transactionId=transaction.id, idTag=SameToken(other))
        async with step.test("Finishing is reported", FINISHING):
            await _reported(csms, procedures, "Finishing")
        async with step.test("the current stops", ENERGY_ENDS):
            await procedures.energy_stops(after=ended)


@case("TC_005_2_CS")
async def test_ev_side_disconnect_stops_and_stays_locked(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Pulling the cable out of the EV ends the transaction; the plug at the station stays locked until it is unlocked remotely."""
    wanted = {"StopTransactionOnEVSideDisconnect": "true", "UnlockConnectorOnEVSideDisconnect": "false"}
    async with configured(csms, step, station, wanted, if_offered={"MinimumStatusDuration": "0"}):
        await _charging(step, procedures)
        transaction = procedures.transaction
        async with step.test("unplugging at the EV stops the transaction", "OCPP 1.6 4.10; 9.1.23"):
            await bench.ev.unplug_ev_side()
            ended = await csms.next("StopTransaction")
            ended.has(transactionId=transaction.id, reason="EVDisconnected", why="OCPP 1.6 7.36, 4.10")
        async with step.test("Finishing or Available is reported", FINISHING):
            await _reported(csms, procedures, "Finishing", "Available")
        if _can_lock(station, bench):
            async with step.test(
                "the plug stays locked", "OCPP 1.6 9.1.33, 4.10: UnlockConnectorOnEVSideDisconnect is false"
            ):
                await bench.wait(station.pixit.stop_to_noise_floor_s)  # a lock that opens takes its time as well
                await bench.plug_is_held(held=True, within=0.0)
        async with step.test("the connector is unlocked on demand, or cannot be", "OCPP 1.6 5.18, 7.46; errata 3.87"):
            reply = await csms.call("UnlockConnector", connectorId=procedures.connector_id)
            reply.has(status=OneOf(("Unlocked", "NotSupported")))
        if _can_lock(station, bench):
            async with step.test("the plug is free", "OCPP 1.6 5.18: whether it was able to unlock its connector"):
                await bench.plug_is_held(held=False, within=station.pixit.stop_to_noise_floor_s)


@case("TC_005_3_CS")
async def test_ev_side_disconnect_suspends(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Pulling the cable out of the EV suspends the transaction where it is not to end it; a remote stop ends it."""
    wanted = {"StopTransactionOnEVSideDisconnect": "false", "UnlockConnectorOnEVSideDisconnect": "false"}
    fixed = station.evse_by_id(bench.evse).connectors[0].fixed_cable
    async with configured(csms, step, station, wanted, if_offered={"MinimumStatusDuration": "0"}):
        await _charging(step, procedures)
        transaction = procedures.transaction
        async with step.test(
            "unplugging at the EV is reported as a suspension", "OCPP 1.6 4.9, 4.10: EV side disconnected"
        ):
            await bench.ev.unplug_ev_side()
            info = SameToken("EV side disconnected")
            suspended = await csms.eventually(
                "StatusNotification",
                connectorId=procedures.connector_id,
                status=OneOf(("SuspendedEV", "SuspendedEVSE")),
                info=info,
            )
        async with step.test("the transaction goes on", "OCPP 1.6 4.10: it SHALL not be stopped; 9.1.23"):
            await csms.never("StopTransaction", after=suspended, within=csms.message_timeout_s)
        async with step.test("the station accepts a remote stop", "OCPP 1.6 5.12"):
            stop = await csms.call("RemoteStopTransaction", transactionId=transaction.id)
            stop.has(status="Accepted")
        async with step.test("the transaction stops, with reason Remote", "OCPP 1.6 5.12, 4.10, 7.36"):
            ended = await csms.next("StopTransaction", after=stop)
            ended.has(transactionId=transaction.id, reason="Remote")
        async with step.test(f"Finishing{' or Available' if fixed else ''} is reported", FINISHING):
            await _reported(csms, procedures, "Finishing", *(("Available",) if fixed else ()))


async def _charging(step: Steps, procedures: Procedures16) -> None:
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()


async def _reported(csms: Csms, procedures: Procedures16, *statuses: str) -> None:
    """One of these statuses was or is reported since the transaction began; it may come before StopTransaction (OCTT 1.6, 1.2)."""
    began = procedures.transaction.began
    await csms.eventually(
        "StatusNotification", since=began, connectorId=procedures.connector_id, status=OneOf(statuses)
    )


def _can_lock(station: Station, bench: Bench) -> bool:
    return any(connector.lock for connector in station.evse_by_id(bench.evse).connectors)
