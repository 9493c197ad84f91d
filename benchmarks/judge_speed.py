"""Measure how many frames a second `plugproof judge` takes from a log, on one core, and that its memory does not grow with the log.

Run from the repository: `.venv/bin/python benchmarks/judge_speed.py` (about two minutes), or with `--megabytes 2000` for the long one. The log
is JSON Lines of one station of OCPP 1.6 that charges, session after session: of 24 frames 8 are MeterValues of 1.7 kB with their answers, 2
Heartbeats, 1 StatusNotification and 1 remote start, each with its answer; after 50 times that the session ends and the next one begins.
Every message has its own id, times and values, as a station's have, and nothing in them is wrong. Exits with 1 while a target is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

FRAMES_A_SECOND = 30_000
SHORT_MB = 200.0
"""With so much every window of the rules is full: 200 transactions of 400 readings each are the last."""

MOST_GROWTH = 1.1
"""Peak memory with the long log over that with the short one."""


FRAME_S = 5.0
"""Seconds between two frames of the log."""

BEGIN_S = 1_795_000_000.0
SESSION = 50
"""Conversations in a session."""

LINES = ("L1", "L2", "L3")
COMMON = {"context": "Sample.Periodic", "format": "Raw", "location": "Outlet"}


class Day:
    """What a station and its CSMS say, frame after frame: `frames` so far, each `FRAME_S` after the one before."""

    def __init__(self) -> None:
        self.frames = 0
        self.said = 0
        self._register_wh = 123_456

    def stamp(self) -> str:
        """The time of the next frame, as messages have it."""
        time = datetime.fromtimestamp(BEGIN_S + self.frames * FRAME_S, UTC)
        return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def asked(self, action: str, payload: dict[str, Any], answer: dict[str, Any], asks: str = "in") -> Iterator[str]:
        """A request and its answer."""
        number = f"{self.said:08x}-6b0b-4a2b-9d7e-5d8b3f5f0f11"
        self.said += 1
        yield self._line(asks, [2, number, action, payload])
        yield self._line("out" if asks == "in" else "in", [3, number, answer])

    def _line(self, direction: str, frame: list[Any]) -> str:
        t = BEGIN_S + self.frames * FRAME_S
        self.frames += 1
        return f'{{"time":{t},"direction":"{direction}","station":"CP","frame":{json.dumps(frame)}}}\n'

    def boot(self) -> Iterator[str]:
        """The beginning of the log."""
        model = {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
        yield from self.asked(
            "BootNotification", model, {"status": "Accepted", "currentTime": self.stamp(), "interval": 60}
        )

    def begin(self, transaction: int) -> Iterator[str]:
        """A session begins."""
        start = {"connectorId": 1, "idTag": "A", "meterStart": self._register_wh, "timestamp": self.stamp()}
        answer = {"transactionId": transaction, "idTagInfo": {"status": "Accepted"}}
        yield from self.asked("StartTransaction", start, answer)

    def end(self, transaction: int) -> Iterator[str]:
        """A session ends."""
        stop = {"transactionId": transaction, "idTag": "A", "meterStop": self._register_wh, "timestamp": self.stamp()}
        yield from self.asked("StopTransaction", stop, {"idTagInfo": {"status": "Accepted"}})
        yield from self._status("Finishing")

    def conversation(self, transaction: int) -> Iterator[str]:
        """24 frames."""
        yield from self.asked("Heartbeat", {}, {"currentTime": self.stamp()})
        for _ in range(8):
            yield from self.asked("MeterValues", self._sample(transaction), {})
        yield from self._status("SuspendedEV" if self.said % 2 else "Charging")
        remote = {"idTag": "A", "connectorId": 1}
        yield from self.asked("RemoteStartTransaction", remote, {"status": "Rejected"}, asks="out")
        yield from self.asked("Heartbeat", {}, {"currentTime": self.stamp()})

    def _status(self, status: str) -> Iterator[str]:
        told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": self.stamp()}
        yield from self.asked("StatusNotification", told, {})

    def _sample(self, transaction: int) -> dict[str, Any]:
        """Eleven sampled values, as a three-phase station sends them at 11 kW."""
        self._register_wh += 30
        volts, amperes = 230 + self.said % 97 / 50, 15.5 + self.said % 89 / 100
        of_lines = (
            ("Voltage", "V", volts),
            ("Current.Import", "A", amperes),
            ("Power.Active.Import", "W", volts * amperes),
        )
        sampled = [
            {"value": f"{value + number / 10:.2f}", "measurand": measurand, "phase": line, "unit": unit} | COMMON
            for measurand, unit, value in of_lines
            for number, line in enumerate(LINES)
        ]
        register = {"value": str(self._register_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        frequency = {"value": f"{50 + self.said % 7 / 100:.2f}", "measurand": "Frequency"}
        values = [*sampled, register | COMMON, frequency | COMMON]
        meter_value = {"timestamp": self.stamp(), "sampledValue": values}
        return {"connectorId": 1, "transactionId": transaction, "meterValue": [meter_value]}

    def lines(self) -> Iterator[str]:
        """The log, without end, conversation by conversation."""
        yield from self.boot()
        for transaction in count(1):
            yield from self.begin(transaction)
            for _ in range(SESSION):
                yield from self.conversation(transaction)
            yield from self.end(transaction)


def write(path: Path, megabytes: float) -> int:
    """Write the log; how many frames it holds."""
    day, size = Day(), 0
    with path.open("w", encoding="utf-8") as file:
        for line in day.lines():
            file.write(line)
            size += len(line)
            if size >= megabytes * 1e6 and day.frames % 2 == 0:
                break
    return day.frames


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
    result = json.loads(told)
    assert not result["findings"], "nothing in the log is wrong"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, result["messages"]


def main() -> int:
    """Print the figures; 1 while a target is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=float, default=400.0, help="size of the long log (default: 400)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.jsonl", Path(folder) / "long.jsonl"
        counts = {path: write(path, size) for path, size in ((short, SHORT_MB), (long, given.megabytes))}
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
        f"peak memory {seconds[short][1] / 1024:.0f} MB with {SHORT_MB:g} MB of log, {seconds[long][1] / 1024:.0f} MB with the long one"
    )
    return 0 if rate >= FRAMES_A_SECOND and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
