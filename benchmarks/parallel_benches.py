"""Several virtual benches on one machine: CPU of N runs side by side against the same runs one after the other.

    python benchmarks/parallel_benches.py [--benches 8] [--rounds 3] [pytest options, e.g. --ocpp 1.6]

Each bench is a process of its own, as in a lab. CPU is user plus system time of all of them (getrusage of the children); the target is at
most 15 % more side by side. All runs share one runs directory: every one must end green in a folder of its own.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench" / "topologies" / "virtual.toml"
STATION = ROOT / "fixtures" / "stations" / "virtual.toml"
TARGET_PCT = 15.0


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


def measure(benches: int, extra: list[str], *, at_once: bool) -> Cost:
    """Run them, see that each is green in a folder of its own, and tell the cost."""
    with tempfile.TemporaryDirectory(prefix="plugproof-") as scratch:
        runs = Path(scratch)
        before, begun = cpu_s(), time.perf_counter()
        batches = [benches] if at_once else [1] * benches
        for size in batches:
            processes = [
                subprocess.Popen(command(runs, extra), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(size)
            ]
            codes = [process.wait() for process in processes]
            if any(codes):
                sys.exit(f"a run ended with {max(codes)}: nothing is measured")
        cost = Cost(cpu_s() - before, time.perf_counter() - begun)
        folders = [path for path in runs.iterdir() if path.is_dir() and not path.is_symlink()]
        green = [msgspec.json.decode((folder / "record.json").read_bytes())["green"] for folder in folders]
        if len(folders) != benches or not all(green):
            sys.exit(f"{len(folders)} folders for {benches} runs, {sum(green)} green: nothing is measured")
        return cost


def main() -> int:
    """Measure, print, and end with 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--benches", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    given, extra = parser.parse_known_args()
    surplus = []
    for number in range(1, given.rounds + 1):
        one = measure(given.benches, extra, at_once=False)
        all_ = measure(given.benches, extra, at_once=True)
        surplus.append(100 * (all_.cpu_s / one.cpu_s - 1))
        print(
            f"round {number}: {given.benches} one after the other {one.cpu_s:.1f} s CPU, {one.wall_s:.1f} s wall; side by side "
            f"{all_.cpu_s:.1f} s CPU, {all_.wall_s:.1f} s wall: {surplus[-1]:+.1f} % CPU",
            flush=True,
        )
    median = statistics.median(surplus)
    print(
        f"median {median:+.1f} % CPU (target: at most {TARGET_PCT:+.0f} %), load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} CPUs"
    )
    return 0 if median <= TARGET_PCT else 1


if __name__ == "__main__":
    sys.exit(main())
