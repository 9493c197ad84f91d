"""Requests that are not proper: they are refused in the right form or dropped, nothing comes of them, and the station lives on."""

from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.csms.raw_frames import RawFrames
from fixtures.steps import Steps
from harness.ocppj.json_text import dumps
from testcases.robustness.calls import MISFITS, NO_ACTION, NOT_KNOWN, ORDINARY, RULES, not_accepted
from testcases.robustness.survival import Survival

LONG_ID = "0123456789-abcdefghij-ABCDEFGHIJ-xyz"
"""As long as an id can be: 36 characters."""

HUGE = {"a quarter of a megabyte": 250_000, "two megabytes": 2_000_000}
"""Lengths of a text in a request. No document bounds it, and no station has to take it."""


@case("ROB_CALL_01")
async def test_unknown_actions(frames: RawFrames, survival: Survival, step: Steps, ocpp: str) -> None:
    """An action that no version has, and one that differs from a real one in its case only."""
    rules = RULES[ocpp]
    for name, action in {"no version has": NO_ACTION, "differs in its case from a real one": "clearCACHE"}.items():
        async with step.test(f"an action that {name} is refused", rules.unknown):
            sent = await frames.call(action, {})
            await frames.refused(sent, codes=NOT_KNOWN, silence_ok=rules.may_drop)
    async with step.test("the station answers an ordinary request", survival.clause):
        await survival.answers()


@case("ROB_CALL_02")
async def test_payloads_that_break_the_schema(
    csms: Csms, frames: RawFrames, survival: Survival, step: Steps, ocpp: str
) -> None:
    """A required message, wrong in one thing at a time."""
    rules = RULES[ocpp]
    for name, (action, payload) in MISFITS[ocpp].items():
        async with step.test(f"a request that {name} is not accepted", rules.misfit):
            await not_accepted(csms, frames, await frames.call(action, payload), rules)
    async with step.test("the station answers an ordinary request", survival.clause):
        await survival.answers()


@case("ROB_CALL_03")
async def test_payloads_that_are_no_object(frames: RawFrames, survival: Survival, step: Steps, ocpp: str) -> None:
    """A list, a text and a number in the payload's place; null is the empty payload."""
    rules = RULES[ocpp]
    for name, payload in {"a list": [], "a text": "text", "a number": 7}.items():
        async with step.test(f"the station answers a request after one whose payload is {name}", survival.clause):
            sent = await frames.call(rules.idle_action, payload)
            await frames.answer(sent)
            await survival.answers()
    async with step.test("a request whose payload is null is answered", rules.null):
        sent = await frames.call(rules.idle_action, None)
        await survival.csms.reply_to(sent, error_ok=False)


@case("ROB_CALL_04")
async def test_wrong_numbers_of_elements(frames: RawFrames, survival: Survival, step: Steps, ocpp: str) -> None:
    """From too few to too many. A station of 1.6 may even make something of them."""
    rules = RULES[ocpp]
    for name, rest in {"one element": 0, "two": 1, "three": 2, "five": 4}.items():
        elements = [frames.new_id(), rules.idle_action, {}, {}][:rest]
        async with step.test(f"a CALL of {name} is survived", rules.elements):
            sent = await frames.send(dumps([2, *elements]))
            if rules.refuses_misfits:
                await frames.refused(sent, silence_ok=True)
            else:
                await frames.answer(sent)
            await survival.answers()


@case("ROB_CALL_05")
async def test_unknown_message_types(frames: RawFrames, survival: Survival, step: Steps, ocpp: str) -> None:
    """A type that no version has, and those that came with 2.1; the payload is that of a real request."""
    rules = RULES[ocpp]
    codes = (rules.type_code,) if rules.type_code else ()
    for type_id in (9, 6, 0):
        async with step.test(f"nothing is made of message type {type_id}", rules.type):
            sent = await frames.send(dumps([type_id, frames.new_id(), *ORDINARY[ocpp]]))
            await frames.refused(sent, codes=codes, silence_ok=rules.type_code is None)
    async with step.test("the station answers an ordinary request", survival.clause):
        await survival.answers()


@case("ROB_CALL_06")
async def test_message_ids(csms: Csms, frames: RawFrames, survival: Survival, step: Steps, ocpp: str) -> None:
    """One as long as it may be, and one that needs escapes; then ids that no message may have."""
    rules = RULES[ocpp]
    number = frames.new_id()
    for name, message_id in {
        "of 36 characters": f"{number}{LONG_ID}"[:36],
        "with characters that JSON escapes": f'{number} "\\/',
    }.items():
        async with step.test(f"an id {name} comes back as it was", rules.echo):
            await csms.reply_to(await frames.call(rules.idle_action, {}, message_id), error_ok=False)
    for name, odd in {
        "of 60 characters": f"{number}-{'x' * 60}"[:60],
        "that is a number": 17,
        "that is null": None,
    }.items():
        async with step.test(f"the station answers a request after an id {name}", survival.clause):
            await frames.answer(await frames.send(dumps([2, odd, rules.idle_action, {}])))
            await survival.answers()


@case("ROB_CALL_07")
async def test_answers_to_nothing(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """Answers to requests that the station never made, whole and broken."""
    made_up = {
        "a result": [3, "no-such-request", {"status": "Accepted"}],
        "an error": [4, "no-such-request", "InternalError", "", {}],
        "a result of two elements": [3, "no-such-request"],
        "an error of three elements": [4, "no-such-request", "InternalError"],
    }
    for name, elements in made_up.items():
        async with step.test(f"the station answers a request after {name} that it never asked for", survival.clause):
            await frames.send(dumps(elements))
            await survival.answers()


@case("ROB_CALL_08")
async def test_huge_payloads(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """The station may take it, refuse it, or end the connection (RFC 6455 7.4.1: 1009); it is there afterwards."""
    for name, length in HUGE.items():
        async with step.test(f"the station answers a request after one of {name}", survival.clause):
            payload = {"vendorId": "org.example.no-such-vendor", "data": "x" * length}
            sent = await frames.call("DataTransfer", payload)
            await frames.answer(sent)
            await survival.answers()
