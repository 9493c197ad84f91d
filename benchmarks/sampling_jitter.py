"""How punctual sampling is on the wall clock, and what it costs the fake CSMS: 1 Modbus meter and 2 SCPI instruments at 200 Hz.

    python benchmarks/sampling_jitter.py [--seconds 20] [--rounds 3] [--busy 0.17] [--own-loop]

`plugproof bench serve` is one process (its instruments answer after 1 to 1.5 ms; it stands for hardware, and is scheduled first where that is allowed); the run, with the rig, the fake CSMS and its trace file, another; the rig's sampling process, which
records to Parquet, the third; a fourth sends the fake CSMS a 1.7 kB MeterValues 50 times a second and times the answers, once without sampling and once with. Start jitter is how long after its
instant (the start of sampling + n * 5 ms) a reading began, as the time stamps in the recorded samples tell; the earliest one is taken for punctual. `--busy` has the run compute for this share of its
time, in pieces of 2 ms. `--own-loop` samples in the run's own event loop instead, for comparison. Exits with 1 when p99 of the start jitter is over the target in the median round, or fewer than
95 % of the instants have a sample.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from websockets.asyncio.client import connect

from bench.clock import LoopClock
from bench.rig import Rig
from bench.sampling.keeping import KEEP_NOTHING
from bench.sampling.talk import Apart
from benchmarks.csms_cpu import fake_csms
from benchmarks.ocppj_parse import meter_values
from fixtures.recording.of_run import zero_utc_us
from fixtures.recording.recorder import WALL, Recorder
from harness.model.topology import load_topology
from reports.samples import gaps_of, samples_of

ROOT = Path(__file__).resolve().parents[1]
TARGET_MS = 1.0
LEAST_SHARE = 0.95
PERIOD_S = 0.005
PIECE_S = 0.002
SETTLE_S = 1.0

_ANALYZER = """
[[instrument]]
name = "analyzer_{n}"
roles = ["power_analyzer"]
driver = "zes_lmg600"
evses = [{n}]
address = "TCPIP::127.0.0.1::{{analyzer_{n}}}::SOCKET"
sample = true
"""
_METER = """
[[instrument]]
name = "meter_1"
roles = ["reference_meter"]
driver = "modbus_meter"
address = "modbus+tcp://127.0.0.1:{meter_1}/1"
sample = true
options = { registers = "eastron_sdm630", max_gap = 40, max_block = 80 }
"""
_ACCURACY = """
[instrument.uncertainty]
voltage = { of_reading_pct = 0.1 }
current = { of_reading_pct = 0.1 }
power = { of_reading_pct = 0.1 }
frequency = { absolute = 0.01 }
energy = { of_reading_pct = 0.1, resolution = 0.1 }
"""
BENCH = f"""
name = "sampling benchmark"
sample_interval_s = 1.0
record_interval_s = {PERIOD_S}
[limits]
max_voltage_v = 300
max_current_a = 80
[virtual]
latency_s = 0.001
latency_jitter_s = 0.0005
""" + "".join(part + _ACCURACY for part in (_ANALYZER.format(n=1), _ANALYZER.format(n=2), _METER))


def served(folder: Path) -> subprocess.Popen[bytes]:
    """The instruments in a process of their own; `real.toml` in the folder is the bench file that reaches them."""
    (folder / "virtual.toml").write_text(BENCH)
    command = [sys.executable, "-c", "from fixtures.cli.main import main; raise SystemExit(main())", "bench", "serve"]
    files = [
        "--bench",
        folder / "virtual.toml",
        "--write-bench",
        folder / "real.toml",
        "--ports-file",
        folder / "ports",
    ]
    process = subprocess.Popen([*command, *map(str, files)], cwd=ROOT, stdout=subprocess.DEVNULL)
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(1))
    end = time.monotonic() + 30
    while not (folder / "ports").exists():
        assert process.poll() is None, "the bench is not served"
        assert time.monotonic() < end, "the bench is not served"
        time.sleep(0.05)
    return process


# -- the client of the fake CSMS, in a process of its own


async def ask(port: int, seconds: float) -> None:
    """Send, time the answers, print the times as JSON."""
    took = []
    text = meter_values()
    async with connect(f"ws://127.0.0.1:{port}/CS0", subprotocols=["ocpp1.6"], compression=None) as socket:
        end = time.perf_counter() + seconds
        number = 0
        while time.perf_counter() < end:
            number += 1
            begun = time.perf_counter()
            await socket.send(text.replace("c7b1cf2e-6b0b-4a2b-9d7e-5d8b3f5f0f11", f"message-{number}"))
            await socket.recv()
            took.append(time.perf_counter() - begun)
            await asyncio.sleep(0.02)
    print(json.dumps(took))


async def answers(port: int, seconds: float) -> list[float]:
    """The fake CSMS's time to answer, in ms."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--ask", str(port), "--seconds", str(seconds), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    return [1000 * took for took in json.loads(output)]


# -- one round


async def busy(share: float) -> None:
    """Compute for this share of the time, as cases and judge do."""
    while share > 0:
        end = time.perf_counter() + PIECE_S
        while time.perf_counter() < end:
            sum(range(100))
        await asyncio.sleep(PIECE_S / share - PIECE_S)


async def round_of(folder: Path, seconds: float, share: float, *, own_loop: bool) -> tuple[list[float], list[float]]:
    """Answer times without and with sampling, in ms."""
    port, stop = await fake_csms(1)
    computing = asyncio.create_task(busy(share))
    without = await answers(port, seconds)
    clock = LoopClock(asyncio.get_running_loop(), datetime.now(UTC))
    text = (folder / "real.toml").read_text()
    apart, recorder = Apart("fixtures.recording", PERIOD_S, folder, zero_utc_us(clock)), None
    if own_loop:
        text = text.replace("sample_interval_s = 1.0", f"sample_interval_s = {PERIOD_S}")
        apart, recorder = None, Recorder(folder, zero_utc_us(clock), WALL, print, background=True)
    topology = load_topology(text, "real.toml")
    async with await Rig.open(topology, clock, keeper=recorder or KEEP_NOTHING, apart=apart) as rig:
        rig.serve("CS0")
        assert not rig.broken, rig.broken
        await asyncio.sleep(SETTLE_S)
        sampled = await answers(port, seconds)
    if recorder is not None:
        recorder.close()
    computing.cancel()
    await stop()
    return without, sampled


def jitter(folder: Path) -> Iterator[tuple[str, list[float], float]]:
    """Of each instrument: by how much later than its instants its readings began (ms), and which share of them was read.

    The instant of a reading is the first that was not over when the one before ended, as the sampler has it.
    """
    readings: dict[str, list[tuple[float, float]]] = {}
    for row in samples_of(folder):
        if row.quantity == "voltage_l1_v":
            readings.setdefault(row.instrument, []).append((row.t_s - row.t_u_s, row.t_s + row.t_u_s))
    for name, spans in sorted(readings.items()):
        start, ended = spans[0]
        count, late = 0, [0.0]
        for begun, end in spans[1:]:
            count = max(count + 1, math.ceil((ended - start) / PERIOD_S))
            late.append(1000 * (begun - start - count * PERIOD_S))
            ended = end
        yield name, [lag - min(late) for lag in late], len(spans) / (count + 1)


def told(values: list[float]) -> str:
    """Percentiles of times in ms."""
    ordered = sorted(values)
    return (
        f"p50 {ordered[len(ordered) // 2]:.3f}, p99 {ordered[int(len(ordered) * 0.99)]:.3f}, max {ordered[-1]:.3f} ms"
    )


def measure(given: argparse.Namespace) -> tuple[float, float]:
    """One round, printed: p99 of all starts in ms, and the least share of instants that an instrument was read at."""
    with tempfile.TemporaryDirectory(prefix="plugproof-") as scratch:
        folder = Path(scratch)
        bench = served(folder)
        try:
            without, sampled = asyncio.run(round_of(folder, given.seconds, given.busy, own_loop=given.own_loop))
        finally:
            bench.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                bench.wait(10)
            bench.kill()
        starts, shares = [], []
        for name, late, share in jitter(folder):
            print(f"  {name:11} start jitter {told(late)}; {len(late)} samples, {100 * share:.1f} % of the instants")
            starts += late
            shares.append(share)
        why = [gap.why for gap in gaps_of(folder)]
        print(
            f"  all         start jitter {told(starts)}; gaps: { {cause: why.count(cause) for cause in set(why)} or 'none' }"
        )
        print(f"  fake CSMS's answers without sampling {told(without)}; with {told(sampled)}")
        assert len(shares) == 3, "an instrument has no samples"
        return sorted(starts)[int(len(starts) * 0.99)], min(shares)


def main() -> int:
    """Measure, print, and end with 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--own-loop", action="store_true")
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        asyncio.run(ask(given.ask, given.seconds))
        return 0
    results = []
    for number in range(1, given.rounds + 1):
        print(f"round {number}, load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores:", flush=True)
        results.append(measure(given))
    p99 = statistics.median(result[0] for result in results)
    share = statistics.median(result[1] for result in results)
    print(
        f"median round: p99 of the start jitter {p99:.3f} ms (target: under {TARGET_MS:g}); {100 * share:.1f} % of the instants read"
    )
    return 0 if p99 < TARGET_MS and share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
