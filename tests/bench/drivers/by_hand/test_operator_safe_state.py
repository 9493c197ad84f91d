"""The safe state where a person has a part in it."""

import asyncio
from datetime import UTC, datetime

import pytest

from bench.clock import LoopClock
from bench.rig import Rig
from bench.stimuli import Silent
from harness.model.topology import load_topology

BENCH = """
name = "hands"
[limits]
max_voltage_v = 253
max_current_a = 32
[[instrument]]
name = "hand"
roles = ["ev_simulator", "panel"]
driver = "operator"
address = "terminal:DEVICE"
options.verbs.plug_in = {}
options.verbs.unplug = {}
options.verbs.press_emergency_release = {}
options.safe_state_s = 0.3
[[instrument]]
name = "bay"
roles = ["parking_bay"]
driver = "line_panel"
address = "tcp://127.0.0.1:PORT"
[[safe_state]]
instrument = "hand"
verb = "unplug"
[[safe_state]]
instrument = "hand"
verb = "press"
args = { button = "emergency_release" }
[[safe_state]]
instrument = "bay"
verb = "leave"
"""


class Heard(Silent):
    def __init__(self):
        self.answers = []

    def on_answer(self, answer):
        self.answers.append(answer)


@pytest.fixture
async def rig(talker, colleague):
    server = await talker({"*IDN?": "BAY", "BAY 1 free": "OK"})
    text = BENCH.replace("DEVICE", colleague.device).replace("PORT", str(server.port))
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
    heard = Heard()
    made = await Rig.open(load_topology(text, "bench.toml"), clock, on_event=heard)
    made.heard = heard
    yield made
    await made.close()


async def test_the_safe_state_waits_for_nobody_and_says_what_is_not_confirmed(rig):
    before = asyncio.get_running_loop().time()
    steps = await rig.close()
    assert asyncio.get_running_loop().time() - before < 1.0
    assert [(step.step.instrument, step.ok) for step in steps] == [("bay", True), ("hand", False), ("hand", False)]
    assert steps[1].what.startswith(
        "not confirmed: hand: unplug was asked of a person, and nobody answered within 0.3 s"
    )
    assert "nobody is there: an earlier question" in steps[2].what
    assert [answer.answer for answer in rig.heard.answers] == ["no answer"]


async def test_the_safe_state_is_asked_for_even_if_it_was_confirmed_before(rig, colleague):
    for call in (rig.ev().unplug(), rig.close()):
        asked = asyncio.ensure_future(call)
        await colleague.sees("Pull the car's plug")
        colleague.types("d\n")
        if call.__name__ == "close":
            await colleague.sees("Release the emergency stop")
            colleague.types("d\n")
        result = await asked
    assert [(step.ok, step.what) for step in result][1:] == [(True, "confirmed by the person at the bench")] * 2
