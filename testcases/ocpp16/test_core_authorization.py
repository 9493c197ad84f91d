"""OCPP 1.6, core profile: the authorization cache, used and cleared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken

PRE_AUTHORIZED = "OCPP 1.6 9.1.13: LocalPreAuthorize, without requesting an Authorization.conf; 3.5.1"
CHARGING = "OCPP 1.6 4.9 B3; errata 3.19"
LAPSES = "OCPP 1.6 4.9 B1, 9.1.6: no cable within ConnectionTimeOut, or the user changed his mind"
CACHE = {"AuthorizationCacheEnabled": "true"}


async def _cached(csms: Csms, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """Memory state IdTagCached (table 112), by a session that the CSMS begins and ends: its StartTransaction.conf fills the cache."""
    async with step.preamble("the tag is cached: a session with it was begun and ended, and the cable is out"):
        await procedures.reach("Finishing")
        gone = procedures.transaction.began
        await bench.ev.unplug()
        await csms.eventually("StatusNotification", since=gone, connectorId=procedures.connector_id, status="Available")


async def _preparing(csms: Csms, step: Steps, procedures: Procedures16) -> Seen:
    async with step.test("Preparing is reported once the cable is in", "OCPP 1.6 4.9 A2; errata 3.19"):
        await procedures.plug_in()
        return await csms.eventually("StatusNotification", connectorId=procedures.connector_id, status="Preparing")


async def _charged_unasked(csms: Csms, step: Steps, procedures: Procedures16, plugged: Seen) -> None:
    """The transaction begins with the tag, and the CSMS was not asked for it."""
    connector = procedures.connector_id
    async with step.test("a transaction starts with the cached tag", "OCPP 1.6 4.8, 6.45"):
        began = await csms.next("StartTransaction", since=plugged, connectorId=connector)
        began.has(idTag=SameToken(procedures.tag))
    async with step.test("the CSMS was not asked for the tag", PRE_AUTHORIZED):
        await csms.never("Authorize", after=plugged, within=began.t - plugged.t)
    async with step.test("Charging is reported", CHARGING):
        charging = await csms.eventually("StatusNotification", since=plugged, connectorId=connector, status="Charging")
    async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
        await procedures.energy_flows(after=charging)


@case("TC_007_1_CS")
async def test_cached_tag_local(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A cached tag that is presented starts a transaction without the CSMS being asked."""
    wanted = {"LocalPreAuthorize": "true"}
    async with configured(csms, step, station, wanted, if_offered=CACHE):
        await _cached(csms, bench, step, procedures)
        plugged = await _preparing(csms, step, procedures)
        async with step.preamble("the driver presents the tag"):
            await procedures.present_token()
        await _charged_unasked(csms, step, procedures, plugged)


@case("TC_007_2_CS")
async def test_cached_tag_remote(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A remote start with a cached tag starts a transaction without the CSMS being asked."""
    wanted = {"LocalPreAuthorize": "true", "AuthorizeRemoteTxRequests": "true"}
    async with configured(csms, step, station, wanted, if_offered=CACHE):
        await _cached(csms, bench, step, procedures)
        plugged = await _preparing(csms, step, procedures)
        async with step.test("the station accepts the remote start", "OCPP 1.6 5.11"):
            start = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=procedures.connector_id)
            start.has(status="Accepted")
        await _charged_unasked(csms, step, procedures, plugged)


@case("TC_061_1_CS")
async def test_cleared_cache_local(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A tag that was cached is asked for again once the cache was cleared, when it is presented."""
    timeout_s = round(station.pixit.connection_timeout_s or 0)
    wanted = {"LocalPreAuthorize": "true", "ConnectionTimeOut": str(timeout_s)}
    async with configured(csms, step, station, wanted, if_offered=CACHE), _available_in_the_end(csms, step, timeout_s):
        async with step.preamble("no tag is cached"):
            await procedures.forget_tags()
        async with step.test("the presented tag is authorized, and Preparing is reported", "OCPP 1.6 4.1; 4.9 A2"):
            await procedures.present_token()
            asked = await csms.next("Authorize", idTag=SameToken(procedures.tag), why="OCPP 1.6 4.1")
            waiting = await csms.eventually(
                "StatusNotification", status="Preparing", why="OCPP 1.6 4.9 A2; errata 3.19"
            )
        async with step.test("presented again, or without a cable in time, it is Available again", LAPSES):
            await procedures.present_token()
            patience_s = timeout_s + station.pixit.max_time_deviation_s
            where = {"connectorId": waiting.get("connectorId")}  # what is told of another connector shows nothing
            await csms.eventually("StatusNotification", where=where, status="Available", within=patience_s)
        await _cleared(csms, step, asked)
        async with step.test(
            "the CSMS is asked for the same tag", "OCPP 1.6 5.4, 4.1: a tag that is not known is asked for"
        ):
            await procedures.present_token()
            await csms.next("Authorize", idTag=SameToken(procedures.tag))


@case("TC_061_2_CS")
async def test_cleared_cache_remote(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A tag that was cached is asked for again once the cache was cleared, when a remote start brings it."""
    timeout_s = round(station.pixit.connection_timeout_s or 0)
    wanted = {"LocalPreAuthorize": "true", "AuthorizeRemoteTxRequests": "true", "ConnectionTimeOut": str(timeout_s)}
    fields = {"idTag": procedures.tag, "connectorId": procedures.connector_id}
    where = {"connectorId": procedures.connector_id}
    async with configured(csms, step, station, wanted, if_offered=CACHE), _available_in_the_end(csms, step, timeout_s):
        async with step.preamble("no tag is cached"):
            await procedures.forget_tags()
        async with step.test(
            "the tag of a remote start is authorized, and Preparing is reported", "OCPP 1.6 5.11; 4.9 A2"
        ):
            start = await csms.call("RemoteStartTransaction", fields)
            start.has(status="Accepted")
            asked = await csms.next("Authorize", idTag=SameToken(procedures.tag), why="OCPP 1.6 5.11, 9.1.3")
            await csms.eventually(
                "StatusNotification", where=where, status="Preparing", why="OCPP 1.6 4.9 A2; errata 3.19"
            )
        async with step.test("without a cable in time, it is Available again", LAPSES):
            patience_s = timeout_s + station.pixit.max_time_deviation_s
            await csms.eventually("StatusNotification", where=where, status="Available", within=patience_s)
        await _cleared(csms, step, asked)
        async with step.test("the CSMS is asked for the same tag", "OCPP 1.6 5.4, 5.11: the tag is not in the cache"):
            await csms.call("RemoteStartTransaction", fields)
            await csms.next("Authorize", idTag=SameToken(procedures.tag))


async def _cleared(csms: Csms, step: Steps, asked: Seen) -> None:
    """The cache is cleared, once the answer that filled it has been given."""
    await csms.answered(asked)
    async with step.test("the station clears its cache", "OCPP 1.6 5.4; errata 3.23"):
        reply = await csms.call("ClearCache")
        reply.has(status="Accepted")


@asynccontextmanager
async def _available_in_the_end(csms: Csms, step: Steps, timeout_s: float) -> AsyncIterator[None]:
    """Whoever was authorized last brings no cable: what follows waits until that has lapsed."""
    yield
    async with step.postamble("the authorization lapses"):
        await csms.eventually("StatusNotification", status="Available", within=timeout_s + csms.message_timeout_s)
