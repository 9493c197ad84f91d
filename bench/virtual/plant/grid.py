"""The supply in front of the station: an AC source's output per phase, what disturbs it, and a switch that can cut it.

A lost neutral leaves the star point of everything behind it floating. Where it floats to is set by the loads between each
phase and neutral; those of the plant's `neighbours_s` (other consumers on the same neutral) are taken to be much larger than
what a station takes, so that the point stays where they put it, whatever the EVs do.
"""

import cmath
import math
from dataclasses import dataclass, field

from bench.virtual.plant.history import ZERO, Phases

NOMINAL_V = 230.0
NOMINAL_HZ = 50.0
NEIGHBOURS_S: Phases = (4.0, 3.0, 2.0)
"""Admittances between L1, L2, L3 and neutral of the other consumers; only their ratios count."""

_UNITS = tuple(cmath.rect(1.0, angle) for angle in (0.0, -2.0 * math.pi / 3.0, 2.0 * math.pi / 3.0))


@dataclass(slots=True)
class Grid:
    """State of the supply; voltages are RMS, phase to neutral.

    `dip_share`: what is left of each phase's set voltage while it dips. `source_ohm`: resistance of the supply, a phase, and
    `drawn_a` the current in it, on which the voltage sags.
    """

    output_on: bool = True
    cut: bool = False
    set_voltage_v: list[float] = field(default_factory=lambda: [NOMINAL_V] * 3)
    set_frequency_hz: float = NOMINAL_HZ
    dip_share: list[float] = field(default_factory=lambda: [1.0] * 3)
    neutral_open: bool = False
    neighbours_s: Phases = NEIGHBOURS_S
    source_ohm: float = 0.0
    drawn_a: Phases = ZERO

    @property
    def live(self) -> bool:
        """Whether anything comes out at the station's terminals."""
        return self.output_on and not self.cut

    @property
    def voltage_v(self) -> Phases:
        """Voltages at the station's terminals."""
        if not self.live:
            return ZERO
        volts = [max(0.0, v - self.source_ohm * a) for v, a in zip(self._output_v, self.drawn_a, strict=True)]
        terminals = (volts[0], volts[1], volts[2])
        return _floating(terminals, self.neighbours_s) if self.neutral_open else terminals

    @property
    def source_voltage_v(self) -> Phases:
        """Voltages at the source's own terminals, before the switch."""
        return self._output_v if self.output_on else ZERO

    @property
    def frequency_hz(self) -> float:
        """Frequency at the station's terminals, 0 when nothing comes out."""
        return self.set_frequency_hz if any(volts > 1.0 for volts in self.voltage_v) else 0.0

    @property
    def _output_v(self) -> Phases:
        volts = [v * share for v, share in zip(self.set_voltage_v, self.dip_share, strict=True)]
        return (volts[0], volts[1], volts[2])


def _floating(voltage_v: Phases, loads_s: Phases) -> Phases:
    """Voltages to a star point that nothing holds: it lies where the currents of the loads sum to zero."""
    sources = [volts * unit for volts, unit in zip(voltage_v, _UNITS, strict=True)]
    star = sum(source * load for source, load in zip(sources, loads_s, strict=True)) / sum(loads_s)
    return (abs(sources[0] - star), abs(sources[1] - star), abs(sources[2] - star))
