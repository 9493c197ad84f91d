"""What the harness costs a trivial case on the virtual bench: connect, boot, trace, record.

    python benchmarks/overhead.py [--cases 60] [--rounds 5]

In every case the CSMS asks for a soft reset, and the station comes back, boots, and reports its connectors. The very same is done with a bare websockets server in the harness's place: same virtual station and plant, no checks, no trace, no record, no
instruments. The difference in CPU time per case is the harness: schema checks, always-on rules, judging, trace file, record. Told
apart from it are the samples of three instruments over the simulated seconds that a reset takes, and bringing bench and station to idle before the case,
which are work at the bench. pytest's own cost of a test is in none of them. Exits with 1 above the target.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.virtual import simtime
from fixtures.case_run import CaseKey, CaseRun
from fixtures.csms.facade import Csms
from fixtures.lab import Lab
from fixtures.places import Place
from fixtures.plan import of_one
from fixtures.run_folder import new_run_directory
from fixtures.virtual_bench import VirtualBench
from harness.model.station import load_station
from harness.model.topology import load_topology
from harness.ocppj.version import OcppVersion
from harness.verdict import Result

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench" / "topologies" / "virtual.toml"
STATION = ROOT / "fixtures" / "stations" / "virtual.toml"
TARGET_MS = 5.0
TOLD = "station and bare server {:.2f} ms; harness {:+.2f} ms; sampling three instruments {:+.2f} ms; to idle before {:.2f} ms (CPU a case)"
PATIENCE_S = 60.0


def files(*, sampled: bool):
    """Bench and station as every virtual run has them; or no instrument is read but where a case asks."""
    text = BENCH.read_text()
    bench = text if sampled else text.replace("sample = true", "sample = false")
    return load_topology(bench, str(BENCH)), load_station(STATION.read_text(), str(STATION))


async def with_harness(cases: int, *, sampled: bool) -> tuple[float, float]:
    """CPU seconds a case, and those of bringing bench and station to idle before it."""
    topology, station = files(sampled=sampled)
    with tempfile.TemporaryDirectory(prefix="plugproof-") as scratch:
        plan = of_one(topology, station, (OcppVersion.V1_6,), Path(scratch))
        lab = Lab(plan, new_run_directory(plan.runs, station.identity, datetime.now(UTC)))
        await lab.open()
        key = CaseKey(lab.entries["TC_010_CS"], "1.6", station.identity, 1)
        await lab.prepare(Place(station.identity, "1.6", 1), ())
        spent = idle = 0.0
        for _ in range(cases):
            begun = time.process_time()
            blocked = await lab.prepare(Place(station.identity, "1.6", 1), ())
            idle += time.process_time() - begun
            begun = time.process_time()
            case = CaseRun(lab.run, key, blocked)
            csms = Csms(lab.link, case.expecting, station.pixit.message_timeout_s)

            async def body(case=case, csms=csms) -> None:
                async with case.step.test("the station resets, comes back and boots"):
                    start = await csms.call("Reset", type="Soft")
                    start.has(status="Accepted")
                    await csms.next("BootNotification", after=start)
                    await csms.eventually("StatusNotification", after=start, connectorId=2)

            await case.execute(body)
            spent += time.process_time() - begun
            assert case.record is not None
            assert case.record.result is Result.PASS, case.record
        await lab.close()
    return spent / cases, idle / cases


async def bare(cases: int) -> float:
    """CPU seconds a case, with a server that answers and keeps nothing."""
    topology, station = files(sampled=False)
    arrived: asyncio.Queue[tuple[ServerConnection, str]] = asyncio.Queue()

    async def handle(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in connection:
                await answer(connection, msgspec.json.decode(text))

    async def answer(connection: ServerConnection, frame: list) -> None:
        if frame[0] != 2:
            return
        boot = {"currentTime": datetime.now(UTC).isoformat(), "interval": 300, "status": "Accepted"}
        reply = [3, frame[1], boot if frame[2] == "BootNotification" else {}]
        await connection.send(msgspec.json.encode(reply).decode())
        await arrived.put((connection, frame[2]))

    async def booted() -> ServerConnection:
        """Wait for a boot and the status of the station and of both its connectors."""
        seen: list[str] = []
        while seen != ["BootNotification", *["StatusNotification"] * 3]:
            connection, action = await asyncio.wait_for(arrived.get(), PATIENCE_S)
            seen.append(action)
        return connection

    async with serve(handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"], ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        virtual = VirtualBench(topology, station, ())
        await virtual.start(f"ws://127.0.0.1:{port}", None)
        connection = await booted()
        begun = time.process_time()
        for number in range(cases):
            await connection.send(f'[2,"{number}","Reset",{{"type":"Soft"}}]')
            connection = await booted()
        spent = time.process_time() - begun
        await virtual.stop()
    return spent / cases


def on_simulated_time(job) -> float:
    """Run one measurement on a loop of its own."""
    with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:
        return runner.run(job)


def main() -> int:
    """Measure in turns, print, and end with 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    rounds = []
    for number in range(1, given.rounds + 1):
        without = on_simulated_time(bare(given.cases))
        case, _ = on_simulated_time(with_harness(given.cases, sampled=False))
        sampled, idle = on_simulated_time(with_harness(given.cases, sampled=True))
        rounds.append([1000 * seconds for seconds in (without, case - without, sampled - case, idle)])
        print(f"round {number}: " + TOLD.format(*rounds[-1]), flush=True)
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print("medians: " + TOLD.format(*medians))
    print(f"target: at most {TARGET_MS:g} ms for the harness")
    return 0 if medians[1] <= TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
