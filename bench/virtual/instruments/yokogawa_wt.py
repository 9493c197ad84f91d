"""A Yokogawa WT at one EVSE's outlet: numeric command group, integration, and an error queue with positive numbers.

Read in single pages of the manuals IM WT3001E-17EN (6-97: NAN, INF, digits), IM 760101-11E (5-70: `:NUMeric:NORMal:VALue?`),
IM WT5000-17EN (4-5: answers carry their header until it is switched off), and in public code; none was tried on an instrument.
"""

import re

from bench.virtual.instruments.analyzer import CHANNELS, AnalyzerConfig, OutletView
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, Suffixes, number, switch
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.history import Window
from bench.virtual.plant.plant import Plant

UPDATES_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
MOST_ITEMS = 255
_QUANTITY = re.compile(r"([\d.]+)(MS|S|MV|V|MA|A)?", re.IGNORECASE)
_PER_ELEMENT = ("U", "I", "P", "FU", "WHP")


class VirtualYokogawaWt(ScpiInstrument):
    """Elements 1 to 3 are L1 to L3. `*RST` is automatic ranges, 100 ms, one item (NONE), integration reset."""

    def __init__(
        self, name: str, plant: Plant, evse: PlantEvse, config: AnalyzerConfig, latency: Latency | None = None
    ) -> None:
        super().__init__(name, f"YOKOGAWA,WT333E,VIRTUAL{evse.evse_id:03d},F1.01", latency)
        self._plant = plant
        self._view = OutletView(plant, evse, config)
        self._header = True
        self._remote = False
        self.reset()
        self._set_up_commands()

    def reset(self) -> None:
        """Settings as after `*RST`; those of the communication stay."""
        self._items: dict[int, tuple[str, int]] = {}
        self._count = 1
        self._update_s = 0.1
        self._limit: dict[str, float | None] = {"U": None, "I": None}
        self._state = "RES"
        self._began = self._ended = 0.0

    def _set_up_commands(self) -> None:
        handlers: dict[str, Handler] = {
            "COMMunicate:REMote": lambda args, _n: setattr(self, "_remote", switch(args)),
            "COMMunicate:HEADer": lambda args, _n: setattr(self, "_header", switch(args)),
            "NUMeric:FORMat": lambda args, _n: self._one_of(args, "ASC", "ASCII"),
            "NUMeric[:NORMal]:NUMber": lambda args, _n: self._set_count(args),
            "NUMeric[:NORMal]:NUMber?": lambda _args, _n: self._told("NUM:NUM", str(self._count)),
            "NUMeric[:NORMal]:ITEM{n}": self._set_item,
            "NUMeric[:NORMal]:VALue?": lambda _args, _n: self._values(),
            "RATE": lambda args, _n: self._set_rate(args),
            "[INPut:]VOLTage:RANGe": lambda args, _n: self._set_range("U", args, 600.0),
            "[INPut:]CURRent:RANGe": lambda args, _n: self._set_range("I", args, 50.0),
            "INTEGrate:MODE": lambda args, _n: self._one_of(args, "NORM", "NORMAL"),
            "INTEGrate:TIMer": lambda args, _n: self._set_timer(args),
            "INTEGrate:STARt": lambda _args, _n: self._start(),
            "INTEGrate:STOP": lambda _args, _n: self._stop(),
            "INTEGrate:RESet": lambda _args, _n: setattr(self, "_state", "RES"),
            "INTEGrate:STATe?": lambda _args, _n: self._told("INTEG:STAT", self._state),
            "STATus:ERRor?": lambda _args, _n: self._error(),
        }
        for pattern, handler in handlers.items():
            self.command(pattern, handler)

    def _find(self, header: str) -> tuple[Handler, Suffixes]:
        if header.upper().startswith("SYST"):  # its error queue is `:STATus:ERRor?`
            raise ScpiError(-113, "Undefined header")
        return super()._find(header)

    def _told(self, header: str, value: str) -> str:
        """The answer to a question whose answer could be sent back as a command: it has its header, unless that is off."""
        return f":{header} {value}" if self._header else value

    def _error(self) -> str:
        """Oldest error: its numbers are SCPI's without the sign."""
        return self._errors.popleft().lstrip("-") if self._errors else '0,"NO ERROR"'

    @staticmethod
    def _one_of(arguments: Arguments, *words: str) -> None:
        if len(arguments) != 1 or arguments[0].upper() not in words:
            raise ScpiError(-141, "Invalid character data")

    def _set_count(self, arguments: Arguments) -> None:
        count = number(arguments)
        if not 1 <= count <= MOST_ITEMS:
            raise ScpiError(-222, "Data out of range")
        self._count = int(count)

    def _set_item(self, arguments: Arguments, suffixes: Suffixes) -> None:
        function = arguments[0].upper() if arguments else ""
        if function not in _PER_ELEMENT or not 1 <= suffixes[0] <= MOST_ITEMS:
            raise ScpiError(-141, "Invalid character data")
        element = int(number(arguments[1:]))
        if not 1 <= element <= CHANNELS:
            raise ScpiError(-222, "Data out of range")
        self._items[suffixes[0]] = (function, element - 1)

    @staticmethod
    def _quantity(arguments: Arguments) -> float:
        match = _QUANTITY.fullmatch(arguments[0]) if len(arguments) == 1 else None
        if match is None:
            raise ScpiError(-104, "Data type error")
        unit = (match[2] or "").upper()
        return float(match[1]) * (0.001 if unit in {"MS", "MV", "MA"} else 1.0)

    def _set_rate(self, arguments: Arguments) -> None:
        update_s = self._quantity(arguments)
        if update_s not in UPDATES_S or self._state != "RES":
            raise ScpiError(-222, "Data out of range")
        self._update_s = update_s

    def _set_range(self, quantity: str, arguments: Arguments, highest: float) -> None:
        if arguments and arguments[0].upper() == "AUTO":
            self._limit[quantity] = None
            return
        value = self._quantity(arguments)
        if not 0.0 < value <= highest:
            raise ScpiError(-222, "Data out of range")
        self._limit[quantity] = value

    # -- integration

    @staticmethod
    def _set_timer(arguments: Arguments) -> None:
        if [float(part) for part in arguments] != [0.0, 0.0, 0.0]:  # only without an end is simulated here
            raise ScpiError(-222, "Data out of range")

    def _start(self) -> None:
        if self._state != "RES":
            raise ScpiError(-221, "Settings conflict")
        self._state, self._began = "STAR", self._plant.now()

    def _stop(self) -> None:
        if self._state != "STAR":
            raise ScpiError(-221, "Settings conflict")
        self._state, self._ended = "STOP", self._plant.now()

    # -- values

    def _values(self) -> str:
        cycle = self._view.newest(self._update_s)
        return ",".join(self._value(self._items.get(n), cycle) for n in range(1, self._count + 1))

    def _value(self, item: tuple[str, int] | None, cycle: Window) -> str:
        if item is None or self.misbehaviour == "nan":
            return "NAN"
        function, element = item
        if function == "WHP":
            return self._energy(element)
        if function == "FU":
            return _nr3(self._view.frequency_hz(cycle), 5) if cycle.voltage_v[element] > 1.0 else "NAN"
        volts, amps = self._view.voltage_v(cycle, element), self._view.current_a(cycle, element)
        over = {"U": self._over("U", volts), "I": self._over("I", amps)}
        if any(over.values()) if function == "P" else over[function]:
            return "INF"
        return _nr3({"U": volts, "I": amps, "P": self._view.power_w(cycle, element)}[function], 6)

    def _over(self, quantity: str, value: float) -> bool:
        """A range goes some way beyond its name, as its crest factor allows."""
        limit = self._limit[quantity]
        return limit is not None and value > 1.3 * limit

    def _energy(self, element: int) -> str:
        if self._state == "RES":
            return "NAN"
        until = self._ended if self._state == "STOP" else self._plant.now()
        return _nr3(self._view.energy_wh(self._began, until, element), 7)


def _nr3(value: float, digits: int) -> str:
    """`230.046` -> `230.046E+00`: exponents in steps of three, as many digits in all as the instrument shows."""
    exponent = 0
    while abs(value) >= 1000.0 and exponent < 9:
        value, exponent = value / 1000.0, exponent + 3
    decimals = max(0, digits - max(1, len(str(int(abs(value))))))
    return f"{value:.{decimals}f}E{exponent:+03d}"
