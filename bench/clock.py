"""The run's clock: what the event loop says, on the wall or simulated."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where every time in a run comes from."""

    simulated: bool

    def time(self) -> float:
        """Seconds on the run's own scale; never goes back."""

    def utc(self) -> datetime:
        """The same instant as a date and time in UTC."""


class LoopClock:
    """A clock on an event loop's time: `epoch` is the UTC instant at which the clock was made."""

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch: datetime, *, simulated: bool = False) -> None:
        if epoch.tzinfo is None:
            raise ValueError(f"the epoch {epoch.isoformat()} has no time zone; give one in UTC")
        self.simulated = simulated
        self._loop = loop
        self._start = loop.time()
        self._epoch = epoch.astimezone(UTC)

    def time(self) -> float:
        """The loop's time in seconds."""
        return self._loop.time()

    def utc(self) -> datetime:
        """Epoch plus the loop's time since the clock was made."""
        return self._epoch + timedelta(seconds=self._loop.time() - self._start)
