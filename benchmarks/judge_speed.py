"""Measure how many frames a second `plugproof judge` takes from a log, on one core, and that its memory does not grow with the log.

Run from the repository: `.venv/bin/python benchmarks/judge_speed.py` (about a minute), or with `--megabytes 2000` for the long one. The log
is JSON Lines of one station's day, over and over: of 22 frames 8 are MeterValues of 1.7 kB with their answers, 2 Heartbeats, 1
StatusNotification and 1 pair of a remote start, each with its answer. Exits with 1 while a target is missed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ocppj_parse import meter_values  # noqa: E402

FRAMES_A_SECOND = 30_000
MOST_GROWTH = 1.1
"""Peak memory with the long log over that with the short one."""


def conversation(number: int) -> Iterator[tuple[str, str]]:
    """22 frames, with message ids of their own."""
    fixed = json.loads(meter_values())[3]
    yield "in", json.dumps([2, f"h{number}", "Heartbeat", {}])
    yield "out", json.dumps([3, f"h{number}", {"currentTime": "2026-11-22T11:00:00.000Z"}])
    for n in range(8):
        yield "in", json.dumps([2, f"m{number}-{n}", "MeterValues", fixed])
        yield "out", json.dumps([3, f"m{number}-{n}", {}])
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": "2026-11-22T11:00:00.000Z"}
    yield "in", json.dumps([2, f"s{number}", "StatusNotification", status])
    yield "out", json.dumps([3, f"s{number}", {}])
    yield "out", json.dumps([2, f"r{number}", "RemoteStartTransaction", {"idTag": "A", "connectorId": 1}])
    yield "in", json.dumps([3, f"r{number}", {"status": "Accepted"}])
    yield "in", json.dumps([2, f"g{number}", "Heartbeat", {}])
    yield "out", json.dumps([3, f"g{number}", {"currentTime": "2026-11-22T11:00:00.000Z"}])


def write(path: Path, megabytes: float) -> int:
    """Write the log; how many frames it holds."""
    frames, size, number = 0, 0, 0
    with path.open("w", encoding="utf-8") as file:
        while size < megabytes * 1e6:
            for direction, frame in conversation(number):
                stamp = 1_795_000_000 + frames / 2
                text = f'{{"time":{stamp},"direction":"{direction}","station":"CP","frame":{frame}}}\n'
                file.write(text)
                size += len(text)
                frames += 1
            number += 1
    return frames


def judged(path: Path) -> tuple[float, int, int]:
    """CPU seconds, peak memory in kB, and messages that it says it judged."""
    with subprocess.Popen(
        [sys.executable, "-m", "fixtures.cli.main", "judge", str(path), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    match = re.search(r'"messages": (\d+)', told)
    assert match is not None, told
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, int(match[1])


def main() -> int:
    """Print the figures; 1 while a target is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=float, default=400.0, help="size of the long log (default: 400)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.jsonl", Path(folder) / "long.jsonl"
        counts = {path: write(path, size) for path, size in ((short, 40.0), (long, given.megabytes))}
        started = time.perf_counter()
        seconds = {path: judged(path) for path in (short, long)}
        wall = time.perf_counter() - started
    for path in (short, long):
        assert seconds[path][2] == counts[path], "every frame is judged"
    frames = counts[long] - counts[short]
    rate = frames / (seconds[long][0] - seconds[short][0])
    growth = seconds[long][1] / seconds[short][1]
    print(
        f"{counts[long]} frames in {given.megabytes:g} MB; {wall:.0f} s in all; load average {os.getloadavg()[0]:.1f}"
    )
    print(f"{rate:.0f} frames a second of CPU time on one core, start-up left out (target: at least {FRAMES_A_SECOND})")
    print(
        f"peak memory {seconds[short][1] / 1024:.0f} MB with 40 MB of log, {seconds[long][1] / 1024:.0f} MB with the long one"
    )
    return 0 if rate >= FRAMES_A_SECOND and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
