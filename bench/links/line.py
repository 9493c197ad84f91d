"""A TCP line protocol: one line asked, one line answered. Address: `tcp://host:port`."""

import asyncio
import re
from collections import deque

from bench.errors import BenchError
from bench.links.link import Link

_ADDRESS = re.compile(r"tcp://(?P<host>[^/:]+):(?P<port>\d{1,5})")
_LONGEST = 65536


class _Lines(asyncio.Protocol):
    """Cuts what arrives into lines; remembers the end of the connection."""

    def __init__(self) -> None:
        self.lines: deque[bytes] = deque()
        self.rest = b""
        self.ended = False
        self.news = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines.extend(lines)
        if len(self.rest) > _LONGEST:
            self.ended = True
        self.news.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.ended = True
        self.news.set()

    def unsound(self) -> bool:
        """Whether something arrived that nobody asked for, or the peer has gone."""
        return self.ended or bool(self.lines) or bool(self.rest)


class LineLink(Link):
    """One TCP connection, opened when first needed."""

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        match = _ADDRESS.fullmatch(address)
        if match is None or int(match["port"]) > 65535:
            raise BenchError(f"{instrument}: address {address!r} is not a line address. Cure: write tcp://host:port")
        super().__init__(instrument, address, timeout_s)
        self._host, self._port = match["host"], int(match["port"])
        self._transport: asyncio.Transport | None = None
        self._lines = _Lines()

    async def query(self, text: str, timeout_s: float | None = None, shown: str | None = None) -> str:
        """Send one line and return the line that answers it. Faults tell `shown` where `text` holds a secret.

        Raises InstrumentFault when there is no connection, no answer within `timeout_s` (else the link's own), or no
        readable text.
        """
        patience_s = self.timeout_s if timeout_s is None else timeout_s
        return await self.exchange(lambda: self._query(text, patience_s, text if shown is None else shown))

    async def _query(self, text: str, timeout_s: float, shown: str) -> str:
        if "\n" in text or "\r" in text:
            raise BenchError(f"{self.instrument}: {shown!r} is more than one line. Cure: send one line at a time")
        try:
            async with asyncio.timeout(timeout_s):
                transport = await self._connected()
                transport.write(text.encode() + b"\n")
                return (await self._next_line()).decode().rstrip("\r")
        except TimeoutError:
            await self.drop()
            cure = "check that it is on and that nothing else holds its connection"
            raise self.fault(f"no answer to {shown!r} within {timeout_s:g} s", cure) from None
        except UnicodeDecodeError:
            await self.drop()
            raise self.fault(f"answered {shown!r} with bytes that are no text", "check the address") from None
        except OSError as error:
            await self.drop()
            raise self.fault(_why(error), "check address, cable and power") from None

    async def _connected(self) -> asyncio.Transport:
        # One turn of the loop lets bytes that already arrived be seen before the question is asked.
        await asyncio.sleep(0)
        if self._transport is not None and self._lines.unsound():
            await self.drop()
        if self._transport is None:
            loop = asyncio.get_running_loop()
            transport, lines = await loop.create_connection(_Lines, self._host, self._port)
            self._transport, self._lines = transport, lines
        return self._transport

    async def _next_line(self) -> bytes:
        lines = self._lines
        while not lines.lines:
            if lines.ended:
                part = f" after {lines.rest[:40]!r}" if lines.rest else ""
                raise ConnectionResetError(f"it closed the connection before its answer was complete{part}")
            lines.news.clear()
            await lines.news.wait()
        return lines.lines.popleft()

    async def drop(self) -> None:
        """Close the connection; the next query opens a new one."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
            await asyncio.sleep(0)


def _why(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return f"the connection failed: {error.strerror or error}"
