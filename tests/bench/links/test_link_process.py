import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.errors import BenchError, InstrumentFault
from bench.links.process import ProcessLink, Shown

PROGRAM = Path(__file__).with_name("keyed_program.py")
FOLDER = Path(__file__).parents[3]


@pytest.fixture
async def program(tmp_path):
    made = []

    def make(*arguments, farewell=b"", ready="ready"):
        link = ProcessLink("peer", f"process:{sys.executable} {PROGRAM} {' '.join(arguments)}", 2.0)
        link.configure(
            directory=tmp_path, variables={"MARK": "m1"}, log=tmp_path / "log", farewell=farewell, ready=ready
        )
        made.append(link)
        return link

    yield make
    for link in made:
        await link.close()


def pid_of(link, name="pid"):
    return int(re.search(rf"{name}=(\d+)\.", link.shown.since(0))[1])


def alive(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


async def gone(pid):
    for _ in range(100):
        if not alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_keys_go_in_and_what_is_shown_comes_out_without_terminal_controls(program, tmp_path):
    link = program()
    await link.start()
    assert await link.wait_ready(5)
    assert "ready Status: idle [m1]" in link.shown.since(0)
    position = await link.press(b"abc")
    assert await link.wait_shown("typed 'abc'", position, 2)
    assert not await link.wait_shown("ready", position, 0.05)
    assert b"\x1b[32mready\x1b[0m" in (tmp_path / "log").read_bytes()


async def test_quiet_is_awaited_and_not_for_ever(program):
    link = program("chatter")
    await link.start()
    assert await link.wait_ready(5)
    started = asyncio.get_running_loop().time()
    assert not await link.wait_quiet(0.2, 0.5)
    assert asyncio.get_running_loop().time() - started >= 0.5
    await link.press(b"x")
    assert await link.wait_quiet(0.2, 5)


async def test_it_ends_by_its_own_keys(program):
    link = program(farewell=b"q")
    await link.start()
    assert await link.wait_ready(5)
    pid = pid_of(link)
    await link.close()
    assert "bye" in link.shown.since(0)
    assert not alive(pid)
    assert not link.running


async def test_one_that_heeds_neither_keys_nor_sigterm_is_killed_with_its_children(program, monkeypatch):
    monkeypatch.setattr("bench.links.process.PATIENCE_S", 0.2)
    link = program("stubborn", "child", farewell=b"q")
    await link.start()
    assert await link.wait_ready(5)
    pid, child = pid_of(link), pid_of(link, "child")
    await link.close()
    assert not alive(pid)
    assert await gone(child)


async def test_a_kill_is_at_once_and_it_can_be_started_again(program):
    link = program(farewell=b"q")
    await link.start()
    assert await link.wait_ready(5)
    first = pid_of(link)
    await link.kill()
    assert not link.running
    assert "bye" not in link.shown.since(0)
    await link.start()
    assert await link.wait_ready(5)
    assert pid_of(link) != first


async def test_a_program_that_is_not_there_shows_why(program):
    link = ProcessLink("peer", "process:no-such-program --x", 2.0)
    link.configure(directory=Path(), variables={}, log=None, farewell=b"", ready="never")
    await link.start()
    assert not await link.wait_ready(5)
    with pytest.raises(InstrumentFault, match=r"does not run.*no-such-program cannot be run: No such file"):
        await link.press(b"a")
    await link.close()


async def test_a_working_directory_that_is_not_there_is_a_named_fault():
    link = ProcessLink("peer", "process:true", 2.0)
    link.configure(directory=Path("/no/such/place"), variables={}, log=None, farewell=b"", ready="")
    with pytest.raises(InstrumentFault, match=r"cannot be started.*Cure: check command and working_directory"):
        await link.start()
    await link.close()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "process:", "process:a 'b"])
def test_an_address_that_is_no_program_is_refused(address):
    with pytest.raises(BenchError, match=r"is not a program. Cure: write process:"):
        ProcessLink("peer", address, 2.0)


def test_a_control_sequence_cut_in_two_is_not_shown():
    shown = Shown()
    shown.add(b"a\x1b[3")
    shown.add(b"2mb\xe2\x82")
    shown.add(b"\xac")
    assert shown.since(0) == "ab€"


def test_only_the_newest_part_is_kept_and_positions_stay_true():
    shown = Shown("begin")
    shown.add(b"begin ")
    position = shown.end
    shown.add(b"x" * 300_000 + b"last")
    assert shown.ready
    assert shown.since(position).endswith("xlast")
    assert len(shown.since(0)) == 200_000
    assert shown.end == 300_010


async def test_the_program_ends_when_the_bench_is_killed(tmp_path):
    """Nothing can clean up after SIGKILL but the kernel: it hangs the program's terminal up."""
    bench = f"""
import asyncio
from pathlib import Path
from bench.links.process import ProcessLink

async def main():
    link = ProcessLink("peer", "process:{sys.executable} {PROGRAM}", 2.0)
    link.configure(directory=Path(), variables={{}}, log=None, farewell=b"", ready="ready")
    await link.start()
    assert await link.wait_ready(5)
    print(link.shown.since(0), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", bench, cwd=FOLDER, stdout=asyncio.subprocess.PIPE
    )
    line = (await process.stdout.readline()).decode()
    pid = int(re.search(r"pid=(\d+)\.", line)[1])
    assert alive(pid)
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()
    assert await gone(pid)
