"""A Hioki PW3390 at one EVSE's outlet. It has no error queue, only an event register, and ends its messages with CR and LF.

Read in pages of its command manual PW3390A975-01 (6, 8: headers; 11: `*ESR?`; 62: `:HOLD`) and in two public programs (the form of
the answer to `:MEASure?`, 9999.9E+99 beyond the range); none was tried on an instrument.
"""

import re

from bench.virtual.instruments.analyzer import CHANNELS, AnalyzerConfig, OutletView
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, Suffixes, number, switch
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.history import Window
from bench.virtual.plant.plant import Plant

BEYOND = "+9999.9E+99"
_EVENTS = {"0": 128, "1": 32, "2": 16}
"""Bit of the event register by the hundreds of a SCPI error number: power on, command error, execution error."""
VOLTAGE_RANGES = (1.5, 3.0, 6.0, 15.0, 30.0, 60.0, 150.0, 300.0, 600.0, 1500.0)
"""Of the voltage inputs; current ranges hang on the sensor, so that any is taken here."""
_ITEM = re.compile(r"(URMS|IRMS|P|FREQ)([1-3])")


class VirtualHiokiPw3390(ScpiInstrument):
    """Channels 1 to 3 are L1 to L3. Answers carry their header until it is switched off."""

    def __init__(
        self, name: str, plant: Plant, evse: PlantEvse, config: AnalyzerConfig, latency: Latency | None = None
    ) -> None:
        super().__init__(name, f"HIOKI,PW3390,V1.00,VIRTUAL{evse.evse_id:03d}", latency)
        self._view = OutletView(plant, evse, config)
        self._errors.append('0,"power on"')
        self.reset()
        self.command("HEADer", lambda args, _n: setattr(self, "_header", switch(args)))
        self.command("HOLD", self._hold)
        self.command("*TRG", lambda _args, _n: self._take())
        self.command("*ESR?", lambda _args, _n: self._event_register())
        self.command("MEASure?", self._measure)
        self.command("VOLTage{n}:RANGe", lambda args, n: self._set_range("U", args, n, VOLTAGE_RANGES))
        self.command("CURRent{n}:RANGe", lambda args, n: self._set_range("I", args, n, ()))

    def reset(self) -> None:
        """Headers on, nothing held, automatic ranges."""
        self._header = True
        self._held: Window | None = None
        self._limit: dict[tuple[str, int], float] = {}

    def respond(self, line: str) -> str | None:
        """Execute a message; the LF that ends the answer follows a CR."""
        answer = super().respond(line)
        return None if answer is None else answer + "\r"

    def _find(self, header: str) -> tuple[Handler, Suffixes]:
        if header.upper().startswith("SYST"):  # there is no error queue to ask for
            raise ScpiError(-113, "Undefined header")
        return super()._find(header)

    def _event_register(self) -> str:
        """What happened since it was read or cleared."""
        events = 0
        for error in self._errors:
            events |= _EVENTS[error.lstrip("-")[0]]
        self._errors.clear()
        return f"*ESR {events}" if self._header else str(events)

    def _hold(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        self._held = self._view.newest() if switch(arguments) else None

    def _take(self) -> None:
        if self._held is not None:
            self._held = self._view.newest()

    def _set_range(self, quantity: str, arguments: Arguments, suffixes: Suffixes, offered: tuple[float, ...]) -> None:
        value = number(arguments)
        if not 1 <= suffixes[0] <= CHANNELS or (offered and value not in offered) or self._held is not None:
            raise ScpiError(-222, "Data out of range")
        self._limit[quantity, suffixes[0] - 1] = value

    def _measure(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        cycle = self._held or self._view.newest()
        values = [self._value(item.upper(), cycle) for item in arguments]
        if not values:
            raise ScpiError(-109, "Missing parameter")
        if self._header:
            values = [f"{item} {value}" for item, value in zip(arguments, values, strict=True)]
        return (";" if self._header else ",").join(values)

    def _value(self, item: str, cycle: Window) -> str:
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ScpiError(-141, "Invalid character data")
        channel = int(match[2]) - 1
        volts, amps = self._view.voltage_v(cycle, channel), self._view.current_a(cycle, channel)
        over = {"URMS": self._over("U", channel, volts), "IRMS": self._over("I", channel, amps), "FREQ": False}
        if over.get(match[1], over["URMS"] or over["IRMS"]) or self.misbehaviour == "nan":
            return BEYOND
        values = {"URMS": volts, "IRMS": amps, "P": self._view.power_w(cycle, channel)}
        return _text(values.get(match[1], self._view.frequency_hz(cycle)))

    def _over(self, quantity: str, channel: int, value: float) -> bool:
        """Measured up to 110 % of a range."""
        limit = self._limit.get((quantity, channel))
        return limit is not None and value > 1.1 * limit


def _text(value: float) -> str:
    """`230.046` -> `+230.05E+0`: five digits and a power of thousand, as the family writes them."""
    exponent = 0
    while abs(value) >= 1000.0 and exponent < 9:
        value, exponent = value / 1000.0, exponent + 3
    decimals = max(0, 5 - max(1, len(str(int(abs(value))))))
    return f"{value:+.{decimals}f}E+{exponent}"
