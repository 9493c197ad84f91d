"""Scripted instruments on loopback: a server that answers each line as it is told, and misbehaves on demand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest


class Talker:
    """A line server. `script` maps a line to its answer, or to a callable that acts on the writer.

    An answer may be None (silence). Lines that are not in the script are recorded and get no answer.
    """

    def __init__(self, script: dict[str, object]) -> None:
        self.script = script
        self.heard: list[str] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        self._writers.append(writer)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while line := await reader.readline():
                text = line.decode().rstrip("\r\n")
                self.heard.append(text)
                await self._answer(text, writer)
        writer.transport.abort()

    async def _answer(self, text: str, writer: asyncio.StreamWriter) -> None:
        answer = self.script.get(text)
        if callable(answer):
            answer = answer(writer)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, bytes):
            writer.write(answer)
        elif isinstance(answer, str):
            writer.write(answer.encode() + b"\n")


@pytest.fixture
async def talker() -> AsyncIterator[Callable[[dict[str, object]], object]]:
    """A factory of running Talkers, all stopped at the end of the test."""
    made: list[Talker] = []

    async def make(script: dict[str, object]) -> Talker:
        server = Talker(script)
        made.append(server)
        await server.start()
        return server

    yield make
    for server in made:
        await server.stop()


@pytest.fixture
async def refused_port() -> int:
    """A port of loopback on which nothing listens."""
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


class Unit:
    """A Modbus TCP unit with a memory; `heard` keeps each request's PDU in hexadecimal."""

    def __init__(self) -> None:
        self.coils: dict[int, bool] = {}
        self.holding: dict[int, int] = {}
        self.input: dict[int, int] = {}
        self.stuck = False
        self.heard: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
                self.heard.append(pdu.hex())
                answer = self.answer(pdu)
                writer.write(head[:4] + (len(answer) + 1).to_bytes(2, "big") + head[6:7] + answer)
        writer.transport.abort()

    def answer(self, pdu: bytes) -> bytes:
        code, address, number = pdu[0], int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
        if code == 1:
            bits = sum(self.coils.get(address + n, False) << n for n in range(number))
            size = (number + 7) // 8
            return bytes([1, size]) + bits.to_bytes(size, "little")
        if code in {3, 4}:
            memory = self.holding if code == 3 else self.input
            words = [memory.get(address + n, 0) for n in range(number)]
            return bytes([code, 2 * number]) + b"".join(word.to_bytes(2, "big") for word in words)
        if code == 5 and not self.stuck:
            self.coils[address] = number == 0xFF00
        if code == 16 and not self.stuck:
            for n in range(number):
                self.holding[address + n] = int.from_bytes(pdu[6 + 2 * n : 8 + 2 * n], "big")
        return pdu[:5]


@pytest.fixture
async def modbus_unit() -> AsyncIterator[Unit]:
    """One running Modbus TCP unit."""
    unit = Unit()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        await unit.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    unit.port = server.sockets[0].getsockname()[1]
    yield unit
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.wait_closed()
