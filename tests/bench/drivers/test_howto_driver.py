"""The driver in docs/howto/add-an-instrument-driver.md is found, made, and does what the page says."""

import asyncio
import importlib
import re
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bench.drivers
from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from harness.model.strict import build
from harness.model.topology import InstrumentEntry

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "add-an-instrument-driver.md"
ACCURACY = {kind: {"of_reading_pct": 0.1} for kind in ("voltage", "current", "power")}


@pytest.fixture
def my_meter(tmp_path, monkeypatch):
    """The page's code as a file of the drivers' folder; returns what makes the instrument."""
    code = re.search(r'\n( +"""A power analyser that answers.*?)\n   `roles`', PAGE.read_text(), re.DOTALL)[1]
    (tmp_path / "my_meter.py").write_text(textwrap.dedent(code))
    monkeypatch.setattr(bench.drivers, "__path__", [*bench.drivers.__path__, str(tmp_path)])
    importlib.invalidate_caches()

    def make(port, uncertainty=ACCURACY):
        table = {
            "name": "a1",
            "roles": ["power_analyzer"],
            "driver": "my_meter",
            "address": f"tcp://127.0.0.1:{port}",
            "phases": [3, 1],
            "timeout_s": 0.2,
            "uncertainty": uncertainty,
        }
        entry = build(InstrumentEntry, table, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
        return registry.create(entry, entry.address, clock, "bench.toml")

    yield make
    registry._DRIVERS.pop("my_meter", None)
    sys.modules.pop("bench.drivers.my_meter", None)


async def test_it_reads_what_the_instrument_shows(my_meter, talker):
    server = await talker({"*IDN?": "MYMETER", "MEAS?": "230,231,232,10,11,12,2300,2541,2784"})
    meter = my_meter(server.port)
    assert await meter.identify() == "MYMETER"
    values = {name: value.value for name, value in (await meter.read()).values.items()}
    assert (values["voltage_l3_v"], values["current_l1_a"], values["power_w"]) == (230, 11, 4841)
    await meter.close()


async def test_nonsense_silence_and_a_missing_accuracy_are_named(my_meter, talker):
    server = await talker({"MEAS?": "230,231"})
    meter = my_meter(server.port)
    with pytest.raises(InstrumentFault, match=r"answered MEAS\? with '230,231'. Cure: expected are nine numbers"):
        await meter.read()
    with pytest.raises(InstrumentFault, match=r"no answer to '\*IDN\?' within 0.2 s"):
        await meter.identify()
    await meter.close()
    with pytest.raises(BenchError, match="measures voltage, current, power without a stated accuracy"):
        my_meter(server.port, {})
