"""How many phases an EVSE connects, and the pause in which it changes that: without PWM, with the contactor open.

Bench notes on IEC 61851-1 (second hand): an EVSE stays without PWM for 3 s before it offers again; this one takes 4 s when the number of
phases changed, so that an on-board charger has forgotten the old one.
"""

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.faults import ActiveFaults

SWITCHED_REST_S = 4.0
SHORT_REST_S = 1.5
"""Without PWM after a change of phases: the good station, and the wrong behaviour `phase_pause_too_short`."""

REST_S = 3.0
"""Shortest time without PWM between any two offers (T_STEP_X1)."""


class PhaseSelector:
    """What one EVSE is to connect (`want`), and what it has connected. `supplied`: a station on one phase has no others."""

    def __init__(self, hardware: EvseHardware, faults: ActiveFaults, supplied: int = 3) -> None:
        self._hardware = hardware
        self._faults = faults
        self._most = 1 if supplied < 3 else 3
        self._wanted = self._connected = self._most
        if self._most == 1:
            hardware.select_phases(1)
        self._switched = False

    @property
    def pending(self) -> bool:
        """Whether the number of phases is about to change: no energy may be offered until it has."""
        return self._wanted != self._connected

    @property
    def rest_s(self) -> float:
        """How long the pilot is without PWM before the next offer."""
        if not self._switched:
            return REST_S
        return SHORT_REST_S if self._faults.on("phase_pause_too_short") else SWITCHED_REST_S

    def want(self, phases: int) -> None:
        """Connect this many from the next pause on: one, or all three for any other number."""
        wanted = (
            1 if phases < 3 else self._most
        )  # two cannot be connected, and no more than asked for may be (K01.FR.43)
        if wanted != self._wanted and self._faults.on("phases_ignored"):
            return
        self._wanted = wanted
        if self.pending and self._faults.on("phases_switched_under_load"):
            self._select()

    def settle(self, *, dead: bool) -> None:
        """Change the number of phases where that is due and the outlet is dead."""
        if self.pending and dead:
            self._select()
            self._switched = True

    def offered(self) -> None:
        """PWM is back: the next pause is an ordinary one."""
        self._switched = False

    def _select(self) -> None:
        if self.pending:
            self._connected = self._wanted
            self._hardware.select_phases(self._connected)
