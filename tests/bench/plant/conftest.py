"""A loop whose time is moved by hand: timers run at their own instants, nothing waits."""

import heapq
from dataclasses import dataclass, field

import pytest


@dataclass
class Handle:
    when: float
    callback: object
    args: tuple
    cancelled: bool = False

    def cancel(self):
        self.cancelled = True


@dataclass
class FakeLoop:
    now: float = 1.0
    soon: list = field(default_factory=list)
    timers: list = field(default_factory=list)
    order: int = 0

    def time(self):
        return self.now

    def call_at(self, when, callback, *args):
        handle = Handle(when, callback, args)
        self.order += 1
        heapq.heappush(self.timers, (when, self.order, handle))
        return handle

    def call_soon(self, callback, *args):
        handle = Handle(self.now, callback, args)
        self.soon.append(handle)
        return handle

    def run_soon(self):
        while self.soon:
            handle = self.soon.pop(0)
            if not handle.cancelled:
                handle.callback(*handle.args)

    def run(self, seconds):
        """Let `seconds` pass."""
        end = self.now + seconds
        self.run_soon()
        while self.timers and self.timers[0][0] <= end:
            when, _, handle = heapq.heappop(self.timers)
            self.now = max(self.now, when)
            if not handle.cancelled:
                handle.callback(*handle.args)
            self.run_soon()
        self.now = end

    def pending(self):
        return [handle for _, _, handle in self.timers if not handle.cancelled]


@pytest.fixture
def loop():
    return FakeLoop()
