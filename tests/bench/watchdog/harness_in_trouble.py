"""Stands for a harness beside its watchdog: `harness_in_trouble.py BENCH_FILE DIRECTORY lives|stalls|dies`."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from bench.watchdog.keeper import Watchdog

STALL_S = 1.0


async def main(bench, directory, fate):
    watchdog = Watchdog.start(bench.read_text(), str(bench), {}, directory, STALL_S)
    await watchdog.ready()
    print(watchdog.pid, flush=True)
    if fate == "stalls":
        time.sleep(60)  # noqa: ASYNC251 - the event loop stands still
    if fate == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    await asyncio.sleep(2.5 * STALL_S)
    await watchdog.farewell()


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
