import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bench.clock import LoopClock


async def test_the_clock_is_the_loops_and_its_date_runs_with_it():
    loop = asyncio.get_running_loop()
    epoch = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    clock = LoopClock(loop, epoch)
    before, told, after = loop.time(), clock.time(), loop.time()
    assert before <= told <= after
    first = clock.utc()
    await asyncio.sleep(0.02)
    assert timedelta(seconds=0.01) < clock.utc() - first < timedelta(seconds=2)
    assert first.tzinfo is UTC
    assert first - datetime(2026, 1, 1, tzinfo=UTC) < timedelta(seconds=2)
    assert not clock.simulated


async def test_an_epoch_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
