"""The names `time` and `select` inside libraries that wait or measure time by themselves, replaced.

pyvisa-py waits in `select.select` and measures with `time.time`, in worker threads; `ocpp.charge_point` measures the
rest of a time-out with `time.time` on the loop. Each gets a stand-in of the module it imported: in a worker of a
simulated loop, and on such a loop, it speaks of simulated time; everywhere else it is the real module.
"""

import asyncio
import importlib
import select
import socket
import time
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from bench.virtual.simtime.loop import SimLoop
from bench.virtual.simtime.workers import Ready, current_job, park

_BLOCKS_THE_LOOP = (
    "an instrument call would block the simulated loop, and with it the instrument that should answer; "
    "make the call in a worker thread: await asyncio.to_thread(instrument.query, ...)"
)


def _running_simulated_loop() -> SimLoop | None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return loop if isinstance(loop, SimLoop) else None


def _on_simulated_loop() -> bool:
    return _running_simulated_loop() is not None


def _simulated_now() -> float | None:
    job = current_job()
    if job is not None:
        return job.team.home.time()
    loop = _running_simulated_loop()
    return None if loop is None else loop.time()


class SelectStandIn(ModuleType):
    """Module `select` whose `select()` parks a worker of a simulated loop."""

    def __getattr__(self, name: str) -> Any:
        return getattr(select, name)

    def select(
        self, read: Sequence[Any], write: Sequence[Any], error: Sequence[Any], timeout: float | None = None
    ) -> Ready:
        """As `select.select`; in a worker the time-out is simulated seconds.

        Raises:
            RuntimeError: it would block in a coroutine, where what it waits for could never arrive.

        """
        if current_job() is not None:
            return _parked(read, write, error, timeout)
        if not _on_simulated_loop():
            return select.select(read, write, error, timeout)
        ready = select.select(read, write, error, 0)
        if not any(ready) and timeout != 0:
            raise RuntimeError(_BLOCKS_THE_LOOP)
        return ready


def _parked(read: Sequence[Any], write: Sequence[Any], error: Sequence[Any], timeout: float | None) -> Ready:
    """As `park`, but a connection that its peer has closed, and that nothing is left to read of, is not ready.

    pyvisa-py reads on there until its time-out: a spin on the wall clock, and for ever where time stands still meanwhile.
    """
    ready = park(read, write, error, timeout)
    if not any(isinstance(each, socket.socket) and _has_ended(each) for each in ready[0]):
        return ready
    park((), (), (), timeout)
    return [], [], []


def _has_ended(line: socket.socket) -> bool:
    try:
        line.getpeername()  # one that never was connected keeps its reason: a look at it would take it
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except OSError:  # reset, or closed at this end: reading it tells
        return False


class TimeStandIn(ModuleType):
    """Module `time` on simulated time, for workers and coroutines of a simulated loop. Its zero is the loop's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def time(self) -> float:
        """Simulated seconds, or those of the wall clock outside a simulated loop."""
        now = _simulated_now()
        return time.time() if now is None else now

    def monotonic(self) -> float:
        """Simulated seconds, or those of the monotonic clock outside a simulated loop."""
        now = _simulated_now()
        return time.monotonic() if now is None else now

    perf_counter = monotonic

    def sleep(self, seconds: float) -> None:
        """Park a worker of a simulated loop for so long; sleep for real elsewhere."""
        if current_job() is not None:
            park((), (), (), seconds)
        elif _on_simulated_loop():
            raise RuntimeError(_BLOCKS_THE_LOOP)
        else:
            time.sleep(seconds)


_SELECT = SelectStandIn("select")
_TIME = TimeStandIn("time")
_REPLACED: tuple[tuple[str, str, object], ...] = (
    ("pyvisa_py.tcpip", "select", _SELECT),
    ("pyvisa_py.tcpip", "time", _TIME),
    ("pyvisa_py.sessions", "time", _TIME),
    ("pyvisa.resources.messagebased", "time", _TIME),
    ("pyvisa.resources.resource", "time", _TIME),
    ("ocpp.charge_point", "time", _TIME),
    # else every message takes two turns through a worker thread to be validated
    ("ocpp.messages", "ASYNC_VALIDATION", False),
)
_originals: list[tuple[ModuleType, str, object]] = []


def install_waits() -> None:
    """Replace the names, once.

    Raises:
        RuntimeError: a library no longer has the name, so that its waits would run on the wall clock.

    """
    if _originals:
        return
    found = [(importlib.import_module(module), name, value) for module, name, value in _REPLACED]
    for module, name, _ in found:
        if not hasattr(module, name):
            msg = f"{module.__name__} has no name {name!r} to replace; see what it waits with now, and adapt _REPLACED"
            raise RuntimeError(msg)
    for module, name, value in found:
        _originals.append((module, name, getattr(module, name)))
        setattr(module, name, value)


def uninstall_waits() -> None:
    """Give the libraries their own names back."""
    while _originals:
        module, name, value = _originals.pop()
        setattr(module, name, value)
