"""The seam between the virtual station's firmware and the plant it is built into.

The firmware (bench.virtual.stations) sees the world only through these protocols, as a real controller sees it
through its pins; the plant (bench.virtual.plant) implements them and knows nothing of OCPP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

PilotState = Literal["A", "B", "C", "D", "E", "F"]
"""IEC 61851-1 control-pilot state, as the station measures it (E: short or no pilot power, F: -12 V)."""

Signal = Literal["pilot", "contactor", "mains", "supply", "lock", "fault"]
"""`mains`: the supply went or came back; `supply`: its voltages or frequency changed."""


@dataclass(frozen=True, slots=True)
class StationMeterReading:
    """One reading of the station's own meter, with its own gain error and resolution.

    Tuples are per phase L1, L2, L3. `energy_wh` is the import register: it never decreases and survives reboots.
    """

    energy_wh: float
    voltage_v: tuple[float, float, float]
    current_a: tuple[float, float, float]
    power_w: tuple[float, float, float]
    frequency_hz: float


class EvseHardware(Protocol):
    """Pins of one EVSE: pilot generator, contactor, lock, proximity, station meter."""

    evse_id: int

    def set_pilot_duty(self, duty_pct: float | None) -> None:
        """Drive the control pilot: PWM with this duty in per cent, or None for a steady +12 V (no PWM)."""

    def set_pilot_fault(self) -> None:
        """Hold the control pilot at -12 V (state F, EVSE not available) until the next `set_pilot_duty`."""

    def pilot_state(self) -> PilotState:
        """The state the station's comparator sees now."""

    def pilot_duty_pct(self) -> float | None:
        """The duty that is being driven now, None when steady."""

    def close_contactor(self) -> None:
        """Energise the contactor's coil; it closes after its mechanical delay."""

    def open_contactor(self) -> None:
        """De-energise the contactor's coil; it opens after its mechanical delay."""

    def contactor_closed(self) -> bool:
        """The mirror contact: where the contactor really is."""

    def select_phases(self, phases: int) -> None:
        """Connect one phase (L1) or all three to the contactor's outlet; follows after the contacts' mechanical delay."""

    def lock(self, *, locked: bool) -> None:
        """Drive the socket's lock motor."""

    def locked(self) -> bool:
        """Feedback of the socket's lock."""

    def cable_rating_a(self) -> float | None:
        """Rating of the inserted cable by its proximity resistor; None when no plug is in the socket."""

    def plug_seen(self) -> bool:
        """Whether a plug is in the socket, whatever its resistor codes."""

    def read_meter(self) -> StationMeterReading:
        """Read the station's own meter."""

    def fault(self) -> str | None:
        """A hardware fault injected on this EVSE (`ground_failure`, `over_temperature`, ...), or None."""

    def on_change(self, callback: Callable[[Signal], None]) -> None:
        """Call `callback` (in the event loop, never inside a setter) whenever one of the signals changes."""


class StationHardware(Protocol):
    """What one virtual charging station is made of."""

    evses: tuple[EvseHardware, ...]

    def mains_present(self) -> bool:
        """Whether the station's controller has supply (after its hold-up time)."""

    def on_mains(self, callback: Callable[[bool], None]) -> None:
        """Call `callback(True)` when supply returns, `callback(False)` when it is lost."""

    def on_id_token(self, callback: Callable[[int, str], None]) -> None:
        """Call `callback(reader, token)` when a token is presented; reader 0 serves all EVSEs."""

    def on_button(self, callback: Callable[[int, str], None]) -> None:
        """Call `callback(evse_id, button)`; buttons: `stop`, `emergency_stop`, `emergency_release`."""


class FirstEvses:
    """Hardware with no more than the first EVSEs of a plant that has more: nothing of the station is behind the others."""

    def __init__(self, plant: StationHardware, count: int) -> None:
        self._plant = plant
        self.evses = plant.evses[:count]
        self.mains_present = plant.mains_present
        self.on_mains = plant.on_mains
        self.on_id_token = plant.on_id_token
        self.on_button = plant.on_button
