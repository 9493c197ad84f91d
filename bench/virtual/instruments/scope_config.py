"""What any virtual oscilloscope is made to."""

from dataclasses import dataclass, field

from bench.virtual.instruments.server import Channel


@dataclass(frozen=True, slots=True)
class ScopeConfig:
    """Errors of the scope: 8 bits over +/-20 V make the voltage steps.

    Spans are full scale of a channel in single shots, from lowest to highest code: pilot, outlet voltage, outlet current. `memory`:
    points a channel can hold in one shot, 0 for as many as are asked for.
    """

    voltage: Channel = field(default_factory=lambda: Channel(0.002, 0.01, 40.0 / 256))
    duty: Channel = field(default_factory=lambda: Channel(0.0, 0.01, 0.01))
    frequency: Channel = field(default_factory=lambda: Channel(0.00002, 0.0, 0.01))
    pilot_span_v: float = 40.0
    voltage_span_v: float = 1000.0
    current_span_a: float = 500.0
    memory: int = 0
