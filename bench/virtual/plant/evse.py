"""One EVSE of the plant: the bench's hands on its socket and its car, over what is inside it."""

from bench.virtual.plant import cable, pilot
from bench.virtual.plant.ev import Ev
from bench.virtual.plant.evse_core import WELD, EvseCore
from bench.virtual.plant.history import Phases, Totals
from bench.virtual.plant.pilot_line import PilotLine

FREQUENCY_FAULT_HZ = 980.0
SLOW_EDGE_TAU_S = 5e-6


class PlantEvse(EvseCore):
    """One EVSE with everything that a bench can do to it, and see of it."""

    # --- the bench's hands

    def plug_in(self, cable_rating_a: float = 32.0) -> None:
        """Put a plug of this rating into the socket; the EV's side of the cable stays as it is.

        Raises:
            ValueError: no cable is coded for this rating.
        """
        self.set_proximity(cable.proximity_ohm(cable_rating_a))

    def set_proximity(self, ohm: float | None) -> None:
        """Put a plug with any proximity resistor into the socket, or take it out (None)."""
        self._timeline.sync()
        if (ohm is None) != (self._cable_ohm is None):
            self._record("plug", value=ohm is not None)
            if ohm is not None and "meter_register_rebased" in self._faults:
                self._meter.reset_register(self._counted_wh())
        self._cable_ohm = ohm
        self.settle()

    def unplug(self) -> None:
        """Take the plug out of the socket."""
        self.set_proximity(None)

    def connect_ev_side(self, *, connected: bool) -> None:
        """Put the cable into the EV or take it out there: the pilot opens, the plug stays in the socket."""
        self._timeline.sync()
        if connected != self._ev_side_connected:
            self._record("ev_side", value=connected)
        self._ev_side_connected = connected
        self.settle()

    def request_energy(self, *, on: bool) -> None:
        """The EV's wish to charge. A polite EV closes S2 once it sees PWM, a rude one at once."""
        self._timeline.sync()
        self._ev.want(energy=on)
        self.settle()

    def set_demand(self, current_a: float, phases: int = 3) -> None:
        """What the on-board charger would draw if it may (A per phase), and on how many phases."""
        self._timeline.sync()
        self._ev.set_demand(current_a, phases)
        self.settle()

    def set_power_factor(self, power_factor: float) -> None:
        """Power factor of the on-board charger from now on."""
        self._timeline.sync()
        self._ev.set_power_factor(power_factor)
        self.settle()

    def occupy_bay(self, *, occupied: bool) -> None:
        """A vehicle stands in the parking bay, or not: seen by a sensor above it, and by nothing else."""
        if occupied != self._bay_occupied:
            self._bay_occupied = occupied
            self._record("bay", value=occupied)

    def set_polite(self, *, polite: bool) -> None:
        """Make the EV polite or rude."""
        self._timeline.sync()
        self._ev.set_polite(polite=polite)
        self.settle()

    def set_ventilation(self, *, required: bool) -> None:
        """Let the EV ask for state D instead of C."""
        self._change_line(ventilation=required)

    def bypass_diode(self, *, bypassed: bool) -> None:
        """Bridge the EV's pilot diode."""
        self._change_line(diode_bypassed=bypassed)

    def short_pilot(self, *, shorted: bool) -> None:
        """Short the pilot to PE in the cable."""
        self._change_line(shorted=shorted)

    def break_pilot(self, *, broken: bool) -> None:
        """Open the pilot's wire in the cable; plug and proximity stay as they are."""
        self._change_line(broken=broken)

    def inject_fault(self, kind: str) -> None:
        """Make a fault condition at the terminals; a later one replaces it."""
        self._change_fault(kind)

    def clear_fault(self) -> None:
        """Remove the fault condition."""
        self._change_fault(None)

    def set_weld(self, *, welded: bool) -> None:
        """Weld the contactor's contacts from now on, or free them."""
        self._timeline.sync()
        self._contactor.set_weld(welded=welded)

    def set_open_delay(self, delay_s: float) -> None:
        """Let the contacts take this long to open from now on."""
        self._timeline.sync()
        self._contactor.set_open_delay(delay_s)

    # --- what instruments and the EV box see

    @property
    def ev_side_connected(self) -> bool:
        """Whether the cable is in the EV."""
        return self._ev_side_connected

    @property
    def bay_occupied(self) -> bool:
        """Whether a vehicle stands in the parking bay."""
        return self._bay_occupied

    @property
    def line(self) -> PilotLine:
        """The control pilot's wire, to look at."""
        return self._line

    @property
    def proximity_ohm(self) -> float | None:
        """The resistor that the socket sees; None without a plug."""
        return self._cable_ohm

    @property
    def ev(self) -> Ev:
        """The car, to look at."""
        return self._ev

    def pilot_levels(self) -> pilot.Levels:
        """What a scope on the pilot sees now."""
        self._timeline.sync()
        return self._levels()

    @property
    def pilot_frequency_hz(self) -> float:
        """Frequency of the pilot's PWM."""
        driven = self._line.drive.pwm is not None
        return (
            FREQUENCY_FAULT_HZ if driven and self._faults.on("pilot_frequency_off") else self.config.pilot_frequency_hz
        )

    @property
    def pilot_edge_tau_s(self) -> float:
        """Time constant of the edges of the pilot's PWM."""
        driven = self._line.drive.pwm is not None
        return SLOW_EDGE_TAU_S if driven and self._faults.on("pilot_edges_slow") else self.config.pilot_edge_tau_s

    def now(self) -> float:
        """Catch up with the loop and tell the time."""
        return self._timeline.sync()

    @property
    def supply_frequency_hz(self) -> float:
        """Frequency of the supply, whether anything comes out or not."""
        return self._grid.set_frequency_hz

    def current_a(self) -> Phases:
        """True RMS currents at the outlet now."""
        now = self._timeline.sync()
        return self.history.current.current_a(now)

    def inrush_at(self, t: float) -> Phases:
        """What rushes in at `t` after contacts closed, by phase: instantaneous amperes, which RMS values do not hold."""
        return self.inrushes[-1].at(t) if self.inrushes else (0.0, 0.0, 0.0)

    def totals(self) -> Totals:
        """True integrals at the outlet now."""
        return self.history.totals(self._timeline.sync())

    # --- inside

    def _change_line(self, **flags: bool) -> None:
        self._timeline.sync()
        for name, value in flags.items():
            setattr(self._line, name, value)
        self.settle()

    def _change_fault(self, kind: str | None) -> None:
        self._timeline.sync()
        if kind != self._fault:
            self._fault = kind
            self._contactor.set_weld(welded=kind == WELD or "contactor_welded" in self._faults)
            self._record("fault", value=kind)
            self._notify("fault")
