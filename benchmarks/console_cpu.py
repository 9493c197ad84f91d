"""What the operator console costs a run: CPU time with three browsers that look on against none, the same cases, in turns.

    python benchmarks/console_cpu.py [--rounds 9] [--realtime]

Each run is a process of its own on the virtual bench; counted is that process's CPU time (all its threads) from the end of the first case to
that of the last: without imports, the opening of the bench and the reports. The browsers are WebSocket clients in this process, connected
before the first case; they read everything. On a machine with other load the difference of the medians is lost in their spread, so its two
parts are told beside it: the CPU time of the console's own thread, and that of handing it every event of the trace (done once more after
the run, in its process). With `--realtime` the same on the wall clock, where the run itself does next to nothing: the cost is then told in
percent of a processor. Exits with 1 when the parts are above the target.
"""

import argparse
import asyncio
import contextlib
import json
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from fixtures.console.hooks import CONSOLE
from fixtures.results import RESULTS

ROOT = Path(__file__).resolve().parent.parent
WATCHERS = 3
TARGET_PCT = 2.0
SIMULATED = (
    *("TC_003_CS", "TC_010_CS", "TC_012_CS", "TC_013_CS", "HIL_ENERGY_01", "HIL_STANDBY_01", "HIL_POWER_01"),
    *("HIL_LIMIT_01", "HIL_LIMIT_02", "HIL_LIMIT_03", "ROB_SESSION_01", "ROB_SESSION_02"),
)
REALTIME = ("TC_010_CS", "TC_012_CS", "TC_013_CS")


class Probe:
    """In the run's process: waits for the browsers, and counts CPU time from the end of the first case to that of the last."""

    def __init__(self, watchers):
        self._watchers = watchers
        self._began = {}
        self.told = {}

    @staticmethod
    def _spent(console):
        thread = 0.0 if console is None else time.clock_gettime(time.pthread_getcpuclockid(console._thread.ident))
        return {"cpu_s": time.process_time(), "console_s": thread, "wall_s": time.monotonic()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """The first case opens the bench and loads what is loaded late: that is no part of what is compared."""
        outcome = yield
        self._began = self._began or self._spent(item.config.stash.get(CONSOLE, None))
        return outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session):
        """All cases."""
        console = session.config.stash.get(CONSOLE, None)
        end = time.monotonic() + 60
        while console is not None and console.watched_by < self._watchers and time.monotonic() < end:
            time.sleep(0.01)
        assert console is None or console.watched_by == self._watchers
        outcome = yield
        self.told = {name: value - self._began[name] for name, value in self._spent(console).items()}
        self.told |= self._feed(console, session.config.stash[RESULTS].lab.run.trace.records)
        return outcome

    @staticmethod
    def _feed(console, records):
        began = time.thread_time()
        for record in records if console is not None else ():
            console.feed(record)
        return {"feed_s": time.thread_time() - began, "events": len(records)}


def child(arguments):
    """The run. What it costs is the last line that it prints."""
    probe = Probe(WATCHERS if "--console" in arguments else 0)
    code = pytest.main(arguments, plugins=[probe])
    print(json.dumps({"code": int(code), **probe.told}), flush=True)


async def look_on(url):
    """A browser that looks on: gets the cookie by the link, and reads all that comes."""
    base = url.partition("/watch")[0]
    host, _, port = base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {url.removeprefix(base)} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    head = (await reader.read()).decode()
    writer.close()
    cookie = re.search(r"Set-Cookie: ([^;]+)", head)[1]
    with contextlib.suppress(ConnectionClosed):
        async with connect(
            f"ws{base.removeprefix('http')}/live", origin=base, additional_headers={"Cookie": cookie}, proxy=None
        ) as socket:
            async for _message in socket:
                pass


async def once(arguments, *, console):
    """Run the cases once; what the run's process told."""
    with tempfile.TemporaryDirectory(prefix="plugproof-") as runs:
        own = [*arguments, "--runs", runs, *(["--console"] if console else [])]
        run = await asyncio.create_subprocess_exec(
            sys.executable,
            __file__,
            "--child",
            *own,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        looking, last = [], ""
        async for line in run.stdout:
            text = line.decode(errors="replace").strip()
            last = text or last
            link = re.search(r"console: (http://\S+/watch/\S+)", text)
            if link:
                looking = [asyncio.create_task(look_on(link[1])) for _ in range(WATCHERS)]
        await run.wait()
        await asyncio.gather(*looking)
    told = json.loads(last)
    assert told["code"] in {0, 1}, told
    return told


async def main(rounds, *, realtime):
    """All rounds; returns whether the target is met."""
    cases = REALTIME if realtime else SIMULATED
    arguments = ["testcases", "--bench", "bench/topologies/virtual.toml", "--station", "fixtures/stations/virtual.toml"]
    arguments += ["--ocpp", "1.6", "-p", "no:cacheprovider", *(["--realtime"] if realtime else [])]
    arguments += [word for case in cases for word in ("--case", case)]
    without, watched = [], []
    for number in range(rounds):
        for console in (number % 2 == 0, number % 2 == 1):
            (watched if console else without).append(await once(arguments, console=console))
        print(
            f"round {number + 1}: without {without[-1]['cpu_s']:.3f} s, with {watched[-1]['cpu_s']:.3f} s", flush=True
        )
    plain, seen = (statistics.median(each["cpu_s"] for each in kind) for kind in (without, watched))
    thread, feed, wall = (
        statistics.median(each[name] for each in watched) for name in ("console_s", "feed_s", "wall_s")
    )
    spreads = [
        f"{min(each['cpu_s'] for each in kind):.3f} to {max(each['cpu_s'] for each in kind):.3f}"
        for kind in (without, watched)
    ]
    print(
        f"without: {plain:.3f} s ({spreads[0]}), with {WATCHERS} watchers: {seen:.3f} s ({spreads[1]}): {100 * (seen - plain) / plain:+.2f} %"
    )
    print(
        f"parts: the console's thread {thread:.4f} s, handing it {watched[0]['events']} events {feed:.4f} s, of {wall:.1f} s on the wall clock"
    )
    cost, of = 100 * (thread + feed) / (wall if realtime else plain), "a processor" if realtime else "the run's CPU"
    print(f"cost: {cost:.2f} % of {of} (target: below {TARGET_PCT:g} %): {'met' if cost < TARGET_PCT else 'MISSED'}")
    return cost < TARGET_PCT


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
        parser.add_argument("--rounds", type=int, default=9)
        parser.add_argument("--realtime", action="store_true")
        given = parser.parse_args()
        sys.exit(0 if asyncio.run(main(given.rounds, realtime=given.realtime)) else 1)
