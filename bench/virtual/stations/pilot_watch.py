"""The control pilot as the firmware takes it: its state, and errors of it that hold until the EV is gone.

A short of the pilot to earth and a missing diode show as state E (bench.virtual.plant.pilot). Without PWM a bridged diode
looks like a sound one, so the error is held until the pilot is open: it would be taken back as soon as energy was cut.
"""

import asyncio
from collections.abc import Callable

from bench.virtual.hardware import EvseHardware, PilotState
from bench.virtual.stations.faults import ActiveFaults

FORGETS_S = 8.0
"""Delay of the wrong behaviour `pilot_faults_forgotten`."""

DEBOUNCE_S = 0.5
"""How long the wrong behaviour `plug_loss_debounced` looks at a plug that is gone."""


class PilotWatch:
    """`state` is the pilot's, `fault` whether an error holds."""

    def __init__(
        self,
        hardware: EvseHardware,
        loop: asyncio.AbstractEventLoop,
        faults: ActiveFaults,
        changed: Callable[[], None],
    ) -> None:
        self._hardware = hardware
        self._loop = loop
        self._faults = faults
        self._changed = changed
        self._sound: PilotState = "A"
        self._blind = faults.on("pilot_faults_ignored")
        self._forgetful = faults.on("pilot_faults_forgotten")
        self._timer: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        self.fault = False

    @property
    def state(self) -> PilotState:
        """What the pilot says, to this firmware."""
        seen = self._hardware.pilot_state()
        if self._resting is not None and seen == "A":
            return self._sound
        if self._blind and self._disturbed(seen):
            return self._sound
        return "B" if self._forgetful and self._disturbed(seen) and self._sound != "A" else seen

    def look(self) -> None:
        """Something changed: an error is taken up, and let go once the pilot is open."""
        seen = self._hardware.pilot_state()
        if self._debounces(seen):
            return
        if not self._disturbed(seen):
            self._sound = seen
        if seen == "A":
            self.fault = False
        elif seen == "E" and not self._blind and not self._forgetful:
            self.fault = True
        self._forget_later(seen)

    def shut_down(self) -> None:
        """Watch no longer."""
        for timer in (self._timer, self._resting):
            if timer is not None:
                timer.cancel()
        self._timer = self._resting = None

    def _disturbed(self, seen: PilotState) -> bool:
        """An error, or a pilot that is open although the plug is in: what a blind firmware does not see."""
        return seen == "E" or (seen == "A" and self._hardware.plug_seen())

    def _debounces(self, seen: PilotState) -> bool:
        """Of the wrong firmware that lets the proximity contact come to rest before it believes that the plug is gone."""
        if seen != "A" or self._hardware.plug_seen() or self._sound == "A":
            return False
        if self._resting is None and self._faults.on("plug_loss_debounced"):
            self._resting = self._loop.call_later(DEBOUNCE_S, self._rested)
        return self._resting is not None

    def _rested(self) -> None:
        self._resting, self._sound = None, "A"
        self._changed()

    def _forget_later(self, seen: PilotState) -> None:
        if self._forgetful and self._disturbed(seen) and self._sound != "A":
            self._timer = self._timer or self._loop.call_later(FORGETS_S, self._forget)

    def _forget(self) -> None:
        self._blind = True
        self._changed()
