"""Programs of this machine: words in, text and exit code out, and none left behind."""

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from bench.errors import BenchError, InstrumentFault, VerbAbsent

SCRIPT = """#!/bin/sh
echo "$# $*" >> heard.txt
case "$1" in
  id) echo "relay box 3" ;;
  plug) echo "plugged" ;;
  pull) echo "jammed" >&2; exit 3 ;;
  tag) echo "[$2]" ;;
  lock) echo shut ;;
  cp) echo "state C2 at 6.01 V" ;;
  noplug) echo "no such thing"; exit 64 ;;
  slow) sleep 300 & echo $! > child.txt; wait ;;
  leave) setsid sleep 300 & echo $! > child.txt ;;
  endless) yes ;;
  bytes) printf '\\377\\376' ;;
esac
"""
PLUG = {"plug_in": {"send": "plug <cable_rating_a>"}, "unplug": {"send": "pull"}}


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "box.sh"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return f"shell:{path}"


@pytest.fixture
def box(script, commanded, tmp_path):
    def make(verbs=None, roles=("ev_simulator",), **more):
        return commanded(script, verbs or PLUG, roles=roles, working_directory=str(tmp_path), **more)

    return make


def heard(folder):
    return (folder / "heard.txt").read_text().splitlines()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is awaited lies in another process
            await asyncio.sleep(0.01)


async def child_of(folder):
    """The process that the command started, once it has written which."""
    told = folder / "child.txt"
    await until(lambda: told.exists() and told.read_text().endswith("\n"))
    return int(told.read_text())


async def ended(pid):
    """A killed process is gone only when the kernel has come round to it, and its pipes are closed before that."""
    await until(lambda: not alive(pid))


async def test_words_are_appended_and_the_output_is_the_answer(box, tmp_path):
    it = box()
    assert await it.identify() == "relay box 3"
    await it.plug_in(20)
    assert heard(tmp_path) == ["1 id", "2 plug 20"]


async def test_a_value_is_one_word_whatever_it_holds(box, tmp_path):
    it = box({"present": {"send": "tag <token>", "ok": {"equals": "[A $(id); rm *]"}}}, ("id_reader",))
    await it.present("A $(id); rm *")
    assert heard(tmp_path) == ["2 tag A $(id); rm *"]


async def test_a_failing_command_is_told_with_what_it_wrote_to_stderr(box):
    with pytest.raises(
        InstrumentFault, match=r"unplug: it answered 3 'jammed' to .*/box.sh pull; right is code 0. Cure"
    ):
        await box().unplug()


async def test_an_exit_code_may_say_that_it_cannot(box):
    with pytest.raises(VerbAbsent, match="unplug: it answered 64 'no such thing'"):
        await box({**PLUG, "unplug": {"send": "noplug", "cannot": {"code": [64]}}}).unplug()


async def test_queries(box):
    verbs = {
        "locked": {"send": "lock <evse>", "value": {"words": {"shut": True, "open": False}}},
        **PLUG,
        "pilot_state": {"send": "cp", "value": {"matches": "state ([A-F])"}},
    }
    it = box(verbs, ("lock_sensor", "ev_simulator"))
    assert await it.locked() is True
    assert await it.pilot_state() == "C"


@pytest.mark.parametrize(
    ("send", "told"),
    [
        ("endless", "wrote more than 1000000 bytes"),
        ("bytes", "wrote bytes that are no text"),
    ],
)
async def test_what_is_no_answer_is_named(box, send, told):
    with pytest.raises(InstrumentFault, match=told):
        await box({**PLUG, "unplug": {"send": send}}, timeout_s=5).unplug()


async def test_a_command_that_does_not_end_is_killed_with_its_children(box, tmp_path):
    with pytest.raises(InstrumentFault, match=r"unplug: .*/box.sh slow did not end within 2 s. Cure: run it by hand"):
        await box({**PLUG, "unplug": {"send": "slow", "timeout_s": 2}}).unplug()
    await ended(await child_of(tmp_path))


async def test_a_child_that_leaves_the_session_and_holds_the_output_does_not_keep_the_bench(box, tmp_path):
    start = time.monotonic()
    with pytest.raises(InstrumentFault, match=r"did not end within 2 s"):
        await box({**PLUG, "unplug": {"send": "leave", "timeout_s": 2}}).unplug()
    assert time.monotonic() - start < 60  # the child holds it for 300 s
    os.kill(await child_of(tmp_path), 9)


async def test_a_cancelled_caller_leaves_no_process(box, tmp_path):
    it = box({**PLUG, "unplug": {"send": "slow", "timeout_s": 2}})
    task = asyncio.create_task(it.unplug())
    child = await child_of(tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await it.close()
    await ended(child)


async def test_a_command_that_is_not_there_is_a_fault_with_its_cure(commanded):
    it = commanded("shell:/no/such/box --fast", PLUG)
    told = "box at shell:/no/such/box --fast: identify: /no/such/box --fast id cannot be run: No such file or directory. Cure"
    with pytest.raises(InstrumentFault, match=re.escape(told)):
        await it.identify()


async def test_on_simulated_time_a_command_is_refused_with_the_cure(script, commanded):
    with pytest.raises(BenchError, match=r"knows no simulated time. Cure: run with --realtime"):
        commanded(script, PLUG, simulated=True)
