"""Server CPU per OCPP CALL: the fake CSMS against a bare WebSocket echo and against the `ocpp` package's central system.

Run from the repository: `.venv/bin/python benchmarks/csms_cpu.py`. Each server is a process of its own on a stock asyncio loop; a client in
this process sends the same 1.7 kB MeterValues of OCPP 1.6 over loopback, one after the other on several connections at once. Counted is
the server process's CPU time alone. The fake CSMS validates request and answer, judges the always-on rules and hands both frames to the
operating system as sealed lines of a trace file before it answers, as in every run: what came in one turn of its event loop goes there in
one write. Servers and client keep to a processor each, lest the scheduler charge a server for the client that each of its answers wakes.
The servers take turns, round by round, so that what else the machine does hits all alike; the ratios are those of the medians. Exits with
1 when a target is missed.
"""

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import Action

from bench.clock import LoopClock
from benchmarks.ocppj_parse import meter_values
from fixtures.csms.replies import CsmsState
from fixtures.csms.server import FakeCsms
from fixtures.csms.station_link import StationLink
from fixtures.run import Run
from fixtures.trace_file import TraceFile
from harness.ocppj.version import OcppVersion
from harness.oracle.build import RecordBuilder
from harness.oracle.invariants import all_rules

MOST_OF_ECHO = 2.5
LEAST_LESS_THAN_OCPP = 12.0
SUBPROTOCOL = "ocpp1.6"
CONNECTIONS = 50

Stop = Callable[[], Awaitable[None]]


# -- the servers


async def echo(_connections: int) -> tuple[int, Stop]:
    """Sends back what comes: the floor, since every server on this library pays it."""

    async def handle(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    return await _listen(handle)


async def ocpp_package(_connections: int) -> tuple[int, Stop]:
    """The package's own ChargePoint class as its examples use it, validating both ways as it does by default."""

    class Station(ChargePoint):
        @on(Action.meter_values)
        def on_meter_values(self, **_fields: object) -> call_result.MeterValues:
            return call_result.MeterValues()

    async def handle(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await Station("CS", connection).start()

    return await _listen(handle)


async def _listen(handle: Callable[[ServerConnection], Awaitable[None]]) -> tuple[int, Stop]:
    server = await serve(handle, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL], compression=None, ping_interval=None)

    async def stop() -> None:
        server.close()
        await server.wait_closed()

    return next(iter(server.sockets)).getsockname()[1], stop


async def fake_csms(connections: int) -> tuple[int, Stop]:
    """The product: one link a connection, the rules, the trace file."""
    folder = tempfile.TemporaryDirectory()
    file = TraceFile(Path(folder.name) / "trace.jsonl")
    clock = LoopClock(asyncio.get_running_loop(), datetime.now(UTC))
    run = Run(clock, RecordBuilder({}, (), all_rules()), file.append)
    csms = FakeCsms(run)
    for number in range(connections):
        csms.expect(StationLink(run, f"CS{number}", OcppVersion.V1_6, CsmsState(run.utc), None))
    await csms.start()

    async def stop() -> None:
        await csms.stop()
        assert not run.builder.built.findings, "the frame of this benchmark breaks a rule"
        frames = sum(record.frame is not None and not record.frame.problems for record in run.trace.records)
        lines = file.path.read_bytes().count(b'"kind":"frame"')
        assert frames == lines, f"{frames} frames seen, {lines} in the file"
        file.close()
        folder.cleanup()

    return csms.port, stop


SERVERS = {"websockets echo": echo, "fake CSMS": fake_csms, "ocpp package": ocpp_package}


def process(name: str, pipe: Connection, connections: int) -> None:
    """A server's process: tells its port, then its CPU seconds whenever it is asked, until it is told to stop."""
    _keep_to(0)
    asyncio.run(_serve(name, pipe, connections))


def _keep_to(which: int) -> None:
    """Keep this process to the first (0) or the last (-1) processor that it may use, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(_PROCESSORS)[which]})


_PROCESSORS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


async def _serve(name: str, pipe: Connection, connections: int) -> None:
    port, stop = await SERVERS[name](connections)
    pipe.send(port)
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(pipe.fileno(), asked.set)
    while True:
        await asked.wait()
        asked.clear()
        if not pipe.poll():
            continue
        if pipe.recv() == "stop":
            break
        pipe.send(time.process_time())
    loop.remove_reader(pipe.fileno())
    await stop()
    pipe.send("stopped")


# -- the client


class Server:
    """A server's process as the client holds it."""

    def __init__(self, name: str, connections: int) -> None:
        self.name = name
        self._connections = connections
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=process, args=(name, theirs, connections), daemon=True
        )
        self._process.start()
        self.port = int(self._answer())
        self.sockets: list[ClientConnection] = []
        self.microseconds: list[float] = []
        self._ids = itertools.count()

    async def connect(self) -> None:
        """Open the stations' connections, which stay open for all rounds."""
        for number in range(self._connections):
            url = f"ws://127.0.0.1:{self.port}/CS{number}"
            options = {"compression": None, "ping_interval": None, "proxy": None}
            self.sockets.append(await connect(url, subprotocols=[SUBPROTOCOL], **options))

    async def round(self, text: str, calls: int) -> float:
        """Send `calls` CALLs on each connection; microseconds of server CPU for each."""
        head, tail = text[:4], text[40:]
        texts = [
            [f"{head}{next(self._ids):08x}-6b0b-4a2b-9d7e-5d8b3f5f0f11{tail}" for _ in range(calls)]
            for _ in self.sockets
        ]
        before = self._cpu()
        async with asyncio.timeout(60):
            await asyncio.gather(*(self._talk(*pair) for pair in zip(self.sockets, texts, strict=True)))
        return (self._cpu() - before) / (calls * len(self.sockets)) * 1e6

    async def _talk(self, socket: ClientConnection, texts: list[str]) -> None:
        for text in texts:
            await socket.send(text)
            answer = await socket.recv()
            assert answer[4:40] == text[4:40], f"{self.name} answered {answer[:80]}"
            assert answer[1] in "23", f"{self.name} answered {answer[:200]}"

    def _cpu(self) -> float:
        self._pipe.send("cpu")
        return float(self._answer())

    async def close(self) -> None:
        """End connections and process."""
        for socket in self.sockets:
            await socket.close()
        self._pipe.send("stop")
        self._answer()
        self._process.join(10)

    def _answer(self) -> object:
        if not self._pipe.poll(30):
            raise TimeoutError(f"the process of {self.name} does not answer")
        return self._pipe.recv()


async def measure(servers: list[Server], rounds: int, calls: int) -> list[Server]:
    """Run all rounds, the servers taking turns; the first round of each warms up and does not count."""
    text = meter_values()
    for server in servers:
        await server.connect()
        await server.round(text, calls // 4)
    for number in range(rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            server.microseconds.append(await server.round(text, calls))
    for server in servers:
        await server.close()
    return servers


def main() -> int:
    """Print medians, spread and ratios; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument(
        "--connections", type=int, default=CONNECTIONS, help=f"stations at once (default {CONNECTIONS})"
    )
    parser.add_argument("--calls", type=int, default=40, help="a round and connection (default 40)")
    asked = parser.parse_args()
    started = [Server(name, asked.connections) for name in SERVERS]
    _keep_to(-1)
    servers = asyncio.run(measure(started, asked.rounds, asked.calls))
    print(
        f"MeterValues of {len(meter_values())} bytes, OCPP 1.6, {asked.connections} connections, stock asyncio, Python {sys.version.split()[0]}"
    )
    print(f"{asked.rounds} rounds of {asked.calls * asked.connections} CALLs; server CPU a CALL in microseconds")
    for server in servers:
        low, high = min(server.microseconds), max(server.microseconds)
        print(f"  {server.name:16}  median {statistics.median(server.microseconds):8.1f}   {low:8.1f} to {high:8.1f}")
    bare, ours, theirs = (statistics.median(server.microseconds) for server in servers)
    good = ours / bare <= MOST_OF_ECHO and theirs / ours >= LEAST_LESS_THAN_OCPP
    print(f"  fake CSMS / echo  {ours / bare:6.2f}   (at most {MOST_OF_ECHO})")
    print(f"  ocpp / fake CSMS  {theirs / ours:6.2f}   (at least {LEAST_LESS_THAN_OCPP})")
    print("targets met" if good else "TARGET MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
