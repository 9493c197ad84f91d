"""OCPP 1.6, core profile: faults that keep a station from charging."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken

OUT_OF_ORDER = "OCPP 1.6 4.9 A9, B9, 7.7: a fault prevents charging, Faulted is not available for energy delivery"


@case("TC_024_CS")
async def test_lock_failure(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """A plug that cannot be locked is reported as a ConnectorLockFailure, and the EV is not charged."""
    connector, tag, watched_s = procedures.connector_id, procedures.tag, station.pixit.message_timeout_s
    async with step.preamble("no tag is cached; AuthorizeRemoteTxRequests is known"):
        await procedures.forget_tags()
        authorizes = await procedures.authorizes_remote_starts()
    async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
        start = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
        start.has(status="Accepted")
    if authorizes:
        async with step.test(
            "the tag is authorized like a local one", "OCPP 1.6 5.11: AuthorizeRemoteTxRequests is true"
        ):
            await csms.next("Authorize", after=start, idTag=SameToken(tag))
    async with step.test("Preparing is reported while the cable is awaited", "OCPP 1.6 4.9 A2; errata 3.19"):
        await csms.eventually("StatusNotification", after=start, connectorId=connector, status="Preparing")
    async with step.test(
        "Faulted is reported once the cable is half in, with ConnectorLockFailure", "OCPP 1.6 4.9 B9, 7.6; errata 3.19"
    ):
        # not earlier: a station that watches its lock may be Faulted as soon as that cannot move
        await bench.faults.inject("lock_failure", bench.evse)
        await procedures.plug_in()
        faulted = await csms.eventually("StatusNotification", where={"connectorId": connector}, status="Faulted")
        faulted.has(errorCode="ConnectorLockFailure")
    async with step.test("no current flows", OUT_OF_ORDER):
        await procedures.no_energy(watched_s)
    async with step.test("no transaction is started", OUT_OF_ORDER):
        await csms.never("StartTransaction", after=start, within=faulted.t + watched_s - start.t)


@case("TC_041_CS")
async def test_faulted_station_does_not_charge(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A station in fault state starts no transaction for a driver who plugs in and identifies."""
    watched_s = station.pixit.message_timeout_s
    async with step.test("Faulted is reported", "OCPP 1.6 4.9 A9; errata 3.19: status changes are sent"):
        await bench.faults.inject(station.pixit.fault_condition, bench.evse)
        faulted = await csms.eventually("StatusNotification", status="Faulted")
    async with step.preamble("a driver plugs in and presents a valid tag"):
        await procedures.plug_in()
        await procedures.present_token()
    async with step.test("no current flows", OUT_OF_ORDER):
        await procedures.no_energy(watched_s)
    async with step.test("no transaction is started", OUT_OF_ORDER):
        await csms.never("StartTransaction", since=faulted, within=watched_s)
