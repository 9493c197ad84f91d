"""Lists of configuration keys as long as the station says that they may be (OCPP 1.6)."""

from fixtures.cases import case
from fixtures.configuration16 import read, settings
from fixtures.csms.facade import Csms, Seen
from fixtures.csms.raw_frames import RawFrames
from fixtures.steps import Steps
from testcases.robustness.survival import Survival

MOST = 200
"""Keys of one request, where the station names no lower maximum."""

KEY_LENGTH = 50
ALL_TOLD = "OCPP 1.6 5.8: recognized keys are returned with their values, unrecognized ones as unknown keys"


def unknown_keys(count: int) -> list[str]:
    """Keys that no station has, each as long as a key may be."""
    return [f"PlugproofNoSuchKey{number:04d}".ljust(KEY_LENGTH, "x") for number in range(count)]


def told(reply: Seen) -> list[str]:
    """Every key in an answer, in small letters, as often as it stands there."""
    listed = reply.get("configurationKey", [])
    known = [str(entry.get("key")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    unknown = reply.get("unknownKey", [])
    return [key.casefold() for key in (*known, *(unknown if isinstance(unknown, list) else []))]


@case("ROB_KEYS_01")
async def test_maximal_lists_of_keys(csms: Csms, frames: RawFrames, survival: Survival, step: Steps) -> None:
    """The maximum is the station's own."""
    async with step.preamble("the station's keys, and how many it takes at once"):
        known = [setting.key for setting in settings(await csms.call("GetConfiguration")).values()]
        maximum = await read(csms, "GetConfigurationMaxKeys")
        stated = "" if maximum is None else maximum.value or ""
        limit = int(stated) if stated.isdecimal() else MOST
        count = max(1, min(limit, MOST))
    async with step.test("as many keys as it takes are all answered", ALL_TOLD):
        half = known[: count // 2]
        asked = [*half, *unknown_keys(count - len(half))]
        reply = await csms.call("GetConfiguration", key=asked)
        missing = set(map(str.casefold, asked)) ^ set(told(reply))
        csms.holds("keys missing, or told without being asked for", len(missing), (reply,), high=0)
        csms.holds("keys told", len(told(reply)), (reply,), low=count, high=count)
    async with step.test("a list of unknown keys alone is answered", ALL_TOLD):
        asked = unknown_keys(1)
        reply = await csms.call("GetConfiguration", key=asked)
        csms.holds("keys told", len(told(reply)), (reply,), low=1, high=1)
        reply.has(unknownKey=asked)
    async with step.test("one key too many leaves the station at work", survival.clause):
        await frames.answer(await frames.call("GetConfiguration", {"key": unknown_keys(limit + 1)}))
        await survival.answers()
