import asyncio

import pytest

from bench.virtual import simtime


@pytest.fixture
def sim():
    """A loop on simulated time of its own, with a watchdog short enough for a test that is meant to hang."""
    with asyncio.Runner(loop_factory=lambda: simtime.new_loop(watchdog_s=20.0)) as runner:
        yield runner.get_loop()


@pytest.fixture
def run(sim):
    return sim.run_until_complete
