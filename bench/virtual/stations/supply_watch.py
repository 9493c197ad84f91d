"""The supply as the firmware watches it with its own meter: voltage of every phase and frequency.

The limits are this station's own (15 % of 230 V, 47 to 52 Hz); no standard is behind them. A supply that is gone
altogether is no fault but a loss of supply, and the power supply's business.
"""

import asyncio
from collections.abc import Callable

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.faults import ActiveFaults

UNDER_VOLTAGE_V = 195.5
OVER_VOLTAGE_V = 264.5
UNDER_FREQUENCY_HZ = 47.0
OVER_FREQUENCY_HZ = 52.0
GONE_V = 80.0
REACTS_AFTER_S = 0.5
"""How long a supply must be beyond a limit before energy is cut."""
RECOVERS_AFTER_S = 5.0
"""How long it must be within them again before the fault is over."""
LATE_S = 60.0
"""Of the station that takes its time."""


class SupplyWatch:
    """`fault` is what is wrong with the supply: `over_voltage`, `under_voltage`, `frequency`, or None."""

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
        self._seen: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.fault: str | None = None

    def look(self) -> None:
        """Something changed: what is beyond a limit becomes a fault, and ceases to be one, after its time."""
        if self._faults.on("supply_faults_ignored"):
            return
        seen = self._kind()
        if seen == self._seen:
            return
        self._seen = seen
        self.shut_down()
        if seen != self.fault and (seen is not None or not self._faults.on("supply_fault_kept")):
            self._timer = self._loop.call_later(self._delay_s(seen), self._settle)

    def shut_down(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _delay_s(self, seen: str | None) -> float:
        if seen is None:
            return RECOVERS_AFTER_S
        return LATE_S if self._faults.on("supply_faults_noticed_late") else REACTS_AFTER_S

    def _settle(self) -> None:
        self._timer = None
        self.fault = self._seen
        self._changed()

    def _kind(self) -> str | None:
        meter = self._hardware.read_meter()
        if meter.voltage_v[0] < GONE_V:
            return None
        if max(meter.voltage_v) > OVER_VOLTAGE_V:
            return "over_voltage"
        if min(meter.voltage_v) < UNDER_VOLTAGE_V:
            return "under_voltage"
        return None if UNDER_FREQUENCY_HZ <= meter.frequency_hz <= OVER_FREQUENCY_HZ else "frequency"
