"""One EVSE of the plant: the station's pins on one side, the bench's hands and the car on the other."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bench.virtual.hardware import PilotState, Signal, StationMeterReading
from bench.virtual.plant import cable, pilot
from bench.virtual.plant.contactor import Contactor, ContactorConfig
from bench.virtual.plant.edges import EdgeLog, EdgeValue
from bench.virtual.plant.ev import Ev, EvConfig
from bench.virtual.plant.grid import NOMINAL_V, Grid
from bench.virtual.plant.history import Flow, OutletHistory, Phases, Totals
from bench.virtual.plant.meter import StationMeter, StationMeterConfig
from bench.virtual.plant.phase_switch import PhaseSwitch
from bench.virtual.plant.ramp import Ramp
from bench.virtual.plant.timeline import Event, Timeline

LEAK_A = 1.2
LEAK_AFTER_S = 10.0
L3_LOAD_A = 10.0
LOCK_DELAY_S = 0.2
LOCK_JAM = "lock_failure"
SLOW_OPEN_S = 0.25
LATE_OPEN_S = 20.0
DUTY_FAULT_PCT = 2.0
FREQUENCY_FAULT_HZ = 980.0


@dataclass(frozen=True, slots=True)
class EvseConfig:
    """What one EVSE and its car are made of.

    `duty_error_pct`: percentage points by which the pilot generator's duty is off. `induced_v`: what is measured on every phase
    behind open contacts while there is supply before them.
    """

    contactor: ContactorConfig = field(default_factory=ContactorConfig)
    station_meter: StationMeterConfig = field(default_factory=StationMeterConfig)
    ev: EvConfig = field(default_factory=EvConfig)
    conductor_ohm: float = cable.CONDUCTOR_OHM
    pilot_frequency_hz: float = 1000.4
    duty_error_pct: float = 0.0
    induced_v: float = 0.0


class PlantEvse:
    """Implements `EvseHardware` for the firmware; the methods after it are the bench's hands on the socket and the EV."""

    def __init__(
        self,
        evse_id: int,
        timeline: Timeline,
        grid: Grid,
        edges: EdgeLog,
        *,
        config: EvseConfig,
        faults: frozenset[str],
    ) -> None:
        self.evse_id = evse_id
        self.config = config
        self._timeline = timeline
        self._grid = grid
        self._edges = edges
        self._faults = faults
        self._callbacks: list[Callable[[Signal], None]] = []
        self._drive = pilot.Drive()
        self._cable_ohm: float | None = None
        self._ev_side_connected = True
        self._diode_bypassed = False
        self._pilot_shorted = False
        self._ventilation = False
        self._bay_occupied = False
        self._locked = False
        self._locking: Event | None = None
        self._fault: str | None = None
        self._leaking = False
        self._leak: Event | None = None
        self._contactor = Contactor(timeline, config.contactor, self._on_contactor)
        self._phases = PhaseSwitch(timeline, config.contactor, faults, self._on_phases)
        self._meter = StationMeter(config.station_meter)
        self._ev = Ev(timeline, config.ev, self.settle)
        self.history = OutletHistory(timeline.now, config.conductor_ohm)
        self._pilot: PilotState = "A"
        self._s2_seen = False
        self._apply_faults()

    # --- the station's pins

    def set_pilot_duty(self, duty_pct: float | None) -> None:
        """Drive PWM with this duty in per cent, or None for a steady +12 V.

        Raises:
            ValueError: a duty outside 0 to 100 %.
        """
        if duty_pct is not None and not 0.0 < duty_pct <= 100.0:
            raise ValueError(
                f"EVSE {self.evse_id}: a pilot duty of {duty_pct} % cannot be driven: use 0 to 100, or None"
            )
        self._timeline.sync()
        self._set_drive(duty_pct=None if duty_pct == 100.0 else duty_pct, held_low=False)

    def set_pilot_fault(self) -> None:
        """Hold the pilot at -12 V."""
        self._timeline.sync()
        self._set_drive(duty_pct=None, held_low=True)

    def pilot_state(self) -> PilotState:
        """The state the comparator sees now."""
        self._timeline.sync()
        return self._pilot

    def pilot_duty_pct(self) -> float | None:
        """The duty the firmware asked for, None when steady."""
        return self._drive.pwm

    def close_contactor(self) -> None:
        """Energise the coil."""
        self._timeline.sync()
        if self._drive.supplied:
            self._record("coil", value=True)
            self._contactor.command(close=True)

    def open_contactor(self) -> None:
        """De-energise the coil."""
        self._timeline.sync()
        self._record("coil", value=False)
        self._contactor.command(close=False)

    def contactor_closed(self) -> bool:
        """Where the contacts really are."""
        self._timeline.sync()
        return self._contactor.closed

    def select_phases(self, phases: int) -> None:
        """Let the outlet have one phase or three, by contacts of their own for L2 and L3.

        Raises:
            ValueError: other than 1 or 3.
        """
        self._timeline.sync()
        self._phases.select(phases)

    def lock(self, *, locked: bool) -> None:
        """Drive the lock's motor; its feedback follows after 0.2 s, or not at all when the lock is jammed."""
        self._timeline.sync()
        if self._locking is not None:
            self._locking.cancel()
        if self._drive.supplied and self._fault != LOCK_JAM:
            self._locking = self._timeline.after(LOCK_DELAY_S, lambda: self._on_lock(locked=locked))

    def locked(self) -> bool:
        """Feedback of the lock."""
        self._timeline.sync()
        return self._locked

    def cable_rating_a(self) -> float | None:
        """Rating by the proximity resistor; None without a plug, or with a resistor that lies in no window."""
        self._timeline.sync()
        return None if self._cable_ohm is None else cable.rating_from_ohm(self._cable_ohm)

    def read_meter(self) -> StationMeterReading:
        """Read the station's meter: currents at the outlet, voltages taken before the contactor."""
        now = self._timeline.sync()
        flow = self.history.current
        current_a = flow.current_a(now)
        volts, factor = flow.voltage_v, flow.power_factor
        power_w = (volts[0] * current_a[0] * factor, volts[1] * current_a[1] * factor, volts[2] * current_a[2] * factor)
        energy_wh = self.history.totals(now).energy_wh
        return self._meter.read(energy_wh, self._grid.voltage_v, current_a, power_w, self._grid.frequency_hz)

    def fault(self) -> str | None:
        """The fault condition at the terminals, or None. A jammed lock shows nowhere but in its feedback."""
        self._timeline.sync()
        return None if self._fault == LOCK_JAM else self._fault

    def on_change(self, callback: Callable[[Signal], None]) -> None:
        """Call `callback` in the loop's next turn after a signal changed."""
        self._callbacks.append(callback)

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
                self._meter.reset_register(self.history.totals(self._timeline.now).energy_wh)
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
        self._timeline.sync()
        self._ventilation = required
        self.settle()

    def bypass_diode(self, *, bypassed: bool) -> None:
        """Bridge the EV's pilot diode."""
        self._timeline.sync()
        self._diode_bypassed = bypassed
        self.settle()

    def short_pilot(self, *, shorted: bool) -> None:
        """Short the pilot to PE in the cable."""
        self._timeline.sync()
        self._pilot_shorted = shorted
        self.settle()

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
    def plugged(self) -> bool:
        """Whether a plug is in the socket."""
        return self._cable_ohm is not None

    @property
    def ev_side_connected(self) -> bool:
        """Whether the cable is in the EV."""
        return self._ev_side_connected

    @property
    def bay_occupied(self) -> bool:
        """Whether a vehicle stands in the parking bay."""
        return self._bay_occupied

    @property
    def diode_bypassed(self) -> bool:
        """Whether the EV's diode is bridged."""
        return self._diode_bypassed

    @property
    def pilot_shorted(self) -> bool:
        """Whether the pilot is shorted to PE."""
        return self._pilot_shorted

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
        return FREQUENCY_FAULT_HZ if "pilot_frequency_off" in self._faults else self.config.pilot_frequency_hz

    def current_a(self) -> Phases:
        """True RMS currents at the outlet now."""
        now = self._timeline.sync()
        return self.history.current.current_a(now)

    def totals(self) -> Totals:
        """True integrals at the outlet now."""
        return self.history.totals(self._timeline.sync())

    # --- called by the plant

    def set_supplied(self, *, supplied: bool) -> None:
        """The controller got or lost its supply: without it all outputs drop, with it the pilot starts steady."""
        if not supplied:
            self._contactor.command(close=False)
            if "meter_register_volatile" in self._faults:
                self._meter.reset_register(self.history.totals(self._timeline.now).energy_wh)
        self._drive = pilot.Drive(supplied=supplied)
        self.settle()

    def mains_changed(self, *, presence: bool) -> None:
        """The supply's voltages changed; `presence` when it went or came back."""
        self._contactor.feed(self._grid.voltage_v[0] / NOMINAL_V)
        self.settle()
        if presence:
            self._notify("mains")

    def settle(self) -> None:
        """Bring EV, outlet and pilot into agreement with everything that may have changed."""
        connected = self.plugged and self._ev_side_connected
        rating_a = cable.rating_from_ohm(self._cable_ohm) if self._cable_ohm is not None else None
        outlet_v = self._phases.behind(self._grid.voltage_v) if self._conducts else (0.0, 0.0, 0.0)
        self._ev.observe(connected=connected, offer_a=self._offer_a(), cable_a=rating_a or 0.0, voltage_v=outlet_v)
        if self._ev.s2_closed != self._s2_seen:
            self._s2_seen = self._ev.s2_closed
            self._record("s2", value=self._s2_seen)
        self.history.change(self._timeline.now, self._flow(connected=connected))
        self._refresh_pilot()

    # --- inside

    def _apply_faults(self) -> None:
        faults = self._faults
        self._contactor.set_weld(welded="contactor_welded" in faults)
        self._contactor.set_never_closes(broken="contactor_never_closes" in faults)
        if "contactor_slow_open" in faults:
            self._contactor.set_open_delay(SLOW_OPEN_S)
        if "contactor_opens_late" in faults:
            self._contactor.set_open_delay(LATE_OPEN_S)
        if "meter_gain_plus_3pct" in faults:
            self._meter.set_gain_error(0.03)
        if "meter_voltage_plus_3pct" in faults:
            self._meter.set_voltage_error(0.03)
        self._meter.set_stuck(stuck="meter_register_stuck" in faults)
        self._meter.set_currents_averaged(averaged="meter_currents_averaged" in faults)
        self._meter.set_phases_swapped(swapped="meter_phases_swapped" in faults)

    def _record(self, signal: str, *, value: EdgeValue) -> None:
        self._edges.record(self._timeline.now, f"evse{self.evse_id}.{signal}", value)

    def _notify(self, signal: Signal) -> None:
        for callback in self._callbacks:
            self._timeline.soon(callback, signal)

    def _set_drive(self, *, duty_pct: float | None, held_low: bool) -> None:
        if not self._drive.supplied:
            return
        drive = replace(self._drive, duty_pct=duty_pct, held_low=held_low)
        if drive != self._drive:
            self._drive = drive
            self._record("duty", value=duty_pct)
        self.settle()

    def _driven(self) -> pilot.Drive:
        duty_pct = self._drive.duty_pct
        error_pct = DUTY_FAULT_PCT if "pilot_duty_plus_2" in self._faults else self.config.duty_error_pct
        if duty_pct is None or error_pct == 0.0:
            return self._drive
        return replace(self._drive, duty_pct=min(duty_pct + error_pct, 99.9))

    def _load(self) -> pilot.Load:
        if self.plugged and self._pilot_shorted:
            return pilot.Load(ohm=0.0)
        if not (self.plugged and self._ev_side_connected):
            return pilot.Load()
        ohm = pilot.R_B_OHM
        if self._ev.s2_closed:
            ohm = pilot.parallel_ohm(ohm, pilot.R_D_OHM if self._ventilation else pilot.R_C_OHM)
        return pilot.Load(ohm, diode=not self._diode_bypassed)

    def _levels(self) -> pilot.Levels:
        return pilot.levels(self._driven(), self._load())

    def _offer_a(self) -> float | None:
        duty_pct = self._driven().pwm
        if duty_pct is None or self._pilot_shorted:
            return None
        return pilot.offered_current_a(duty_pct)

    def _flow(self, *, connected: bool) -> Flow:
        if self._conducts:
            ev = self._ev
            phases, factor, outlet_v = ev.used_phases, ev.power_factor, self._phases.behind(self._grid.voltage_v)
            own_load_a = (0.0, 0.0, L3_LOAD_A if "outlet_l3_loaded" in self._faults else 0.0)
            return Flow(outlet_v, ev.ramp, phases, factor, self._grid.frequency_hz, own_load_a)
        if self._leaking and connected and self._grid.live:
            leak = Ramp(0.0, LEAK_A, LEAK_A)
            return Flow(self._grid.voltage_v, leak, 3, 1.0, self._grid.frequency_hz)
        volts = self.config.induced_v if self._grid.live else 0.0
        bridged = "outlet_always_live" in self._faults
        return Flow((self._grid.voltage_v[0] if bridged else volts, volts, volts))

    @property
    def _conducts(self) -> bool:
        return self._contactor.closed and "contacts_burnt" not in self._faults

    def _refresh_pilot(self) -> None:
        state = pilot.classify(self._levels())
        if state != self._pilot:
            self._pilot = state
            self._record("pilot", value=state)
            self._notify("pilot")

    def _on_contactor(self, closed: bool) -> None:
        self._record("contactor", value=closed)
        if closed and "meter_register_resets" in self._faults:
            self._meter.reset_register(self.history.totals(self._timeline.now).energy_wh)
        self._leaking = False
        if self._leak is not None:
            self._leak.cancel()
        if not closed and "leak_after_stop" in self._faults:
            self._leak = self._timeline.after(LEAK_AFTER_S, self._start_leak)
        self.settle()
        self._notify("contactor")

    def _on_phases(self, three: bool) -> None:
        self._record("phases", value=3.0 if three else 1.0)
        self.settle()

    def _start_leak(self) -> None:
        self._leaking = True
        self._record("leak", value=True)
        self.settle()

    def _on_lock(self, *, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self._record("lock", value=locked)
            self._notify("lock")

    def _change_fault(self, kind: str | None) -> None:
        self._timeline.sync()
        if kind != self._fault:
            self._fault = kind
            self._record("fault", value=kind)
            self._notify("fault")
