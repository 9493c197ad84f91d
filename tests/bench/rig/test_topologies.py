import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.roles import ROLES
from bench.safety import check_steps
from fixtures.bench_files import read_bench
from harness.model.topology import RUN_VALUES

FOLDER = Path(__file__).parents[3] / "bench" / "topologies"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_every_bench_file_shipped_can_be_opened(path):
    topology = read_bench(path)
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
    values = {entry.name: 5000 for entry in topology.instruments} | dict.fromkeys(RUN_VALUES, "x")
    filled = [replace(entry, options=entry.filled_options(values)) for entry in topology.instruments]
    made = {entry.name: registry.create(entry, entry.located(values), clock, path.name) for entry in filled}
    assert check_steps(topology, made) == []
    assert topology.safe_state
    for entry in topology.instruments:
        for role in entry.roles:
            assert isinstance(made[entry.name], ROLES[role])


def test_the_bench_files_are_the_virtual_one_examples_and_peers():
    assert [path.stem for path in FILES] == [
        "by-hand-example",
        "http-simulator-example",
        "lab-example",
        "peer-em-ocpp-chargepoint-simulator",
        "peer-ocpp-ws-cli",
        "virtual-other-instruments",
        "virtual-power-strip",
        "virtual-two-evses",
        "virtual",
    ]
