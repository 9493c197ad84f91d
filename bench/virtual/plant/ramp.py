"""How the current of an on-board charger goes from one value to another, with its integrals in closed form."""

import math
from dataclasses import dataclass
from typing import Literal

RampShape = Literal["exponential", "linear"]


@dataclass(frozen=True, slots=True)
class Ramp:
    """Current from `start_a` at `t0` towards `target_a`.

    `exponential` approaches with time constant `tau_s`; `linear` moves by `slope_a_per_s` and stays at the target.
    """

    t0: float = 0.0
    start_a: float = 0.0
    target_a: float = 0.0
    shape: RampShape = "exponential"
    tau_s: float = 0.5
    slope_a_per_s: float = 8.0

    def at(self, t: float) -> float:
        """Current in A at `t`."""
        x = t - self.t0
        if self.shape == "exponential":
            return self.target_a + (self.start_a - self.target_a) * math.exp(-x / self.tau_s)
        rising_s = self._rising_s()
        if x >= rising_s:
            return self.target_a
        return self.start_a + (self.target_a - self.start_a) * x / rising_s

    def charge_as(self, t1: float, t2: float) -> float:
        """Integral of the current from `t1` to `t2` in ampere-seconds."""
        return self._primitive(t2 - self.t0) - self._primitive(t1 - self.t0)

    def square_a2s(self, t1: float, t2: float) -> float:
        """Integral of the squared current from `t1` to `t2` in A2s."""
        return self._primitive_of_square(t2 - self.t0) - self._primitive_of_square(t1 - self.t0)

    def _rising_s(self) -> float:
        return abs(self.target_a - self.start_a) / self.slope_a_per_s

    def _primitive(self, x: float) -> float:
        target, delta = self.target_a, self.start_a - self.target_a
        if self.shape == "exponential":
            return target * x - delta * self.tau_s * math.expm1(-x / self.tau_s)
        rising_s = self._rising_s()
        moving = min(x, rising_s)
        area = self.start_a * moving
        if rising_s > 0.0:
            area -= delta / rising_s * moving**2 / 2.0
        return area + target * (x - moving)

    def _primitive_of_square(self, x: float) -> float:
        target, delta = self.target_a, self.start_a - self.target_a
        if self.shape == "exponential":
            tau = self.tau_s
            mixed = -2.0 * target * delta * tau * math.expm1(-x / tau)
            return target**2 * x + mixed - delta**2 * tau / 2.0 * math.expm1(-2.0 * x / tau)
        rising_s = self._rising_s()
        moving = min(x, rising_s)
        area = target**2 * (x - moving)
        if rising_s > 0.0:
            slope = -delta / rising_s
            area += ((self.start_a + slope * moving) ** 3 - self.start_a**3) / (3.0 * slope)
        return area
