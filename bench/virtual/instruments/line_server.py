"""Instruments that speak lines of text over TCP."""

import asyncio
from abc import abstractmethod

from bench.virtual.instruments.server import GARBAGE
from bench.virtual.instruments.tcp_server import TcpServer


class LineServer(TcpServer):
    """Serves `respond` to any number of clients; lines end with LF or CRLF, answers with LF."""

    @abstractmethod
    def respond(self, line: str) -> str | None:
        """Answer to one line, None for none."""

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while raw := await reader.readline():
            answer = self.respond(raw.decode("latin-1").strip("\r\n"))
            if answer is None or self.misbehaviour == "silent":
                continue
            await asyncio.sleep(self._latency.draw_s())
            writer.write(GARBAGE if self.misbehaviour == "garbage" else answer.encode("latin-1") + b"\n")
            await writer.drain()
