"""The watchdog's own life: listen for beats; on a silence or an end without farewell, secure the bench and report."""

import asyncio
import contextlib
import os
import select
import signal
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from bench.clock import LoopClock
from bench.watchdog.secure import Secured, secure
from bench.watchdog.talk import FAREWELL, READY, REPORT, Charge, Lines, remove_empty_log
from harness.model.topology import Topology, load_topology

LONGEST_S = 120.0
"""Wall seconds for all attempts; a watchdog is never left behind."""

DYING_S = 5.0

End = Literal["farewell", "died", "stalled"]


def guard(pipe: int, answer: BinaryIO) -> int:
    """Be the watchdog until the harness says farewell (0), or the bench was secured (0) or could not be (1)."""
    lines = Lines()
    charge, words = _charge(pipe, lines)
    if charge is None:
        return 0  # the harness ended before it had told anything: it had touched nothing
    topology = load_topology(charge.topology, charge.source)
    with contextlib.suppress(BrokenPipeError):
        answer.write(READY)
        answer.flush()
    end = _listen(pipe, lines, words, charge.stall_s)
    if end == "farewell":
        return 0
    began = time.monotonic()
    alone = end == "died" or _end_harness(pipe, charge.harness)
    secured = Secured()
    if alone:
        asyncio.run(_bounded(topology, charge, secured))
    else:
        secured.problem = f"the harness (process {charge.harness}) stands still and could not be ended"
    _report(Path(charge.directory), _told(end, charge, topology, secured, time.monotonic() - began))
    remove_empty_log(Path(charge.directory))
    return 0 if secured.safe else 1


def _charge(pipe: int, lines: Lines) -> tuple[Charge | None, list[bytes]]:
    """The first line, and the words that came with it."""
    while True:
        data = os.read(pipe, 65536)
        if not data:
            return None, []
        whole = lines.cut(data)
        if whole:
            return msgspec.json.decode(whole[0], type=Charge), whole[1:]


def _listen(pipe: int, lines: Lines, words: list[bytes], stall_s: float) -> End:
    """Wait for the end: the harness's own word, the end of the pipe, or `stall_s` of wall time without a beat."""
    while True:
        if FAREWELL in words:
            return "farewell"
        if not select.select([pipe], [], [], stall_s)[0]:
            return "stalled"
        data = os.read(pipe, 65536)
        if not data:
            return "died"
        words = lines.cut(data)


def _end_harness(pipe: int, harness: int) -> bool:
    """End a harness that stands still: it must not wake up and drive the instruments while they are made safe.

    True once it is gone. Only our own parent is ever ended: a number that was given to another process is not it.
    """
    if os.getppid() == harness:
        with contextlib.suppress(ProcessLookupError):
            os.kill(harness, signal.SIGKILL)
    deadline = time.monotonic() + DYING_S
    while os.getppid() == harness:
        if time.monotonic() >= deadline:
            return False
        select.select([], [], [], 0.02)
    os.set_blocking(pipe, False)
    return True


async def _bounded(topology: Topology, charge: Charge, secured: Secured) -> None:
    clock = LoopClock(asyncio.get_running_loop(), datetime.now(UTC))
    try:
        async with asyncio.timeout(LONGEST_S):
            await secure(topology, charge.values, clock, secured)
    except TimeoutError:
        secured.problem = f"not done within {LONGEST_S:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, it must stand in the report
        secured.problem = f"{type(error).__name__}: {error}"


def _told(end: End, charge: Charge, topology: Topology, secured: Secured, seconds: float) -> dict[str, object]:
    why = {
        "died": "the harness ended without a farewell",
        "stalled": f"the harness stood still for {charge.stall_s:g} s and was ended",
        "farewell": "",
    }
    return {
        "safe": secured.safe,
        "why": why[end],
        "end": end,
        "bench": topology.name,
        "bench_file": charge.source,
        "harness": charge.harness,
        "secured_utc": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "seconds": round(seconds, 3),
        "attempts": secured.attempts,
        "earlier": secured.earlier,
        "problem": secured.problem,
        "steps": [asdict(step) for step in secured.steps],
    }


def _report(directory: Path, told: dict[str, object]) -> None:
    """Write the report as a whole or not at all."""
    part = directory / f".{REPORT}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))
    part.replace(directory / REPORT)
