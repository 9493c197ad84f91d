"""What the harness tells its watchdog, and what the watchdog writes: one JSON line first, then one word a line."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

READY, BEAT, FAREWELL = b"ready\n", b"beat\n", b"farewell\n"
REPORT = "watchdog.json"
"""The watchdog's report in the run's directory; it exists only where the watchdog had to act."""

LOG = "watchdog.log"
"""What the watchdog's process writes to its standard error; removed where that is nothing."""


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the watchdog answers for: the bench as the harness read it, so that no later edit of the file matters.

    `values` fill the placeholders of addresses. `stall_s`: wall seconds without a beat that count as a standstill.
    """

    topology: str
    source: str
    values: dict[str, int | str]
    directory: str
    stall_s: float
    harness: int


def send_charge(descriptor: int, charge: Charge) -> None:
    """Write the first line. Raises OSError when the watchdog is gone."""
    line = msgspec.json.encode(charge) + b"\n"
    while line:
        line = line[os.write(descriptor, line) :]


def remove_empty_log(directory: Path) -> None:
    """Remove the log when nothing stands in it. Never raises."""
    log = directory / LOG
    with contextlib.suppress(OSError):
        if not log.stat().st_size:
            log.unlink()


@dataclass(slots=True)
class Lines:
    """Cuts what comes through the pipe into lines."""

    rest: bytes = b""

    def cut(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, each with its line end."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        return [line + b"\n" for line in whole]
