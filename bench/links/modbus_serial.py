"""A serial line for Modbus RTU, as an asyncio transport on the operating system's own terminal interface (POSIX).

Frames follow each other after a silence of 3.5 characters (MODBUS over Serial Line V1.02, section 2.5.1.1).
"""

import asyncio
import contextlib
import fcntl
import os
import re
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

_LINE = re.compile(r"(?P<baud>\d+)-(?P<bits>[78])(?P<parity>[NEO])(?P<stop>[12])")
_BITS = {"7": termios.CS7, "8": termios.CS8}
_PARITIES = {"N": 0, "E": termios.PARENB, "O": termios.PARENB | termios.PARODD}
_BITS_A_CHARACTER = 11
_LEAST_GAP_S = 0.00175  # above 19200 baud the gap is fixed: section 2.5.1.1


class LineSettingsError(ValueError):
    """Settings that no serial line has."""


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port and its settings: `settings` as in `9600-8N1`."""

    device: str
    settings: str

    def __post_init__(self) -> None:
        match = _LINE.fullmatch(self.settings)
        if match is None or f"B{int(match['baud'])}" not in vars(termios):
            raise LineSettingsError(f"{self.settings!r} is no setting of a serial line")

    @property
    def baud(self) -> int:
        """Bits per second."""
        return int(self.settings.partition("-")[0])

    @property
    def gap_s(self) -> float:
        """The silence before a frame."""
        return max(3.5 * _BITS_A_CHARACTER / self.baud, _LEAST_GAP_S)

    def open(self) -> int:
        """A file descriptor of the port, in raw mode with these settings, old input thrown away. Raises OSError."""
        fd = os.open(self.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tty.setraw(fd)
            self._set(fd)
            termios.tcflush(fd, termios.TCIOFLUSH)
        except termios.error as error:
            os.close(fd)
            raise OSError(*error.args) from None
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _set(self, fd: int) -> None:
        baud, _, mode = self.settings.partition("-")
        speed: int = vars(termios)[f"B{int(baud)}"]
        attributes: list[Any] = termios.tcgetattr(fd)
        control = attributes[2] & ~(termios.CSIZE | termios.PARENB | termios.PARODD | termios.CSTOPB)
        control |= _BITS[mode[0]] | _PARITIES[mode[1]] | (termios.CSTOPB if mode[2] == "2" else 0)
        attributes[2] = control | termios.CLOCAL | termios.CREAD
        attributes[4] = attributes[5] = speed
        termios.tcsetattr(fd, termios.TCSANOW, attributes)


class Receiver(Protocol):
    """What hears of a port: the part of an asyncio protocol that a serial line needs."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The port was released, or failed."""


class SerialTransport(asyncio.Transport):
    """Carries one protocol over an open port; close it to release the port."""

    def __init__(self, fd: int, receiver: Receiver, gap_s: float) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._fd = fd
        self._receiver = receiver
        self._gap_s = gap_s
        self._heard_at = self._loop.time()
        self._sending: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop.add_reader(fd, self._readable)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a frame once the line was silent for long enough."""
        wait_s = self._heard_at + self._gap_s - self._loop.time()
        self._sending = self._loop.call_later(max(wait_s, 0.0), self._send, bytes(data))

    def is_closing(self) -> bool:
        """Whether the port was released."""
        return self._closed

    def close(self) -> None:
        """Release the port. May be repeated."""
        self._release(None)

    def _send(self, frame: bytes) -> None:
        if self._closed:
            return
        try:
            sent = os.write(self._fd, frame)  # a frame has at most 256 bytes: a port takes them at once, or is stuck
        except OSError as error:
            self._release(error)
            return
        if sent < len(frame):
            self._release(BlockingIOError("the port takes no more bytes"))

    def _readable(self) -> None:
        self._heard_at = self._loop.time()
        try:
            data = os.read(self._fd, 512)
        except BlockingIOError:
            return
        except OSError as error:
            self._release(error)
            return
        if data:
            self._receiver.data_received(data)
        else:
            self._release(OSError("the port hung up"))

    def _release(self, error: Exception | None) -> None:
        if self._closed:
            return
        self._closed = True
        if self._sending is not None:
            self._sending.cancel()
        self._loop.remove_reader(self._fd)
        with contextlib.suppress(OSError):
            os.close(self._fd)
        self._loop.call_soon(self._receiver.connection_lost, error)


async def attach(fd: int, gap_s: float, make_receiver: Callable[[], Receiver]) -> tuple[SerialTransport, Receiver]:
    """Connect a receiver to an open port, as `loop.create_connection` connects a protocol to a socket."""
    receiver = make_receiver()
    transport = SerialTransport(fd, receiver, gap_s)
    receiver.connection_made(transport)
    return transport, receiver
