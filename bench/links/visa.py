"""SCPI and other text over VISA (pyvisa with pyvisa-py). Address: a VISA resource, `TCPIP::host::port::SOCKET`.

What was measured of pyvisa-py 0.8 decides the shape: a socket without TCP_NODELAY stalls 44 ms between write and
query; a refused port opens without error; after the peer closes, a read spins until its time-out and `clear()` never
returns; a late answer is given to the next query; two threads on one session mix their answers up.
"""

import asyncio
import contextlib
import functools
import os
import select
import socket
from collections.abc import Callable
from typing import TypeVar

import pyvisa
from pyvisa.resources import MessageBasedResource

from bench.errors import BenchError, InstrumentFault
from bench.links.link import Link

T = TypeVar("T")

_NO_ANSWER = "check that it is on, that it knows the command, and that nothing else holds its connection"
_NO_CONNECTION = "check address, port, cable and power"
_LONGEST_BLOCK = 4_000_000
"""Bytes of a block that are still read: more than any driver asks for, and far from what would fill the memory."""
_MOST_ERRORS = 50
"""Entries of an error queue that are read: longer ones are one that never empties."""


def _resources() -> pyvisa.ResourceManager:
    """PyVISA's own one of this process: it keeps it, and makes a new one where somebody has closed it."""
    return pyvisa.ResourceManager("@py")


class VisaLink(Link):
    """One VISA session. Blocking calls run in a worker thread that does nothing else that could block.

    Every new connection asks `probe` first and then sends `greeting` (settings that the drivers rely on), so that a
    connection opened again after a time-out is in the same state as the first.
    """

    def __init__(
        self,
        instrument: str,
        address: str,
        timeout_s: float,
        *,
        probe: str = "*IDN?",
        greeting: tuple[str, ...] = (),
        terminator: str = "\n",
    ) -> None:
        if not address.upper().startswith("TCPIP"):
            cure = "write TCPIP::host::port::SOCKET, or TCPIP::host::inst0::INSTR for VXI-11"
            raise BenchError(f"{instrument}: address {address!r} is not a VISA address. Cure: {cure}")
        super().__init__(instrument, address, timeout_s)
        self.greeting = greeting
        self._probe = probe
        self._terminator = terminator
        self._session: MessageBasedResource | None = None
        self._identity = ""
        _resources()  # here, not in a worker: it is built once and shared

    async def identity(self) -> str:
        """The answer to the probe, asked anew."""
        return await self.query(self._probe)

    async def query(self, text: str) -> str:
        """Send `text` and return its one-line answer. Raises InstrumentFault."""
        return await self.exchange(lambda: self._in_worker(lambda: self._ask(self._opened(), text)))

    async def command(self, text: str, error_query: str) -> None:
        """Send a setting and ask the instrument whether it took it, until its error queue is empty.

        Raises InstrumentFault with every entry of the queue when it did not take it.
        """

        def job() -> list[str]:
            session = self._opened()
            self._guarded(text, lambda: session.write(text))
            return self._errors(session, error_query)

        errors = await self.exchange(lambda: self._in_worker(job))
        if errors:
            cure = "check the range of the setting and the instrument's state"
            raise self.fault(f"{text!r} was refused with {', then '.join(map(repr, errors))}", cure)

    async def told(self, text: str, question: str) -> str:
        """Send a setting and return the answer to a question that is asked right after it. Raises InstrumentFault."""

        def job() -> str:
            session = self._opened()
            self._guarded(text, lambda: session.write(text))
            return self._ask(session, question)

        return await self.exchange(lambda: self._in_worker(job))

    def _errors(self, session: MessageBasedResource, error_query: str) -> list[str]:
        """All entries of the error queue, oldest first: what stays in it would be blamed on a later setting."""
        errors: list[str] = []
        while len(errors) < _MOST_ERRORS:
            answer = self._ask(session, error_query)
            if answer.split(",", 1)[0].strip() in {"0", "+0", "-0"}:
                break
            errors.append(answer)
        return errors

    async def query_block(self, text: str, *, longest: int = _LONGEST_BLOCK, lead: int = 0, end: str = "") -> bytes:
        """Send `text` and return the bytes of its answer, a definite-length block (IEEE 488.2, 8.7.9: `#`, a digit N, N digits, bytes).

        `longest`: more bytes than this are refused by the header alone. `lead`: so many bytes of text may stand before the
        `#` (an answer with its header). `end`: what follows the block where that is not the link's terminator. Raises
        InstrumentFault for a header that is none, and for a block that is shorter or longer than its header says; the
        connection is then given up, so that no byte of it meets a later question.
        """
        job = functools.partial(self._block, text, longest, lead, (end or self._terminator).encode())
        return await self.exchange(lambda: self._in_worker(job))

    def _block(self, text: str, longest: int, lead: int, end: bytes) -> bytes:
        session = self._opened()
        self._guarded(text, lambda: session.write(text))
        session.read_termination = None  # the bytes of a block end nothing: 0x0A is one like any other
        head = self._taken(session, 2, text, "the head of a block")
        told = b""
        while not head.startswith(b"#") and len(told) < lead:
            told += head[:1]
            head = head[1:] + self._taken(session, 1, text, "the head of a block")
        if head[:1] != b"#" or head[1:] not in b"123456789":
            raise self._misread(text, f"{told + head!r} where a block begins with # and a digit from 1 to 9")
        digits = self._taken(session, int(head[1:]), text, "the length of a block")
        if not digits.isdigit() or int(digits) > longest:
            raise self._misread(text, f"a block of {digits!r} bytes, where up to {longest} are taken")
        data = self._taken(session, int(digits), text, f"a block of {int(digits)} bytes")
        after = self._taken(session, len(end), text, f"the end {end!r} of a block of {int(digits)} bytes")
        if after != end:
            raise self._misread(text, f"{after!r} after the {int(digits)} bytes of its block, where {end!r} ends it")
        session.read_termination = self._terminator
        return data

    def _taken(self, session: MessageBasedResource, count: int, text: str, what: str) -> bytes:
        """So many bytes of the answer to `text`, or a fault that names what was being read."""
        return self._guarded(f"{text} ({what})", lambda: session.read_bytes(count))

    def _misread(self, text: str, what: str) -> InstrumentFault:
        self._drop_now()
        return self.fault(f"answered {text!r} with {what}", "read again; check model, firmware and memory depth")

    async def query_numbers(self, text: str, count: int, separator: str = ";") -> tuple[float, ...]:
        """Send `text` and return exactly `count` numbers. Raises InstrumentFault for anything else."""
        answer = await self.query(text)
        try:
            numbers = tuple(float(part) for part in answer.split(separator))
        except ValueError:
            numbers = ()
        if len(numbers) != count:
            await self.exchange(self.drop)
            raise self.fault(
                f"answered {text!r} with {answer[:80]!r}, not with {count} numbers", "check model and firmware"
            )
        return numbers

    async def _in_worker(self, job: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        # pyvisa's time-out does not end a read while bytes keep coming without a terminator: cut the line then.
        alarm = loop.call_later(4 * self.timeout_s + 1, self._hang_up)
        try:
            return await loop.run_in_executor(None, job)
        finally:
            alarm.cancel()

    def _opened(self) -> MessageBasedResource:
        if self._session is not None and _unsound(self._session):
            self._drop_now()
        if self._session is None:
            self._session = self._open()
            self._greet(self._session)
        return self._session

    def _open(self) -> MessageBasedResource:
        milliseconds = max(1, round(self.timeout_s * 1000))
        try:
            session = _resources().open_resource(
                self.address,
                open_timeout=milliseconds,
                timeout=milliseconds,
                read_termination=self._terminator,
                write_termination=self._terminator,
            )
        except Exception as error:  # noqa: BLE001 - pyvisa-py raises bare Exception when it cannot connect
            raise self.fault(f"no connection: {error}", _NO_CONNECTION) from None
        if not isinstance(session, MessageBasedResource):
            session.close()
            raise self.fault("the address is no message-based resource", "write TCPIP::host::port::SOCKET")
        line = _socket_of(session)
        if line is not None:
            refused = line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if refused:
                session.close()
                raise self.fault(f"no connection: {os.strerror(refused)}", _NO_CONNECTION)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return session

    def _greet(self, session: MessageBasedResource) -> None:
        identity = self._ask(session, self._probe)
        if self._identity and identity != self._identity:
            self._drop_now()
            what = f"it was {self._identity!r} and now answers as {identity!r}"
            raise self.fault(what, "check whether the address was given to another instrument")
        self._identity = identity
        for text in self.greeting:
            self._guarded(text, functools.partial(session.write, text))

    def _ask(self, session: MessageBasedResource, text: str) -> str:
        return self._guarded(text, lambda: session.query(text)).strip()

    def _guarded(self, text: str, call: Callable[[], T]) -> T:
        """Run one blocking call; any failure drops the session, so that no later answer meets a later question."""
        try:
            return call()
        except pyvisa.errors.VisaIOError as error:
            raise self._failed(text, error.description.split("(")[0].strip()) from None
        except UnicodeDecodeError:
            self._drop_now()
            raise self.fault(f"answered {text!r} with bytes that are no text", "check address and port") from None
        except (OSError, AttributeError, ValueError) as error:
            # AttributeError and ValueError: pyvisa-py uses its socket after it was closed under it
            raise self._failed(text, str(error)) from None

    def _failed(self, text: str, detail: str) -> InstrumentFault:
        session = self._session
        gone = session is not None and _readable(session)
        self._drop_now()
        if gone:
            return self.fault(f"it closed the connection, or never stops talking, on {text!r}", _NO_ANSWER)
        return self.fault(f"no answer to {text!r} within {self.timeout_s:g} s ({detail})", _NO_ANSWER)

    def _hang_up(self) -> None:
        line = None if self._session is None else _socket_of(self._session)
        if line is not None:
            with contextlib.suppress(OSError):  # it may have been closed just now
                line.shutdown(socket.SHUT_RDWR)

    def _drop_now(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    async def drop(self) -> None:
        """Close the session; the next query opens a new one. Never `clear()`: it may not return."""
        self._drop_now()


def _backend(session: MessageBasedResource) -> object:
    """pyvisa-py's own session object behind a resource."""
    sessions: dict[int, object] = getattr(session.visalib, "sessions", {})
    return sessions.get(session.session)


def _socket_of(session: MessageBasedResource) -> socket.socket | None:
    line = getattr(_backend(session), "interface", None)
    return line if isinstance(line, socket.socket) else None


def _readable(session: MessageBasedResource) -> bool:
    """Whether bytes, or the end of the connection, wait to be read."""
    try:
        line = _socket_of(session)
        return line is not None and bool(select.select([line], [], [], 0)[0])
    except (OSError, ValueError, pyvisa.errors.InvalidSession):
        return True


def _unsound(session: MessageBasedResource) -> bool:
    """Whether something came that nobody asked for, or the peer has gone."""
    return bool(getattr(_backend(session), "_pending_buffer", b"")) or _readable(session)
