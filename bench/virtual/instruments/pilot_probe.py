"""What any oscilloscope sees of a control pilot: its measurements, with the instrument's errors, and the waveform."""

from dataclasses import dataclass

from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.plant.evse import PlantEvse

_LEAST_SWING_V = 1.0  # a line that moves less has no edges to measure


@dataclass(frozen=True, slots=True)
class Seen:
    """The measurements at one instant; None for what a steady line does not have."""

    high_v: float
    low_v: float
    duty_pct: float | None
    frequency_hz: float | None

    @property
    def pulse_s(self) -> float | None:
        """Width of the positive pulse."""
        if self.duty_pct is None or self.frequency_hz is None:
            return None
        return self.duty_pct / 100.0 / self.frequency_hz


class PilotProbe:
    """A probe on the pilot of one EVSE."""

    def __init__(self, evse: PlantEvse, config: ScopeConfig) -> None:
        self._evse = evse
        self._config = config

    def seen(self) -> Seen:
        """What the instrument measures now."""
        levels = self._evse.pilot_levels()
        config = self._config
        moves = levels.duty_pct is not None and levels.high_v - levels.low_v > _LEAST_SWING_V
        return Seen(
            high_v=config.voltage.read(levels.high_v),
            low_v=config.voltage.read(levels.low_v),
            duty_pct=config.duty.read(levels.duty_pct) if moves and levels.duty_pct is not None else None,
            frequency_hz=config.frequency.read(self._evse.pilot_frequency_hz) if moves else None,
        )

    def waveform(self, points: int, step_s: float) -> list[float]:
        """Voltages of `points` samples, `step_s` apart, from a rising edge on."""
        seen = self.seen()
        if seen.duty_pct is None or seen.frequency_hz is None:
            return [seen.high_v] * points
        share = seen.duty_pct / 100.0
        phases = (index * step_s * seen.frequency_hz % 1.0 for index in range(points))
        return [seen.high_v if phase < share else seen.low_v for phase in phases]
