"""Simulated time over real sockets and threads; the idea and its limits are in docs/explanation/simulated-time.md."""

import asyncio
import contextlib

from bench.virtual.simtime.loop import HORIZON_S, WATCHDOG_S, SimLoop
from bench.virtual.simtime.pyvisa_waits import install_waits, uninstall_waits
from bench.virtual.simtime.sockets import install_sockets, uninstall_sockets
from bench.virtual.simtime.stalled import (
    HorizonPassedError,
    NoProgressError,
    NothingCanHappenError,
    SimulationStalledError,
)

__all__ = [
    "HORIZON_S",
    "WATCHDOG_S",
    "HorizonPassedError",
    "NoProgressError",
    "NothingCanHappenError",
    "SimLoop",
    "SimulationStalledError",
    "hold",
    "install",
    "loop_factory",
    "new_loop",
    "uninstall",
]


def install() -> None:
    """Have every socket made from now on counted, and waits of instrument libraries parked. May be repeated.

    Call it before anything opens a socket: one that was made earlier is taken for the world outside.
    """
    install_sockets()
    install_waits()


def uninstall() -> None:
    """Take back what `install` replaced. Sockets made meanwhile go on working, and counting."""
    uninstall_sockets()
    uninstall_waits()


def new_loop(start_time: float = 1000.0, watchdog_s: float = WATCHDOG_S, horizon_s: float = HORIZON_S) -> SimLoop:
    """A loop on simulated time that begins at `start_time` (s); installs the accounting if nobody has.

    `watchdog_s` is wall time: so long may something be outstanding without anything happening. `horizon_s` is
    simulated time: so long may one `run_until_complete` go on while repeating timers keep the loop alive.

    Raises:
        ValueError: `start_time` is not a positive finite number.

    """
    install()
    return SimLoop(start_time, watchdog_s, horizon_s)


def loop_factory() -> SimLoop:
    """What pytest-asyncio's hook `pytest_asyncio_loop_factories` hands out: always this same function."""
    return new_loop()


def hold(what: str) -> contextlib.AbstractContextManager[None]:
    """Declare that `what`, outside this process, is at work.

    Until the end of the block time does not jump and keeps pace with the wall clock. On any other loop this does
    nothing, so that the same code serves a real bench.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return contextlib.nullcontext()
    return loop.hold(what) if isinstance(loop, SimLoop) else contextlib.nullcontext()
