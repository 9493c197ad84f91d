"""OCPP 1.6, core profile: what a station must not start, and must not stop."""

from fixtures.bench_facade import PHASE_CURRENTS, Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken

NEVER_GIVEN = 2_000_000_000
"""A transactionId that this CSMS has given to nobody: it counts from 1."""

STATUS_DURATION_S = 10
"""MinimumStatusDuration that TC_023_CS asks for."""


@case("TC_023_4_CS")
async def test_invalid_tag_starts_nothing(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A tag that the CSMS calls Invalid starts no transaction and gives no energy."""
    tag = str(station.pixit.invalid_id_token)
    wanted, if_offered = {"LocalPreAuthorize": "true"}, {"MinimumStatusDuration": str(STATUS_DURATION_S)}
    async with configured(csms, step, station, wanted, if_offered=if_offered):
        await _plugged_in(csms, step, procedures)
        async with step.test("the CSMS is asked for the tag", "OCPP 1.6 4.1: a tag that is not known is asked for"):
            csms.reply_with("Authorize", idTagInfo={"status": "Invalid"})
            await bench.reader.present(tag)
            asked = await csms.next("Authorize", idTag=SameToken(tag))
        await _nothing_starts(csms, station, bench, step, asked)


@case("TC_023_5_CS")
async def test_invalid_tag_starts_nothing_remotely(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A remote start that is to be authorized first starts nothing when the CSMS calls its tag Invalid."""
    tag = str(station.pixit.invalid_id_token)
    wanted = {"AuthorizeRemoteTxRequests": "true", "LocalPreAuthorize": "true"}
    async with configured(csms, step, station, wanted, if_offered={"MinimumStatusDuration": str(STATUS_DURATION_S)}):
        await _plugged_in(csms, step, procedures)
        async with step.test("the CSMS is asked for the tag", "OCPP 1.6 5.11: AuthorizeRemoteTxRequests is true"):
            csms.reply_with("Authorize", idTagInfo={"status": "Invalid"})
            # Accepted, or Rejected by a station that asks before it answers: 5.11 fixes the order of neither
            await csms.call("RemoteStartTransaction", idTag=tag, connectorId=procedures.connector_id)
            asked = await csms.next("Authorize", idTag=SameToken(tag))
        await _nothing_starts(csms, station, bench, step, asked)


async def _plugged_in(csms: Csms, step: Steps, procedures: Procedures16) -> None:
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    async with step.test("Preparing is reported once the cable is in", "OCPP 1.6 4.9 A2; errata 3.19"):
        await procedures.plug_in()
        patience_s = csms.message_timeout_s + STATUS_DURATION_S
        connector = procedures.connector_id
        await csms.eventually("StatusNotification", connectorId=connector, status="Preparing", within=patience_s)


async def _nothing_starts(csms: Csms, station: Station, bench: Bench, step: Steps, asked: Seen) -> None:
    async with step.test("no transaction starts", "OCPP 1.6 4.1: charging starts after authorization only"):
        await csms.never("StartTransaction", after=asked, within=csms.message_timeout_s)
    async with step.test("no current flows", "OCPP 1.6 4.1: energy is supplied after authorization only"):
        phases = PHASE_CURRENTS[: station.evse_by_id(bench.evse).phases]
        floor_a = station.pixit.noise_floor_a
        await bench.stays("absence of current", phases, high=floor_a, for_s=csms.message_timeout_s, after=asked)


@case("TC_028_CS")
async def test_remote_stop_of_an_unknown_transaction(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A remote stop of a transaction that is not there is refused, and the one that is there goes on."""
    async with step.preamble("a transaction runs, and current flows"):
        await procedures.reach("Charging")
        await procedures.energy_flows()
    async with step.test("the stop of an unknown transaction is rejected", "OCPP 1.6 5.12, errata 3.33"):
        stop = await csms.call("RemoteStopTransaction", transactionId=NEVER_GIVEN)
        stop.has(status="Rejected")
    async with step.test("the running transaction is not stopped", "OCPP 1.6 5.12: only the transaction that is named"):
        await csms.never("StopTransaction", after=stop, within=csms.message_timeout_s)
    async with step.test("its current flows on", "OCPP 1.6 5.12: only the transaction that is named"):
        phases = PHASE_CURRENTS[: station.evse_by_id(bench.evse).phases]
        floor_a = station.pixit.noise_floor_a
        await bench.stays("charging current", phases, low=floor_a, for_s=csms.message_timeout_s, after=stop)


@case("TC_026_CS")
async def test_remote_start_where_a_transaction_runs(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A remote start on a connector where a transaction runs is rejected, and that transaction goes on."""
    connector = procedures.connector_id
    async with configured(csms, step, station, {"LocalPreAuthorize": "false"}):
        async with step.preamble("a transaction runs, and current flows"):
            await procedures.reach("Charging")
            await procedures.energy_flows()
        async with step.test("a second start on its connector is rejected", "OCPP 1.6 5.11; errata 3.32"):
            refused = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=connector)
            refused.has(status="Rejected")
        async with step.test("no transaction starts or ends", "OCPP 1.6 5.11: Rejected, no attempt to start is made"):
            await csms.never("StartTransaction", after=refused, within=csms.message_timeout_s)
            await csms.never("StopTransaction", after=refused, within=csms.message_timeout_s)
        async with step.test("the current flows on", "OCPP 1.6 5.11: the running transaction is none of its business"):
            phases = PHASE_CURRENTS[: station.evse_by_id(bench.evse).phases]
            floor_a = station.pixit.noise_floor_a
            await bench.stays("charging current", phases, low=floor_a, for_s=csms.message_timeout_s, after=refused)


@case("TC_027_CS")
async def test_remote_start_on_connector_0(csms: Csms, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """A remote start on connector 0 is refused, and a cable that comes then starts nothing."""
    async with step.test("a start on connector 0 is refused", "OCPP 1.6 5.11, 6.33: a number above 0"):
        fields = {"idTag": procedures.tag, "connectorId": 0}
        refused = await csms.call("RemoteStartTransaction", fields, error_ok=True)
        if not refused.is_error:
            refused.has(status="Rejected")
    if not bench.has("ev_simulator"):
        bench.unobserved("no charging after the refusal", "ev_simulator")
        return
    async with step.test("a cable that comes then starts no transaction", "OCPP 1.6 5.11: no attempt to start is made"):
        await procedures.plug_in()
        await csms.never("StartTransaction", since=refused, within=2 * csms.message_timeout_s)
    async with step.test("no current flows", "OCPP 1.6 4.1: energy is supplied after authorization only"):
        await procedures.no_energy(csms.message_timeout_s)
