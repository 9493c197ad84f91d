"""The selector that decides whether a loop must wait for something real or may jump to its next timer."""

import selectors
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.virtual.simtime.ledger import LEDGER, End, Ledger
from bench.virtual.simtime.stalled import NoProgressError, NothingCanHappenError
from bench.virtual.simtime.workers import Team

if TYPE_CHECKING:
    from bench.virtual.simtime.loop import SimLoop

Events = list[tuple[selectors.SelectorKey, int]]
# What is under way becomes visible within microseconds, 44 ms where Nagle's algorithm meets a delayed
# acknowledgement. After this long the loop goes on with what it sees: the order may suffer, time still does not jump.
_SETTLE_S = 0.25
_SPINS_BETWEEN_LOOKS = 20_000


class SimSelector(selectors.EpollSelector):
    """An epoll selector whose waits are jumps of simulated time wherever nothing real is outstanding."""

    def __init__(self, watchdog_s: float) -> None:
        super().__init__()
        self.watchdog_s = watchdog_s
        self.loop: SimLoop | None = None
        self._ledger: Ledger = LEDGER
        self._order: dict[int, int] = {}
        self._registrations = 0
        self._readers: dict[int, None] = {}
        self._writers: dict[int, None] = {}
        self._spins = 0
        self._spinning_since = 0.0

    # -- registration order and interest ------------------------------------------------------------------

    def register(self, fileobj: object, events: int, data: object = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)  # type: ignore[arg-type]
        self._registrations += 1
        self._order[key.fd] = self._registrations
        self._note_interest(key)
        return key

    def modify(self, fileobj: object, events: int, data: object = None) -> selectors.SelectorKey:
        key = super().modify(fileobj, events, data)  # type: ignore[arg-type]
        self._note_interest(key)
        return key

    def unregister(self, fileobj: object) -> selectors.SelectorKey:
        key = super().unregister(fileobj)  # type: ignore[arg-type]
        self._order.pop(key.fd, None)
        self._readers.pop(key.fd, None)
        self._writers.pop(key.fd, None)
        return key

    def _note_interest(self, key: selectors.SelectorKey) -> None:
        for interested, event in ((self._readers, selectors.EVENT_READ), (self._writers, selectors.EVENT_WRITE)):
            if key.events & event:
                interested[key.fd] = None
            else:
                interested.pop(key.fd, None)

    # -- waiting -----------------------------------------------------------------------------------------

    def select(self, timeout: float | None = None) -> Events:
        """Return what is ready; where nothing is and nothing real is outstanding, let time jump instead.

        Raises:
            SimulationStalledError: nothing can ever happen, or nothing did for the watchdog's time; raised here only
                where the loop could not hand it to the coroutine it runs.

        """
        loop = self.loop
        if loop is None:  # while the loop is being built
            return super().select(timeout)
        waiting_since: float | None = None
        while True:
            busy = self._let_workers_run(loop.team)
            events = super().select(0)
            if events:
                self._spins = 0
                return sorted(events, key=self._registered_at)
            if timeout == 0 or loop.has_ready():
                self._count_spin(loop)
                return []
            pause = self._real_wait(loop, busy)
            if pause is None:
                return self._jump(loop)
            if pause <= 0:
                return []
            now = time.monotonic()
            waiting_since = now if waiting_since is None else waiting_since
            if now - waiting_since > self.watchdog_s:
                loop.stall(
                    NoProgressError(self._describe(loop, f"nothing happened for {self.watchdog_s:g} s of wall time"))
                )
                return []
            super().select(min(pause, self.watchdog_s))

    def _registered_at(self, event: tuple[selectors.SelectorKey, int]) -> int:
        return self._order[event[0].fd]

    def _let_workers_run(self, team: Team) -> bool:
        """Let every worker go as far as it can; True if one goes on beside the loop."""
        self._settle()
        if team.take_turns():
            self._settle()
        return team.is_busy()

    def _settle(self) -> None:
        """Wait until all that was sent, closed or asked for has arrived at its receiver."""
        if not self._ledger.unsettled or self._ledger.settle():
            return
        begin = time.monotonic()
        while not self._ledger.settle():
            if time.monotonic() - begin > _SETTLE_S:
                self._ledger.unsettled.clear()
                return
            time.sleep(0.000_02)

    def _real_wait(self, loop: "SimLoop", busy: bool) -> float | None:
        """How long to wait on the wall clock, None if time may jump."""
        if loop.is_held():
            left = loop.next_timer()
            pause = 1.0 if left is None else min(1.0, left - loop.time())
            return min(pause, 0.001) if loop.team.is_parked() else pause
        if busy:
            return 0.001 if loop.team.is_parked() else 1.0
        if next(self.in_flight(loop.team), None) is not None:
            return 0.001
        return None

    def _jump(self, loop: "SimLoop") -> Events:
        when = loop.next_timer()
        if when is None:
            loop.stall(NothingCanHappenError(self._describe(loop, "nothing can ever happen again")))
        else:
            loop.jump(when)
        self._spins = 0
        return []

    def _count_spin(self, loop: "SimLoop") -> None:
        """Notice callbacks that run for ever at one instant, as `while True: await sleep(0)` does."""
        self._spins += 1
        if self._spins == 1:
            self._spinning_since = time.monotonic()
        elif self._spins % _SPINS_BETWEEN_LOOKS == 0 and time.monotonic() - self._spinning_since > self.watchdog_s:
            self._spins = 0
            text = f"callbacks have run for {self.watchdog_s:g} s of wall time without any time passing"
            loop.stall(NoProgressError(self._describe(loop, text)))

    # -- what is outstanding -----------------------------------------------------------------------------

    def in_flight(self, team: Team) -> Iterator[str]:
        """Name each thing that the kernel will still bring to somebody who waits for it."""
        readers = set(team.waiting_fds(0))
        for end in self._ledger.receivers():
            if end.fd in readers or self._reads(end.fd):
                yield end.describe()
        for fd in [*self._writers, *team.waiting_fds(1)]:
            writer = self._ledger.end_of(fd)
            if writer is not None and _will_be_writable(writer):
                yield f"{writer.describe()}, waiting to be writable"
        for listener in self._ledger.waited_on():
            if self._reads(listener.fd):
                yield listener.describe()

    def _reads(self, fd: int) -> bool:
        return fd in self._readers

    def _describe(self, loop: "SimLoop", what: str) -> str:
        return loop.describe(what, list(self.in_flight(loop.team)))


def _will_be_writable(end: End) -> bool:
    mate = end.mate
    if end.connecting or mate is None:
        return end.connecting
    return mate.closed or mate.received >= end.sent
