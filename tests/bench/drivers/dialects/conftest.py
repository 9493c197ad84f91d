"""Drivers made as the rig makes them, and simulated instruments behind real sockets to point them at."""

import asyncio
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import InstrumentFault
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.plant import Plant, PlantConfig
from harness.model.strict import build
from harness.model.topology import InstrumentEntry

STATED = {
    "pilot_voltage": {"absolute": 0.1},
    "pilot_duty": {"absolute": 0.1},
    "pilot_frequency": {"absolute": 1},
    "voltage": {"of_reading_pct": 3, "absolute": 4},
    "current": {"of_reading_pct": 3, "absolute": 2},
}


@pytest.fixture
async def drive():
    """Makes the driver for a server's port."""
    made = []

    def make(driver, role, server, *, web=False, **more):
        port = server if isinstance(server, int) else server.port
        address = f"http://127.0.0.1:{port}" if web else f"TCPIP::127.0.0.1::{port}::SOCKET"
        roles = [role] if isinstance(role, str) else role
        uncertainty = STATED if "pilot_scope" in roles else {}
        table = {"name": "it", "roles": roles, "driver": driver, "address": address, "timeout_s": 1.0}
        entry = build(InstrumentEntry, {**table, "uncertainty": uncertainty, **more}, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        made.append(registry.create(entry, address, clock, "bench.toml"))
        return made[-1]

    yield make
    for instrument in made:
        await instrument.close()


@pytest.fixture
async def plant():
    made = Plant(asyncio.get_running_loop(), PlantConfig(evses=(EvseConfig(),)))
    yield made
    made.close()


@pytest.fixture
async def serve():
    """Starts a simulated instrument and gives its port."""
    started = []

    async def start(instrument):
        started.append(instrument)
        return await instrument.start("127.0.0.1", 0)

    yield start
    for instrument in started:
        await instrument.stop()


def numbers(reading):
    return {name: value.value for name, value in reading.values.items()}


@pytest.fixture(name="numbers")
def numbers_fixture():
    return numbers


@pytest.fixture
def sees_the_pilot(plant, numbers):
    """Checks that a driver of a simulated scope reads the pilot at rest and at a duty, as well as that scope can."""

    async def check(scope, duty_pct, frequency_hz):
        assert set(numbers(await scope.read())) == {"pilot_high_v", "pilot_low_v"}
        plant.evse(1).plug_in(32)
        plant.evse(1).set_pilot_duty(26.7)
        seen = numbers(await scope.read())
        assert seen["pilot_duty_pct"] == pytest.approx(26.7, abs=duty_pct)
        assert seen["pilot_frequency_hz"] == pytest.approx(1000.4, abs=frequency_hz)
        assert (seen["pilot_high_v"], seen["pilot_low_v"]) == (pytest.approx(9, abs=0.2), pytest.approx(-12, abs=0.2))

    return check


@pytest.fixture
def fails_and_recovers(numbers):
    """Checks that a simulated scope which misbehaves is a fault with these words, and is read again afterwards."""

    async def check(instrument, scope, kind, told):
        await scope.read()
        await instrument.misbehave(kind)
        with pytest.raises(InstrumentFault, match=told):
            await scope.read()
        await instrument.misbehave("none")
        assert set(numbers(await scope.read())) == {"pilot_high_v", "pilot_low_v"}

    return check
