"""The cable of one EVSE as the firmware knows it: by the resistor of the plug in its socket, or because it is captive."""

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.faults import ActiveFaults


class Cable:
    """`evse_a`: what the EVSE can supply, which a cable can only narrow (amperes)."""

    def __init__(self, hardware: EvseHardware, faults: ActiveFaults, evse_a: float, *, captive: bool) -> None:
        self._hardware = hardware
        self._faults = faults
        self._evse_a = evse_a
        self._captive = captive

    @property
    def in_socket(self) -> bool:
        """Whether a plug is in the socket, with or without an EV at its other end (proximity)."""
        return not self._captive and self._hardware.plug_seen()

    @property
    def unknown(self) -> bool:
        """Whether a plug is in the socket whose resistor codes no cable."""
        return self.in_socket and self._hardware.cable_rating_a() is None

    @property
    def carries_a(self) -> float:
        """What it is made for, in amperes: nothing where that is unknown, what the EVSE supplies where it is captive: it has no plug to read."""
        if self._faults.on("cable_rating_ignored"):
            return self._evse_a
        if self.unknown and not self._faults.on("invalid_proximity_accepted"):
            return 0.0
        rating_a = None if self._captive else self._hardware.cable_rating_a()
        return rating_a or self._evse_a
