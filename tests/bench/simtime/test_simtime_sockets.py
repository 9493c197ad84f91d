import asyncio
import contextlib
import errno
import hashlib
import itertools
import socket
import struct
import subprocess
import sys
import time

import pytest

from bench.virtual import simtime
from bench.virtual.simtime.selector import SimSelector
from bench.virtual.simtime.sockets import CountedSocket, PlainSocket

PAIRS = 4000
LIMIT_S = 0.001


@contextlib.contextmanager
def burdened_cores(count=4):
    """Other processes that keep every core busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


async def answer_lines(reader, writer):
    while line := await reader.readline():
        writer.write(b"re:" + line)
    writer.close()


@contextlib.asynccontextmanager
async def serving(handler, **options):
    running = set()

    async def handle(reader, writer):
        running.add(asyncio.current_task())
        await handler(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*running)


async def ask(reader, writer, count, late):
    for number in range(count):
        writer.write(b"%d\n" % number)
        try:
            async with asyncio.timeout(LIMIT_S):
                assert await reader.readline() == b"re:%d\n" % number
        except TimeoutError:
            late.append(number)
            return


def test_no_false_time_out_under_load(sim):
    """4,000 request/reply pairs on four connections at once, each against a simulated millisecond."""
    late = []

    async def main():
        async with serving(answer_lines) as address:
            links = [await asyncio.open_connection(*address) for _ in range(4)]
            await asyncio.gather(*(ask(reader, writer, PAIRS // 4, late) for reader, writer in links))
            for _, writer in links:
                writer.close()
                await writer.wait_closed()

    with burdened_cores():
        sim.run_until_complete(main())
    assert late == []
    assert sim.time() == 1000.0  # no timer was due, so no time passed


async def ask_in_two_writes(late):
    """The kernel keeps the second small write back until the first is acknowledged, up to 44 ms of wall time."""
    async with serving(answer_lines) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        for number in range(8):
            writer.write(b"a")
            await asyncio.sleep(LIMIT_S / 10)
            writer.write(b"b\n")
            try:
                async with asyncio.timeout(LIMIT_S):
                    assert await reader.readline() == b"re:ab\n"
            except TimeoutError:
                late.append(number)
                break
        writer.close()
        await writer.wait_closed()


def test_bytes_that_the_kernel_keeps_back_are_waited_for(sim):
    late = []
    sim.run_until_complete(ask_in_two_writes(late))
    assert late == []


@pytest.mark.parametrize("left_out", ["_settle", "in_flight"])
def test_settling_alone_and_the_account_alone_each_wait(sim, monkeypatch, left_out):
    """Either look at the kernel suffices against a jump; settling keeps the order, the account is the guarantee."""
    monkeypatch.setattr(SimSelector, left_out, lambda *_: iter(()))
    late = []
    sim.run_until_complete(ask_in_two_writes(late))
    assert late == []


def test_a_loop_that_only_polls_would_be_late(sim, monkeypatch):
    """Shows that the tests above can fail: the same conversation with both looks at the kernel left out."""
    monkeypatch.setattr(SimSelector, "_settle", lambda *_: None)
    monkeypatch.setattr(SimSelector, "in_flight", lambda *_: iter(()))
    late = []
    sim.run_until_complete(ask_in_two_writes(late))
    assert late != []


def test_the_deadline_of_the_load_test_can_be_missed(sim):
    """The same question to a server that takes 2 ms of simulated time: every one is late."""
    late = []

    async def slowly(reader, writer):
        while line := await reader.readline():
            await asyncio.sleep(2 * LIMIT_S)
            writer.write(b"re:" + line)
        writer.close()

    async def main():
        async with serving(slowly) as address:
            reader, writer = await asyncio.open_connection(*address)
            await ask(reader, writer, 1, late)
            writer.close()
            await writer.wait_closed()

    sim.run_until_complete(main())
    assert late == [0]


def test_megabytes_past_a_slow_reader_arrive_before_any_deadline(sim):
    """Back-pressure: the sender blocks on a full window again and again, at one simulated instant."""
    size = 8_000_000

    async def swallow(reader, writer):
        got = 0
        while data := await reader.read(10_000):
            got += len(data)
        writer.write(b"%d" % got)
        writer.close()

    async def main():
        async with serving(swallow) as address, asyncio.timeout(LIMIT_S):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(bytes(size))
            await writer.drain()
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return int(answer)

    assert sim.run_until_complete(main()) == size


def test_a_paused_reader_does_not_stop_time(sim):
    async def main():
        async with serving(answer_lines) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.transport.pause_reading()
            writer.write(b"a\n")
            await asyncio.sleep(5)
            writer.transport.resume_reading()
            async with asyncio.timeout(LIMIT_S):
                line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return line, asyncio.get_running_loop().time()

    assert sim.run_until_complete(main()) == (b"re:a\n", 1005.0)


def one_run(seed):
    """A run of several connections with timers at the same instants; returns everything seen, in order."""
    loop = simtime.new_loop()
    seen = []

    async def client(name, address):
        reader, writer = await asyncio.open_connection(*address)
        for number in range(20):
            writer.write(f"{name}{number}\n".encode())
            seen.append((loop.time(), name, await reader.readline()))
            await asyncio.sleep((seed + number) % 3 * 0.25)
            seen.append((loop.time(), await asyncio.to_thread(str.upper, name)))
        writer.close()
        await writer.wait_closed()

    async def main():
        async with serving(answer_lines) as address:
            await asyncio.gather(*(client(name, address) for name in "abcdef"))

    try:
        loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def test_runs_are_alike_and_seeds_differ():
    with burdened_cores(2):
        assert len({one_run(1) for _ in range(8)}) == 1
    assert one_run(1) != one_run(2)


async def peer_closes(writer):
    writer.close()


async def peer_resets(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def peer_half_closes(writer):
    writer.write_eof()


@pytest.mark.parametrize("action", [peer_closes, peer_resets, peer_half_closes])
def test_the_end_of_a_connection_is_not_late(sim, action):
    async def main():
        async def on_request(reader, writer):
            await reader.readline()
            await action(writer)
            if action is peer_half_closes:
                assert await reader.read() == b"rest"
                writer.close()

        async with serving(on_request) as address:
            for _ in range(200):
                reader, writer = await asyncio.open_connection(*address)
                writer.write(b"go\n")
                async with asyncio.timeout(LIMIT_S):
                    if action is peer_resets:
                        with pytest.raises(ConnectionResetError):
                            await reader.read()
                    else:
                        assert await reader.read() == b""
                        writer.write(b"rest")
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    sim.run_until_complete(main())
    assert sim.time() == 1000.0


def test_a_refused_connection_is_not_late(sim):
    with PlainSocket(socket.AF_INET, socket.SOCK_STREAM) as unused:
        unused.bind(("127.0.0.1", 0))
        address = unused.getsockname()

        async def main():
            for _ in range(200):
                with pytest.raises(ConnectionRefusedError):
                    async with asyncio.timeout(LIMIT_S):
                        await asyncio.open_connection(*address)

        sim.run_until_complete(main())
    assert sim.time() == 1000.0


def test_a_client_that_leaves_before_it_is_accepted_does_not_stop_the_loop(sim):
    async def main():
        closed = asyncio.Event()

        async def on_connect(reader, writer):
            assert await reader.read() == b""
            writer.close()
            closed.set()

        async with serving(on_connect) as address:
            client = socket.socket()
            client.setblocking(False)
            assert client.connect_ex(address) == errno.EINPROGRESS
            client.close()
            async with asyncio.timeout(LIMIT_S):
                await closed.wait()
            await asyncio.sleep(1)

    sim.run_until_complete(main())


def test_a_listener_closed_before_it_accepted_resets_its_clients_in_time(sim):
    async def main():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        listener.close()
        async with asyncio.timeout(LIMIT_S):
            with pytest.raises(ConnectionResetError):
                await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    sim.run_until_complete(main())


def test_a_listener_that_accepts_nobody_does_not_stop_time(sim):
    async def main():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(5)
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 30)
            writer.close()
            await writer.wait_closed()

    sim.run_until_complete(main())
    assert sim.time() == 1030.0


def test_names_are_resolved_before_pairing(sim):
    async def main():
        server = await asyncio.start_server(answer_lines, "localhost", 0)
        port = server.sockets[0].getsockname()[1]
        late = []
        links = [await asyncio.open_connection("localhost", port), await asyncio.open_connection("0.0.0.0", port)]
        for reader, writer in links:
            await ask(reader, writer, 100, late)
            writer.close()
            await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return late

    assert sim.run_until_complete(main()) == []


def test_a_duplicated_and_a_detached_descriptor_stay_in_the_account(sim):
    async def main():
        async with serving(answer_lines) as address:
            first = socket.create_connection(address)
            copy = first.dup()
            first.close()
            moved = socket.socket(fileno=copy.detach())
            moved.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=moved)
            late = []
            await ask(reader, writer, 200, late)
            writer.close()
            await writer.wait_closed()
            return late

    assert sim.run_until_complete(main()) == []


def test_writing_past_the_socket_object_is_an_error(sim):
    import os

    async def main():
        async def on_connect(reader, writer):
            os.write(writer.get_extra_info("socket").fileno(), b"behind your back")
            await reader.read()
            writer.close()

        async with serving(on_connect) as address:
            sock = socket.create_connection(address)
            try:
                await asyncio.sleep(0.01)
                sock.setblocking(False)
                with pytest.raises(RuntimeError, match="received 16 bytes of 0 sent"):
                    sock.recv(100)
            finally:
                sock.close()
            await asyncio.sleep(0.01)

    sim.run_until_complete(main())


def test_a_file_is_sent_through_the_account(sim, tmp_path):
    (tmp_path / "log").write_bytes(bytes(300_000))

    async def main():
        async def send_file(_reader, writer):
            with (tmp_path / "log").open("rb") as file:
                await asyncio.get_running_loop().sendfile(writer.transport, file)
            writer.close()

        async with serving(send_file) as address:
            reader, writer = await asyncio.open_connection(*address)
            async with asyncio.timeout(LIMIT_S):
                data = await reader.read()
            writer.close()
            await writer.wait_closed()
            return len(data)

    assert sim.run_until_complete(main()) == 300_000


def test_events_of_one_instant_come_in_the_order_of_registration(sim):
    async def main():
        loop = asyncio.get_running_loop()
        pairs = [socket.socketpair() for _ in range(6)]
        order = []
        for number, (reader, _) in enumerate(pairs):
            loop.add_reader(reader, lambda number=number, reader=reader: (order.append(number), reader.recv(1)))
        for _, writer in reversed(pairs):
            writer.send(b"x")
        await asyncio.sleep(1)
        for each in itertools.chain(*pairs):
            loop.remove_reader(each)
            each.close()
        return order

    assert sim.run_until_complete(main()) == [0, 1, 2, 3, 4, 5]


def test_install_and_uninstall():
    simtime.install()
    assert socket.socket is CountedSocket
    earlier = PlainSocket()
    assert isinstance(earlier, socket.socket)
    earlier.close()
    simtime.uninstall()
    try:
        assert socket.socket is PlainSocket
        with socket.socket() as plain:
            assert type(plain) is PlainSocket
    finally:
        simtime.install()


def test_an_ordinary_loop_is_left_alone():
    simtime.install()

    async def main():
        loop = asyncio.get_running_loop()
        async with serving(answer_lines) as address:
            reader, writer = await asyncio.open_connection(*address)
            before = loop.time()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readline(), 0.05)
            passed = loop.time() - before
            with simtime.hold("nothing"):
                writer.write(b"x\n")
                line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return passed, line

    begin = time.monotonic()
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        passed, line = runner.run(main())
    assert time.monotonic() - begin >= 0.05
    assert passed >= 0.049
    assert line == b"re:x\n"
