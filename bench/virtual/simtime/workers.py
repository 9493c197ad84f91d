"""Jobs in worker threads, made to behave as coroutines.

At any moment either the loop runs or one worker does: the loop starts a job (or wakes a parked one) and waits until
it parks or ends. So the order of events does not depend on the scheduler of the machine. A job that does neither
within a short wall time (it computes, or it blocks in something that cannot park) is let *loose*: it goes on beside
the loop, and simulated time stands still until it ends or parks.
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import enum
import functools
import select
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

# How long the loop waits for a worker before it lets it loose. Costs wall time only for jobs that cannot park.
_PATIENCE_S = 0.2
_here = threading.local()

Ready = tuple[list[Any], list[Any], list[Any]]


class Home(Protocol):
    """What the workers need of their loop."""

    def time(self) -> float: ...
    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle: ...
    def wake(self) -> None: ...


class State(enum.Enum):
    """Where a job stands."""

    WAITING = "waiting for its turn"
    RUNNING = "running"
    LOOSE = "running beside the loop"
    PARKED = "parked"
    DONE = "done"


class Park:
    """What a parked worker waits for: descriptors, a simulated deadline, or both."""

    def __init__(self, read: Sequence[Any], write: Sequence[Any], error: Sequence[Any], when: float | None) -> None:
        self.args = (list(read), list(write), list(error))
        self.when = when
        self.timer: asyncio.TimerHandle | None = None
        self.ready: Ready = ([], [], [])
        self.failure: Exception | None = None

    def fds(self, which: int) -> list[int]:
        """Descriptors waited for, 0 for reading and 1 for writing."""
        return [each if isinstance(each, int) else each.fileno() for each in self.args[which]]

    def is_ready(self) -> bool:
        """Whether a descriptor is ready by now (or is no descriptor any more, which the worker must be told)."""
        if not any(self.args):
            return False
        try:
            self.ready = select.select(*self.args, 0)
        except (OSError, ValueError) as error:
            self.failure = error
            return True
        return any(self.ready)


class Job:
    """One call in a worker thread."""

    def __init__(self, team: "Team", executor: concurrent.futures.Executor, call: Callable[[], Any]) -> None:
        self.team = team
        self.executor = executor
        self.call = call
        self.outcome: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self.state = State.WAITING
        self.inside = False  # the caller's function is on the stack
        self.park: Park | None = None
        self.go = threading.Semaphore(0)

    def run(self) -> None:
        """Runs in the worker thread."""
        _here.job = self
        self.inside = True
        try:
            result = self.call()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits the outcome
            self.inside = False
            self.outcome.set_exception(error)
        else:
            self.inside = False
            self.outcome.set_result(result)
        finally:
            _here.job = None
            self.team.ended(self)

    def describe(self) -> str:
        """One line for the error that names what a loop was waiting for."""
        text = f"{_call_name(self.call)}: {self.state.value}"
        if self.state is State.PARKED and self.park is not None:
            until = "without a deadline" if self.park.when is None else f"until {self.park.when:.6f}"
            text += f" on descriptors {self.park.fds(0) + self.park.fds(1)} {until}"
        return text


def _call_name(call: Any) -> str:
    while isinstance(call, functools.partial):  # to_thread() hands over partial(Context.run, function, ...)
        call = call.args[0] if call.args and callable(call.args[0]) else call.func
    return str(getattr(call, "__qualname__", repr(call)))


def current_job() -> Job | None:
    """The job that the calling thread works on, if a simulated loop started it."""
    return getattr(_here, "job", None)


def park(read: Sequence[Any], write: Sequence[Any], error: Sequence[Any], timeout: float | None) -> Ready:
    """Wait as `select.select` does, in simulated time; only to be called where `current_job()` is not None.

    Raises:
        ConnectionAbortedError: the loop was closed, or gave up on this job, meanwhile.

    """
    job = current_job()
    assert job is not None
    team = job.team
    when = None if timeout is None else team.home.time() + max(0.0, timeout)
    place = Park(read, write, error, when)
    if not place.is_ready() and (timeout is None or timeout > 0):
        team.parked(job, place)
        job.go.acquire()
    if team.abandoned:
        msg = "the simulated loop was closed while this instrument call was waiting"
        raise ConnectionAbortedError(msg)
    if place.failure is not None:
        raise place.failure
    return place.ready


class Team:
    """The jobs of one loop."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.abandoned = False
        self._lock = threading.Lock()
        self._handed_back = threading.Semaphore(0)
        self._runnable: collections.deque[Job] = collections.deque()
        self._queued: collections.deque[Job] = collections.deque()
        self._busy: collections.Counter[concurrent.futures.Executor] = collections.Counter()
        self._parked: list[Job] = []
        self._arrivals: collections.deque[Job] = collections.deque()
        self._outstanding: dict[Job, None] = {}

    # -- in the loop's thread ----------------------------------------------------------------------------

    def submit(self, executor: concurrent.futures.Executor, call: Callable[[], Any]) -> Job:
        """Enter a job; it starts when the loop next waits, in the order of the calls."""
        job = Job(self, executor, call)
        self._outstanding[job] = None
        self._queued.append(job)
        return job

    def watch(self, executor: concurrent.futures.Executor, outcome: concurrent.futures.Future[Any]) -> None:
        """Enter a job of a foreign executor (processes): it can neither park nor take turns."""
        job = Job(self, executor, lambda: None)
        job.state = State.LOOSE
        self._outstanding[job] = None
        with self._lock:
            self._busy[executor] += 1
        outcome.add_done_callback(lambda _: self.ended(job))

    def take_turns(self) -> bool:
        """Run every worker that can run, one at a time, until each is parked, ended or let loose; True if any ran."""
        if not self._outstanding:
            return False
        ran = False
        self._admit()
        while True:
            self._wake_ready()
            if not self._runnable:
                self._start_queued()
            if not self._runnable:
                return ran
            ran = True
            self._give_turn(self._runnable.popleft())
            self._admit()

    def _start_queued(self) -> None:
        """Make the first queued job runnable whose executor has a thread to spare."""
        for job in list(self._queued):
            if job.outcome.cancelled():
                self._queued.remove(job)
                self._outstanding.pop(job, None)
            elif self._busy[job.executor] < getattr(job.executor, "_max_workers", 1):
                self._queued.remove(job)
                self._runnable.append(job)
                return

    def _give_turn(self, job: Job) -> None:
        fresh = job.state is State.WAITING
        if fresh and not job.outcome.set_running_or_notify_cancel():
            self._outstanding.pop(job, None)
            return
        job.state = State.RUNNING
        if not fresh:
            job.go.release()
        elif not self._start(job):
            return
        try:
            came_back = self._handed_back.acquire(timeout=_PATIENCE_S)
        except BaseException:
            self._go_on_without(job)
            raise
        if not came_back:
            self._go_on_without(job)

    def _go_on_without(self, job: Job) -> None:
        with self._lock:
            if job.state is State.RUNNING:
                job.state = State.LOOSE
                return
        self._handed_back.acquire()  # it came back just as the loop gave up

    def _start(self, job: Job) -> bool:
        with self._lock:
            self._busy[job.executor] += 1
        try:
            job.executor.submit(job.run)
        except RuntimeError as error:  # the executor was shut down
            self._forget(job)
            job.outcome.set_exception(error)
            return False
        return True

    def _admit(self) -> None:
        while self._arrivals:
            job = self._arrivals.popleft()
            assert job.park is not None
            if job.park.when is not None:
                job.park.timer = self.home.call_at(job.park.when, self._wake, job)
            self._parked.append(job)

    def _wake_ready(self) -> None:
        for job in list(self._parked):
            assert job.park is not None
            if job.park.is_ready():
                self._wake(job)

    def _wake(self, job: Job) -> None:
        if job not in self._parked:
            return
        self._parked.remove(job)
        if job.park is not None and job.park.timer is not None:
            job.park.timer.cancel()
        self._runnable.append(job)

    async def next_end(self) -> None:
        """Wait until some job of this loop has ended."""
        pending = [asyncio.wrap_future(each.outcome) for each in list(self._outstanding)]
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)

    def is_parked(self) -> bool:
        """Whether some worker waits for descriptors or for a deadline."""
        return bool(self._parked)

    def is_busy(self) -> bool:
        """Whether a job runs beside the loop, so that time must stand still."""
        return bool(self._arrivals) or any(each.state is State.LOOSE for each in list(self._outstanding))

    def waiting_fds(self, which: int) -> Iterator[int]:
        """Descriptors that parked workers wait for, 0 for reading and 1 for writing."""
        for job in self._parked:
            if job.park is not None:
                yield from job.park.fds(which)

    def count(self, executor: concurrent.futures.Executor | None) -> int:
        """Unfinished jobs of one executor."""
        return sum(each.executor is executor for each in list(self._outstanding))

    def describe(self) -> list[str]:
        """One line for each unfinished job."""
        return [each.describe() for each in list(self._outstanding)]

    def abandon(self) -> None:
        """Release every worker with an error: the loop is gone, and nobody will ever wake it."""
        self.abandoned = True
        for job in [*self._parked, *self._arrivals, *self._runnable]:
            job.go.release()
        for job in self._queued:
            job.outcome.cancel()
        for waiting in (self._parked, self._arrivals, self._runnable, self._queued):
            waiting.clear()

    # -- in a worker's thread ----------------------------------------------------------------------------

    def parked(self, job: Job, place: Park) -> None:
        """The worker is about to wait: hand the turn back to the loop."""
        self._hand_back(job, State.PARKED, place)

    def ended(self, job: Job) -> None:
        """The job is over, and its outcome has been delivered."""
        self._forget(job)
        self._hand_back(job, State.DONE, None)

    def let_loose(self, job: Job) -> None:
        """The worker has asked the loop for something (`call_soon_threadsafe`) and may wait for it."""
        with self._lock:
            if job.state is State.RUNNING:
                job.state = State.LOOSE
                self._handed_back.release()

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._outstanding.pop(job, None)
            self._busy[job.executor] -= 1
            if not self._busy[job.executor]:
                del self._busy[job.executor]

    def _hand_back(self, job: Job, state: State, place: Park | None) -> None:
        with self._lock:
            was, job.state, job.park = job.state, state, place
            if state is State.PARKED:
                self._arrivals.append(job)
            if was is State.RUNNING:
                self._handed_back.release()
        if was is not State.RUNNING:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                self.home.wake()
