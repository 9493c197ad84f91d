"""Cards and answers that cross: who may charge, who ends it, and whom the station knows."""

from bench.errors import Absent
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms
from fixtures.messages201 import token_fields
from fixtures.outage16 import offline
from fixtures.procedures16 import Procedures16
from fixtures.procedures201 import Procedures201
from fixtures.reservations16 import Reservations16
from fixtures.steps import Steps
from fixtures.variables201 import (
    AUTH_ENABLED,
    DISABLE_REMOTE_AUTHORIZATION,
    LOCAL_PRE_AUTHORIZE,
    Setting,
    Variable,
)
from fixtures.variables201 import configured as configured201
from harness.model.station import Station
from harness.oracle.matchers import SameToken

GROUP = "PP-GROUP"
ACCEPTED = {"status": "Accepted", "parentIdTag": GROUP}
ANSWER_LATE_S = 8.0
EXPIRES_S = 45.0
WATCHED_S = 20.0

OTHERS = "OCPP 1.6 3.10, 4.10: a tag of no common group ends nothing"
OWN = "OCPP 1.6 4.10, 6.49: the identifier that stopped it; 7.28: without regard to case"
NO_ENERGY = (
    "OCPP 1.6 4.1, 4.8: energy belongs to a transaction that was authorized and is told with StartTransaction; 5.12"
)
EXPIRED = (
    "OCPP 1.6 3.5.4: identifiers that expired by the passage of time MUST be rejected; 3.5.1: Expired in the cache"
)
CACHED = (
    "OCPP 2.0.1 C12.FR.02, C10.FR.04, C10.FR.08: a token in the cache is authorized by it, for as long as it is kept"
)

PRE_AUTHORIZED = (
    Setting(AUTH_ENABLED, "true", optional=True),
    Setting(DISABLE_REMOTE_AUTHORIZATION, "false", optional=True),
    Setting(Variable("AuthCacheCtrlr", "Enabled"), "true", optional=True),
    Setting(LOCAL_PRE_AUTHORIZE, "true"),
)


async def _one_connector(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> None:
    """One reader may serve every connector: the others are out of service. For a preamble."""
    await procedures.forget_tags()
    await Reservations16(csms, station, bench, procedures).only_this_connector()


@case("ROB_AUTH_01")
async def test_two_cards(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """The second card is refused, the first one is that of the remote start."""
    procedures = Procedures16(csms, station, bench)
    other, tag = str(station.pixit.second_id_token), procedures.tag.swapcase()
    if tag == procedures.tag:
        cure = "set valid_id_token in the station file's [pixit] to a card's token with letters in it"
        raise Absent(f"the tag {tag!r} has no letters to be written otherwise. Cure: {cure}")
    for action in ("Authorize", "StartTransaction"):
        csms.reply_with(action, idTagInfo=ACCEPTED)
    csms.reply_with("Authorize", idTagInfo={"status": "Invalid"}, where={"idTag": SameToken(other)})
    async with step.preamble("a transaction of a tag in other letters runs"):
        await _one_connector(csms, station, bench, procedures)
        await procedures.plug_in()
        reply = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=procedures.connector_id)
        reply.has(status="Accepted")
        began = await csms.eventually("StartTransaction", since=reply, connectorId=procedures.connector_id)
        transaction = (await csms.answered(began)).get("transactionId")
        await procedures.energy_flows()
    async with step.test("a tag that is refused does not stop it", OTHERS):
        await bench.reader.present(other)
        await csms.never("StopTransaction", within=csms.message_timeout_s)
    async with step.test("its own tag stops it and is named", OWN):
        await procedures.present_token()
        ended = await csms.next("StopTransaction")
        ended.has(transactionId=transaction, idTag=SameToken(tag))


@case("ROB_AUTH_02")
async def test_late_authorization(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """The answer for the second card comes when there is nothing left to stop."""
    procedures = Procedures16(csms, station, bench)
    other = str(station.pixit.second_id_token)
    for action in ("Authorize", "StartTransaction"):
        csms.reply_with(action, idTagInfo=ACCEPTED)
    async with step.preamble("a transaction of a tag with a group runs"):
        await _one_connector(csms, station, bench, procedures)
        await procedures.reach("Charging")
        await procedures.energy_flows()
    csms.reply_with("Authorize", idTagInfo=ACCEPTED, where={"idTag": SameToken(other)}, delay_s=ANSWER_LATE_S)
    async with step.preamble("it is stopped remotely while the station waits for the CSMS to answer for another tag"):
        await bench.reader.present(other)
        asked = await csms.next("Authorize", idTag=SameToken(other))
        stop = await csms.call("RemoteStopTransaction", transactionId=procedures.transaction.id)
        stop.has(status="Accepted")
        ended = await csms.eventually(
            "StopTransaction",
            after=asked,
            within=ANSWER_LATE_S + csms.message_timeout_s,  # one message at a time (OCPP-J 1.6, 4.1.1)
            transactionId=procedures.transaction.id,
        )
        await procedures.energy_stops(after=ended)
        await bench.wait(ANSWER_LATE_S)
    async with step.test("the answer lets no energy flow without a transaction", NO_ENERGY):
        where = {"connectorId": procedures.connector_id}
        await bench.wait(csms.message_timeout_s)
        told = csms.said("StartTransaction", after=stop, where=where)
        if told:
            told[0].has(idTag=SameToken(other))
        else:
            await procedures.no_energy(WATCHED_S)


@case("ROB_AUTH_03")
async def test_expired_offline(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """The tag was good when it was last seen."""
    procedures = Procedures16(csms, station, bench)
    wanted = {"LocalAuthorizeOffline": "true"}
    means = {"AuthorizationCacheEnabled": "true", "AllowOfflineTxForUnknownId": "false"}
    async with configured(csms, step, station, wanted, if_offered=means):
        async with step.preamble("a session has put the tag into the cache, for a while"):
            await procedures.forget_tags()
            for_a_while = {"status": "Accepted", "expiryDate": csms.utc(EXPIRES_S)}
            for action in ("Authorize", "StartTransaction", "StopTransaction"):
                csms.reply_with(action, idTagInfo=for_a_while)
            await procedures.reach("Finishing")
            over = procedures.transaction.began
            await procedures.unplug()
            await csms.eventually(
                "StatusNotification", since=over, connectorId=procedures.connector_id, status="Available"
            )
        async with offline(csms, bench, step):
            async with step.preamble("the tag's time is over"):
                await bench.wait(EXPIRES_S)
            async with step.test("offline, the tag charges nothing", EXPIRED):
                await procedures.plug_in()
                await procedures.present_token()
                await procedures.no_energy(station.pixit.message_timeout_s + WATCHED_S)
        async with step.preamble("the station is connected again"):
            await csms.connects(within=station.pixit.long_operation_timeout_s)
        async with step.test("no transaction was begun", EXPIRED):
            await csms.never("StartTransaction", within=csms.message_timeout_s)


@case("ROB_AUTH_04")
async def test_cached_token(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """The CSMS has said once who this is."""
    async with configured201(csms, step, *PRE_AUTHORIZED):
        first = Procedures201(csms, station, bench)
        async with step.preamble("a session of the token has ended"):
            await csms.call("ClearCache")
            await first.learn_rules()
            await first.plug_in()
            await first.present()
            asked = await first.authorize_asked()
            await first.energy_flows(after=asked)
            await first.present()
            await bench.ev.unplug()
            await first.connector_is("Available", since=asked)
        second = Procedures201(csms, station, bench)
        async with step.preamble("the EV is back, and the driver presents the token"):
            rules = await second.learn_rules()
            await second.plug_in()
            await second.connector_is("Occupied", since=rules.told)
            await second.present()
        async with step.test("the token is told in a transaction", CACHED):
            told = await csms.eventually("TransactionEvent", since=rules.told, **token_fields(second.token()))
        async with step.test("the CSMS was not asked for it", CACHED):
            await csms.never("Authorize", after=rules.told, within=told.t - rules.told.t)
