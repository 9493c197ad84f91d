"""The supply in front of the station: an AC source's output, per phase, and a switch that can cut it."""

from dataclasses import dataclass, field

from bench.virtual.plant.history import ZERO, Phases

NOMINAL_V = 230.0
NOMINAL_HZ = 50.0


@dataclass(slots=True)
class Grid:
    """State of the supply; voltages are RMS, phase to neutral."""

    output_on: bool = True
    cut: bool = False
    set_voltage_v: list[float] = field(default_factory=lambda: [NOMINAL_V] * 3)
    set_frequency_hz: float = NOMINAL_HZ

    @property
    def live(self) -> bool:
        """Whether anything comes out at the station's terminals."""
        return self.output_on and not self.cut

    @property
    def voltage_v(self) -> Phases:
        """Voltages at the station's terminals."""
        if not self.live:
            return ZERO
        return (self.set_voltage_v[0], self.set_voltage_v[1], self.set_voltage_v[2])

    @property
    def source_voltage_v(self) -> Phases:
        """Voltages at the source's own terminals, before the switch."""
        if not self.output_on:
            return ZERO
        return (self.set_voltage_v[0], self.set_voltage_v[1], self.set_voltage_v[2])

    @property
    def frequency_hz(self) -> float:
        """Frequency at the station's terminals, 0 when nothing comes out."""
        return self.set_frequency_hz if any(volts > 1.0 for volts in self.voltage_v) else 0.0
