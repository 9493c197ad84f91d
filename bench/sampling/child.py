"""The sampling process: it holds the links to the sampled instruments, reads them at their instants, and does what the run asks of them.

A process, not a thread: what the run computes meanwhile then delays no sample (one interpreter runs one thread at a time).
"""

import asyncio
import contextlib
import gc
import os
import pickle
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any, Protocol, cast

from bench.assembly import make_drivers
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from bench.guards import trip_of
from bench.roles import Instrument, Meter, Reading
from bench.sampling.keeping import SampleKeeper
from bench.sampling.punctual import punctual_loop
from bench.sampling.sampler import Listener, Sampler
from bench.sampling.talk import Answer, Apart, Call, Charge, Ending, Failed, Ready, Sampled, Sampling, Told, send
from harness.model.topology import InstrumentEntry, Topology


class ClosingKeeper(SampleKeeper, Protocol):
    """A keeper that wants to know the end."""

    def close(self) -> None:
        """No sample may come after."""


MakeKeeper = Callable[[Apart, Callable[[str], None]], ClosingKeeper]
"""Makes the keeper; it is given a way to tell the run something, which any thread may use."""


def serve(descriptor: int, make_keeper: MakeKeeper) -> None:
    """Do what the run at the other end asks, until it says no more or is gone; then keep what was sampled, and return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _go_first()
    connection = Connection(descriptor)
    charge: Charge = connection.recv()
    with asyncio.Runner(loop_factory=punctual_loop) as runner:
        runner.run(_Child(connection, charge).run(make_keeper))


def _go_first() -> None:
    """Be scheduled before ordinary processes where that is allowed: it sleeps most of the time, and must wake when it is due.

    The kernel keeps a share of each second for the others, whatever a process of this kind does (sched(7)).
    """
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):  # without the right to it (CAP_SYS_NICE, or a limit of RLIMIT_RTPRIO)
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


class _Child:
    def __init__(self, connection: Connection, charge: Charge) -> None:
        self._connection = connection
        self._charge = charge
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event
        self._drivers: dict[str, Instrument] = {}
        self._sampler: Sampler
        self._sampling = False
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self, make_keeper: MakeKeeper) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        charge = self._charge
        clock = LoopClock(self._loop, datetime.now(UTC))
        try:
            self._drivers = make_drivers(charge.topology, clock, charge.values, charge.names)
        except BenchError as error:
            send(self._connection, Ready(str(error)))
            return
        keeper = make_keeper(charge.apart, self._tell)
        self._sampler = self._made_sampler(keeper)
        gc.collect()
        gc.freeze()  # what is there now stays: later collections need not look at it
        self._loop.add_reader(self._connection.fileno(), self._hear)
        send(self._connection, Ready())
        await self._over.wait()
        self._loop.remove_reader(self._connection.fileno())
        await self._sampler.stop()
        for task in tuple(self._calls):
            task.cancel()
        for driver in self._drivers.values():
            await driver.close()
        keeper.close()
        await asyncio.sleep(0)  # what it told at last is sent in this turn of the loop

    def _made_sampler(self, keeper: SampleKeeper) -> Sampler:
        entries = {entry.name: entry for entry in self._charge.topology.instruments}
        meters = {name: (entries[name], cast("Meter", driver)) for name, driver in self._drivers.items()}
        return Sampler(
            meters,
            keeper,
            interval_s=self._charge.topology.sample_interval_s,
            fastest_s=self._charge.apart.fastest_s,
        )

    # -- to the run

    def _sampled(self, entry: InstrumentEntry, reading: Reading) -> None:
        send(self._connection, Sampled(entry.name, reading, self._sampler.missed[entry.name]))

    def _failed(self, fault: InstrumentFault) -> None:
        send(self._connection, Failed(fault))

    def _tell(self, text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the run
            self._loop.call_soon_threadsafe(send, self._connection, Told(text))

    # -- from the run

    def _hear(self) -> None:
        try:
            while self._connection.poll():
                self._do(self._connection.recv())
        except (EOFError, OSError):
            self._over.set()

    def _do(self, message: object) -> None:
        if isinstance(message, Call):
            task = asyncio.create_task(self._answer(message))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        elif isinstance(message, Ending):
            self._over.set()
        elif isinstance(message, Sampling):
            self._sampler.station = message.station
            if self._sampler.interval_s != message.interval_s:
                self._sampler.interval_s = message.interval_s
            if not self._sampling:
                self._sampling = True
                self._sampler.start(Listener(self._sampled, self._failed, Urgency(self._charge.topology)))

    async def _answer(self, call: Call) -> None:
        value, error = None, None
        try:
            value = await getattr(self._drivers[call.instrument], call.verb)(*call.args, **call.kwargs)
        except Exception as raised:  # noqa: BLE001 - it is raised where the call came from
            error = raised if _travels(raised) else RuntimeError(repr(raised))
        if value is not None and not _travels(value):
            value, error = (
                None,
                RuntimeError(f"{call.verb} of {call.instrument} gave {type(value)}, which no process can hand on"),
            )
        send(self._connection, Answer(call.number, value, error))


class Urgency:
    """Whether a reading is beyond a limit of the bench, where the instrument's last one was not: the run must know at once."""

    def __init__(self, topology: Topology) -> None:
        self._limits = topology.limits
        self._beyond: set[str] = set()

    def __call__(self, entry: InstrumentEntry, reading: Reading) -> bool:
        """Look at the next reading of an instrument."""
        if trip_of(entry, self._limits, reading) is None:
            self._beyond.discard(entry.name)
            return False
        new = entry.name not in self._beyond
        self._beyond.add(entry.name)
        return new


def _travels(value: Any) -> bool:
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301 - our own, from one line up
    except Exception:  # noqa: BLE001 - whatever it is that cannot be done
        return False
    return True
