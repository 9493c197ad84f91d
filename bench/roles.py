"""What a bench can be asked for: one Protocol a role. Drivers implement them; nothing above knows a driver.

All methods are coroutines: drivers talk to instruments over links that may block in a thread. Every method may raise
`bench.errors.InstrumentFault`; such a fault ends a case inconclusive and never counts against the station.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, get_args, runtime_checkable

from harness.edges import Waveform

PilotState = Literal["A", "B", "C", "D", "E", "F"]

CaptureSignal = Literal["pilot", "outlet_voltage", "outlet_current"]
"""What a capture can hold: the control pilot in V, one phase of the outlet's voltage in V, the same phase's current in A."""

CAPTURE_SIGNALS: tuple[CaptureSignal, ...] = get_args(CaptureSignal)

CUTS: Mapping[str, str] = MappingProxyType(
    {
        "drop": "packets vanish: nothing is closed, and nobody is told",
        "reset": "every connection is reset, a new one as soon as it is made",
        "refuse": "every connection is reset, and no new one is let in",
    }
)
"""The ways in which a network fails, and what a station meets of each."""

BUTTONS = ("stop", "emergency_stop", "emergency_release")
"""What a panel may have. An emergency stop latches until it is released."""

FAULT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "ground_failure": "residual current to protective earth",
        "over_current": "more current than the outlet's protection stands",
        "over_voltage": "supply voltage above the station's limit",
        "under_voltage": "supply voltage below the station's limit",
        "over_temperature": "a temperature above the station's limit",
        "lock_failure": "the socket's lock does not move",
        "power_meter": "the station's meter does not answer",
        "welded_contactor": "the contactor, once closed, does not open any more, as its mirror contact shows",
        "neutral_loss": "the neutral in front of the station is open",
        "pilot_failure": "the control pilot leaves all its levels",
        "door_open": "the station's door or tamper contact is open",
        "memory_failure": "the station's memory takes no local authorization list",
    }
)
"""The fault conditions that cases ask a fault injector for, and what each is at the station's terminals."""


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value: `value` in `unit`, with its expanded uncertainty `u` (k=2, same unit)."""

    value: float
    unit: str
    u: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instrument said at once, by quantity name, e.g. `current_l1_a`, `power_w`, `energy_wh`.

    `t` is the run clock's time in seconds at the middle of the query, `t_u` its half-width (k=2), both on the run's clock.
    """

    t: float
    t_u: float
    values: dict[str, Value] = field(default_factory=dict)


@runtime_checkable
class Instrument(Protocol):
    """What every driver offers: a name, an identity, and a way to be closed."""

    name: str

    async def identify(self) -> str:
        """Identity string as the instrument tells it (the answer to *IDN?, or the driver's own probe)."""

    async def close(self) -> None:
        """Release the link. Never raises."""


@runtime_checkable
class Meter(Instrument, Protocol):
    """Anything that is sampled: power analyser, reference meter, pilot scope, DMM."""

    async def read(self) -> Reading:
        """One reading of all quantities the instrument is wired for."""


@runtime_checkable
class PowerAnalyzer(Meter, Protocol):
    """Quantities: voltage_l1_v..l3, current_l1_a..l3, power_l1_w..l3, power_w, frequency_hz."""


@runtime_checkable
class EnergyMeter(Meter, Protocol):
    """Quantities: energy_wh (import register) and those of a PowerAnalyzer that the meter offers."""

    resolution_wh: float


@runtime_checkable
class Thermometer(Meter, Protocol):
    """Quantities: temperature_c, and temperature_PLACE_c where it sees several places."""


@runtime_checkable
class Oscilloscope(Meter, Protocol):
    """Quantities of the control pilot: pilot_duty_pct, pilot_high_v, pilot_low_v, pilot_frequency_hz."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An edge that starts a capture: `signal` passes `level` (V or A), rising or falling."""

    signal: CaptureSignal
    level: float
    rising: bool = True

    def __str__(self) -> str:
        unit = "A" if self.signal == "outlet_current" else "V"
        return f"{self.signal} {'rises' if self.rising else 'falls'} through {self.level:g} {unit}"


@dataclass(frozen=True, slots=True)
class Capture:
    """What one shot of an oscilloscope caught, by signal; times of the waveforms count from the trigger.

    `t` is the run clock's time of the trigger, `t_u` its half-width (k=2). `time_base_ppm`: how far the oscilloscope's own seconds may
    be off. `u`: expanded uncertainty (k=2) of one sample, by signal.
    """

    t: float
    t_u: float
    waveforms: dict[CaptureSignal, Waveform]
    time_base_ppm: float
    u: dict[CaptureSignal, float] = field(default_factory=dict)


@runtime_checkable
class EdgeScope(Instrument, Protocol):
    """Single shots of what `signals` names. One shot at a time: `arm`, then `capture` or `disarm`."""

    signals: tuple[CaptureSignal, ...]

    async def arm(self, trigger: Trigger | None, window_s: float, before_s: float) -> None:
        """Wait for `trigger` (None: take the shot now) with `window_s` seconds in view, `before_s` of them before it.

        Returns when an edge from now on is caught.
        """

    async def capture(self, within_s: float) -> Capture:
        """What was caught. Raises bench.errors.NotTriggered when nothing was within so many seconds."""

    async def disarm(self) -> None:
        """Give up waiting, and show the pilot again as before `arm`. May be repeated."""


@runtime_checkable
class AcSource(Instrument, Protocol):
    """The controllable supply in front of the station; a mere power switch is one that has no other verbs than `output`."""

    async def output(self, *, on: bool) -> None:
        """Switch the output and return when it is switched."""

    async def output_is_on(self) -> bool:
        """Read the output's state back."""

    async def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Set the RMS voltage phase to neutral, of one phase (1 to 3) or of all."""

    async def set_frequency(self, hertz: float) -> None:
        """Set the output's frequency."""

    async def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """Leave `share` (0 to 1) of the set voltage on one phase or all for so long, timed by the source; returns when it is over."""


@runtime_checkable
class EvSimulator(Instrument, Protocol):
    """The car at the end of the cable."""

    async def plug_in(self, cable_rating_a: float = 32.0) -> None:
        """Put the plug into the socket: control pilot state B."""

    async def unplug(self) -> None:
        """Take the plug out: control pilot state A."""

    async def request_energy(self, *, on: bool) -> None:
        """Resume or suspend charging on the EV's side: close (state C) or open (state B) its S2.

        A polite EV draws current only in C2 with PWM.
        """

    async def set_demand(self, current_a: float, phases: int = 3) -> None:
        """Current the on-board charger would draw if it may, per phase, and on how many phases."""

    async def set_phases(self, phases: int) -> None:
        """Charge on this many phases from now on (1 to 3), the demanded current as it is."""

    async def set_power_factor(self, power_factor: float) -> None:
        """Power factor of the on-board charger from now on, above 0 and at most 1."""

    async def set_polite(self, *, polite: bool) -> None:
        """A polite EV stops drawing before it opens S2 when PWM is withdrawn; a rude one stays in C and draws on."""

    async def pilot_state(self) -> PilotState:
        """The pilot state the box puts on the line now."""

    async def unplug_ev_side(self) -> None:
        """Take the cable out on the EV's side, the station's plug stays in: control pilot state A, proximity remains."""

    async def set_ventilation(self, *, on: bool) -> None:
        """An EV that asks for ventilation: it goes to state D where another one goes to C."""

    async def set_pilot_short(self, *, on: bool) -> None:
        """Short the control pilot to protective earth in the cable."""

    async def set_diode_bypass(self, *, on: bool) -> None:
        """Bridge the diode of the EV's pilot circuit: the negative half wave is mirrored."""

    async def set_pilot_open(self, *, on: bool) -> None:
        """Open the control pilot's wire in the cable; the plug stays in, and so does its proximity resistor."""

    async def set_proximity(self, ohm: float) -> None:
        """Put this resistor in place of those that code the cable, for every plug from now on; 0 ohm puts the cable's own back."""


@runtime_checkable
class RelayBoard(Instrument, Protocol):
    """Switched contacts by channel number, from 1."""

    async def switch(self, channel: int, *, on: bool) -> None:
        """Switch one channel and read it back."""

    async def state(self, channel: int) -> bool:
        """Read one channel."""


@runtime_checkable
class IdReader(Instrument, Protocol):
    """Presents id tokens to the station's reader."""

    async def present(self, token: str) -> None:
        """Hold the token at the reader long enough to be read once."""


@runtime_checkable
class Panel(Instrument, Protocol):
    """Buttons of the station that the bench can press."""

    async def press(self, button: str, evse: int = 1) -> None:
        """Press one of BUTTONS."""


@runtime_checkable
class FaultInjector(Instrument, Protocol):
    """Makes a fault condition at the station's terminals."""

    async def inject(self, kind: str, evse: int = 1) -> None:
        """Make the condition, one of FAULT_KINDS."""

    async def clear(self, evse: int = 1) -> None:
        """Remove every condition made on this EVSE."""


@runtime_checkable
class LockSensor(Instrument, Protocol):
    """Sees from outside of the station whether the plug is held in its socket."""

    async def locked(self, evse: int = 1) -> bool:
        """Whether the plug cannot be pulled now."""


@runtime_checkable
class ParkingBay(Instrument, Protocol):
    """The vehicle in front of the station, as its bay sensor would see it."""

    async def occupy(self, evse: int = 1) -> None:
        """A vehicle stands in the bay."""

    async def leave(self, evse: int = 1) -> None:
        """The bay is empty."""


@runtime_checkable
class NetworkCutter(Instrument, Protocol):
    """Breaks the station's way to the CSMS below the protocol: a switched port, a relay in the cable, a firewall rule."""

    async def cut(self, how: str = "drop") -> None:
        """Nothing passes from now on, in one of the ways of CUTS; silently unless told otherwise."""

    async def restore(self) -> None:
        """Packets pass again, those of a connection that was cut silently and still lives, too."""


ROLES: dict[str, type[object]] = {
    "power_analyzer": PowerAnalyzer,
    "reference_meter": EnergyMeter,
    "supply_meter": EnergyMeter,
    "pilot_scope": Oscilloscope,
    "edge_scope": EdgeScope,
    "thermometer": Thermometer,
    "ac_source": AcSource,
    "ev_simulator": EvSimulator,
    "relay_board": RelayBoard,
    "id_reader": IdReader,
    "panel": Panel,
    "fault_injector": FaultInjector,
    "lock_sensor": LockSensor,
    "parking_bay": ParkingBay,
    "network_cutter": NetworkCutter,
}


def measuring(roles: tuple[str, ...]) -> tuple[str, ...]:
    """As what a reading of an instrument with these roles is told: an analyser that is the reference meter, too, as both."""
    return tuple(role for role in roles if hasattr(ROLES[role], "read")) or roles[:1]
