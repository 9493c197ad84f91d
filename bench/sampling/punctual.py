"""An event loop whose timers are punctual to tens of microseconds."""

import asyncio
import select
import selectors


def _epoll() -> type[selectors.BaseSelector] | None:
    base: type[selectors.BaseSelector] | None = getattr(selectors, "EpollSelector", None)
    return base


_FD_SETSIZE = 1024
"""select(2) takes no descriptor from here on."""


def punctual_loop() -> asyncio.AbstractEventLoop:
    """A new loop. epoll counts in milliseconds, rounded up, so that a timer is up to 1 ms late; select(2), asked about the epoll
    descriptor alone, counts in microseconds. Where there is no epoll, the platform's own selector is as fine as that.
    """
    base = _epoll()
    if base is None:
        return asyncio.SelectorEventLoop()

    class Punctual(base):  # type: ignore[valid-type,misc]
        """Waits with select(2) for the time-out, or for epoll to have something."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0 and self.fileno() < _FD_SETSIZE:
                select.select([self.fileno()], (), (), timeout)
                timeout = 0
            ready: list[tuple[selectors.SelectorKey, int]] = super().select(timeout)
            return ready

    return asyncio.SelectorEventLoop(Punctual())
