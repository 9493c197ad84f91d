"""Load current monitoring: an EV that draws more than it is offered, for longer than a change may take, is switched off.

No standard was read for the figures; they are those of this station.
"""

from collections.abc import Callable

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.timers import Timers

LOOKS_S = 1.0
PATIENCE_S = 10.0
"""An EV has 5 s to follow a new duty (IEC 61851-1, second hand)."""
BEYOND, BEYOND_A = 1.1, 1.0
"""So far above the offer is too much: a tenth and an ampere."""


class LoadMonitor:
    """Looks at one EVSE's own meter every second and calls `trip`. `offered_a` is what the pilot offers now, 0 for nothing."""

    def __init__(
        self, hardware: EvseHardware, timers: Timers, offered_a: Callable[[], float], trip: Callable[[], None]
    ) -> None:
        self._hardware = hardware
        self._timers = timers
        self._offered_a = offered_a
        self._trip = trip
        self._beyond_s = 0.0
        self._look()

    def _look(self) -> None:
        beyond = max(self._hardware.read_meter().current_a) > self._offered_a() * BEYOND + BEYOND_A
        self._beyond_s = self._beyond_s + LOOKS_S if beyond else 0.0
        if self._beyond_s > PATIENCE_S:
            self._beyond_s = 0.0
            self._trip()
        self._timers.set("load_monitor", LOOKS_S, self._look)
