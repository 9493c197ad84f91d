"""The current that rushes into an on-board charger's input filter when the contacts close on a live supply.

A filter behind its damping resistance takes a first peak in proportion to the voltage at that instant of the wave and
decays in less than a millisecond. That is too short for any energy to count; an oscilloscope sees it.
"""

import math
from dataclasses import dataclass

from bench.virtual.plant.history import ZERO, Phases

_SHIFT_RAD = (0.0, -2.0 * math.pi / 3.0, 2.0 * math.pi / 3.0)


@dataclass(frozen=True, slots=True)
class Inrush:
    """Contacts that closed at `t0` (seconds): `peak_a` by phase, signed as the voltage was, decaying with `tau_s`."""

    t0: float
    peak_a: Phases
    tau_s: float

    def at(self, t: float) -> Phases:
        """The rushing current of each phase at `t`, in A: an instantaneous value, not RMS; nothing before `t0`."""
        if t < self.t0 or t - self.t0 > 40.0 * self.tau_s:
            return ZERO
        share = math.exp(-(t - self.t0) / self.tau_s)
        return (self.peak_a[0] * share, self.peak_a[1] * share, self.peak_a[2] * share)

    @property
    def highest_a(self) -> float:
        """The highest of the peaks, by amount."""
        return max(abs(peak) for peak in self.peak_a)

    def square_a2s(self) -> float:
        """Integral of the squared current of the phase with the highest peak, over all its decay, in A2s."""
        return self.highest_a**2 * self.tau_s / 2.0


def inrush(t0: float, voltage_v: Phases, frequency_hz: float, *, phases: int, ohm: float, tau_s: float) -> Inrush:
    """What rushes when contacts close at `t0` on these RMS voltages: phase L1's wave has its zero at t = 0."""
    peaks = [0.0, 0.0, 0.0]
    for k in range(phases):
        angle = 2.0 * math.pi * frequency_hz * t0 + _SHIFT_RAD[k]
        peaks[k] = math.sqrt(2.0) * voltage_v[k] * math.sin(angle) / ohm
    return Inrush(t0, (peaks[0], peaks[1], peaks[2]), tau_s)
