"""The lock of one socket: it is driven, and watched whether it follows."""

import asyncio
from collections.abc import Callable

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.faults import ActiveFaults

LOCK_S = 1.0
"""A lock that does not hold the plug so long after it was driven has failed."""


class SocketLock:
    """Holds the plug in the socket. A captive cable has no lock: it is always secured and never locked.

    `changed` is called when the lock turned out to have failed. A failure holds until the plug is out.
    """

    def __init__(
        self,
        hardware: EvseHardware,
        loop: asyncio.AbstractEventLoop,
        faults: ActiveFaults,
        changed: Callable[[], None],
        *,
        captive: bool,
    ) -> None:
        self._hardware = hardware
        self._loop = loop
        self._faults = faults
        self._changed = changed
        self._captive = captive
        self._had_plug = False
        self._check: asyncio.TimerHandle | None = None
        self.failed = False

    @property
    def locked(self) -> bool:
        """Feedback of the lock."""
        return not self._captive and self._hardware.locked()

    @property
    def secured(self) -> bool:
        """Whether the cable cannot be pulled out of the station."""
        return self._captive or self._hardware.locked() or self._faults.on("lock_failure_ignored")

    def engage(self) -> None:
        """Drive the lock home."""
        if self._captive:
            return
        self._hardware.lock(locked=True)
        if self._check is None:
            self._check = self._loop.call_later(LOCK_S, self._look_back)

    def release(self) -> None:
        """Drive the lock back."""
        self._stop_watching()
        held = self._hardware.plug_seen() and self._faults.on("plug_never_released")
        if not self._captive and not held:
            self._hardware.lock(locked=False)

    def look(self) -> None:
        """Something changed: a plug that left takes a failure with it, and leaves no locked socket behind."""
        plug = self._hardware.plug_seen()
        if self._had_plug and not plug:
            self.failed = False
            if self.locked:
                self.release()
        self._had_plug = plug

    def shut_down(self) -> None:
        """The supply is gone: the lock stays where it is."""
        self._stop_watching()

    def _look_back(self) -> None:
        self._check = None
        if not self.secured:
            self.failed = True
            self._changed()

    def _stop_watching(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None
