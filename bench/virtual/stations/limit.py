"""The current limit of one EVSE as its firmware holds it: what came in force, and how wrong stations follow it."""

import asyncio
from collections.abc import Callable

from bench.virtual.stations.duty import MIN_CURRENT_A
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.faults_currents import FIXED_A
from bench.virtual.stations.times import FORGETS_S, LATE_LIMIT_S

OVERSHOOT_S = 5.0
"""How long the wrong behaviour `limit_overshoots_when_raised` lasts."""

CUT_SHORT_S = 20.0
"""How long a pause lasts under the wrong behaviour `pause_cut_short`."""


class CurrentLimit:
    """Amperes per phase that may be offered now. `changed` is called when that changes by itself or by `change`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, faults: ActiveFaults, max_current_a: float, changed: Callable[[], None]
    ) -> None:
        self.limit_a = max_current_a
        self._loop = loop
        self._faults = faults
        self._max_current_a = max_current_a
        self._changed = changed
        self._later: asyncio.TimerHandle | None = None

    def begin(self, limit_a: float) -> None:
        """The limit at the start of a permission; nobody is told of it."""
        self.limit_a = self._max_current_a if self._faults.on("limit_never_applied") else self._meant(limit_a)

    def change(self, limit_a: float) -> None:
        """Another limit came into force, or the same once more."""
        if self._meant(limit_a) < self._max_current_a and self._faults.on("limit_spikes_when_set"):
            self._set(self._max_current_a)
            self._after(OVERSHOOT_S, self._meant(limit_a))
            return
        if limit_a == self.limit_a or self._faults.on("limit_never_applied"):
            return
        if self._faults.on("limit_applied_late"):
            self._after(LATE_LIMIT_S, limit_a)
            return
        self._apply(limit_a)

    def forget_what_comes(self) -> None:
        """Nothing changes by itself any more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def lift(self) -> None:
        """Of a wrong station: no limit any more, until another comes."""
        self._set(self._max_current_a)

    def _meant(self, limit_a: float) -> float:
        if limit_a <= 0 and self._faults.on("zero_limit_is_none"):
            return self._max_current_a
        if MIN_CURRENT_A <= limit_a != FIXED_A and self._faults.on("limit_fixed_at_start"):
            return FIXED_A
        return MIN_CURRENT_A if limit_a > MIN_CURRENT_A and self._faults.on("offer_stuck_at_lowest") else limit_a

    def _apply(self, limit_a: float) -> None:
        wanted_a = self._meant(limit_a)
        if self.limit_a < MIN_CURRENT_A <= wanted_a < self._max_current_a and self._faults.on("limit_lost_on_resume"):
            wanted_a = self._max_current_a
        lower = wanted_a < self.limit_a
        if wanted_a > self.limit_a and self._faults.on("limit_never_raised"):
            return
        if not lower and wanted_a < self._max_current_a and self._faults.on("limit_overshoots_when_raised"):
            self._set(self._max_current_a)
            self._after(OVERSHOOT_S, wanted_a)
            return
        self._set(0.0 if lower and self._faults.on("limit_stops_charging") else wanted_a)
        if lower and self._faults.on("limit_forgotten"):
            self._after(FORGETS_S, self._max_current_a)
        elif lower and wanted_a < MIN_CURRENT_A and self._faults.on("pause_cut_short"):
            self._after(CUT_SHORT_S, self._max_current_a)

    def _after(self, delay_s: float, limit_a: float) -> None:
        self.forget_what_comes()
        self._later = self._loop.call_later(delay_s, self._set, limit_a)

    def _set(self, limit_a: float) -> None:
        self.limit_a = limit_a
        self._changed()
