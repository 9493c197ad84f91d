import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.watchdog.keeper import Watchdog

ROOT = Path(__file__).parents[3]
BENCH = """
name = "guarded"
[limits]
max_voltage_v = 253
max_current_a = 32

[[instrument]]
name = "ev_1"
roles = ["ev_simulator"]
driver = "modbus_ev_box"
address = "modbus+tcp://127.0.0.1:%d/1"
timeout_s = 0.3

[[instrument]]
name = "not_in_the_safe_state"
roles = ["id_reader"]
driver = "line_panel"
address = "tcp://127.0.0.1:1"

[[safe_state]]
instrument = "ev_1"
verb = "request_energy"
args = {on = false}

[[safe_state]]
instrument = "ev_1"
verb = "unplug"
readback = "pilot_state"
expected = "A"
"""


@pytest.fixture
async def trouble(modbus_unit, tmp_path):
    """Runs a harness of this fate on a bench with the cable in; gives its exit code and the watchdog's process id."""
    modbus_unit.coils.update({0: True, 1: True, 2: True})
    bench = tmp_path / "bench.toml"
    bench.write_text(BENCH % modbus_unit.port)

    async def run(fate):
        script = Path(__file__).with_name("harness_in_trouble.py")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, bench, tmp_path, fate, stdout=asyncio.subprocess.PIPE, env=environment
        )
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode, int(out)

    return run


async def report(folder):
    path = folder / "watchdog.json"
    async with asyncio.timeout(60):
        while not path.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
    return json.loads(path.read_bytes())


async def gone(pid):
    async with asyncio.timeout(60):
        while Path(f"/proc/{pid}").exists():  # noqa: ASYNC110, ASYNC240 - it is no child of ours
            await asyncio.sleep(0.02)
    return True


def plugged(unit):
    return [unit.coils.get(address) for address in range(3)]


async def test_a_harness_that_dies_leaves_a_safe_bench_and_a_report(trouble, modbus_unit, tmp_path):
    code, watchdog = await trouble("dies")
    assert code == -signal.SIGKILL
    told = await report(tmp_path)
    assert (told["safe"], told["end"], told["attempts"]) == (True, "died", 1)
    assert [(step["step"]["verb"], step["what"]) for step in told["steps"]] == [
        ("request_energy", "applied"),
        ("unplug", "pilot_state reads 'A'"),
    ]
    assert plugged(modbus_unit) == [False, False, False]
    assert await gone(watchdog)
    assert not (tmp_path / "watchdog.log").exists()


async def test_a_harness_that_stands_still_is_ended_before_the_bench_is_made_safe(trouble, modbus_unit, tmp_path):
    code, watchdog = await trouble("stalls")
    assert code == -signal.SIGKILL
    told = await report(tmp_path)
    assert (told["safe"], told["end"]) == (True, "stalled")
    assert "stood still for 1 s" in told["why"]
    assert plugged(modbus_unit) == [False, False, False]
    assert await gone(watchdog)


async def test_a_living_harness_is_let_alone_and_its_watchdog_goes_with_it(trouble, modbus_unit, tmp_path):
    code, watchdog = await trouble("lives")
    assert code == 0
    assert plugged(modbus_unit) == [True, True, True]
    assert not (tmp_path / "watchdog.json").exists()
    assert not (tmp_path / "watchdog.log").exists()
    assert await gone(watchdog)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signals_meant_for_the_run_do_not_end_the_watchdog(modbus_unit, tmp_path, number):
    watchdog = Watchdog.start(BENCH % modbus_unit.port, "bench.toml", {}, tmp_path, 30.0)
    await watchdog.ready()
    assert os.getsid(watchdog.pid) == watchdog.pid
    os.kill(watchdog.pid, number)
    await asyncio.sleep(0.3)
    assert watchdog.gone() == ""
    await watchdog.farewell()
    assert "ended by itself (code 0)" in watchdog.gone()


async def test_a_watchdog_that_was_ended_is_missed(modbus_unit, tmp_path):
    watchdog = Watchdog.start(BENCH % modbus_unit.port, "bench.toml", {}, tmp_path, 30.0)
    await watchdog.ready()
    os.kill(watchdog.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while not watchdog.gone():  # noqa: ASYNC110 - a process ends
            await asyncio.sleep(0.02)
    assert "code -9" in watchdog.gone()
    await watchdog.farewell()


async def test_a_bench_that_cannot_be_made_safe_is_reported_so(trouble, modbus_unit, tmp_path):
    modbus_unit.stuck = True
    await trouble("dies")
    told = await report(tmp_path)
    assert (told["safe"], told["attempts"]) == (False, 3)
    assert "coil 3 did not switch off" in told["steps"][0]["what"]
    assert len(told["earlier"]) == 4


async def test_a_watchdog_that_cannot_read_its_bench_ends_the_run_before_it_begins(tmp_path):
    watchdog = Watchdog.start("name = 1", "bench.toml", {}, tmp_path, 30.0)
    with pytest.raises(BenchError, match="the watchdog did not start"):
        await watchdog.ready()
    await watchdog.farewell()
    assert "name" in (tmp_path / "watchdog.log").read_text()
