"""What the bench itself does not stand for: readings beyond its limits, and hazards in a run that is not armed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.errors import InstrumentFault
from bench.roles import Reading, Value
from harness.model.topology import BenchLimits, InstrumentEntry
from harness.uncertainty import QuantityKind, kind_of

_Judge = Callable[[Mapping[str, Any], BenchLimits], str]

NOMINAL_BAND = 0.10
"""Share of the nominal voltage within which a supply counts as ordinary: this project's choice, not a standard's."""

NOMINAL_HZ = 50.0
FREQUENCY_BAND_HZ = 1.0
"""How far from 50 Hz a supply counts as ordinary: this project's choice, not a standard's."""

_WATCHED: dict[QuantityKind, str] = {
    "voltage": "max_voltage_v",
    "current": "max_current_a",
    "temperature": "max_temperature_c",
}


@dataclass(frozen=True, slots=True)
class Trip:
    """A reading that is beyond a limit of the bench by more than its uncertainty."""

    instrument: str
    evse: int
    quantity: str
    value: Value
    limit: str
    limit_value: float

    def __str__(self) -> str:
        seen = f"{self.quantity} = {self.value.value:.6g} {self.value.unit} (+/-{self.value.u:.2g})"
        return (
            f"safety trip: {self.instrument} at EVSE {self.evse} read {seen}, "
            f"beyond the bench's {self.limit} = {self.limit_value:g} {self.value.unit}"
        )


def trip_of(entry: InstrumentEntry, limits: BenchLimits, reading: Reading) -> Trip | None:
    """The first quantity of `reading` beyond its limit, or None.

    Value minus U (k=2) must be beyond: what may as well be within must not end a night's run. A direct current counts
    by its amount, whichever way it flows.
    """
    own = limits.of(entry.evses)
    for quantity, value in reading.values.items():
        name = _limit_of(quantity)
        most: float | None = getattr(own, name) if name else None
        if most is None:
            continue
        amount = value.value if name == "max_temperature_c" else abs(value.value)
        if amount - value.u > most:
            return Trip(entry.name, entry.evses[0], quantity, value, name, most)
    return None


def beyond_range(entry: InstrumentEntry, reading: Reading) -> InstrumentFault | None:
    """The first quantity of `reading` beyond the highest range of its instrument: a figure that may be cut off judges nobody.

    Only what an input sees has a range: no total of several phases, and no register.
    """
    for quantity, value in reading.values.items():
        accuracy = entry.uncertainty.get(kind_of(quantity)) if _INPUT.match(quantity) else None
        if accuracy is not None and accuracy.beyond(value.value):
            shown = f"{quantity} = {value.value:g} {value.unit} is beyond its highest range, {accuracy.highest:g} {value.unit}"
            return InstrumentFault(
                entry.name, entry.address, shown, "set a higher range, and state it in the bench file"
            )
    return None


_INPUT = re.compile(r"(voltage|current|power)_l[123]_|pilot_(high|low)_v")


def _limit_of(quantity: str) -> str:
    try:
        return _WATCHED.get(kind_of(quantity), "")
    except ValueError:  # a driver may tell more than the limits know of
        return ""


def hazard(verb: str, args: Mapping[str, Any], limits: BenchLimits) -> str:
    """Why this stimulus is hazardous, or nothing. `args` holds all arguments by name."""
    judge = _HAZARDS.get(verb)
    return judge(args, limits) if judge is not None else ""


def _unusual_voltage(args: Mapping[str, Any], limits: BenchLimits) -> str:
    nominal_v = limits.nominal_voltage_v
    if abs(args["volts"] - nominal_v) <= NOMINAL_BAND * nominal_v:
        return ""
    return f"{args['volts']:g} V is more than 10 % from the nominal {nominal_v:g} V"


def _unusual_frequency(args: Mapping[str, Any], _limits: BenchLimits) -> str:
    if abs(args["hertz"] - NOMINAL_HZ) <= FREQUENCY_BAND_HZ:
        return ""
    return f"{args['hertz']:g} Hz is more than {FREQUENCY_BAND_HZ:g} Hz from {NOMINAL_HZ:g} Hz"


def _deep_dip(args: Mapping[str, Any], _limits: BenchLimits) -> str:
    deep = args["share"] < 1.0 - NOMINAL_BAND
    return f"it leaves {args['share'] * 100:g} % of the supply's voltage" if deep else ""


def _wrong_resistor(args: Mapping[str, Any], _limits: BenchLimits) -> str:
    return f"it puts {args['ohm']:g} ohm in place of the plug's proximity resistor" if args["ohm"] else ""


def _switched_on(why: str) -> _Judge:
    return lambda args, _limits: why if args["on"] else ""


_HAZARDS: dict[str, _Judge] = {
    "set_voltage": _unusual_voltage,
    "set_frequency": _unusual_frequency,
    "dip": _deep_dip,
    "set_pilot_short": _switched_on("it shorts the control pilot to protective earth"),
    "set_diode_bypass": _switched_on("it bypasses the diode of the control pilot"),
    "set_pilot_open": _switched_on("it opens the control pilot's wire"),
    "set_proximity": _wrong_resistor,
    "inject": lambda args, _: f"it makes the fault condition {args['kind']!r} at the station",
}
