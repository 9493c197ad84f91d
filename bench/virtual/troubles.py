"""Instruments that fail for a while, by a timetable: the line between a driver and its instrument is spoilt, and well again."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Literal

from bench.virtual.instruments.server import GARBAGE, Misbehaviour, VirtualInstrument, cannot_listen
from harness.model.strict import MisfitError, Range

How = Literal["refused", "closed", "silent", "late", "garbage", "wrong_unit", "crc_error"]
"""Nothing listens and what was open is reset; half of an answer and the end of the connection; no answer; answers that come
`late_s` after their question; noise; of Modbus, an answer of another unit, and one whose checksum is wrong."""

OF_MODBUS: frozenset[str] = frozenset({"wrong_unit", "crc_error"})
_CHUNK = 65536
_POLYNOMIAL = 0xA001


@dataclass(frozen=True, slots=True)
class Trouble:
    """One entry of [[virtual.troubles]]: from `at_s` after the bench's start, for `for_s`, `port` fails in this way."""

    port: str
    how: How
    at_s: Annotated[float, Range(0)]
    for_s: Annotated[float, Range(0.001)]
    late_s: Annotated[float, Range(0.001)] | None = None

    def __post_init__(self) -> None:
        if (self.how == "late") != (self.late_s is not None):
            cure = "say how late its answers are" if self.how == "late" else "leave it out"
            raise MisfitError(f"late_s belongs to how = 'late', and this is {self.how!r}", cure)


def check_apart(troubles: tuple[Trouble, ...]) -> None:
    """Two troubles of one port never overlap. Raises MisfitError, naming both."""
    last: dict[str, Trouble] = {}
    for trouble in sorted(troubles, key=lambda one: one.at_s):
        before = last.get(trouble.port)
        if before is not None and before.at_s + before.for_s > trouble.at_s:
            what = f"troubles of {trouble.port} overlap: {before.how} ends at {before.at_s + before.for_s:g} s"
            raise MisfitError(f"{what}, and {trouble.how} begins at {trouble.at_s:g} s", "set them apart")
        last[trouble.port] = trouble


class TroubledInstrument:
    """An instrument behind a line that is in trouble at its times; all else about it is its own."""

    def __init__(self, inner: VirtualInstrument, troubles: tuple[Trouble, ...], *, rtu: bool) -> None:
        """`rtu`: the line carries Modbus RTU frames, with their unit first and a checksum last."""
        self.name = inner.name
        self.inner = inner
        self._troubles = troubles
        self._rtu = rtu
        self._target = 0
        self._address = ("", 0)
        self._now: Trouble | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen, and begin the timetable. Raises BenchError when the port is taken."""
        self._target = await self.inner.start(host, 0)
        self._address = (host, port)
        try:
            await self._listen()
        except OSError as error:
            raise cannot_listen(self.name, host, port, error) from None
        self._keep(self._timetable())
        return self._address[1]

    async def stop(self) -> None:
        """Close the port and every connection. May be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._hang_up()
        await self.inner.stop()

    async def misbehave(self, kind: Misbehaviour) -> None:
        """As the instrument itself does."""
        await self.inner.misbehave(kind)

    async def _timetable(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for trouble in sorted(self._troubles, key=lambda one: one.at_s):
            await asyncio.sleep(began + trouble.at_s - loop.time())
            self._now = trouble
            if trouble.how == "refused":
                self._hang_up()
            await asyncio.sleep(began + trouble.at_s + trouble.for_s - loop.time())
            self._now = None
            if trouble.how == "refused":
                await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, *self._address)
        self._address = self._server.sockets[0].getsockname()[:2]

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._address[0], self._target)
        self._writers |= {writer, far_writer}
        self._keep(self._pass(reader, far_writer, self._untouched))
        self._keep(self._pass(far_reader, writer, self._answer))

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hand_on: Callable[[asyncio.StreamWriter, bytes], Awaitable[None]],
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await hand_on(writer, data)
        self._writers.discard(writer)
        writer.close()

    async def _untouched(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)

    async def _answer(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """An answer on its way back; a short one comes as one piece on this machine, and none here is long."""
        trouble = self._now
        if trouble is None:
            writer.write(data)
        elif trouble.how == "late":
            self._keep(_later(writer, data, trouble.late_s or 0.0))
        elif trouble.how == "closed":
            writer.write(data[: max(1, len(data) // 2)])
            await writer.drain()
            writer.close()
        else:
            writer.write(spoilt(data, trouble.how, rtu=self._rtu))

    def _keep(self, job: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _later(writer: asyncio.StreamWriter, data: bytes, late_s: float) -> None:
    await asyncio.sleep(late_s)
    if not writer.transport.is_closing():
        writer.write(data)


def spoilt(answer: bytes, how: How, *, rtu: bool) -> bytes:
    """What arrives in place of `answer`: nothing, noise, or a Modbus frame of another unit or with a wrong checksum."""
    if how == "garbage":
        return GARBAGE
    if how == "wrong_unit":
        return _of_another_unit(answer, rtu=rtu)
    if how == "crc_error":
        return answer[:-1] + bytes([answer[-1] ^ 0xFF])
    return b""


def _of_another_unit(answer: bytes, *, rtu: bool) -> bytes:
    if rtu:
        body = bytes([answer[0] ^ 0x08]) + answer[1:-2]
        return body + _checksum(body)
    return answer[:6] + bytes([answer[6] ^ 0x08]) + answer[7:]  # after transaction, protocol and length


def _checksum(frame: bytes) -> bytes:
    """CRC-16 of Modbus RTU, low byte first."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ _POLYNOMIAL if value & 1 else value >> 1
    return value.to_bytes(2, "little")
