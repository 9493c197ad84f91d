"""How long a simulated soak takes, what it finds and how much memory it needs: `python benchmarks/soak.py --hours 3 24`.

Each is ROB_SOAK_01 in a process of its own, on the virtual bench. Exit code 1 for a run that is not green.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.record import from_json

ROOT = Path(__file__).resolve().parent.parent
SESSIONS_A_STEP = 20


def soak(version: str, hours: float) -> bool:
    """Run one and print its row; True when it was green without a finding."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "pytest", "testcases", "-q", "-p", "no:cacheprovider", "--no-samples"]
        command += ["--bench", "bench/topologies/virtual.toml", "--station", "fixtures/stations/virtual.toml"]
        command += ["--case", "ROB_SOAK_01", "--ocpp", version, "--soak", str(hours), "--runs", runs]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        latest = Path(runs, "latest")
        record = from_json((latest / "record.json").read_bytes())
        lines = (latest / "trace.jsonl").read_bytes().count(b"\n")
    case = record.cases[0]
    sessions = SESSIONS_A_STEP * sum(step.kind == "test" for step in case.steps)
    cpu = usage.ru_utime + usage.ru_stime
    print(
        f"| {version} | {(case.ended - case.started) / 3600:.1f} h | {sessions:,} | {lines:,} | {case.result.value} | {len(record.findings)} | "
        f"{seconds:.0f} s | {cpu:.0f} s | {usage.ru_maxrss / 1024:.0f} MB |",
        flush=True,
    )
    return process.returncode == 0 and not record.findings


def main() -> int:
    """The table."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--hours", type=float, nargs="+", default=[3.0, 24.0])
    made.add_argument("--ocpp", nargs="+", default=["1.6", "2.0.1"])
    arguments = made.parse_args()
    print(
        "| OCPP | on the bench's clock | sessions | trace lines | result | findings | wall | processor | peak memory |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    green = [soak(version, hours) for version in arguments.ocpp for hours in arguments.hours]
    return 0 if all(green) else 1


if __name__ == "__main__":
    sys.exit(main())
