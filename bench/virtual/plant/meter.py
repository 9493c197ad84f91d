"""The station's own meter: biased, with a finite resolution, and a register that survives reboots."""

import math
from dataclasses import dataclass
from typing import Literal

from bench.virtual.hardware import StationMeterReading
from bench.virtual.plant.history import Phases, Totals


@dataclass(frozen=True, slots=True)
class StationMeterConfig:
    """`gain_error`, `voltage_error` and `power_error` are relative (+0.003: reads 0.3 % too much); the rest are the steps of what the meter can say.

    `power_error` comes on top of `gain_error` and is in the power alone. `counts`: the energy that leaves the outlet, or what is
    left of it at the EV's end of the cable.
    """

    gain_error: float = 0.003
    voltage_error: float = 0.0
    power_error: float = 0.0
    energy_step_wh: float = 1.0
    voltage_step_v: float = 0.1
    current_step_a: float = 0.01
    power_step_w: float = 1.0
    frequency_step_hz: float = 0.01
    register_start_wh: float = 1000.0
    counts: Literal["outlet", "vehicle"] = "outlet"

    def counted_wh(self, totals: Totals) -> float:
        """The energy that the register counts."""
        return totals.vehicle_energy_wh if self.counts == "vehicle" else totals.energy_wh


def rounded(value: float, step: float) -> float:
    """The nearest multiple of `step`; a step of 0 leaves the value alone."""
    return round(value / step) * step if step > 0.0 else value


class StationMeter:
    """Turns what truly flowed into what the station believes. The gain error acts on current, power and energy."""

    def __init__(self, config: StationMeterConfig) -> None:
        self._config = config
        self._gain = 1.0 + config.gain_error
        self._voltage_gain = 1.0 + config.voltage_error
        self._base_wh = config.register_start_wh
        self._from_wh = 0.0
        self._stuck = False
        self._power_gain = 1.0 + config.power_error
        self._order = (0, 1, 2)
        self._averaged = False
        self._shifted = False

    def set_gain_error(self, gain_error: float) -> None:
        """Change the bias, e.g. before anything flowed."""
        self._gain = 1.0 + gain_error

    def set_voltage_error(self, voltage_error: float) -> None:
        """Change the bias of the voltages, which the other quantities do not have."""
        self._voltage_gain = 1.0 + voltage_error

    def set_power_error(self, power_error: float) -> None:
        """Change the bias of the power, which the register does not have."""
        self._power_gain = 1.0 + power_error

    def set_stuck(self, *, stuck: bool) -> None:
        """A register that does not count."""
        self._stuck = stuck

    def set_phase_order(self, order: tuple[int, int, int]) -> None:
        """Which lines (0 to 2) hang on the meter's terminals L1, L2, L3."""
        self._order = order

    def set_currents_shifted(self, *, shifted: bool) -> None:
        """Each current in the place of the one before, and none in the last."""
        self._shifted = shifted

    def set_currents_averaged(self, *, averaged: bool) -> None:
        """The mean of the three currents in place of each."""
        self._averaged = averaged

    def reset_register(self, true_energy_wh: float) -> None:
        """The register starts again at 0."""
        self._base_wh = 0.0
        self._from_wh = true_energy_wh

    def register_wh(self, true_energy_wh: float) -> float:
        """The import register: whole steps, cut off as a counter does."""
        counted = 0.0 if self._stuck else (true_energy_wh - self._from_wh) * self._gain
        step = self._config.energy_step_wh
        # A counter that has just reached a step shows it: do not lose it to the last bit of a float.
        return math.floor((self._base_wh + counted) / step + 1e-9) * step

    def read(
        self, true_energy_wh: float, voltage_v: Phases, current_a: Phases, power_w: Phases, frequency_hz: float
    ) -> StationMeterReading:
        """One reading of everything."""
        config = self._config
        if self._averaged:
            mean_a = sum(current_a) / 3
            current_a = (mean_a, mean_a, mean_a)
        if self._shifted:
            current_a = (current_a[1], current_a[2], 0.0)
        return StationMeterReading(
            energy_wh=self.register_wh(true_energy_wh),
            voltage_v=self._seen(voltage_v, self._voltage_gain, config.voltage_step_v),
            current_a=self._seen(current_a, self._gain, config.current_step_a),
            power_w=self._seen(power_w, self._gain * self._power_gain, config.power_step_w),
            frequency_hz=rounded(frequency_hz, config.frequency_step_hz),
        )

    def _seen(self, values: Phases, gain: float, step: float) -> Phases:
        first, second, third = (rounded(values[line] * gain, step) for line in self._order)
        return (first, second, third)
