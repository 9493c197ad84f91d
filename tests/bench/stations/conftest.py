import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from bench.virtual import simtime

sys.path.insert(0, str(Path(__file__).parent))

from rig16 import Rig16


@pytest.fixture
def sim():
    """Runs a coroutine function on a loop of its own, on simulated time."""

    def run(main):
        with asyncio.Runner(loop_factory=lambda: simtime.new_loop(watchdog_s=20.0)) as runner:
            failures = []
            runner.get_loop().set_exception_handler(lambda _, context: failures.append(context))
            result = runner.run(main())
            assert failures == []
            return result

    return run


@pytest.fixture
def rig16(sim):
    """Runs `body(rig)` with a booted 1.6 rig; `rig16(body, faults=[...], booted=False, **config)`."""

    def run(body, *, faults=(), booted=True, **config):
        async def main():
            rig = Rig16(faults, **config)
            if booted:
                await rig.boot()
            try:
                return await body(rig)
            finally:
                await rig.station.stop()
                with contextlib.suppress(AttributeError):
                    await rig.csms.stop()

        return sim(main)

    return run
