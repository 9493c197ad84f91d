"""Several virtual benches on one machine: CPU of N runs side by side against the same runs one after the other.

    python benchmarks/parallel_benches.py [--benches 8] [--rounds 5] [pytest options, e.g. --ocpp 1.6]

Each bench is a process of its own, as in a lab. CPU is user plus system time of all of them (getrusage of the children); the target is at
most 15 % more side by side, in the median of the rounds. Within a round both ways take turns, the order changing from round to round, so that
whatever else the machine does falls on both. All runs share one runs directory: every one must end green in a folder of its own.

CPU time is no measure of work where processors share a core, a cache or a clock: any program takes more of it beside another. So each
round also runs a control, a plain computation in as many processes, in both ways: what it costs more is the machine's, not ours.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench" / "topologies" / "virtual.toml"
STATION = ROOT / "fixtures" / "stations" / "virtual.toml"
TARGET_PCT = 15.0
CONTROL = [sys.executable, "-c", "sum(len(str(n)) for n in range(6_000_000))"]


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of wall time."""

    cpu_s: float
    wall_s: float


def command(runs: Path, extra: list[str]) -> list[str]:
    """One run of the suite on a virtual bench."""
    start = [sys.executable, "-m", "pytest", "testcases", "-q", "-p", "no:cacheprovider"]
    return [*start, "--bench", str(BENCH), "--station", str(STATION), "--runs", str(runs), *extra]


def cpu_s() -> float:
    """CPU of all children that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_all(one: list[str], processes: int, *, at_once: bool) -> Cost:
    """Run this command so often, side by side or one after the other, and tell the cost."""
    before, begun = cpu_s(), time.perf_counter()
    for size in [processes] if at_once else [1] * processes:
        started = [
            subprocess.Popen(one, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(size)
        ]
        codes = [process.wait() for process in started]
        if any(codes):
            sys.exit(f"a run ended with {max(codes)}: nothing is measured")
    return Cost(cpu_s() - before, time.perf_counter() - begun)


def measure(benches: int, extra: list[str], *, at_once: bool) -> Cost:
    """Run them, see that each is green in a folder of its own, and tell the cost."""
    with tempfile.TemporaryDirectory(prefix="plugproof-") as scratch:
        runs = Path(scratch)
        cost = run_all(command(runs, extra), benches, at_once=at_once)
        folders = [path for path in runs.iterdir() if path.is_dir() and not path.is_symlink()]
        green = [msgspec.json.decode((folder / "record.json").read_bytes())["green"] for folder in folders]
        if len(folders) != benches or not all(green):
            sys.exit(f"{len(folders)} folders for {benches} runs, {sum(green)} green: nothing is measured")
        return cost


def both(measured: Callable[[bool], Cost], *, alone_first: bool) -> tuple[Cost, Cost]:
    """One after the other, and side by side, measured in this order or the other one."""
    if alone_first:
        return measured(False), measured(True)
    at_once = measured(True)
    return measured(False), at_once


def surplus_pct(alone: Cost, at_once: Cost) -> float:
    """How much more CPU side by side, in per cent."""
    return 100 * (at_once.cpu_s / alone.cpu_s - 1)


def main() -> int:
    """Measure, print, and end with 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--benches", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    given, extra = parser.parse_known_args()
    surplus, control = [], []
    for number in range(1, given.rounds + 1):
        one, all_ = both(lambda at_once: measure(given.benches, extra, at_once=at_once), alone_first=number % 2 == 1)
        plain = both(lambda at_once: run_all(CONTROL, given.benches, at_once=at_once), alone_first=number % 2 == 1)
        surplus.append(surplus_pct(one, all_))
        control.append(surplus_pct(*plain))
        print(
            f"round {number}: {given.benches} one after the other {one.cpu_s:.1f} s CPU, {one.wall_s:.1f} s wall; side by side "
            f"{all_.cpu_s:.1f} s CPU, {all_.wall_s:.1f} s wall: {surplus[-1]:+.1f} % CPU; control {control[-1]:+.1f} %; "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    median = statistics.median(surplus)
    print(
        f"median {median:+.1f} % CPU (target: at most {TARGET_PCT:+.0f} %), from {min(surplus):+.1f} to {max(surplus):+.1f} %; "
        f"control {statistics.median(control):+.1f} %; {os.cpu_count()} CPUs"
    )
    return 0 if median <= TARGET_PCT else 1


if __name__ == "__main__":
    sys.exit(main())
