from contextlib import asynccontextmanager

import pytest

from bench.virtual.world import World, WorldConfig
from tests.bench.faults.faulty_wire import Wire


@pytest.fixture
def wired():
    """An async context manager: a world whose instrument `subject` is the one asked for, and a wire to a port of it."""

    @asynccontextmanager
    async def make(port, fitted):
        config = {"evses": 1, "latency_s": 0.0, "latency_jitter_s": 0.0}
        world = await World.start(
            WorldConfig.from_dict({**config, "instruments": {"subject": fitted} if fitted else {}})
        )
        wire = Wire(world.ports[port])
        try:
            await wire.start()
            yield world, wire
        finally:
            await wire.stop()
            await world.stop()

    return make
