"""OCPP 2.0.1: tokens at the edge of what a token can be (part 2, IdTokenType: 36 characters, case insensitive)."""

from typing import Any

from bench.errors import Absent
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.ocpp201 import REMOTE_START_ID
from fixtures.messages201 import token_fields
from fixtures.procedures201 import Procedures201
from fixtures.steps import Steps
from fixtures.variables201 import ONLINE_AUTHORIZATION, configured
from harness.model.station import Station
from testcases.physical.charging import Outlet

LONG_TOKENS = {
    "of 36 letters and digits in both cases": "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
    "of 36 characters, punctuation among them": "04-A2_F9=c0*7B@11-3f2504e0-4f89-41d3",
}
STARTED = "OCPP 2.0.1 F01.FR.01 to F01.FR.03, IdTokenType: a token has up to 36 characters; a start that is possible is accepted"
TOLD = "OCPP 2.0.1 E01.FR.10, E03.FR.01: the event of the authorization has its idToken; IdTokenType"
SAME_CARD = "OCPP 2.0.1 C01.FR.03, C01.FR.25 and part 2, IdTokenType: the token that began ends the authorization; case does not matter"


def _start(bench: Bench, token: dict[str, str]) -> dict[str, Any]:
    return {"evseId": bench.evse, "remoteStartId": REMOTE_START_ID, "idToken": token}


@case("ROB_TOKEN_01")
async def test_tokens_of_36_characters(csms: Csms, dialect: Dialect, bench: Bench, step: Steps) -> None:
    """A session for each; an app of the operator made them (Central)."""
    for action in ("Authorize", "TransactionEvent"):
        csms.reply_with(action, idTokenInfo={"status": "Accepted"})
    for name, text in LONG_TOKENS.items():
        token = {"idToken": text, "type": "Central"}
        async with step.preamble("an EV is plugged in and asks for energy"):
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
        async with step.test(f"a start with a token {name} is accepted", STARTED):
            reply = await csms.call("RequestStartTransaction", _start(bench, token))
            reply.has(status="Accepted")
        async with step.test(f"the transaction is told with the token {name}", TOLD):
            told = await csms.eventually("TransactionEvent", since=reply, **token_fields(token))
        async with step.preamble("it ends, and the connector is free"):
            charge = Charge(told.get("transactionInfo.transactionId"), told)
            await dialect.ended(charge, await dialect.remote_stop(charge))
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await dialect.freed(charge)


@case("ROB_TOKEN_02")
async def test_a_token_in_other_letters(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The CSMS writes the token in other letters than the card does."""
    session = Procedures201(csms, station, bench)
    token = session.token()
    other = token | {"idToken": token["idToken"].swapcase()}
    if other == token:
        cure = "set valid_id_token in the station file's [pixit] to a card's token with letters in it"
        raise Absent(f"the token {token['idToken']!r} has no letters to be written otherwise. Cure: {cure}")
    async with configured(csms, step, *ONLINE_AUTHORIZATION):
        async with step.preamble("an EV charges for a token in other letters than the card's"):
            await session.plug_in()
            reply = await csms.call("RequestStartTransaction", _start(bench, other))
            reply.has(status="Accepted")
            began = await csms.eventually("TransactionEvent", since=reply, **token_fields(token))
            await Outlet(station, bench).draws()
        async with step.test("the card ends it", SAME_CARD):
            await session.present()
            mine = {"transactionInfo__transactionId": began.get("transactionInfo.transactionId")}
            await csms.eventually("TransactionEvent", triggerReason="StopAuthorized", **mine)
        async with step.test("no current flows any more", dialect.clauses.outlet_off):
            await Outlet(station, bench).rests()
