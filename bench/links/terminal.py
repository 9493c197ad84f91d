"""A person at a terminal: a question is shown on the terminal itself, and answered by keys. Address: `terminal:/dev/tty`.

The terminal is opened by its name, past whatever standard input and output are bound to, and read by the event loop: nothing
blocks. It stays in line mode, so that Ctrl-C, Ctrl-Z and corrections work as in a shell, and nothing has to be put back
when the run is killed.
"""

import asyncio
import contextlib
import errno
import os
import re
import select
import stat
import termios
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.errors import BenchError
from bench.links.asking import Board, Choice, Question, Reply, Where
from bench.links.link import Link

_ADDRESS = re.compile(r"terminal:(?P<device>/\S+)")
_MOST_LINES, _MOST_CHARACTERS = 20, 300
_LAST_CALL_S = 10.0
_PAUSE_S = 0.05


@dataclass(slots=True)
class Desk:
    """One terminal as all instruments of a run share it: one question at a time; whether the last one was answered."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    attended: bool = True
    asked: int = 0


_DESKS: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Desk]]" = weakref.WeakKeyDictionary()


def plain(text: str) -> str:
    """One line of `text` with everything that a terminal could take for a command, or that hides or turns text, spelt out."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text[:_MOST_CHARACTERS].encode(errors="replace").decode()
    )
    return shown + ("..." if len(text) > _MOST_CHARACTERS else "")


class TerminalLink(Link):
    """The way to a person. `device` is the terminal's name."""

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        match = _ADDRESS.fullmatch(address)
        if match is None:
            cure = "write terminal:/dev/tty for the terminal that the run is started from"
            raise BenchError(f"{instrument}: address {address!r} is no terminal. Cure: {cure}")
        super().__init__(instrument, address, timeout_s)
        self.device = match["device"]
        self.board: Board | None = None

    @property
    def desk(self) -> Desk:
        """This terminal, as everybody on this event loop shares it."""
        return _DESKS.setdefault(asyncio.get_running_loop(), {}).setdefault(self.device, Desk())

    def unreachable(self) -> str:
        """Why nobody can be asked there, or nothing."""
        return unreachable(self.device)

    async def ask(self, text: Sequence[str], choices: Sequence[Choice], timeout_s: float, about: str = "") -> Reply:
        """Show `text` and the choices, and wait for one of them; questions of other instruments wait for their turn.

        Where there is a `board`, it shows them, too. A question whose asker is cancelled is withdrawn. Raises InstrumentFault
        when the terminal cannot be opened or goes away.
        """
        desk = self.desk
        async with desk.turn:
            desk.asked += 1
            question = Question(desk.asked, self.instrument, about, tuple(text), tuple(choices), timeout_s)
            with self._opened() as page:
                loop = asyncio.get_running_loop()
                asked, reply = loop.time(), None
                if self.board is not None:
                    self.board.put(question, partial(_answer_from_elsewhere, loop, page))
                try:
                    word, where = await self._answered(page, question)
                    reply = Reply(word, asked, loop.time(), where)
                except asyncio.CancelledError:
                    page.show_at_once(["  (withdrawn: the run goes on without an answer)"])
                    raise
                finally:
                    if self.board is not None:
                        self.board.over(question, reply)
                desk.attended = reply.word is not None
                return reply

    @contextlib.contextmanager
    def _opened(self) -> "Iterator[_Page]":
        try:
            page = _Page(_opened(self.device))
        except OSError as error:
            raise self.fault(
                f"cannot be opened: {error.strerror}", "run from a terminal, or --operator decline"
            ) from None
        try:
            yield page
        except OSError as error:
            raise self.fault(f"went away: {error.strerror}", "run from a terminal that stays open") from None
        finally:
            page.close()

    async def _answered(self, page: "_Page", question: Question) -> tuple[str | None, Where]:
        loop, timeout_s = asyncio.get_running_loop(), question.timeout_s
        end = loop.time() + timeout_s
        head = f"---- by hand, no. {question.number}: {plain(self.instrument)} "
        keys = _legend(question.choices)
        body = [f"  {plain(line)}" for part in question.text for line in part.split("\n")[:_MOST_LINES]]
        await page.show(["\a", head.ljust(78, "-"), *body, f"  Within {_time(timeout_s)}: {keys}"])
        calls = sorted(left for left in {timeout_s / 2, _LAST_CALL_S} if left < timeout_s)
        while (left := end - loop.time()) > 0:
            until = left - calls[-1] if calls and calls[-1] < left else left
            line = await page.line(until)
            if page.elsewhere is not None:
                await page.show([f"  -> {page.elsewhere} (answered at the console)"])
                return page.elsewhere, "console"
            if line is not None:
                word = _chosen(line, question.choices)
                if word is not None:
                    await page.show([f"  -> {word}"])
                    return word, "terminal"
                await page.show([f"  {plain(line)!r} is none of them. {keys}"])
            elif calls and end - loop.time() <= calls[-1] + _PAUSE_S:
                calls.pop()
                await page.show([f"  {_time(end - loop.time())} left: {keys}"])
        await page.show(["  -> no answer in time"])
        return None, "terminal"

    async def drop(self) -> None:
        """Nothing is held between questions."""

    async def close(self) -> None:
        """Nothing is held between questions."""


def _answer_from_elsewhere(loop: asyncio.AbstractEventLoop, page: "_Page", word: str) -> None:
    """Hand an answer that was given in another thread to the page; the run may be over by then."""
    with contextlib.suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(page.answer, word)


def _legend(choices: Sequence[Choice]) -> str:
    return ", ".join(f"{choice.keys[0]} = {choice.means}" for choice in choices) + " (and Enter)"


def _chosen(line: str, choices: Sequence[Choice]) -> str | None:
    typed = line.strip().casefold()
    return next((choice.word for choice in choices if typed in choice.keys or typed == choice.word.casefold()), None)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def unreachable(device: str) -> str:
    """Why nobody can be asked at this terminal, or nothing."""
    try:
        descriptor = _opened(device)
    except OSError as error:
        if error.errno in {errno.ENXIO, errno.ENOENT}:
            return f"this process has no terminal {device}"
        return f"{device}: {error.strerror}"
    try:
        if not os.isatty(descriptor):
            return f"{device} is no terminal"
        foreground = os.tcgetpgrp(descriptor)
    except OSError:
        return ""  # another terminal than the one that controls this process
    finally:
        os.close(descriptor)
    return "" if foreground == os.getpgrp() else f"this process is in the background of {device}"


def _opened(device: str) -> int:
    descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ENOTTY, "is no terminal")
    return descriptor


class _Page:
    """A terminal opened for one question."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._lines: list[str] = []
        self._gone: OSError | None = None
        self.elsewhere: str | None = None
        self._news = asyncio.Event()
        with contextlib.suppress(termios.error):
            termios.tcflush(descriptor, termios.TCIFLUSH)  # what was typed before answers nothing
        self._stop_reading: Callable[[], object] = self._begin_reading()

    def _begin_reading(self) -> Callable[[], object]:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._descriptor, self._read)
        return lambda: loop.remove_reader(self._descriptor)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._gone, data = error, b""
        if not data and self._hung_up():  # else it is a Ctrl-D, which answers nothing
            self._gone = self._gone or OSError(errno.EIO, "it was hung up")
        if self._gone is not None:
            self._stop_reading()
        *whole, self._rest = re.split(rb"[\r\n]", (self._rest + data)[-4096:])
        self._lines += [line.decode(errors="replace") for line in whole]
        self._news.set()

    def _hung_up(self) -> bool:
        poller = select.poll()
        poller.register(self._descriptor, 0)
        return bool(poller.poll(0))

    def answer(self, word: str) -> None:
        """The question was answered at another place; a second such answer changes nothing."""
        if self.elsewhere is None:
            self.elsewhere = word
            self._news.set()

    async def line(self, seconds: float) -> str | None:
        """The next line that is typed; None when none is in time, or an answer came from `elsewhere`.

        Raises OSError when the terminal is gone.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._lines and self.elsewhere is None:
                    if self._gone is not None:
                        raise self._gone
                    self._news.clear()
                    await self._news.wait()
        return self._lines.pop(0) if self._lines and self.elsewhere is None else None

    async def show(self, lines: Sequence[str]) -> None:
        """Write lines; waits while the terminal is stopped (Ctrl-S), unless the answer came from elsewhere. Raises OSError when it is gone."""
        left = _bytes(lines)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                if self.elsewhere is not None:
                    return
                await asyncio.sleep(_PAUSE_S)

    def show_at_once(self, lines: Sequence[str]) -> None:
        """Write what can be written now. Never raises."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, _bytes(lines))

    def close(self) -> None:
        """Let go of the terminal."""
        self._stop_reading()
        os.close(self._descriptor)


def _bytes(lines: Sequence[str]) -> bytes:
    return ("\n".join(["", *lines]) + "\n").encode()
