"""The run's side of its sampling process: start it, hear its readings, have it do what is asked of an instrument there."""

import asyncio
import contextlib
import functools
import inspect
import itertools
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from bench.assembly import NO_VALUES, Values
from bench.errors import BenchError, InstrumentFault
from bench.roles import Instrument
from bench.sampling.sampler import Listener
from bench.sampling.talk import LOG, Answer, Apart, Call, Charge, Ending, Failed, Ready, Sampled, Sampling, Told, send
from harness.model.topology import InstrumentEntry, Topology

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 30.0
END_S = 10.0
PATIENCE_S = 30.0
"""Beyond an instrument's own time-outs: then the process is taken to hang, and ended."""
_CURE = f"see {LOG} in the run's folder; it is started again by what is next asked of the instrument"


@dataclass(slots=True)
class _Life:
    """One process from its start to its end."""

    process: "subprocess.Popen[bytes]"
    connection: Connection
    ready: "asyncio.Future[Ready]"
    over: asyncio.Event = field(default_factory=asyncio.Event)
    calls: "dict[int, tuple[str, asyncio.Future[Any]]]" = field(default_factory=dict)


class SamplingProcess:
    """Samples in a process of its own; in all else like a Sampler. A process that died is started again when an instrument is needed."""

    def __init__(self, apart: Apart, topology: Topology, values: Values, tell: Callable[[str], None]) -> None:
        """`tell` is given what the process has to say for the trace."""
        self._entries = {entry.name: entry for entry in topology.instruments if entry.sample}
        own = replace(topology, safe_state=())
        self._charge = Charge(own, dict(values), tuple(self._entries), apart)
        self._tell = tell
        self._listener: Listener | None = None
        self._wanted = Sampling(topology.sample_interval_s, "")
        self.missed = dict.fromkeys(self._entries, 0)
        self._numbers = itertools.count()
        self._life: _Life | None = None
        self._starting = asyncio.Lock()
        self._reaping: list[asyncio.Future[None]] = []
        self._closed = False

    @classmethod
    async def open(cls, apart: Apart, topology: Topology, values: Values, tell: Callable[[str], None]) -> Self:
        """Start the process. Raises BenchError."""
        sampling = cls(apart, topology, values, tell)
        await sampling._alive()
        return sampling

    def stand_in(self, driver: Instrument) -> Instrument:
        """What looks like this driver and has the process do everything; a driver that is not sampled itself."""
        return _StandIn(driver, self) if driver.name in self._entries else driver

    # -- as a Sampler

    @property
    def interval_s(self) -> float:
        """How often the listener is told of each instrument now."""
        return self._wanted.interval_s

    @interval_s.setter
    def interval_s(self, seconds: float) -> None:
        self._want(replace(self._wanted, interval_s=seconds))

    @property
    def station(self) -> str:
        """Identity of the station under test."""
        return self._wanted.station

    @station.setter
    def station(self, identity: str) -> None:
        self._want(replace(self._wanted, station=identity))

    def start(self, listener: Listener) -> None:
        """Begin."""
        self._listener = listener
        self._want(self._wanted)

    async def stop(self) -> None:
        """Sample no more; everything sampled is kept when this returns, and the links are closed. May be repeated."""
        self._closed = True
        life = self._life
        if life is not None:
            send(life.connection, Ending())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await life.over.wait()
            self._end(life, "it was closed")
        await asyncio.gather(*self._reaping)

    def _want(self, wanted: Sampling) -> None:
        self._wanted = wanted
        if self._listener is not None and self._life is not None:
            send(self._life.connection, wanted)

    # -- calls

    async def call(
        self,
        name: str,
        verb: str,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] = NO_VALUES,
        takes_s: float = 0.0,
    ) -> Any:
        """Have a driver do something, which may well take `takes_s`. Raises what it raises, and InstrumentFault when the process is gone or hangs.

        A caller that is cancelled leaves; the process goes on to the end of the exchange, as a link does.
        """
        life = await self._alive(self._entries[name])
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        life.calls[number] = (name, future)
        if not send(life.connection, Call(number, name, verb, args, dict(kwargs))):
            self._end(life, "it has ended")
        try:
            async with asyncio.timeout(takes_s + PATIENCE_S + 8 * self._entries[name].timeout_s):
                return await future
        except TimeoutError:
            life.process.kill()
            raise self._fault(name, f"the sampling process does not answer to {verb}") from None
        finally:
            life.calls.pop(number, None)

    def _fault(self, name: str, what: str) -> InstrumentFault:
        return InstrumentFault(name, self._entries[name].address, what, _CURE)

    # -- the process

    async def _alive(self, entry: InstrumentEntry | None = None) -> _Life:
        """The process, started if need be."""
        async with self._starting:
            if self._life is not None:
                return self._life
            if self._closed and entry is not None:
                raise self._fault(entry.name, "the sampling process was closed")
            try:
                self._life = await self._launched()
            except BenchError as error:
                raise self._fault(entry.name, str(error)) if entry is not None else error from None
            if self._listener is not None:
                send(self._life.connection, self._wanted)
            return self._life

    async def _launched(self) -> _Life:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        folder = self._charge.apart.folder
        try:
            with theirs, (folder / LOG).open("ab") as log:
                process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own interpreter, and a fork is all that is waited for
                    [sys.executable, "-m", self._charge.apart.module, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # a Ctrl-C at the terminal is not for it
                )
        except OSError as error:
            ours.close()
            raise BenchError(f"the sampling process cannot be started: {error}. Cure: see {folder / LOG}") from error
        life = _Life(process, Connection(ours.detach()), loop.create_future())
        loop.add_reader(life.connection.fileno(), self._hear, life)
        send(life.connection, self._charge)
        try:
            async with asyncio.timeout(START_S):
                problem = (await life.ready).problem
        except TimeoutError:
            problem = "it did not start in time"
        if problem:
            self._end(life, problem)
            process.kill()
            await asyncio.gather(*self._reaping)
            raise BenchError(f"the sampling process: {problem}. Cure: see {folder / LOG}")
        return life

    def _hear(self, life: _Life) -> None:
        try:
            while not life.connection.closed and life.connection.poll():
                self._take(life, life.connection.recv())
        except (EOFError, OSError):
            self._end(life, "it has ended")

    def _take(self, life: _Life, message: object) -> None:
        listener = self._listener
        if isinstance(message, Sampled):
            self.missed[message.instrument] = message.missed
            if listener is not None:
                listener.reading(self._entries[message.instrument], message.reading)
        elif isinstance(message, Failed):
            if listener is not None:
                listener.fault(message.fault)
        elif isinstance(message, Told):
            self._tell(message.text)
        elif isinstance(message, Ready):
            life.ready.set_result(message)
        elif isinstance(message, Answer):
            self._answered(life, message)

    @staticmethod
    def _answered(life: _Life, answer: Answer) -> None:
        _, future = life.calls.get(answer.number, ("", None))
        if future is None or future.done():
            return  # whoever asked has left
        if answer.error is not None:
            future.set_exception(answer.error)
        else:
            future.set_result(answer.value)

    def _end(self, life: _Life, why: str) -> None:
        """Hear it no more: it closes its links, keeps its samples and ends. Who waits is told, and so is the listener unless this was asked for."""
        if life.connection.closed:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(life.connection.fileno())
        life.connection.close()
        life.over.set()
        self._reaping.append(loop.run_in_executor(None, self._reap, life))
        if self._life is life:
            self._life = None
        if not life.ready.done():
            life.ready.set_result(Ready(why))
        for name, future in life.calls.values():
            if not future.done():
                future.set_exception(self._fault(name, f"the sampling process: {why}"))
        if self._listener is not None and not self._closed:
            for name in self._entries:
                self._listener.fault(self._fault(name, f"the sampling process: {why}"))

    def _reap(self, life: _Life) -> None:
        try:
            life.process.wait(END_S)
        except subprocess.TimeoutExpired:
            life.process.kill()  # it is our own child
            life.process.wait()
        log = self._charge.apart.folder / LOG
        with contextlib.suppress(OSError):
            if not log.stat().st_size:
                log.unlink()


class _StandIn:
    """A driver's name, properties and verbs; the verbs are done elsewhere."""

    def __init__(self, driver: Instrument, process: SamplingProcess) -> None:
        self.name = driver.name
        self._driver = driver
        self._process = process

    def __getattr__(self, verb: str) -> Any:
        method = getattr(self._driver, verb)
        if not inspect.iscoroutinefunction(method):
            return method

        @functools.wraps(method)
        async def elsewhere(*args: Any, **kwargs: Any) -> Any:
            named = inspect.signature(method).bind(*args, **kwargs).arguments
            seconds = sum(
                value for key, value in named.items() if key.endswith("_s") and isinstance(value, int | float)
            )
            return await self._process.call(self.name, verb, args, kwargs, seconds)

        return elsewhere

    async def identify(self) -> str:
        """As the driver does."""
        identity: str = await self._process.call(self.name, "identify")
        return identity

    async def close(self) -> None:
        """The process closes its links when it ends."""
        await self._driver.close()
