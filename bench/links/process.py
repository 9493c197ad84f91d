"""A program that the rig starts on a terminal of its own: keys go in, what it shows is kept. Address: `process:COMMAND`.

The program runs in a session of its own and is ended with all it started: orderly if it knows how, else by signal. When
the bench itself is killed, the kernel hangs the terminal up (bench/links/terminal_child.py).
"""

import asyncio
import codecs
import contextlib
import fcntl
import os
import pty
import re
import shlex
import signal
import struct
import sys
import termios
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from bench.errors import BenchError
from bench.links import terminal_child
from bench.links.link import Link

_ROWS, _COLUMNS = 60, 200
_KEPT_CHARACTERS = 200_000

PATIENCE_S = 3.0
"""How long a program may take to end, by its own keys and again by SIGTERM, before it is killed."""

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1a\x1c-\x1f]")
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class Shown:
    """What a program has shown, without terminal controls: the newest part, addressed by position from its start.

    `ready` turns true when `ready_pattern` is shown for the first time, and stays so; `ended` when nobody can show more.
    """

    def __init__(self, ready_pattern: str = "") -> None:
        self.ready = not ready_pattern
        self._ready_pattern = ready_pattern
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._raw = ""
        self._text = ""
        self._dropped = 0
        self.ended = False
        self.news = asyncio.Event()

    def add(self, data: bytes) -> None:
        """Take in what the terminal received; a control sequence cut in two is completed by the next part."""
        raw = self._raw + self._decode(data)
        cut = raw.rfind("\x1b", max(0, len(raw) - 32))
        whole = len(raw) if cut < 0 or _CONTROLS.match(raw, cut) else cut
        self._raw = raw[whole:]
        self._text += _CONTROLS.sub("", raw[:whole])
        self.ready = self.ready or re.search(self._ready_pattern, self._text) is not None
        surplus = len(self._text) - _KEPT_CHARACTERS
        if surplus > 0:
            self._text, self._dropped = self._text[surplus:], self._dropped + surplus
        self.news.set()

    @property
    def end(self) -> int:
        """Position behind the last character shown."""
        return self._dropped + len(self._text)

    def since(self, position: int) -> str:
        """What was shown from `position` on, as far as it is kept."""
        return self._text[max(0, position - self._dropped) :]

    def last(self, pattern: str) -> str:
        """The newest match of `pattern`, or nothing."""
        found = ""
        for match in re.finditer(pattern, self._text):
            found = match.group(0)
        return found


class ProcessLink(Link):
    """One program, started and ended as often as wanted."""

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        kind, _, command = address.partition(":")
        try:
            self.command = shlex.split(command) if kind == "process" else []
        except ValueError:
            self.command = []
        if not self.command:
            cure = "write process: and a command line, quotes closed"
            raise BenchError(f"{instrument}: address {address!r} is not a program. Cure: {cure}")
        super().__init__(instrument, address, timeout_s)
        self.shown = Shown()
        self._farewell = b""
        self._ready = ""
        self._directory = Path()
        self._variables = _NO_VARIABLES
        self._log: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._terminal = -1

    def configure(
        self, *, directory: Path, variables: Mapping[str, str], log: Path | None, farewell: bytes, ready: str
    ) -> None:
        """Where the program runs, what is added to its environment, where all that it shows is appended to, the keys
        that end it, and the pattern by which it shows that it takes keys."""
        self._directory, self._variables, self._log, self._farewell = directory, variables, log, farewell
        self._ready = ready

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the program if it does not run. Raises InstrumentFault when it cannot be started."""
        await self.exchange(self._start)

    async def _start(self) -> None:
        if self.running:
            return
        await self.drop()
        ours, theirs = pty.openpty()
        try:
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
            os.set_blocking(ours, False)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-IS",
                terminal_child.__file__,
                *self.command,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                cwd=self._directory,
                env={**os.environ, "TERM": "xterm", **self._variables},
                start_new_session=True,
            )
        except OSError as error:
            os.close(ours)
            raise self.fault(f"cannot be started: {error}", "check command and working_directory") from None
        finally:
            os.close(theirs)
        self._terminal, self.shown = ours, Shown(self._ready)
        asyncio.get_running_loop().add_reader(ours, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 65536)
        except BlockingIOError:
            return
        except OSError:  # Linux says EIO once nobody holds the other end
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._terminal)
            self.shown.ended = True
            self.shown.news.set()
            return
        self.shown.add(data)
        if self._log is not None:
            with contextlib.suppress(OSError), self._log.open("ab") as file:
                file.write(data)

    async def press(self, keys: bytes) -> int:
        """Press keys; returns the position from which on the program may show its reaction.

        Raises InstrumentFault when the program does not run or does not take them.
        """
        return await self.exchange(lambda: self._press(keys))

    async def _press(self, keys: bytes) -> int:
        if self.shown.ended or not self.running:
            raise self.fault("the program does not run" + self._tail(), "switch it on first, and look at its log")
        position = self.shown.end
        try:
            written = os.write(self._terminal, keys)
        except OSError as error:
            raise self.fault(f"takes no keys: {error.strerror}{self._tail()}", "look at its log") from None
        if written < len(keys):
            raise self.fault(f"took only {written} of {len(keys)} keys", "the program does not read its terminal")
        return position

    async def wait_shown(self, pattern: str, since: int, within_s: float) -> bool:
        """Wait until the program has shown `pattern` behind position `since`; False when it has not in `within_s`, or ended."""
        return await self._wait(lambda shown: re.search(pattern, shown.since(since)) is not None, within_s)

    async def wait_quiet(self, quiet_s: float, within_s: float) -> bool:
        """Wait until nothing was shown for `quiet_s`: what a program sends elsewhere may arrive before what it shows of it.
        False when it showed something all the time for `within_s`."""
        end = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < end:
            if not await self._wait(_more_than(self.shown.end), quiet_s):
                return True
        return False

    async def wait_ready(self, within_s: float) -> bool:
        """Wait until the program has shown, once since its start, that it takes keys; False as for `wait_shown`."""
        return await self._wait(lambda shown: shown.ready, within_s)

    async def _wait(self, met: Callable[[Shown], bool], within_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not met(self.shown):
                    if self.shown.ended or not self.running:
                        return False
                    self.shown.news.clear()
                    await self.shown.news.wait()
                return True
        return False

    def _tail(self) -> str:
        lines = [line.strip() for line in self.shown.since(0).splitlines() if line.strip()]
        return f" (it showed last: {lines[-1][:120]!r})" if lines else ""

    async def kill(self) -> None:
        """End the program and all of its group at once, as a power cut would."""
        await self.exchange(self._kill)

    async def _kill(self) -> None:
        if self.running:
            await self._signalled(signal.SIGKILL, 5.0)
        self._release()

    async def drop(self) -> None:
        """End the program: by its own keys if it has any, else or when it stays, by SIGTERM, then SIGKILL."""
        if self.running:
            if self._farewell:
                with contextlib.suppress(OSError):
                    os.write(self._terminal, self._farewell)
                await self._ended(PATIENCE_S)
            await self._signalled(signal.SIGTERM, PATIENCE_S)
            await self._signalled(signal.SIGKILL, 5.0)
        self._release()

    async def _signalled(self, number: signal.Signals, seconds: float) -> None:
        """Signal the whole group, which may outlive its leader. Only for a program that ran a moment ago: ids are reused."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
        await self._ended(seconds)

    async def _ended(self, seconds: float) -> None:
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), seconds)

    def _release(self) -> None:
        if self._terminal >= 0:
            asyncio.get_running_loop().remove_reader(self._terminal)
            os.close(self._terminal)
            self._terminal = -1
        self._process = None


def _more_than(position: int) -> Callable[[Shown], bool]:
    return lambda shown: shown.end > position
