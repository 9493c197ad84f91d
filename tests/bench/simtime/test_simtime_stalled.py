import asyncio
import threading
import time

import pytest

from bench.virtual import simtime


def test_waiting_for_nothing_is_an_error_that_names_the_task(run):
    async def forgotten_reply():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(simtime.NothingCanHappenError) as caught:
        run(forgotten_reply())
    text = str(caught.value)
    assert "simulated time 1000.000000" in text
    assert "forgotten_reply" in text
    assert __file__.rpartition("/")[2] in text
    assert "timers: none" in text


def test_the_stalled_coroutine_cleans_up_first(run):
    cleaned = []

    async def main():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            cleaned.append(asyncio.get_running_loop().time())

    with pytest.raises(simtime.NothingCanHappenError):
        run(main())
    assert cleaned == [1001.0]


def test_a_stall_is_an_error_even_if_the_coroutine_swallows_it(run):
    async def main():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "as if nothing had been"

    with pytest.raises(simtime.NothingCanHappenError):
        run(main())


def test_a_second_stall_during_clean_up_ends_the_run(run):
    async def main():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()

    with pytest.raises(simtime.NothingCanHappenError):
        run(main())


def test_the_loop_can_be_used_after_a_stall(run):
    with pytest.raises(simtime.NothingCanHappenError):
        run(asyncio.Event().wait())
    run(asyncio.sleep(1))


def test_the_watchdog_names_the_job_that_never_ends():
    loop = simtime.new_loop(watchdog_s=0.4)
    let_go = threading.Event()

    def deaf_instrument():
        let_go.wait(30)

    async def main():
        await asyncio.wait_for(asyncio.to_thread(deaf_instrument), 5)

    begin = time.monotonic()
    try:
        with pytest.raises(simtime.NoProgressError) as caught:
            loop.run_until_complete(main())
    finally:
        let_go.set()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    assert time.monotonic() - begin < 10
    assert "deaf_instrument: running beside the loop" in str(caught.value)
    assert "at 1005.000000" in str(caught.value)


def test_the_watchdog_names_what_was_held():
    loop = simtime.new_loop(watchdog_s=0.2)

    async def main():
        with simtime.hold("a station in another process"):
            await asyncio.Event().wait()

    try:
        with pytest.raises(simtime.NoProgressError, match="a station in another process"):
            loop.run_until_complete(main())
    finally:
        loop.close()


def test_spinning_at_one_instant_is_noticed():
    loop = simtime.new_loop(watchdog_s=0.2)

    async def main():
        while loop.time() < 1001:  # noqa: ASYNC110 - the very mistake
            await asyncio.sleep(0)

    try:
        with pytest.raises(simtime.NoProgressError, match="without any time passing"):
            loop.run_until_complete(main())
    finally:
        loop.close()


def test_a_repeating_timer_does_not_hide_a_wait_without_end():
    loop = simtime.new_loop(horizon_s=3600.0)

    async def heartbeat():
        for _ in range(10_000):
            await asyncio.sleep(10)

    async def never_answered():
        beating = asyncio.create_task(heartbeat())
        try:
            await asyncio.Event().wait()
        finally:
            beating.cancel()
            await asyncio.sleep(1)

    try:
        with pytest.raises(simtime.HorizonPassedError, match="never_answered"):
            loop.run_until_complete(never_answered())
        assert loop.time() == 1000.0 + 3601.0
    finally:
        loop.close()
