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


@case("ROB_FRAME_01")
async def test_texts_that_are_no_json(frames: RawFrames, survival: Survival, step: Steps) -> None:
    """One after another; between them the station is asked something that it knows."""
    async with step.preamble("the station answers"):
        await survival.answers()
    for name, text in NO_JSON.items():
        async with step.test(f"the station answers a request after {name}", survival.clause):
            await frames.send(text)
            await survival.answers()
