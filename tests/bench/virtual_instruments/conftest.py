"""A world on simulated time, and the plainest clients there are."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from pymodbus.client import AsyncModbusTcpClient

from bench.virtual import simtime
from bench.virtual.world import World, WorldConfig


@pytest.fixture
def run():
    """Run a coroutine on a simulated loop of its own."""
    with asyncio.Runner(loop_factory=lambda: simtime.new_loop(watchdog_s=20.0)) as runner:
        yield runner.get_loop().run_until_complete


class Text:
    """A client of a line server."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    async def write(self, line, end="\n"):
        self._writer.write((line + end).encode())
        await self._writer.drain()

    async def query(self, line, end="\n"):
        await self.write(line, end)
        return await self.read()

    async def read(self):
        raw = await asyncio.wait_for(self._reader.readline(), 5.0)
        return raw.decode("latin-1").rstrip("\n")

    async def close(self):
        self._writer.close()
        await self._writer.wait_closed()


class Bench:
    """A world and its clients, all closed at the end."""

    def __init__(self, world):
        self.world = world
        self.plant = world.plant
        self._close = []

    async def text(self, name):
        client = Text(*await asyncio.open_connection("127.0.0.1", self.world.ports[name]))
        self._close.append(client.close)
        return client

    async def modbus(self, name):
        client = AsyncModbusTcpClient("127.0.0.1", port=self.world.ports[name], retries=0, timeout=2.0)
        assert await client.connect()

        async def close():
            client.close()

        self._close.append(close)
        return client

    async def charge(self, number=1, *, limit_a=16.0, seconds=30.0):
        """Charge on one EVSE, with the firmware's part played by hand."""
        evse = self.plant.evse(number)
        evse.plug_in(32)
        evse.request_energy(on=True)
        evse.set_pilot_duty(limit_a / 0.6)
        await asyncio.sleep(2.0)
        evse.close_contactor()
        await asyncio.sleep(seconds)
        return evse

    async def stop(self):
        for close in self._close:
            await close()
        await self.world.stop()


@pytest.fixture
def bench():
    """An async context manager that gives a Bench; keyword arguments as in a topology's table."""

    @asynccontextmanager
    async def make(faults=(), **config):
        made = Bench(await World.start(WorldConfig.from_dict(config), frozenset(faults)))
        try:
            yield made
        finally:
            await made.stop()

    return make
