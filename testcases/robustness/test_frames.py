"""Texts that are no message of OCPP-J: the station lives on, on any OCPP version."""

from fixtures.cases import case
from fixtures.csms.raw_frames import RawFrames
from fixtures.steps import Steps
from testcases.robustness.survival import Survival

NO_JSON = {
    "plain words": "Good morning",
    "an empty text": "",
    "a request that is cut off": '[2,"cut-off","Reset',
    "two requests in one text": '[2,"first","ClearCache",{}][2,"second","ClearCache",{}]',
    "brackets that never close": "[" * 5000,
}

NO_MESSAGE = {
    "an object": '{"messageTypeId":2,"action":"ClearCache"}',
    "an empty list": "[]",
    "a list in a list": '[[2,"inside","ClearCache",{}]]',
    "a number": "2",
    "null": "null",
    "a message type that is a text": '["2","type-in-text","ClearCache",{}]',
    "an action that is a number": '[2,"action-number",5,{}]',
}

ODD_BYTES = b'[2,"\xff\xfe","ClearCache",{}]'


@case("ROB_FRAME_01")
async def test_texts_that_are_no_json(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """One after another; between them the station is asked something that it knows."""
    async with step.preamble("the station answers"):
        await survival.answers()
    for name, text in NO_JSON.items():
        async with step.test(f"the station answers a request after {name}", survival.clause):
            await frames.send(text)
            await survival.answers()


@case("ROB_FRAME_02")
async def test_json_that_is_no_message(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """As above, with JSON."""
    async with step.preamble("the station answers"):
        await survival.answers()
    for name, text in NO_MESSAGE.items():
        async with step.test(f"the station answers a request after {name}", survival.clause):
            await frames.answer(await frames.send(text))
            await survival.answers()


@case("ROB_FRAME_03")
async def test_bytes(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """Binary messages, which OCPP-J has none of, and a text message that is not UTF-8: a WebSocket must fail there (RFC 6455, 8.1)."""
    async with step.preamble("the station answers"):
        await survival.answers()
    async with step.test("the station answers a request after a binary message that is no text", survival.clause):
        await frames.send(b"\x00\x01\xfe\xff")
        await survival.answers()
    async with step.test(
        "the station answers a request after a binary message that reads as a request", survival.clause
    ):
        await frames.answer(await frames.send(b'[2,"binary-request","ClearCache",{}]'))
        await survival.answers()
    async with step.test("the station answers a request after a text that is not UTF-8", survival.clause):
        sent = await frames.send_text_bytes(ODD_BYTES)
        await frames.answer(sent)
        await survival.answers()
