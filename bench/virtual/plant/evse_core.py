"""The inside of one EVSE of the plant: the station's pins, the contacts, and the current that follows from them."""

from collections.abc import Callable
from dataclasses import replace

from bench.virtual.hardware import PilotState, Signal, StationMeterReading
from bench.virtual.plant import cable, pilot
from bench.virtual.plant.active import PlantFaults
from bench.virtual.plant.contactor import Contactor
from bench.virtual.plant.edges import EdgeLog, EdgeValue
from bench.virtual.plant.ev import Ev
from bench.virtual.plant.evse_config import EvseConfig, at_terminals
from bench.virtual.plant.grid import NOMINAL_V, Grid
from bench.virtual.plant.history import Flow, OutletHistory, Phases
from bench.virtual.plant.inrush import Inrush, inrush
from bench.virtual.plant.meter import StationMeter
from bench.virtual.plant.phase_switch import PhaseSwitch
from bench.virtual.plant.pilot_line import PilotLine
from bench.virtual.plant.ramp import Ramp
from bench.virtual.plant.timeline import Event, Timeline
from bench.virtual.plant.waves import PilotHistory

LEAK_A = 1.2
LEAK_AFTER_S = 10.0
OWN_LOAD_A = 10.0
CREEP_W = 12.0
LOCK_DELAY_S = 0.2
LOCK_JAM, WELD = "lock_failure", "welded_contactor"
SEEN_BY_EFFECT = frozenset({LOCK_JAM, WELD})
"""A jammed lock shows in its feedback, a weld in the mirror contact, and neither anywhere else."""
SLOW_OPEN_S = 0.25
LATE_OPEN_S = 20.0
DUTY_FAULT_PCT = 2.0
STARTING_A = 8.0


class EvseCore:
    """Implements `EvseHardware` for the firmware. `PlantEvse` adds the bench's hands on the socket and the EV."""

    def __init__(
        self,
        evse_id: int,
        timeline: Timeline,
        grid: Grid,
        edges: EdgeLog,
        *,
        config: EvseConfig,
        faults: PlantFaults,
        loaded: Callable[[], None] = lambda: None,
    ) -> None:
        self.evse_id = evse_id
        self.config = config
        self._timeline = timeline
        self._grid = grid
        self._edges = edges
        self._faults = faults
        self._loaded = loaded
        self._callbacks: list[Callable[[Signal], None]] = []
        self._line = PilotLine(DUTY_FAULT_PCT if "pilot_duty_plus_2" in faults else config.duty_error_pct)
        self._cable_ohm: float | None = None
        self._ev_side_connected = True
        self._bay_occupied = False
        self._locked = False
        self._locking: Event | None = None
        self._fault: str | None = None
        self._leaking = False
        self._leak: Event | None = None
        self._contactor = Contactor(timeline, config.contactor, self._on_contactor, on_stuck=self._on_stuck)
        self._phases = PhaseSwitch(timeline, config.contactor, faults, self._on_phases)
        self._meter = StationMeter(config.station_meter)
        self._good_meter = StationMeter(config.station_meter)
        self._ev = Ev(timeline, config.ev, self.settle)
        self.history = OutletHistory(timeline.now, config.conductor_ohm)
        self.inrushes: list[Inrush] = []
        self.pilot_history = PilotHistory(timeline.now, self._levels())
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
        return self._line.drive.pwm

    def close_contactor(self) -> None:
        """Energise the coil."""
        self._timeline.sync()
        if self._line.drive.supplied:
            self._record("coil", value=True)
            self._contactor.command(close=True)

    def open_contactor(self) -> None:
        """De-energise the coil."""
        self._timeline.sync()
        self._record("coil", value=False)
        if self._line.drive.supplied:
            self._contactor.command(close=False)
        else:
            self._contactor.lose_drive()

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
        if self._line.drive.supplied and self._fault != LOCK_JAM:
            self._locking = self._timeline.after(LOCK_DELAY_S, lambda: self._on_lock(locked=locked))

    def locked(self) -> bool:
        """Feedback of the lock."""
        self._timeline.sync()
        return self._locked

    def cable_rating_a(self) -> float | None:
        """Rating by the proximity resistor; None without a plug, or with a resistor that lies in no window."""
        self._timeline.sync()
        return None if self._cable_ohm is None else cable.rating_from_ohm(self._cable_ohm)

    def plug_seen(self) -> bool:
        """Whether the proximity contact sees a plug, with any resistor."""
        self._timeline.sync()
        return self._cable_ohm is not None

    def read_meter(self) -> StationMeterReading:
        """Read the station's meter: currents at the outlet, voltages taken before the contactor."""
        now = self._timeline.sync()
        flow = self.history.current
        current_a = flow.current_a(now)
        volts, factor = flow.voltage_v, flow.power_factor
        power_w = (volts[0] * current_a[0] * factor, volts[1] * current_a[1] * factor, volts[2] * current_a[2] * factor)
        energy_wh = self._counted_wh()
        if "meter_creeps" in self._faults:
            energy_wh += CREEP_W * now / 3600.0
        seen = self._meter.read(energy_wh, self.supply_v, current_a, power_w, self._grid.frequency_hz)
        if self._faults.any:
            true_wh = self.config.station_meter.counted_wh(self.history.totals(now))
            good = self._good_meter.read(true_wh, self.supply_v, current_a, power_w, self._grid.frequency_hz)
            self._faults.meter_read(seen, good)
        return seen

    def fault(self) -> str | None:
        """The fault condition at the terminals, or None. Of some kinds nothing shows but what they do to the power path."""
        self._timeline.sync()
        return None if self._fault in SEEN_BY_EFFECT else self._fault

    def on_change(self, callback: Callable[[Signal], None]) -> None:
        """Call `callback` in the loop's next turn after a signal changed."""
        self._callbacks.append(callback)

    # --- called by the plant

    def set_supplied(self, *, supplied: bool) -> None:
        """The controller got or lost its supply: without it all outputs drop, with it the pilot starts steady."""
        if not supplied:
            self._contactor.lose_drive()
            if "meter_register_volatile" in self._faults:
                self._meter.reset_register(self._counted_wh())
        self._line.drive = pilot.Drive(supplied=supplied)
        self.settle()

    def mains_changed(self, *, presence: bool) -> None:
        """The supply's voltages or frequency changed; `presence` when it went or came back."""
        self._contactor.feed(self.supply_v[0] / NOMINAL_V)
        if self._contactor.closed and self.supply_v[0] < self.config.contactor.pull_in_share * NOMINAL_V:
            for starved in ("contactor_latches", "contactor_chatters"):
                self._faults.on(starved)
        self.settle()
        self._notify("mains" if presence else "supply")

    def settle(self) -> None:
        """Bring EV, outlet and pilot into agreement with everything that may have changed."""
        connected = self.plugged and self._ev_side_connected
        rating_a = cable.rating_from_ohm(self._cable_ohm) if self._cable_ohm is not None else None
        outlet_v = self._phases.behind(self.supply_v) if self._conducts else (0.0, 0.0, 0.0)
        # A resistor that codes no cable is one the station has to refuse: the car does not look at the station's plug.
        cable_a = rating_a if rating_a is not None else max(cable.PROXIMITY_OHM)
        self._ev.observe(connected=connected, offer_a=self._line.offer_a(), cable_a=cable_a, voltage_v=outlet_v)
        if self._ev.s2_closed != self._s2_seen:
            self._s2_seen = self._ev.s2_closed
            self._record("s2", value=self._s2_seen)
        self.history.change(self._timeline.now, self._flow(connected=connected))
        self._loaded()
        self._refresh_pilot()

    @property
    def plugged(self) -> bool:
        """Whether a plug is in the socket."""
        return self._cable_ohm is not None

    @property
    def supply_v(self) -> Phases:
        """Voltages at the EVSE's own L1, L2, L3 before the contactor."""
        return at_terminals(self._grid.voltage_v, self.config.rotation)

    # --- inside

    def _apply_faults(self) -> None:
        faults = self._faults
        self._contactor.set_weld(welded="contactor_welded" in faults)
        self._contactor.set_latching(latches="contactor_latches" in faults)
        self._contactor.set_chattering(chatters="contactor_chatters" in faults)
        self._contactor.set_never_closes(broken="contactor_never_closes" in faults)
        if "contactor_slow_open" in faults:
            self._contactor.set_open_delay(SLOW_OPEN_S)
        if "contactor_opens_late" in faults:
            self._contactor.set_open_delay(LATE_OPEN_S)
        if "meter_gain_plus_3pct" in faults:
            self._meter.set_gain_error(0.03)
        if "meter_voltage_plus_3pct" in faults:
            self._meter.set_voltage_error(0.03)
        if "meter_voltage_minus_6pct" in faults:
            self._meter.set_voltage_error(-0.06)
        self._meter.set_currents_shifted(shifted="meter_currents_shifted" in faults)
        self._meter.set_stuck(stuck="meter_register_stuck" in faults)
        self._meter.set_currents_averaged(averaged="meter_currents_averaged" in faults)
        if "meter_phases_swapped" in faults:
            self._meter.set_phase_order((1, 0, 2))
        if "meter_l2_l3_swapped" in faults:
            self._meter.set_phase_order((0, 2, 1))
        if "meter_power_reads_half" in faults:
            self._meter.set_power_error(-0.5)

    def _counted_wh(self) -> float:
        """The energy that the station's meter counts, before its own error."""
        now = self._timeline.now
        if "meter_counts_apparent_energy" in self._faults:
            return self.history.weighted_wh(now, lambda flow: 1.0 / flow.power_factor)
        if "meter_starts_at_8a" in self._faults:
            return self.history.weighted_wh(now, lambda flow: float(flow.ramp.target_a >= STARTING_A))
        return self.config.station_meter.counted_wh(self.history.totals(self._timeline.now))

    def _record(self, signal: str, *, value: EdgeValue) -> None:
        self._edges.record(self._timeline.now, f"evse{self.evse_id}.{signal}", value)

    def _notify(self, signal: Signal) -> None:
        for callback in self._callbacks:
            self._timeline.soon(callback, signal)

    def _set_drive(self, *, duty_pct: float | None, held_low: bool) -> None:
        if not self._line.drive.supplied:
            return
        if duty_pct is not None:
            self._faults.on("pilot_duty_plus_2")
        drive = replace(self._line.drive, duty_pct=duty_pct, held_low=held_low)
        if drive != self._line.drive:
            self._line.drive = drive
            self._record("duty", value=duty_pct)
        self.settle()

    def _levels(self) -> pilot.Levels:
        return self._line.levels(plugged=self.plugged, ev_side=self._ev_side_connected, s2_closed=self._ev.s2_closed)

    def _flow(self, *, connected: bool) -> Flow:
        if self._conducts:
            ev = self._ev
            phases, factor, outlet_v = ev.used_phases, ev.power_factor, self._phases.behind(self.supply_v)
            l1_a, l3_a = (
                OWN_LOAD_A if outlet_v[k] > 1.0 and self._faults.on(fault) else 0.0
                for fault, k in (("outlet_l1_loaded", 0), ("outlet_l3_loaded", 2))
            )
            own_load_a = (l1_a, 0.0, l3_a)
            return Flow(outlet_v, ev.ramp, phases, factor, self._grid.frequency_hz, own_load_a)
        if self._leaking and connected and self._grid.live:
            self._faults.on("leak_after_stop")
            leak = Ramp(0.0, LEAK_A, LEAK_A)
            return Flow(self.supply_v, leak, 3, 1.0, self._grid.frequency_hz)
        volts = self.config.induced_v if self._grid.live else 0.0
        bridged = self._grid.live and self._faults.on("outlet_always_live")
        return Flow((self.supply_v[0] if bridged else volts, volts, volts))

    @property
    def _conducts(self) -> bool:
        return self._contactor.closed and not self._faults.on("contacts_burnt")

    def _refresh_pilot(self) -> None:
        levels = self._levels()
        self.pilot_history.change(self._timeline.now, levels)
        state = pilot.classify(levels)
        if state != self._pilot:
            self._pilot = state
            self._record("pilot", value=state)
            self._notify("pilot")

    def _on_contactor(self, closed: bool) -> None:
        self._record("contactor", value=closed)
        if closed and self.plugged and self._conducts:
            self._rush()
        if closed and "meter_register_resets" in self._faults:
            self._meter.reset_register(self._counted_wh())
        self._leaking = False
        if self._leak is not None:
            self._leak.cancel()
        if not closed:
            self._opened()
        self.settle()
        self._notify("contactor")

    def _opened(self) -> None:
        for late in ("contactor_slow_open", "contactor_opens_late"):
            self._faults.on(late)
        if "leak_after_stop" in self._faults:
            self._leak = self._timeline.after(LEAK_AFTER_S, self._start_leak)

    def _on_stuck(self, to: bool) -> None:
        self._faults.on("contactor_never_closes" if to else "contactor_welded")

    def _on_phases(self, three: bool) -> None:
        self._record("phases", value=3.0 if three else 1.0)
        self.settle()

    def _rush(self) -> None:
        ev = self._ev
        ohm = ev.config.inrush_ohm / (10.0 if self._faults.on("inrush_tenfold") else 1.0)
        seen = inrush(
            self._timeline.now,
            self._phases.behind(self.supply_v),
            self._grid.frequency_hz,
            phases=ev.phases,
            ohm=ohm,
            tau_s=ev.config.inrush_tau_s,
        )
        self.inrushes.append(seen)
        self._record("inrush", value=seen.highest_a)

    def _start_leak(self) -> None:
        self._leaking = True
        self._record("leak", value=True)
        self.settle()

    def _on_lock(self, *, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self._record("lock", value=locked)
            self._notify("lock")
