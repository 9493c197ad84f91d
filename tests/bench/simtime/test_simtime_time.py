import asyncio
import signal
import threading
import time

import pytest

from bench.virtual import simtime


def test_an_hour_passes_at_once_and_exactly(run):
    async def main():
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - before

    begin = time.monotonic()
    assert run(main()) == 3600.0
    assert time.monotonic() - begin < 5


def test_timers_fire_in_order_at_their_own_instants(run):
    async def main():
        loop = asyncio.get_running_loop()
        seen = []
        for delay in (0.3, 0.1, 7.25, 0.2):
            loop.call_later(delay, lambda: seen.append(loop.time()))
        await asyncio.sleep(10)
        return seen

    assert run(main()) == [1000.0 + each for each in (0.1, 0.2, 0.3, 7.25)]


def test_a_cancelled_timer_does_not_move_time(run):
    async def main():
        loop = asyncio.get_running_loop()
        early = loop.call_later(1, lambda: None)
        loop.call_soon(early.cancel)
        await asyncio.sleep(2)
        return loop.time()

    assert run(main()) == 1002.0


def test_time_stands_still_between_runs_and_timers_survive(sim):
    seen = []

    async def start():
        sim.call_later(5, lambda: seen.append(sim.time()))

    async def at_once():
        return sim.time()

    sim.run_until_complete(start())
    time.sleep(0.01)
    assert sim.run_until_complete(at_once()) == 1000.0
    assert seen == []
    sim.run_until_complete(asyncio.sleep(5))
    assert seen == [1005.0]


def test_a_timer_fires_even_where_a_nanosecond_vanishes_beside_the_time():
    loop = simtime.new_loop(start_time=1e9)
    try:
        loop.run_until_complete(asyncio.wait_for(asyncio.sleep(0.5), 10))
        assert loop.time() == 1e9 + 0.5
    finally:
        loop.close()


@pytest.mark.parametrize("start", [0.0, -1.0, float("nan"), float("inf")])
def test_a_start_time_that_would_mislead_libraries_is_refused(start):
    with pytest.raises(ValueError, match="start_time"):
        simtime.new_loop(start_time=start)


def test_time_is_readable_and_monotonic_in_other_threads(sim):
    seen = []
    stop = threading.Event()

    def watch():
        while not stop.is_set():
            seen.append(sim.time())

    watcher = threading.Thread(target=watch)
    watcher.start()

    async def main():
        for _ in range(2000):
            await asyncio.sleep(0.5)

    try:
        sim.run_until_complete(main())
    finally:
        stop.set()
        watcher.join()
    assert seen == sorted(seen)
    assert sim.time() == 2000.0


def test_signals_reach_their_handler_while_something_outside_is_awaited(sim):
    async def main():
        got = asyncio.Event()
        sim.add_signal_handler(signal.SIGUSR1, got.set)
        threading.Timer(0.05, signal.raise_signal, [signal.SIGUSR1]).start()
        with simtime.hold("the sender of the signal"):
            await got.wait()
        return sim.remove_signal_handler(signal.SIGUSR1)

    assert sim.run_until_complete(main())


def test_a_runner_closes_the_loop_in_order():
    with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:

        async def main():
            await asyncio.to_thread(int)
            await asyncio.sleep(60)
            return asyncio.get_running_loop().time()

        assert runner.run(main()) == 1060.0
        assert runner.run(main()) == 1120.0
        loop = runner.get_loop()
    assert loop.is_closed()


def test_the_loop_factory_is_one_object():
    assert simtime.loop_factory is simtime.loop_factory
    loop = simtime.loop_factory()
    assert isinstance(loop, simtime.SimLoop)
    loop.close()
