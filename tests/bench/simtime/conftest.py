import pytest

from bench.virtual import simtime


@pytest.fixture
def sim():
    """A loop on simulated time of its own, with a watchdog short enough for a test that is meant to hang."""
    loop = simtime.new_loop(watchdog_s=20.0)
    yield loop
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@pytest.fixture
def run(sim):
    return sim.run_until_complete
