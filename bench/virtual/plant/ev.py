"""The car: what it reads from the pilot, when it closes S2, and the current its on-board charger draws.

A polite EV waits for PWM before it closes S2, follows a new duty within 5 s, and when PWM goes away it first ramps
its current down and then opens S2. A rude one keeps S2 where the driver of the bench put it and draws on at the
highest current it was offered while it was rude, until the voltage goes. Its charger starts anew whenever the number of live phases changes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.virtual.plant.history import ZERO, Phases
from bench.virtual.plant.phase_switch import live_phases
from bench.virtual.plant.ramp import Ramp, RampShape
from bench.virtual.plant.timeline import Event, Timeline


@dataclass(frozen=True, slots=True)
class EvConfig:
    """An EV with its delays (s), its currents (A per phase) and the shape of its current steps.

    `undershoot` is the share of the offered current it draws; `min_current_a` the offer below which it does not charge.
    `inrush_ohm` is what limits the current into its input filter when the supply comes on, `inrush_tau_s` how fast that decays.
    """

    demand_a: float = 32.0
    phases: int = 3
    min_current_a: float = 6.0
    undershoot: float = 0.97
    power_factor: float = 0.99
    ramp: RampShape = "exponential"
    tau_s: float = 0.5
    stop_tau_s: float = 0.1
    slope_a_per_s: float = 8.0
    reaction_s: float = 0.6
    s2_close_delay_s: float = 0.3
    s2_open_delay_s: float = 1.0
    start_delay_s: float = 1.0
    min_voltage_v: float = 170.0
    max_voltage_v: float = 270.0
    polite: bool = True
    wants_energy: bool = False
    inrush_ohm: float = 3.0
    inrush_tau_s: float = 0.0005


class Ev:
    """One EV. `observe` tells it what its inlet sees; its own delayed actions end in `on_change`."""

    def __init__(self, timeline: Timeline, config: EvConfig, on_change: Callable[[], None]) -> None:
        self._timeline = timeline
        self._on_change = on_change
        self.config = config
        self.wish = config.wants_energy
        self.polite = config.polite
        self.demand_a = config.demand_a
        self.phases = config.phases
        self.power_factor = config.power_factor
        self.s2_closed = False
        self.ramp = self._ramp(0.0, 0.0)
        self._connected = False
        self._offer_a: float | None = None  # on the pilot now
        self._limit_a: float | None = None  # what the EV has noticed
        self._last_limit_a = 0.0  # the last offer that was one; a rude EV takes no notice of lower ones
        self._cable_a = 0.0
        self._voltage_v = ZERO
        self._live = 0
        self._ready = False
        self._noticing: Event | None = None
        self._starting: Event | None = None
        self._switching: Event | None = None
        self._stopping = False

    def observe(self, *, connected: bool, offer_a: float | None, cable_a: float, voltage_v: Phases) -> None:
        """What the inlet sees: a cable of a rating, an offered current (None: no PWM), voltages."""
        self._cable_a = cable_a
        if connected != self._connected:
            self._connected = connected
            self._see_offer_now(offer_a if connected else None)
        elif connected and offer_a != self._offer_a:
            self._see_offer_later(offer_a)
        self._see_voltage(voltage_v if connected else ZERO)
        self._decide()

    def want(self, *, energy: bool) -> None:
        """The EV's wish to charge."""
        self.wish = energy
        self._decide()

    def set_polite(self, *, polite: bool) -> None:
        """Polite or rude from now on."""
        self.polite = polite
        self._decide()

    def set_demand(self, current_a: float, phases: int) -> None:
        """What the charger would draw if it may, per phase, and on how many phases.

        Raises:
            ValueError: a negative current, or other than 1 to 3 phases.
        """
        if not 0.0 <= current_a <= 1000.0:
            raise ValueError(f"an EV cannot demand {current_a} A: use 0 to 1000 A per phase")
        if phases not in (1, 2, 3):
            raise ValueError(f"an EV cannot charge on {phases} phases: use 1, 2 or 3")
        if phases != self.phases:
            self.phases = phases
            self.ramp = self._ramp(0.0, 0.0)
        self.demand_a = current_a
        self._decide()

    def set_power_factor(self, power_factor: float) -> None:
        """Power factor of the on-board charger.

        Raises:
            ValueError: not above 0 and at most 1.
        """
        if not 0.0 < power_factor <= 1.0:
            raise ValueError(f"an EV has no power factor of {power_factor}: use one above 0 and at most 1")
        self.power_factor = power_factor

    def _see_offer_now(self, offer_a: float | None) -> None:
        """A newly connected EV has no past; what it reads counts at once."""
        if self._noticing is not None:
            self._noticing.cancel()
        self._offer_a = offer_a
        self._limit_a = offer_a
        self._last_limit_a = offer_a or 0.0

    def _see_offer_later(self, offer_a: float | None) -> None:
        if self._noticing is not None:
            self._noticing.cancel()
        self._offer_a = offer_a
        self._noticing = self._timeline.after(self.config.reaction_s, self._notice)

    def _notice(self) -> None:
        self._limit_a = self._offer_a
        if self._limit_a and (self.polite or self._limit_a > self._last_limit_a):
            self._last_limit_a = self._limit_a
        self._decide()
        self._on_change()

    @property
    def used_phases(self) -> int:
        """On how many phases it draws: those that it is made for and found live when it started."""
        return min(self.phases, self._live)

    def _see_voltage(self, voltage_v: Phases) -> None:
        self._voltage_v = voltage_v
        live = live_phases(voltage_v)
        if live == self._live:
            return
        self._live = live
        self.ramp = self._ramp(0.0, 0.0)
        if self._starting is not None:
            self._starting.cancel()
        self._ready = False
        if live:
            self._starting = self._timeline.after(self.config.start_delay_s, self._start)

    def _start(self) -> None:
        self._ready = True
        self._decide()
        self._on_change()

    def _decide(self) -> None:
        if not self._connected:
            self._switch_now(closed=False)
        elif self.polite:
            self._decide_politely()
        else:
            self._switch_now(closed=self.wish)
        self._retarget()

    def _decide_politely(self) -> None:
        if self.wish and self._limit_a:
            if self._stopping:
                self._cancel_switch()
            if not self.s2_closed and self._switching is None:
                self._switching = self._timeline.after(self.config.s2_close_delay_s, lambda: self._switch(closed=True))
        elif not self.s2_closed:
            self._cancel_switch()
        elif not self._stopping:
            self._stopping = True
            self._switching = self._timeline.after(self.config.s2_open_delay_s, lambda: self._switch(closed=False))

    def _cancel_switch(self) -> None:
        if self._switching is not None:
            self._switching.cancel()
            self._switching = None
        self._stopping = False

    def _switch_now(self, *, closed: bool) -> None:
        self._cancel_switch()
        self.s2_closed = closed

    def _switch(self, *, closed: bool) -> None:
        self._switch_now(closed=closed)
        self._retarget()
        self._on_change()

    def _target_a(self) -> float:
        if not (self._connected and self._live and self._ready and self._voltage_fits()):
            return 0.0
        if self.polite:
            limit_a = self._limit_a if self.s2_closed and not self._stopping else None
        else:
            limit_a = self._last_limit_a
        if not limit_a or limit_a < self.config.min_current_a:
            return 0.0
        return min(limit_a * self.config.undershoot, self.demand_a, self._cable_a)

    def _voltage_fits(self) -> bool:
        used = self._voltage_v[: self.used_phases]
        return all(self.config.min_voltage_v <= volts <= self.config.max_voltage_v for volts in used)

    def _retarget(self) -> None:
        target_a = self._target_a()
        if target_a == self.ramp.target_a:
            return
        start_a = self.ramp.at(self._timeline.now)
        self.ramp = self._ramp(start_a, target_a)

    def _ramp(self, start_a: float, target_a: float) -> Ramp:
        config = self.config
        if target_a > 0.0:
            tau_s, slope = config.tau_s, config.slope_a_per_s
        else:
            # A stop is quicker than a step: the current must be gone before S2 opens.
            tau_s, slope = config.stop_tau_s, config.slope_a_per_s * config.tau_s / config.stop_tau_s
        return Ramp(self._timeline.now, start_a, target_a, config.ramp, tau_s, slope)
