"""Tags at the edge of what a tag can be (OCPP 1.6, 7.28: 20 characters, case insensitive)."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.csms.raw_frames import RawFrames
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken
from testcases.robustness.survival import Survival

LONG_TAGS = {
    "of 20 letters in both cases": "aBcDeFgHiJkLmNoPqRsT",
    "of 20 characters of all sorts": "04-A2:F9_c0.7B/11#=@",
}
BEYOND_ASCII = "Zoë-Straße-Łódź-Ωmeg"
STARTED = "OCPP 1.6 5.11, 7.28: a tag has up to 20 characters; a remote start is accepted where the connector is free"
AS_SET = "OCPP 1.6 6.45, 3.9: StartTransaction has the tag for which the transaction is started, as it was set"
TOLD = "OCPP 1.6 6.45, 5.11: StartTransaction has the tag for which the transaction is started"


def _let_in(csms: Csms) -> None:
    """The CSMS accepts every tag in this case."""
    for action in ("Authorize", "StartTransaction", "StopTransaction"):
        csms.reply_with(action, idTagInfo={"status": "Accepted"})


async def _began(csms: Csms, since: Seen, connector: int) -> Charge:
    began = await csms.eventually("StartTransaction", since=since, connectorId=connector)
    return Charge((await csms.answered(began)).get("transactionId"), began)


@case("ROB_TAG_01")
async def test_tags_of_20_characters(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A session for each."""
    connector = Procedures16(csms, station, bench).connector_id
    _let_in(csms)
    for name, tag in LONG_TAGS.items():
        async with step.preamble("the cable is in"):
            await bench.ev.plug_in()
        async with step.test(f"a remote start with a tag {name} is accepted", STARTED):
            reply = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
            reply.has(status="Accepted")
        async with step.test(f"the transaction is told with the tag {name}", TOLD):
            charge = await _began(csms, reply, connector)
            charge.began.has(idTag=SameToken(tag))
        async with step.test(f"it is stopped (tag {name})", "OCPP 1.6 5.12"):
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            if ended.get("idTag") is not None:
                ended.has(idTag=SameToken(tag))
        async with step.preamble("the connector is free"):
            await bench.ev.unplug()
            await dialect.freed(charge)


@case("ROB_TAG_02")
async def test_a_tag_beyond_ascii(
    csms: Csms,
    dialect: Dialect,
    frames: RawFrames,
    station: Station,
    bench: Bench,
    step: Steps,
    survival: Survival,
) -> None:
    """Whether it is taken is the station's affair (OCPP-J 1.6 4.1.2: such characters SHOULD be for texts only)."""
    connector = Procedures16(csms, station, bench).connector_id
    _let_in(csms)
    async with step.preamble("the cable is in"):
        await bench.ev.plug_in()
    async with step.test("a remote start with such a tag is answered", "OCPP-J 1.6 4.1.1, 4.2.2"):
        sent = await frames.call("RemoteStartTransaction", {"idTag": BEYOND_ASCII, "connectorId": connector})
        reply = await csms.reply_to(sent)
    if not reply.is_error and reply.get("status") == "Accepted":
        async with step.test("the transaction is told with that very tag", TOLD):
            charge = await _began(csms, reply, connector)
            charge.began.has(idTag=SameToken(BEYOND_ASCII))
        async with step.preamble("it ends"):
            await dialect.ended(charge, await dialect.remote_stop(charge))
            await bench.ev.unplug()
            await dialect.freed(charge)
    async with step.test("the station answers an ordinary request", survival.clause):
        await survival.answers()


@case("ROB_TAG_03")
async def test_the_tag_of_free_vend(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Nobody presents anything."""
    procedures, key = Procedures16(csms, station, bench), str(station.pixit.free_vend_setting)
    async with configured(csms, step, station, {key: procedures.tag}):
        async with step.preamble("an EV is plugged in"):
            heard = await csms.call("GetConfiguration", key=[key])
            await procedures.plug_in()
        async with step.test("a transaction is told with the tag that was set", AS_SET):
            began = await csms.next("StartTransaction", after=heard, connectorId=procedures.connector_id)
            began.has(idTag=SameToken(procedures.tag))
            charge = Charge((await csms.answered(began)).get("transactionId"), began)
        async with step.test("current flows", "OCPP 1.6 4.8, 4.1: energy is supplied to a transaction"):
            await procedures.energy_flows()
        async with step.preamble("the EV leaves"):
            await dialect.ended(charge, await dialect.remote_stop(charge))
            await procedures.unplug()
            await dialect.freed(charge)
