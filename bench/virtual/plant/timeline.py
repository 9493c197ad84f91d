"""The plant's events in time: a heap of what is going to happen, kept in step with the event loop.

Nothing ticks. Whoever looks at the plant calls `sync`, which runs what has become due at its own instant; one loop
timer is set for the next event, so that firmware reacts at that instant even if nobody looks.
"""

import heapq
from collections.abc import Callable
from typing import Any, Protocol


class TimerHandle(Protocol):
    """What a loop gives back for a timer."""

    def cancel(self) -> None:
        """Make sure the timer never fires."""


class Scheduler(Protocol):
    """The three words of an asyncio event loop that the plant uses; a simulated loop offers them as well."""

    def time(self) -> float:
        """Seconds on the loop's clock."""

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> TimerHandle:
        """Call `callback` at `when` on the loop's clock."""

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> TimerHandle:
        """Call `callback` in the next turn of the loop."""


class Event:
    """Something that is going to happen at `when` (seconds, the loop's clock) unless it is cancelled."""

    __slots__ = ("_action", "_cancelled", "when")

    def __init__(self, when: float, action: Callable[[], None]) -> None:
        self.when = when
        self._action = action
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether it will not happen."""
        return self._cancelled

    def cancel(self) -> None:
        """Keep it from happening; harmless when it has happened."""
        self._cancelled = True

    def run(self) -> None:
        """Let it happen."""
        self._action()


class Timeline:
    """Plant time. `now` is the instant up to which everything has happened; it never goes back."""

    def __init__(self, loop: Scheduler) -> None:
        self._loop = loop
        self._heap: list[tuple[float, int, Event]] = []
        self._order = 0
        self._running = False
        self._timer: TimerHandle | None = None
        self._timer_at = 0.0
        self._closed = False
        self.now = loop.time()

    def at(self, when: float, action: Callable[[], None]) -> Event:
        """Let `action` happen at `when`; an instant that has passed means as soon as possible."""
        event = Event(max(when, self.now), action)
        self._order += 1
        heapq.heappush(self._heap, (event.when, self._order, event))
        if not self._running:
            self._arm()
        return event

    def after(self, delay_s: float, action: Callable[[], None]) -> Event:
        """Let `action` happen `delay_s` from now."""
        return self.at(self.now + delay_s, action)

    def soon(self, callback: Callable[..., None], *args: object) -> None:
        """Call outside code (firmware) in the loop's next turn, never from within a plant method."""
        self._loop.call_soon(callback, *args)

    def sync(self) -> float:
        """Catch up with the loop's clock; gives the plant's now."""
        self.advance(self._loop.time())
        return self.now

    def advance(self, now: float) -> None:
        """Let happen, in order and each at its own instant, everything due up to `now`."""
        if self._running:
            return
        self._running = True
        try:
            while self._heap and self._heap[0][0] <= now:
                when, _, event = heapq.heappop(self._heap)
                if not event.cancelled:
                    self.now = when
                    event.run()
            self.now = max(self.now, now)
        finally:
            self._running = False
            self._arm()

    def close(self) -> None:
        """Nothing happens any more."""
        self._closed = True
        self._heap.clear()
        self._disarm()

    def _arm(self) -> None:
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        if not self._heap or self._closed:
            self._disarm()
            return
        when = self._heap[0][0]
        if self._timer is not None and self._timer_at == when:
            return
        self._disarm()
        self._timer_at = when
        self._timer = self._loop.call_at(when, self._on_timer)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        due = self._timer_at
        self._timer = None
        # A loop may fire a timer up to its clock's resolution early: the event is due all the same.
        self.advance(max(due, self._loop.time()))
