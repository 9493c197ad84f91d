"""The control pilot as a circuit: a ±12 V generator behind 1 kOhm, the EV's diode and resistors (IEC 61851-1 Annex A).

The resistor values and nominal voltages are those of EV simulators' manuals; the bands a station's comparator uses
are the middles between the nominal voltages.
"""

from dataclasses import dataclass

from bench.virtual.hardware import PilotState

SOURCE_V = 12.0
SOURCE_OHM = 1000.0
DIODE_V = 0.7
R_B_OHM = 2740.0
R_C_OHM = 1300.0  # in parallel to R_B by S2: 882 Ohm
R_D_OHM = 270.0  # in parallel to R_B by S2, ventilation required: 246 Ohm

_BANDS: tuple[tuple[float, PilotState], ...] = ((10.5, "A"), (7.5, "B"), (4.5, "C"), (1.5, "D"), (-1.5, "E"))
_NEGATIVE_LEVEL_V = -10.5


@dataclass(frozen=True, slots=True)
class Drive:
    """What the station's generator does: PWM with `duty_pct`, steady +12 V (None), or held at -12 V; dead unsupplied."""

    duty_pct: float | None = None
    held_low: bool = False
    supplied: bool = True

    @property
    def pwm(self) -> float | None:
        """The duty on the line in per cent, None when there is no PWM."""
        return self.duty_pct if self.supplied and not self.held_low else None


@dataclass(frozen=True, slots=True)
class Load:
    """What hangs on the pilot: `ohm` to PE (None: open), through the EV's diode or not."""

    ohm: float | None = None
    diode: bool = True


@dataclass(frozen=True, slots=True)
class Levels:
    """Voltages on the pilot line: top and base of the PWM, equal when it is steady."""

    high_v: float
    low_v: float
    duty_pct: float | None


def parallel_ohm(a: float, b: float) -> float:
    """Resistance of two resistors in parallel."""
    return a * b / (a + b)


def level_v(source_v: float, load: Load) -> float:
    """Voltage on the line for one level of the generator."""
    if load.ohm is None:
        return source_v
    share = load.ohm / (load.ohm + SOURCE_OHM)
    if not load.diode or load.ohm == 0.0:
        return source_v * share
    if source_v <= DIODE_V:
        return source_v
    return DIODE_V + (source_v - DIODE_V) * share


def levels(drive: Drive, load: Load) -> Levels:
    """Voltages on the line for what the generator does into what hangs on it."""
    if not drive.supplied:
        return Levels(0.0, 0.0, None)
    if drive.held_low:
        low = level_v(-SOURCE_V, load)
        return Levels(low, low, None)
    high = level_v(SOURCE_V, load)
    if drive.duty_pct is None:
        return Levels(high, high, None)
    return Levels(high, level_v(-SOURCE_V, load), drive.duty_pct)


def classify(seen: Levels) -> PilotState:
    """The state a station's comparator makes of the levels.

    With PWM the base must stay at -12 V: anything else means the EV's diode is missing, and is an error state (E).
    """
    if seen.duty_pct is not None and seen.low_v > _NEGATIVE_LEVEL_V:
        return "E"
    for bound, state in _BANDS:
        if seen.high_v > bound:
            return state
    return "F" if seen.high_v < _NEGATIVE_LEVEL_V else "E"


def offered_current_a(duty_pct: float) -> float:
    """Current an EV may draw at this duty; 0 where basic charging is not allowed (IEC 61851-1 Annex A, Table A.7/A.8).

    3 to 7 % asks for digital communication, which this EV does not speak.
    """
    if duty_pct < 8.0 or duty_pct > 97.0:
        return 0.0
    if duty_pct < 10.0:
        return 6.0
    if duty_pct <= 85.0:
        return 0.6 * duty_pct
    if duty_pct <= 96.0:
        return 2.5 * (duty_pct - 64.0)
    return 80.0


def duty_for_current_pct(current_a: float) -> float:
    """The duty that offers `current_a`, the inverse of `offered_current_a`.

    Raises:
        ValueError: outside 6 to 80 A, which basic signalling cannot say.
    """
    if not 6.0 <= current_a <= 80.0:
        raise ValueError(f"{current_a} A cannot be offered by PWM: use 6 to 80 A, or no PWM for less")
    return current_a / 0.6 if current_a <= 51.0 else current_a / 2.5 + 64.0
