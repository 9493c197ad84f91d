"""Timers of a firmware by name: one that is set again replaces the one before."""

import asyncio
from collections.abc import Callable


class Timers:
    """Actions of the future, by name."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def __contains__(self, name: str) -> bool:
        """Whether this one runs."""
        return name in self._handles

    def set(self, name: str, delay_s: float, action: Callable[[], None]) -> None:
        """Do `action` after so many seconds."""

        def fire() -> None:
            self._handles.pop(name, None)
            action()

        self.cancel(name)
        self._handles[name] = self._loop.call_later(delay_s, fire)

    def cancel(self, name: str) -> None:
        """Do not; one that does not run is no error."""
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        """Cancel all."""
        for name in tuple(self._handles):
            self.cancel(name)
