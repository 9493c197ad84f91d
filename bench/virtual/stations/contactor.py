"""The contactor of one EVSE as the firmware drives it: closed for an EV that asks, opened after it or over it, and watched for a weld."""

from collections.abc import Callable

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations import times
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.power_rules import CHATTERS
from bench.virtual.stations.timers import Timers


class Contactor:
    """`driven`: the coil is. `welded`: it was found closed after it was let go. `has_closed`: for the offer that stands; who makes offers takes it back.

    `changed` is called when what its timers did is to be looked at.
    """

    def __init__(
        self, hardware: EvseHardware, timers: Timers, faults: ActiveFaults, changed: Callable[[], None]
    ) -> None:
        self._hardware = hardware
        self._timers = timers
        self._faults = faults
        self._changed = changed
        self.driven = False
        self.welded = False
        self.has_closed = False
        hardware.open_contactor()
        if faults.on("contactor_pulses_at_boot"):
            hardware.close_contactor()
            timers.set("boot_pulse", times.BOOT_PULSE_S, hardware.open_contactor)

    @property
    def closed(self) -> bool:
        """Whether it really is (mirror contact)."""
        return self._hardware.contactor_closed()

    @property
    def at_rest(self) -> bool:
        """Whether it is neither driven nor closed."""
        return not self.driven and not self.closed

    @property
    def proven_open(self) -> bool:
        """Whether the socket is without energy: the mirror contact says so, and the weld check after an opening is over."""
        return self.at_rest and "weld_check" not in self._timers

    def look(self) -> None:
        """Something changed: a weld that broke is none."""
        self.welded = self.welded and self.closed

    def supply_disturbed(self) -> None:
        """Nothing to a good station; a wrong one chatters after it."""
        if not self.driven or not self._faults.on("chatters_after_a_dip"):
            return
        for count in range(CHATTERS):
            self._timers.set(f"open {count}", 1.0 + 2 * count, self._hardware.open_contactor)
            self._timers.set(f"close {count}", 2.0 + 2 * count, self._hardware.close_contactor)

    def close(self) -> None:
        """Close for an EV that asks for energy; a wrong station takes its time."""
        self._timers.cancel("forced_opening")
        if not self._faults.on("closes_late") or self.driven:
            self._close()
        elif "late_closing" not in self._timers:
            self._timers.set("late_closing", times.LATE_CLOSING_S, self._close)

    def open(self) -> None:
        """Open at once, and look whether it did."""
        self.driven = False
        self._timers.cancel("forced_opening")
        self._hardware.open_contactor()
        self._timers.set("weld_check", times.WELD_S, self._check_weld)

    def open_after_the_ev(self) -> None:
        """Open when the EV has had its time to stop drawing."""
        if "forced_opening" in self._timers or self._faults.on("waits_for_ev_to_stop"):
            return
        early = self._faults.on("opens_at_once_under_load")
        patience_s = times.EARLY_OPENING_S if early else times.FORCED_OPENING_S
        self._timers.set("forced_opening", patience_s, self._force_open)

    def _close(self) -> None:
        if not self.driven and not (self.welded and not self._faults.on("faulted_takes_sessions")):
            self.driven = True
            self.has_closed = True
            self._timers.cancel("weld_check")
            self._hardware.close_contactor()

    def _force_open(self) -> None:
        self.open()
        self._changed()

    def _check_weld(self) -> None:
        if not self.driven and self.closed and not self._faults.on("weld_not_noticed"):
            self.welded = True
        self._changed()
