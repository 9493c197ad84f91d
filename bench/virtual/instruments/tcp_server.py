"""Virtual instruments behind a TCP port of asyncio's."""

import asyncio
from abc import ABC, abstractmethod

from bench.virtual.instruments.server import Latency, Misbehaviour, cannot_listen

LONGEST = 64 * 1024
"""Bytes that are read up to a line's end, or a head's."""


class TcpServer(ABC):
    """A bench.virtual.instruments.server.VirtualInstrument for any number of clients."""

    def __init__(self, name: str, latency: Latency | None = None) -> None:
        self.name = name
        self.misbehaviour: Misbehaviour = "none"
        self._latency = latency or Latency()
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] = ("", 0)
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client until it is gone, or has what it came for."""

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port.

        Raises:
            BenchError: the port is taken or not allowed.
        """
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=LONGEST)
        except OSError as error:
            raise cannot_listen(self.name, host, port, error) from None
        self._address = self._server.sockets[0].getsockname()[:2]
        return self._address[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._clients.values():
            writer.transport.abort()
        if self._clients:
            await asyncio.wait(list(self._clients))

    async def misbehave(self, kind: Misbehaviour) -> None:
        """Fail in this way from now on; `none` is well again."""
        self.misbehaviour = kind
        if kind == "closed":
            await self.stop()
        elif self._server is None:
            await self.start(*self._address)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        try:
            await self._converse(reader, writer)
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            pass  # the peer is gone, speaks another language, or sent more than every limit
        except asyncio.CancelledError:  # the loop is being torn down: end here, where asyncio would log a traceback
            pass
        finally:
            del self._clients[task]
            writer.close()
