import asyncio
import concurrent.futures
import contextlib
import socket
import subprocess
import sys
import threading
import time

import pytest
import pyvisa
import pyvisa.constants
from pyvisa_py import tcpip

from bench.virtual import simtime

simtime.install()


@pytest.fixture
def visa():
    manager = pyvisa.ResourceManager("@py")
    yield manager
    manager.close()


@contextlib.asynccontextmanager
async def scpi_server(delay_s=0.0, mute=False):
    running = set()

    async def handle(reader, writer):
        running.add(asyncio.current_task())
        count = 0
        while line := await reader.readline():
            await asyncio.sleep(delay_s)
            if line.strip().endswith(b"?") and not mute:
                count += 1
                writer.write(b"%d\n" % count)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"TCPIP::127.0.0.1::{server.sockets[0].getsockname()[1]}::SOCKET"
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*running)


def open_instrument(manager, name, timeout_ms=2000):
    return manager.open_resource(name, read_termination="\n", write_termination="\n", timeout=timeout_ms)


def test_a_query_costs_the_instruments_own_time_and_no_more(run, visa):
    async def main():
        loop = asyncio.get_running_loop()
        async with scpi_server(delay_s=0.25) as name:
            instrument = await asyncio.to_thread(open_instrument, visa, name)
            begin = loop.time()
            for expected in ("1", "2", "3"):
                assert await asyncio.to_thread(instrument.query, "READ?") == expected
            passed = loop.time() - begin
            await asyncio.to_thread(instrument.close)
        return passed

    assert run(main()) == 0.75


def test_a_mute_instrument_times_out_exactly_and_repeatably(visa):
    def once():
        with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:

            async def main():
                loop = asyncio.get_running_loop()
                async with scpi_server(mute=True) as name:
                    instrument = await asyncio.to_thread(open_instrument, visa, name)
                    begin = loop.time()
                    with pytest.raises(pyvisa.VisaIOError) as caught:
                        await asyncio.to_thread(instrument.query, "READ?")
                    assert caught.value.error_code == pyvisa.constants.StatusCode.error_timeout
                    passed = loop.time() - begin
                    await asyncio.to_thread(instrument.close)
                return passed

            return runner.run(main())

    begin = time.monotonic()
    first = once()
    # pyvisa-py 0.8.1 waits 1, 1/2, 1/4 ... s and then in steps of 20 ms until 2 s are over
    assert first == pytest.approx(2.00875, abs=1e-9)
    assert once() == first
    assert time.monotonic() - begin < 5


def test_two_writes_in_a_row_do_not_stall(run, visa):
    async def main():
        async with scpi_server() as name:
            instrument = await asyncio.to_thread(open_instrument, visa, name)

            def configure_and_read():
                for _ in range(50):
                    instrument.write("RANGE 1")
                    instrument.query("READ?")

            begin = time.monotonic()
            await asyncio.to_thread(configure_and_read)
            wall = time.monotonic() - begin
            await asyncio.to_thread(instrument.close)
        return wall, asyncio.get_running_loop().time()

    wall, now = run(main())
    assert now == 1000.0
    assert wall < 1.5  # Nagle's algorithm would make it 50 x 44 ms


def test_an_instrument_call_in_a_coroutine_is_an_error_not_a_hang(run, visa):
    async def main():
        async with scpi_server() as name:
            instrument = await asyncio.to_thread(open_instrument, visa, name)
            with pytest.raises(RuntimeError, match="in a worker thread"):
                instrument.query("READ?")
            await asyncio.to_thread(instrument.close)

    run(main())


def test_the_delay_inside_a_query_is_simulated(run, visa):
    async def main():
        async with scpi_server() as name:
            instrument = await asyncio.to_thread(open_instrument, visa, name)
            await asyncio.to_thread(instrument.query, "READ?", 40.0)
            await asyncio.to_thread(instrument.close)
        return asyncio.get_running_loop().time()

    assert run(main()) == 1040.0


def test_four_instruments_interleave_alike_in_every_run(visa):
    def once():
        seen = []
        with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:

            async def sample(label, name, period_s):
                loop = asyncio.get_running_loop()
                instrument = await asyncio.to_thread(open_instrument, visa, name)
                for _ in range(25):
                    seen.append((label, loop.time(), await asyncio.to_thread(instrument.query, "READ?")))
                    await asyncio.sleep(period_s)
                await asyncio.to_thread(instrument.close)

            async def main():
                async with scpi_server(delay_s=0.003) as name:
                    periods = {"a": 0.1, "b": 0.1, "c": 0.05, "d": 0.2}
                    await asyncio.gather(*(sample(label, name, each) for label, each in periods.items()))

            runner.run(main())
        return seen

    runs = [once() for _ in range(4)]
    assert len(runs[0]) == 100
    assert all(each == runs[0] for each in runs)


def test_time_stands_still_while_a_job_computes(run):
    def compute():
        time.sleep(0.3)  # longer than the loop waits for a worker before it goes on beside it
        return 42

    async def main():
        loop = asyncio.get_running_loop()
        due = []
        loop.call_later(0.001, lambda: due.append(loop.time()))
        assert await asyncio.to_thread(compute) == 42
        return due, loop.time()

    assert run(main()) == ([], 1000.0)


def test_more_jobs_than_threads(run):
    async def main():
        loop = asyncio.get_running_loop()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return await asyncio.gather(*(loop.run_in_executor(pool, pow, each, 2) for each in range(20)))

    assert run(main()) == [each**2 for each in range(20)]


def test_a_job_may_wait_for_the_loop(run):
    async def double(value):
        await asyncio.sleep(0)
        return 2 * value

    async def main():
        loop = asyncio.get_running_loop()

        def ask():
            return [asyncio.run_coroutine_threadsafe(double(each), loop).result(10) for each in range(50)]

        return await asyncio.to_thread(ask)

    begin = time.monotonic()
    assert run(main()) == [2 * each for each in range(50)]
    assert time.monotonic() - begin < 5  # each question ends the loop's patience with the job at once


def test_an_error_in_a_job_reaches_the_caller(run):
    with pytest.raises(ZeroDivisionError):
        run(asyncio.to_thread(divmod, 1, 0))


def test_a_job_cancelled_while_it_queues_never_runs(run):
    ran = []

    async def main():
        loop = asyncio.get_running_loop()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sleeper = loop.run_in_executor(pool, tcpip.time.sleep, 5)
            queued = loop.run_in_executor(pool, ran.append, "second")
            await asyncio.sleep(1)
            queued.cancel()
            await sleeper
            await loop.run_in_executor(pool, ran.append, "third")
        return loop.time()

    assert run(main()) == 1005.0
    assert ran == ["third"]


def test_processes_of_a_pool_hold_time(run):
    async def main():
        loop = asyncio.get_running_loop()
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            async with asyncio.timeout(0.001):
                return await loop.run_in_executor(pool, pow, 3, 4)

    assert run(main()) == 81


def test_closing_the_loop_frees_a_waiting_instrument_call(visa):
    loop = simtime.new_loop()
    ended = []
    over = threading.Event()

    def query(name):
        instrument = open_instrument(visa, name, timeout_ms=None)
        try:
            instrument.query("READ?")
        except ConnectionAbortedError as error:
            ended.append(str(error))
        finally:
            over.set()

    async def main(name):
        loop.run_in_executor(None, query, name)
        await asyncio.sleep(1)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        loop.run_until_complete(main(f"TCPIP::127.0.0.1::{listener.getsockname()[1]}::SOCKET"))
        assert not over.is_set()
        loop.close()
        assert over.wait(5)
    assert "loop was closed" in ended[0]


def test_hold_keeps_pace_with_the_wall_clock_and_only_then(run):
    code = "import time; time.sleep(0.3); print('done')"

    async def main():
        loop = asyncio.get_running_loop()
        await asyncio.sleep(100)
        before = loop.time()
        wall = time.monotonic()
        with simtime.hold("a child process"):
            child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
            out, _ = await child.communicate()
            passed = loop.time() - before
            wall = time.monotonic() - wall
        after = loop.time()
        await asyncio.sleep(100)
        return out, passed, wall, loop.time() - after

    out, passed, wall, rest = run(main())
    assert out == b"done\n"
    assert wall >= 0.3
    assert passed == pytest.approx(wall, abs=0.05)
    assert rest == pytest.approx(100.0, abs=1e-9)


def test_time_outs_still_run_out_in_a_hold(run):
    async def main():
        with simtime.hold("nobody"), pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.2)

    begin = time.monotonic()
    run(main())
    assert 0.19 < time.monotonic() - begin < 5


def test_instruments_wait_on_the_wall_clock_outside_a_simulated_loop(visa):
    """The stand-ins of `select` and `time` are the real ones where no simulated loop runs."""

    async def main():
        async with scpi_server(mute=True) as name:
            instrument = await asyncio.to_thread(open_instrument, visa, name, 100)
            begin = time.monotonic()
            with pytest.raises(pyvisa.VisaIOError):
                await asyncio.to_thread(instrument.query, "READ?")
            passed = time.monotonic() - begin
            await asyncio.to_thread(instrument.close)
        return passed

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        assert runner.run(main()) >= 0.1
