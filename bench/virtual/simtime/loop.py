"""The event loop whose time is simulated: it stands still while anything runs or is under way, and jumps to the
next timer otherwise.
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import functools
import heapq
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from bench.virtual.simtime.selector import SimSelector
from bench.virtual.simtime.stalled import HorizonPassedError, SimulationStalledError, describe_tasks, section
from bench.virtual.simtime.workers import Team, current_job

WATCHDOG_S = 60.0
HORIZON_S = 172_800.0


class SimLoop(asyncio.SelectorEventLoop):
    """A selector event loop on simulated time, in seconds from `start_time`.

    Sockets are real. Those made after `install()` are accounted for, so that time never jumps while a byte, a
    connection or a close is under way between two of them. Worker threads take turns with the loop; an instrument
    call that waits in one of them waits in simulated time. What lives outside this process is declared with `hold`.
    """

    _ready: collections.deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _timer_cancelled_count: int
    _default_executor: concurrent.futures.Executor | None
    _executor_shutdown_called: bool
    _clock_resolution: float
    _closed = True  # until the base class opens it: a refused start_time leaves nothing to close

    def __init__(
        self, start_time: float = 1000.0, watchdog_s: float = WATCHDOG_S, horizon_s: float = HORIZON_S
    ) -> None:
        if not (start_time > 0 and math.isfinite(start_time)):
            # pyvisa-py takes a deadline of 0 for "none"
            msg = f"start_time = {start_time!r}: give a positive number of seconds, such as 1000.0"
            raise ValueError(msg)
        self._now = start_time
        self._anchor: tuple[float, float] | None = None  # simulated and wall instant at which the first hold began
        self._holds: dict[object, str] = {}
        self._horizon_s = horizon_s
        self._horizon = math.inf
        self._main: asyncio.Future[Any] | None = None
        self._stalled: SimulationStalledError | None = None
        self.team = Team(self)
        selector = SimSelector(watchdog_s)
        super().__init__(selector)
        selector.loop = self

    # -- time --------------------------------------------------------------------------------------------

    def time(self) -> float:
        """Simulated seconds; never goes back, and may be read in any thread."""
        anchor = self._anchor
        if anchor is None:
            return self._now
        return anchor[0] + (time.monotonic() - anchor[1])

    def jump(self, when: float) -> None:
        """Set time to `when`, unless it is there or beyond. For the selector."""
        if when > self._horizon:
            self._horizon += self._horizon_s  # for what cleans up
            text = f"what is being run has not ended within {self._horizon_s:g} s of simulated time"
            self.stall(HorizonPassedError(self.describe(text, [])))
            return
        self._now = max(self._now, when)
        # A timer fires when it is due within the resolution, which must not vanish beside a large time.
        self._clock_resolution = max(1e-9, 2 * math.ulp(self._now))

    def next_timer(self) -> float | None:
        """The instant of the next timer that was not cancelled. For the selector."""
        while self._scheduled and self._scheduled[0].cancelled():
            self._timer_cancelled_count -= 1
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False  # type: ignore[attr-defined]  # noqa: SLF001 - as BaseEventLoop does
        return self._scheduled[0].when() if self._scheduled else None

    def has_ready(self) -> bool:
        """Whether a callback waits to be run. For the selector."""
        return bool(self._ready)

    # -- what is outside ---------------------------------------------------------------------------------

    @contextlib.contextmanager
    def hold(self, what: str) -> Iterator[None]:
        """Declare that `what`, outside this process, is at work: until the end of the block time does not jump.

        Meanwhile simulated time keeps pace with the wall clock, as on a real bench: what is outside cannot be
        hurried, and time-outs on it must still run out.
        """
        key = object()
        if not self._holds:
            self._anchor = (self._now, time.monotonic())
        self._holds[key] = what
        try:
            yield
        finally:
            del self._holds[key]
            if not self._holds:
                self._now = self.time()
                self._anchor = None

    def is_held(self) -> bool:
        """Whether something outside was declared to be at work."""
        return bool(self._holds)

    # -- worker threads ----------------------------------------------------------------------------------

    def run_in_executor(  # type: ignore[override]
        self, executor: concurrent.futures.Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As in asyncio; the job starts when the loop next waits, and takes turns with it."""
        self._check_closed()  # type: ignore[attr-defined]
        call = functools.partial(func, *args) if args else func
        if executor is None:
            executor = self._own_executor()
        if isinstance(executor, concurrent.futures.ThreadPoolExecutor):
            return asyncio.wrap_future(self.team.submit(executor, call).outcome, loop=self)
        outcome = executor.submit(func, *args)
        future = asyncio.wrap_future(outcome, loop=self)
        self.team.watch(executor, outcome)
        return future

    def _own_executor(self) -> concurrent.futures.Executor:
        if self._executor_shutdown_called:
            msg = "Executor shutdown has been called"
            raise RuntimeError(msg)
        if self._default_executor is None:
            self._default_executor = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="simtime")
        return self._default_executor

    async def shutdown_default_executor(self, *args: Any) -> None:
        """As in asyncio: wait for the jobs of the default executor (their waits are simulated), then end its threads."""
        self._executor_shutdown_called = True
        while self._default_executor is not None and self.team.count(self._default_executor):
            await self.team.next_end()
        if self._default_executor is None:
            return
        ending: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.team.watch(self._default_executor, ending)
        try:
            await super().shutdown_default_executor(*args)
        finally:
            ending.set_result(None)

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, **kwargs: Any
    ) -> asyncio.Handle:
        """As in asyncio; a worker that calls it may go on to wait for the answer, so the loop waits for it no longer."""
        handle = super().call_soon_threadsafe(callback, *args, **kwargs)
        job = current_job()
        if job is not None and job.inside and job.team is self.team:
            self.team.let_loose(job)
        return handle

    def wake(self) -> None:
        """Interrupt a real wait of the loop; for workers."""
        self._write_to_self()  # type: ignore[attr-defined]

    # os.sendfile() goes past the sockets' account; refused, it makes asyncio fall back on send()
    async def _sendfile_native(self, *_args: Any) -> NoReturn:
        raise asyncio.SendfileNotAvailableError

    async def _sock_sendfile_native(self, *_args: Any) -> NoReturn:
        raise asyncio.SendfileNotAvailableError

    # -- running -----------------------------------------------------------------------------------------

    def run_until_complete(self, future: Any) -> Any:
        """As in asyncio; a stall cancels the awaited task, so that it can clean up, and is raised when it has.

        Raises:
            NothingCanHappenError: nothing is left that could ever wake the loop.
            NoProgressError: something is outstanding, and nothing happened for the watchdog's time.
            HorizonPassedError: repeating timers drove time past the horizon, and `future` was still not done.

        """
        main = future if asyncio.isfuture(future) else self.create_task(future)
        self._main, self._stalled, self._horizon = main, None, self._now + self._horizon_s
        try:
            result = super().run_until_complete(main)
        except SimulationStalledError:
            raise
        except BaseException as error:
            if self._stalled is None:
                raise
            raise self._stalled from error
        finally:
            stalled, self._stalled, self._main, self._horizon = self._stalled, None, None, math.inf
        if stalled is not None:
            raise stalled
        return result

    def stall(self, error: SimulationStalledError) -> None:
        """Give up: cancel what is being run, or raise where that was tried already. For the selector."""
        if self._stalled is not None or self._main is None or self._main.done():
            raise error
        self._stalled = error
        if not self._main.cancel(str(error).partition("\n")[0]):
            raise error

    def close(self) -> None:
        """As in asyncio; instrument calls still waiting in worker threads end with ConnectionAbortedError."""
        if not self.is_running() and not self.is_closed():
            self.team.abandon()
        super().close()

    def describe(self, what: str, in_flight: list[str]) -> str:
        """The text of a stall: what happened, and everything the loop could be waiting for."""
        timers = [
            f"at {each.when():.6f}: {each!r}"
            for each in sorted(self._scheduled, key=asyncio.TimerHandle.when)
            if not each.cancelled()
        ]
        return "\n".join(
            [
                f"simulated time {self.time():.6f}: {what}.",
                section("timers", timers),
                section("under way on sockets", in_flight),
                section("jobs in worker threads", self.team.describe()),
                section("declared outside (hold)", self._holds.values()),
                section("unfinished tasks", describe_tasks(self)),
                "  Cure: complete or time-bound what the tasks above wait for; wrap work outside this process in hold().",
            ]
        )
