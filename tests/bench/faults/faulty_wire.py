"""A wire between driver and instrument that spoils answers on demand."""

import asyncio
import contextlib

NOISE = b"\x00\xffu#!\x80\n"
GIBBERISH = b"Try again later\r\n"


def crc(frame):
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class Wire:
    """Carries bytes both ways; `fault` says what happens to answers. Loopback hands a short answer over as one piece."""

    def __init__(self, port):
        self._target = port
        self.fault = None
        self.connections = 0
        self.spoilt = 0
        self.late = []
        self._writers = set()
        self._tasks = set()
        self._server = None
        self.port = 0

    async def start(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def spoil(self, fault):
        self.fault = fault
        if fault == "refused":
            self._close()

    async def heal(self):
        if self.fault == "refused":
            await self.start()
        self.fault = None

    def _close(self):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self):
        self._close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader, writer):
        self.connections += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, far_writer}
        there = asyncio.ensure_future(self._pass(reader, far_writer, self._untouched))
        back = asyncio.ensure_future(self._pass(far_reader, writer, self._spoilt))
        self._tasks |= {there, back}

    async def _pass(self, reader, writer, handle):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await handle(writer, data)
        if self.fault not in {"silent", "late", "truncated"}:  # then the line stays open, whatever its far end does
            writer.close()

    async def _untouched(self, writer, data):
        writer.write(data)

    async def _spoilt(self, writer, data):
        if self.fault is None:
            writer.write(data)
            return
        self.spoilt += 1
        await getattr(self, f"_{self.fault}")(writer, data)

    # -- what can happen to an answer

    async def _closed(self, writer, data):
        writer.write(data[: max(1, len(data) // 2)])
        await writer.drain()
        writer.transport.abort()

    async def _silent(self, writer, data):
        pass

    async def _late(self, writer, data):
        self.late.append((writer, data))

    async def deliver_late(self):
        """What was held back comes now, where somebody still listens."""
        for writer, data in self.late:
            if not writer.transport.is_closing():
                writer.write(data)
        self.late.clear()

    async def _garbage(self, writer, data):
        writer.write(NOISE)

    async def _gibberish(self, writer, data):
        writer.write(GIBBERISH)

    async def _truncated(self, writer, data):
        writer.write(data[: max(1, len(data) // 2)])

    async def _wrong_unit(self, writer, data):
        writer.write(data[:6] + b"\x09" + data[7:])

    async def _wrong_unit_rtu(self, writer, data):
        body = b"\x09" + data[1:-2]
        writer.write(body + crc(body))

    async def _crc_error(self, writer, data):
        writer.write(data[:-1] + bytes([data[-1] ^ 0xFF]))

    async def _wrong_function(self, writer, data):
        other = 3 if data[7] != 3 else 4
        writer.write(data[:7] + bytes([other]) + data[8:])

    async def _wrong_function_rtu(self, writer, data):
        body = data[:1] + bytes([3 if data[1] != 3 else 4]) + data[2:-2]
        writer.write(body + crc(body))

    async def _exception(self, writer, data):
        writer.write(data[:4] + b"\x00\x03" + data[6:7] + bytes([data[7] | 0x80, 4]))

    async def _exception_rtu(self, writer, data):
        body = data[:1] + bytes([data[1] | 0x80, 4])
        writer.write(body + crc(body))

    async def _status_500(self, writer, data):
        writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops")

    async def _wrong_type(self, writer, data):
        page = b"<html><body>Please log in</body></html>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
        writer.write(head.encode() + page)

    async def _slow_body(self, writer, data):
        head, _, body = data.partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        for byte in body:
            await asyncio.sleep(0.3)
            if writer.transport.is_closing():
                return
            writer.write(bytes([byte]))


class LoopWatch:
    """How often the event loop came round, every 10 ms at best, while the block lasted."""

    async def __aenter__(self):
        self.rounds = 0
        self._task = asyncio.ensure_future(self._tick())
        await asyncio.sleep(0)
        return self

    async def _tick(self):
        while True:
            await asyncio.sleep(0.01)
            self.rounds += 1

    async def __aexit__(self, *exc):
        self._task.cancel()
