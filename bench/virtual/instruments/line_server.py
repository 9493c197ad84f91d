"""Instruments that speak lines of text over TCP."""

import asyncio
from abc import ABC, abstractmethod

from bench.virtual.instruments.server import GARBAGE, Latency, Misbehaviour, cannot_listen

LINE_LIMIT = 64 * 1024


class LineServer(ABC):
    """Serves `respond` to any number of clients; lines end with LF or CRLF, answers with LF."""

    def __init__(self, name: str, latency: Latency | None = None) -> None:
        self.name = name
        self.misbehaviour: Misbehaviour = "none"
        self._latency = latency or Latency()
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] = ("", 0)
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    def respond(self, line: str) -> str | None:
        """Answer to one line, None for none."""

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port.

        Raises:
            BenchError: the port is taken or not allowed.
        """
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=LINE_LIMIT)
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
        except (OSError, ValueError):  # the peer is gone, or sent a line beyond every limit
            pass
        except asyncio.CancelledError:  # the loop is being torn down: end here, where asyncio would log a traceback
            pass
        finally:
            del self._clients[task]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while raw := await reader.readline():
            answer = self.respond(raw.decode("latin-1").strip("\r\n"))
            if answer is None or self.misbehaviour == "silent":
                continue
            await asyncio.sleep(self._latency.draw_s())
            writer.write(GARBAGE if self.misbehaviour == "garbage" else answer.encode("latin-1") + b"\n")
            await writer.drain()
