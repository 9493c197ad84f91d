"""OCPP 1.6, local authorization list: sent, told by its version, and what it authorizes."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.local_list16 import (
    IN_USE,
    NO_CACHE,
    NOT_SUPPORTED,
    UNASKED,
    deleted,
    entry,
    send_list,
    starts_unasked,
    version_is,
)
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import NotOneOf, SameToken

ENABLED = {"LocalAuthListEnabled": "true"}
ASKS_REMOTELY = {"AuthorizeRemoteTxRequests": "true"}
CHARGING = "OCPP 1.6 4.9 B3; errata 3.19"
ENERGY = "OCPP 1.6 7.7: at Charging the EV is allowed to charge"


async def _listed(csms: Csms, step: Steps, procedures: Procedures16) -> Seen:
    """The valid tag is in a list of a later version than the present one, and a car is plugged in; gives the status message."""
    async with step.test("a full list with the tag is accepted", "OCPP 1.6 5.15, 5.10"):
        present = await csms.call("GetLocalListVersion")
        version = present.get("listVersion")
        later = version + 1 if isinstance(version, int) and version > 0 else 1
        reply = await send_list(csms, later, entry(procedures.tag))
        reply.has(status="Accepted")
    async with step.test("Preparing is reported once the cable is in", "OCPP 1.6 4.9 A2; errata 3.19"):
        await procedures.plug_in()
        return await csms.eventually("StatusNotification", connectorId=procedures.connector_id, status="Preparing")


async def _charges(csms: Csms, step: Steps, procedures: Procedures16, since: Seen) -> None:
    async with step.test("Charging is reported", CHARGING):
        charging = await csms.eventually(
            "StatusNotification", since=since, connectorId=procedures.connector_id, status="Charging"
        )
    async with step.test("current flows on every phase", ENERGY):
        await procedures.energy_flows(after=charging)


@case("TC_008_1_CS")
async def test_listed_tag_local_start(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A tag of the local list that is presented is charged, without the CSMS being asked for it."""
    async with configured(csms, step, station, IN_USE, if_offered=NO_CACHE):
        preparing = await _listed(csms, step, procedures)
        async with step.test(
            "the tag starts a transaction, without the CSMS being asked for it", "OCPP 1.6 4.1, 4.8, 9.1.13"
        ):
            await procedures.present_token()
            await starts_unasked(csms, procedures.connector_id, procedures.tag)
        await _charges(csms, step, procedures, preparing)


@case("TC_008_2_CS")
async def test_listed_tag_remote_start(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A tag of the local list that is started remotely is charged, without the CSMS being asked for it."""
    async with configured(csms, step, station, {**IN_USE, **ASKS_REMOTELY}, if_offered=NO_CACHE):
        await _listed(csms, step, procedures)
        async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
            start = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=procedures.connector_id)
            start.has(status="Accepted")
            await csms.never("Authorize", within=0.0, where={"idTag": SameToken(procedures.tag)}, why=UNASKED)
        async with step.test(
            "the tag starts a transaction, without the CSMS being asked for it", "OCPP 1.6 5.11, 4.8, 9.1.13"
        ):
            await starts_unasked(csms, procedures.connector_id, procedures.tag)
        await _charges(csms, step, procedures, start)


@case("TC_042_1_CS")
async def test_no_list_has_no_version(csms: Csms, station: Station, step: Steps) -> None:
    """A station that has no list, or has it switched off, says so when it is asked for its version."""
    async with (
        configured(csms, step, station, {}, if_offered={"LocalAuthListEnabled": "false"}),
        step.test("the version is -1, or the request is not supported", "OCPP 1.6 5.10; OCPP-J 1.6 4.2.3"),
    ):
        reply = await csms.call("GetLocalListVersion", error_codes=NOT_SUPPORTED)
        if not reply.is_error:
            reply.has(listVersion=-1)


@case("TC_042_2_CS")
async def test_empty_list_has_version_zero(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """An empty list has version 0, whatever version it was sent with and whatever was in it before."""
    async with configured(csms, step, station, ENABLED):
        async with step.test("a full list without entries is accepted", "OCPP 1.6 5.15, 6.41"):
            reply = await send_list(csms, 1)
            reply.has(status="Accepted")
        async with step.test("the version of the empty list is 0", "OCPP 1.6 5.10"):
            await version_is(csms, 0)
        async with step.test("a list with an entry has its version", "OCPP 1.6 5.10, 5.15"):
            filled = await send_list(csms, 2, entry(procedures.tag))
            filled.has(status="Accepted")
            await version_is(csms, 2)
        async with step.test("a full list without entries takes the entry out", "OCPP 1.6 6.41; 5.10"):
            emptied = await send_list(csms, 3)
            emptied.has(status="Accepted")
            await version_is(csms, 0)


@case("TC_043_CS")
async def test_full_and_differential_list(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A full list and changes to it are accepted, and decide who charges without the CSMS."""
    pixit = station.pixit
    kept, added, gone = procedures.tag, str(pixit.second_id_token), str(pixit.invalid_id_token)
    async with configured(csms, step, station, IN_USE, if_offered=NO_CACHE):
        async with step.test("a full list is accepted and has its version", "OCPP 1.6 5.15, 5.10"):
            full = await send_list(csms, 1, entry(kept), entry(gone))
            full.has(status="Accepted")
            await version_is(csms, 1)
        async with step.test("a differential list is accepted, and the list has its version", "OCPP 1.6 5.15, 5.10"):
            changes = await send_list(csms, 2, entry(added), deleted(gone), update="Differential")
            changes.has(status="Accepted")
            await version_is(csms, 2)
        missing = _missing(bench)
        if missing is not None:
            bench.unobserved("whom the list lets charge", missing)
            return
        async with step.preamble("the cable is plugged in"):
            await procedures.reach("SetConnectorOccupied")
        async with step.test("the CSMS is asked for the tag that was deleted", "OCPP 1.6 7.1, 4.1"):
            await bench.reader.present(gone)
            await csms.next("Authorize", idTag=SameToken(gone))
        await _charges_unasked(csms, bench, step, procedures, added, "added")
        async with step.preamble("that driver has left, and another car is plugged in"):
            await bench.reader.present(added)
            await csms.eventually("StopTransaction")
            await procedures.unplug()
            await csms.eventually("StatusNotification", connectorId=procedures.connector_id, status="Available")
            await procedures.reach("SetConnectorOccupied")
        await _charges_unasked(csms, bench, step, procedures, kept, "left alone")


def _missing(bench: Bench) -> str | None:
    """The role without which nobody can be seen to charge by the list; None where the bench has all."""
    return next((role for role in ("ev_simulator", "id_reader") if not bench.has(role)), None)


async def _charges_unasked(
    csms: Csms, bench: Bench, step: Steps, procedures: Procedures16, tag: str, became: str
) -> None:
    title = f"the tag that was {became} charges, without the CSMS being asked for it"
    async with step.test(title, "OCPP 1.6 7.1, 7.48, 9.1.13; 7.7: energy at Charging"):
        await bench.reader.present(tag)
        began = await starts_unasked(csms, procedures.connector_id, tag)
        await procedures.energy_flows(after=began)


@case("TC_043_1_CS")
async def test_list_is_not_supported(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    """A station without the profile refuses a list as not supported."""
    async with step.test("the list is not supported", "OCPP 1.6 7.47: NotSupported; OCPP-J 1.6 4.2.3"):
        reply = await csms.call(
            "SendLocalList",
            listVersion=1,
            updateType="Full",
            localAuthorizationList=[entry(procedures.tag)],
            error_codes=NOT_SUPPORTED,
        )
        if not reply.is_error:
            reply.has(status="NotSupported")


@case("TC_043_2_CS")
async def test_list_of_an_older_version(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Changes of a version that is not later than the list's are refused, and change nothing."""
    second = str(station.pixit.second_id_token)
    async with configured(csms, step, station, IN_USE, if_offered=NO_CACHE):
        async with step.test("a full list is accepted", "OCPP 1.6 5.15"):
            reply = await send_list(csms, 2, entry(procedures.tag))
            reply.has(status="Accepted")
        async with step.test("the list has its version", "OCPP 1.6 5.10"):
            await version_is(csms, 2)
        async with step.test("a differential list of a later version is accepted", "OCPP 1.6 5.15"):
            later = await send_list(csms, 5, entry(second), update="Differential")
            later.has(status="Accepted")
        async with step.test("the list has the later version", "OCPP 1.6 5.10, 5.15"):
            await version_is(csms, 5)
        async with step.test("a differential list of an older version is a mismatch", "OCPP 1.6 7.47: VersionMismatch"):
            older = await send_list(csms, 4, deleted(second), update="Differential")
            older.has(status="VersionMismatch")
        async with step.test("the list still has the later version", "OCPP 1.6 5.10, 7.47"):
            await version_is(csms, 5)
        missing = _missing(bench)
        if missing is not None:
            bench.unobserved("whom the list lets charge", missing)
            return
        async with step.preamble("the cable is plugged in"):
            await procedures.reach("SetConnectorOccupied")
        title = "the tag that was to be deleted still charges, without the CSMS being asked for it"
        async with step.test(title, "OCPP 1.6 5.15, 7.47: the update was not made; 9.1.13"):
            await bench.reader.present(second)
            began = await starts_unasked(csms, procedures.connector_id, second)
            await procedures.energy_flows(after=began)


@case("TC_043_3_CS")
async def test_list_that_cannot_be_stored(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A list that the station fails to take is answered Failed, and is not the station's list."""
    async with configured(csms, step, station, ENABLED):
        async with step.preamble("the station's memory takes no list"):
            await bench.faults.inject("memory_failure", evse=bench.evse)
        async with step.test("the list fails", "OCPP 1.6 5.15, 7.47: Failed"):
            reply = await send_list(csms, 2, entry(procedures.tag))
            reply.has(status="Failed")
        async with step.test(
            "the list that failed is not the station's", "OCPP 1.6 5.15, 5.10: version after the update"
        ):
            asked = await csms.call("GetLocalListVersion")
            asked.has(listVersion=NotOneOf((2,)))
        async with step.postamble("the memory works again"):
            await bench.faults.clear(evse=bench.evse)
