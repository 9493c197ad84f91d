"""The harness's side of the watchdog: start it, beat while the event loop works, say farewell."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from bench.errors import BenchError
from bench.watchdog.talk import BEAT, FAREWELL, LOG, READY, Charge, remove_empty_log, send_charge

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 30.0
FAREWELL_S = 5.0
MOST_BEAT_S = 1.0


class Watchdog:
    """One watchdog process. `start`, `ready`, then `farewell` once the bench is safe.

    A thread asks the event loop, over and over, to run a callback, and beats only when it ran: a loop that stands still
    is not alive, whatever its threads do. Wall time drives the thread, so that simulated time changes nothing.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", pipe: int, stall_s: float, directory: Path) -> None:
        self._process = process
        self._directory = directory
        self._pipe = pipe
        self._every_s = min(MOST_BEAT_S, stall_s / 4)
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self._ran = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="watchdog beats", daemon=True)

    @classmethod
    def start(
        cls,
        topology: str,
        source: str,
        values: Mapping[str, int | str],
        directory: Path,
        stall_s: float,
        inherited: tuple[int, ...] = (),
    ) -> "Watchdog":
        """Start the process and tell it what it answers for; it keeps the descriptors `inherited` open to its end.

        Raises BenchError when it cannot be started.
        """
        theirs, ours = os.pipe()
        try:
            with (directory / LOG).open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "bench.watchdog"],
                    stdin=theirs,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=ROOT,
                    pass_fds=inherited,
                    start_new_session=True,  # a Ctrl-C at the terminal, or a signal to the run's group, is not for it
                )
            watchdog = cls(process, ours, stall_s, directory)
            send_charge(ours, Charge(topology, source, dict(values), str(directory.resolve()), stall_s, os.getpid()))
        except OSError as error:
            os.close(ours)
            raise BenchError(f"the watchdog cannot be started: {error}. Cure: see {directory / LOG}") from error
        finally:
            os.close(theirs)
        os.set_blocking(ours, False)
        watchdog._thread.start()
        return watchdog

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it has taken its charge. Raises BenchError when it has not."""
        assert self._process.stdout is not None
        reading = self._loop.run_in_executor(None, self._process.stdout.readline)
        try:
            told = await asyncio.wait_for(reading, START_S)
        except TimeoutError:
            told = b""
            self._process.kill()
        if told != READY:
            raise BenchError("the watchdog did not start. Cure: see watchdog.log in the run's directory")

    def gone(self) -> str:
        """Why the bench is not guarded any more, or nothing."""
        code = self._process.poll()
        return "" if code is None else f"the watchdog has ended by itself (code {code}). Cure: see watchdog.log"

    async def farewell(self) -> None:
        """Tell it that the bench is safe, and see it go. Never raises; may be repeated."""
        if self._over.is_set():
            return
        self._over.set()
        await self._loop.run_in_executor(None, self._part)

    def _part(self) -> None:
        self._thread.join()
        with contextlib.suppress(OSError):
            os.write(self._pipe, FAREWELL)
        os.close(self._pipe)
        try:
            self._process.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()  # it is our own child, and the bench is safe
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        remove_empty_log(self._directory)

    def _beat(self) -> None:
        self._ran.set()
        while not self._over.wait(self._every_s):
            if not self._ran.is_set():
                continue  # the loop has not come round since it was asked: no sign of life
            self._ran.clear()
            try:
                os.write(self._pipe, BEAT)
                self._loop.call_soon_threadsafe(self._ran.set)
            except BlockingIOError:
                self._ran.set()  # the pipe is full of beats: it needs no more
            except (OSError, RuntimeError):
                return  # the watchdog, or the loop, has ended
