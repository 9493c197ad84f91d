"""The whole plant: supply with its disturbances, controller's power supply with hold-up time, EVSEs, reader and panel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bench.roles import BUTTONS
from bench.virtual.hardware import EvseHardware
from bench.virtual.plant.active import PlantFaults
from bench.virtual.plant.edges import EdgeLog
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.evse_config import EvseConfig, on_supply
from bench.virtual.plant.grid import NOMINAL_V, Grid
from bench.virtual.plant.history import Flow, OutletHistory, Phases
from bench.virtual.plant.timeline import Event, Scheduler, Timeline

MAX_VOLTAGE_V = 300.0
FREQUENCY_RANGE_HZ = (16.0, 500.0)
MAX_DIP_S = 60.0
NEUTRAL_LOSS = "neutral_loss"

SAG_STEP_S = 0.1
SAG_RESOLUTION_A = 0.001
"""How closely the voltage follows the current on a supply with a resistance: in these steps, down to this change."""


@dataclass(frozen=True, slots=True)
class PlantConfig:
    """`evses` in the order of their numbers 1, 2, ...; the controller's supply lives on L1 with a hold-up time.

    `electronics_w`: what the station itself takes from L1 at 230 V while it is supplied, whatever its outlets do.
    `source_ohm`: resistance of the supply, a phase, which all EVSEs share; at 0 the voltage does not sag under load.
    """

    evses: tuple[EvseConfig, ...] = field(default_factory=lambda: (EvseConfig(), EvseConfig()))
    mains_on: bool = True
    hold_up_s: float = 0.3
    supply_start_s: float = 0.05
    supply_min_v: float = 80.0
    source_ohm: float = 0.0
    electronics_w: float = 4.0


class Plant:
    """Implements `StationHardware`; the methods after it are the bench's hands.

    `loop` is the event loop, real or simulated. All calls must come from its thread.
    """

    def __init__(
        self, loop: Scheduler, config: PlantConfig | None = None, faults: frozenset[str] = frozenset()
    ) -> None:
        self.faults = PlantFaults(faults)
        self.config = config or PlantConfig()
        self.edges = EdgeLog()
        self.grid = Grid(output_on=self.config.mains_on, source_ohm=self.config.source_ohm)
        self._timeline = Timeline(loop)
        self.electronics = OutletHistory(self._timeline.now, 0.0)
        """What the station takes for itself, as an outlet of its own."""
        self._electronics_a = self.config.electronics_w / NOMINAL_V
        self._supplied = self.config.mains_on
        self._present = self.config.mains_on
        self._supply_event: Event | None = None
        self._dips: dict[int, Event] = {}
        self._sagging: Event | None = None
        self._on_mains: list[Callable[[bool], None]] = []
        self._on_id_token: list[Callable[[int, str], None]] = []
        self._on_button: list[Callable[[int, str], None]] = []
        self._evses = tuple(
            PlantEvse(
                number,
                self._timeline,
                self.grid,
                self.edges,
                config=evse,
                faults=self.faults,
                loaded=self._load_changed,
            )
            for number, evse in enumerate(self.config.evses, start=1)
        )
        self.evses: tuple[EvseHardware, ...] = self._evses
        for evse in self._evses:
            evse.mains_changed(presence=False)
            evse.set_supplied(supplied=self._supplied)
        self._feed_electronics()

    # --- the station's side

    def mains_present(self) -> bool:
        """Whether the controller has supply: it lives on for the hold-up time after the mains went."""
        self._timeline.sync()
        return self._supplied

    def on_mains(self, callback: Callable[[bool], None]) -> None:
        """Call back when the controller's supply is lost or returns."""
        self._on_mains.append(callback)

    def on_id_token(self, callback: Callable[[int, str], None]) -> None:
        """Call back when a token is presented."""
        self._on_id_token.append(callback)

    def on_button(self, callback: Callable[[int, str], None]) -> None:
        """Call back when a button is pressed."""
        self._on_button.append(callback)

    # --- the bench's hands

    @property
    def outlets(self) -> tuple[PlantEvse, ...]:
        """All EVSEs, in the order of their numbers."""
        return self._evses

    def evse(self, number: int) -> PlantEvse:
        """The EVSE of this number, from 1.

        Raises:
            ValueError: there is none.
        """
        if not 1 <= number <= len(self._evses):
            raise ValueError(f"there is no EVSE {number}: this plant has 1 to {len(self._evses)}")
        return self._evses[number - 1]

    def set_output(self, *, on: bool) -> None:
        """Switch the AC source's output."""
        self._timeline.sync()
        self.grid.output_on = on
        self._grid_changed()

    def set_mains_cut(self, *, cut: bool) -> None:
        """Open or close the switch between source and station."""
        self._timeline.sync()
        self.grid.cut = cut
        self._grid_changed()

    def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Set the source's RMS voltage of one phase (1 to 3), or of all.

        Raises:
            ValueError: outside 0 to 300 V, or no such phase.
        """
        if not 0.0 <= volts <= MAX_VOLTAGE_V:
            raise ValueError(f"the source cannot give {volts} V: use 0 to {MAX_VOLTAGE_V:g} V")
        if phase not in (None, 1, 2, 3):
            raise ValueError(f"there is no phase {phase}: use 1, 2 or 3")
        self._timeline.sync()
        for k in range(3) if phase is None else (phase - 1,):
            self.grid.set_voltage_v[k] = volts
        self._grid_changed()

    def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """Let `share` of the set voltage be left of one phase (1 to 3), or of all, for exactly so long; then it is whole again.

        Raises:
            ValueError: a share outside 0 to 1, no duration, or no such phase.
        """
        if not 0.0 <= share <= 1.0 or not 0.0 < duration_s <= MAX_DIP_S:
            raise ValueError(
                f"a dip to {share} of the voltage for {duration_s} s: use a share of 0 to 1 and up to {MAX_DIP_S:g} s"
            )
        if phase not in (None, 1, 2, 3):
            raise ValueError(f"there is no phase {phase}: use 1, 2 or 3")
        self._timeline.sync()
        for number in (1, 2, 3) if phase is None else (phase,):
            earlier = self._dips.pop(number, None)
            if earlier is not None:
                earlier.cancel()
            self._dips[number] = self._timeline.after(duration_s, partial(self._set_dip, number, 1.0))
            self._set_dip(number, share)

    def set_neutral(self, *, connected: bool) -> None:
        """Open or close the neutral in front of the station: without it the star point floats (bench.virtual.plant.grid)."""
        now = self._timeline.sync()
        if self.grid.neutral_open == connected:
            self.grid.neutral_open = not connected
            self.edges.record(now, "neutral", connected)
            self._grid_changed()

    def inject_fault(self, evse: int, kind: str) -> None:
        """Make a fault condition at an EVSE, or in the supply of all. Raises ValueError for an EVSE that is not there."""
        if kind == NEUTRAL_LOSS:
            self.evse(evse)
            self.set_neutral(connected=False)
        else:
            self.evse(evse).inject_fault(kind)

    def clear_fault(self, evse: int) -> None:
        """Remove the fault conditions of an EVSE, and those of the supply. Raises ValueError for an EVSE that is not there."""
        self.evse(evse).clear_fault()
        self.set_neutral(connected=True)

    def set_frequency(self, hertz: float) -> None:
        """Set the source's frequency.

        Raises:
            ValueError: outside what the source can give.
        """
        low, high = FREQUENCY_RANGE_HZ
        if not low <= hertz <= high:
            raise ValueError(f"the source cannot give {hertz} Hz: use {low:g} to {high:g} Hz")
        self._timeline.sync()
        self.grid.set_frequency_hz = hertz
        self._grid_changed()

    def present_token(self, reader: int, token: str) -> None:
        """Hold a token at a reader; reader 0 serves all EVSEs.

        Raises:
            ValueError: no such reader, or an empty token.
        """
        if reader != 0:
            self.evse(reader)
        if not token:
            raise ValueError("an empty token cannot be presented: give its text")
        now = self._timeline.sync()
        self.edges.record(now, f"reader{reader}.token", token)
        for callback in self._on_id_token:
            self._timeline.soon(callback, reader, token)

    def press_button(self, evse: int, button: str) -> None:
        """Press a button of an EVSE.

        Raises:
            ValueError: no such EVSE or button.
        """
        self.evse(evse)
        if button not in BUTTONS:
            raise ValueError(f"there is no button {button!r}: use one of {', '.join(BUTTONS)}")
        now = self._timeline.sync()
        self.edges.record(now, f"evse{evse}.button", button)
        for callback in self._on_button:
            self._timeline.soon(callback, evse, button)

    # --- what instruments see

    def now(self) -> float:
        """Catch up with the loop and tell the time."""
        return self._timeline.sync()

    def advance(self, now: float) -> None:
        """Let everything happen that is due up to `now` (seconds on the loop's clock)."""
        self._timeline.advance(now)

    def supply_current_a(self) -> Phases:
        """RMS current the station takes from the source now, per phase."""
        sums = [0.0, 0.0, 0.0]
        for evse in self._evses:
            for k, amps in enumerate(on_supply(evse.current_a(), evse.config.rotation)):
                sums[k] += amps
        return (sums[0], sums[1], sums[2])

    def close(self) -> None:
        """End the plant: no timer of it remains in the loop."""
        self._timeline.close()

    # --- inside

    def _grid_changed(self) -> None:
        present = self.grid.voltage_v[0] >= self.config.supply_min_v
        changed = present != self._present
        self._present = present
        if changed:
            self.edges.record(self._timeline.now, "mains", present)
            self._plan_supply(present=present)
        for evse in self._evses:
            evse.mains_changed(presence=changed)
        self._feed_electronics()

    def _feed_electronics(self) -> None:
        """They take their current from the supply while there is one and they run: through a gap they live on what is stored."""
        amps = self._electronics_a if self._supplied and self._present else 0.0
        if amps and self.faults.on("electronics_never_rest"):
            amps *= 3.0
        flow = Flow(self.grid.voltage_v, frequency_hz=self.grid.frequency_hz, steady_a=(amps, 0.0, 0.0))
        self.electronics.change(self._timeline.now, flow)

    def _set_dip(self, phase: int, share: float) -> None:
        self.grid.dip_share[phase - 1] = share
        self.edges.record(self._timeline.now, f"dip_l{phase}", share)
        self._grid_changed()

    def _load_changed(self) -> None:
        """An EVSE's current moves: the voltage follows it in small steps for as long as it does."""
        if self.config.source_ohm > 0.0 and self._sagging is None:
            self._sagging = self._timeline.after(SAG_STEP_S, self._sag)

    def _sag(self) -> None:
        self._sagging = None
        drawn_a = self.supply_current_a()
        if max(abs(a - b) for a, b in zip(drawn_a, self.grid.drawn_a, strict=True)) < SAG_RESOLUTION_A:
            return
        self.grid.drawn_a = drawn_a
        self._grid_changed()
        self._load_changed()

    def _plan_supply(self, *, present: bool) -> None:
        if self._supply_event is not None:
            self._supply_event.cancel()
            self._supply_event = None
        if present == self._supplied:
            return
        delay_s = self.config.supply_start_s if present else self.config.hold_up_s
        self._supply_event = self._timeline.after(delay_s, lambda: self._set_supplied(supplied=present))

    def _set_supplied(self, *, supplied: bool) -> None:
        self._supply_event = None
        self._supplied = supplied
        self.edges.record(self._timeline.now, "supply", supplied)
        for evse in self._evses:
            evse.set_supplied(supplied=supplied)
        self._feed_electronics()
        for callback in self._on_mains:
            self._timeline.soon(callback, supplied)
