"""Changes of load that a station makes at a random moment (UK SI 2021/1467, second hand: up to 600 s, settable to 1800 s, with an override)."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.virtual.stations.faults import ActiveFaults

LONGEST_S = 1800
SAME_SHARE = 0.4
"""Of the maximum: what the station waits every time that draws no lots."""

FACTORY_S = 600


@dataclass(frozen=True, slots=True)
class RandomDelay:
    """Draws delays in whole seconds; `maximum_s` and `overridden` are what is configured now."""

    maximum_s: Callable[[], int]
    overridden: Callable[[], bool]
    rng: random.Random
    faults: ActiveFaults

    def after_restart_s(self) -> float:
        """Before energy is first offered after a power-up."""
        return 0.0 if self.faults.on("restarts_not_delayed") else self._drawn_s()

    def of_change_s(self) -> float:
        """Before a new limit is applied."""
        return 0.0 if self.faults.on("limit_changes_not_delayed") else self._drawn_s()

    def _drawn_s(self) -> float:
        if self.overridden() and not self.faults.on("random_delay_override_ignored"):
            return 0.0
        most_s = FACTORY_S if self.faults.on("random_delay_setting_ignored") else self.maximum_s()
        if self.faults.on("random_delay_always_the_same"):
            return SAME_SHARE * most_s
        if self.faults.on("random_delay_too_long"):
            return float(self.rng.randint(0, most_s) + most_s)
        return float(self.rng.randint(0, most_s))
