"""A three-phase AC source in the dialect of Chroma, in front of the station.

As public code and excerpts of the maker's manuals have it; none was tried on an instrument. Booleans are told as ON and
OFF and taken in no other form; `*RST` makes it deaf for seconds.
"""

import asyncio

from bench.virtual.instruments.chroma_list import ChromaList
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, number
from bench.virtual.instruments.server import Channel, Latency
from bench.virtual.instruments.source import SourceConfig
from bench.virtual.plant.plant import FREQUENCY_RANGE_HZ, MAX_VOLTAGE_V, Plant

RESET_S = 3.0
"""How long it hears nothing after `*RST`: what the 61605's manual advises to wait."""
_MAX_CURRENT_A = 100.0


class VirtualChromaSource(ScpiInstrument):
    """`INST:EDIT ALL` sets all phases at once, `EACH` with `INST:COUP NONE` the one that `INST:NSEL` names."""

    def __init__(
        self, name: str, plant: Plant, config: SourceConfig | None = None, latency: Latency | None = None
    ) -> None:
        super().__init__(name, "Chroma ATE,61612,VIRTUAL001,1.00,1.01,1.02", latency)
        self._plant = plant
        self._config = config or SourceConfig()
        self._deaf_until = 0.0
        self._all = True
        self._coupled = True
        self._selected = 1
        self._limit_a = _MAX_CURRENT_A
        self._output = plant.grid.output_on
        self._list = ChromaList()
        self._relay = True
        for pattern, handler in (self._queries() | self._settings()).items():
            self.command(pattern, handler)

    def respond(self, line: str) -> str | None:
        """Execute one program message, unless it is still coming back from `*RST`."""
        if asyncio.get_running_loop().time() < self._deaf_until:
            return None
        return super().respond(line)

    def reset(self) -> None:
        """Output off, 0 V, all phases alike."""
        self._output, self._relay = False, True
        self._switch()
        self._plant.set_voltage(0.0)
        self._all = self._coupled = True
        self._selected = 1
        self._deaf_until = asyncio.get_running_loop().time() + RESET_S

    def _queries(self) -> dict[str, Handler]:
        grid = self._plant.grid
        voltage, frequency = "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]:AC?", "[SOURce:]FREQuency[:IMMediate]?"
        return {
            "OUTPut[:STATe]?": lambda _args, _n: _told(self._output),
            "OUTPut:RELay?": lambda _args, _n: _told(self._relay),
            "INSTrument:EDIT?": lambda _args, _n: "ALL" if self._all else "EACH",
            "INSTrument:COUPle?": lambda _args, _n: "ALL" if self._coupled else "NONE",
            "INSTrument:NSELect?": lambda _args, _n: str(self._selected),
            "INSTrument:PHASe?": lambda _args, _n: "THREE",
            voltage: lambda _args, _n: self.number_text(grid.set_voltage_v[self._selected - 1], "{:.1f}"),
            frequency: lambda _args, _n: self.number_text(grid.set_frequency_hz, "{:.2f}"),
            "[SOURce:]CURRent:LIMit?": lambda _args, _n: self.number_text(self._limit_a, "{:.2f}"),
            "MEASure[:SCALar]:VOLTage:ACDC?": lambda _args, _n: self._measured(
                self._config.voltage, grid.source_voltage_v[self._selected - 1]
            ),
            "MEASure[:SCALar]:CURRent:AC?": lambda _args, _n: self._measured(
                self._config.current, self._plant.supply_current_a()[self._selected - 1]
            ),
            "MEASure[:SCALar]:FREQuency?": lambda _args, _n: self._measured(
                self._config.frequency, grid.set_frequency_hz if grid.output_on else 0.0
            ),
        }

    def _settings(self) -> dict[str, Handler]:
        return {
            "OUTPut[:STATe]": lambda args, _n: self._set_output(args),
            "OUTPut:RELay": lambda args, _n: self._set_relay(args),
            "INSTrument:EDIT": lambda args, _n: self._set_edit(args),
            "INSTrument:COUPle": lambda args, _n: self._set_coupled(args),
            "INSTrument:NSELect": lambda args, _n: self._select(args),
            "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]:AC": lambda args, _n: self._set_voltage(args),
            "[SOURce:]FREQuency[:IMMediate]": lambda args, _n: self._set_frequency(args),
            "[SOURce:]CURRent:LIMit": lambda args, _n: self._set_limit(args),
            **self._list.settings(),
            "TRIGger": lambda args, _n: self._trigger(args),
        }

    def _trigger(self, arguments: Arguments) -> None:
        if _word(arguments, "ON", "OFF") == "ON":
            share, duration_s = self._list.dip(self._plant.grid.set_voltage_v[0])
            self._plant.dip(share, duration_s)

    def _measured(self, channel: Channel, truth: float) -> str:
        return self.number_text(channel.read(truth), "{:.2f}")

    def _switch(self) -> None:
        self._plant.set_output(on=self._output and self._relay)

    def _set_output(self, arguments: Arguments) -> None:
        self._output = _word(arguments, "ON", "OFF") == "ON"
        self._switch()

    def _set_relay(self, arguments: Arguments) -> None:
        self._relay = _word(arguments, "ON", "OFF") == "ON"
        self._switch()

    def _set_edit(self, arguments: Arguments) -> None:
        self._all = _word(arguments, "ALL", "EACH") == "ALL"

    def _set_coupled(self, arguments: Arguments) -> None:
        self._coupled = _word(arguments, "ALL", "NONE") == "ALL"

    def _select(self, arguments: Arguments) -> None:
        self._selected = int(_within(number(arguments), 1, 3))

    def _set_voltage(self, arguments: Arguments) -> None:
        volts = _within(number(arguments), 0.0, MAX_VOLTAGE_V)
        self._plant.set_voltage(volts, None if self._all or self._coupled else self._selected)

    def _set_frequency(self, arguments: Arguments) -> None:
        self._plant.set_frequency(_within(number(arguments), *FREQUENCY_RANGE_HZ))

    def _set_limit(self, arguments: Arguments) -> None:
        self._limit_a = _within(number(arguments), 0.0, _MAX_CURRENT_A)


def _told(state: bool) -> str:
    return "ON" if state else "OFF"


def _word(arguments: Arguments, *valid: str) -> str:
    word = arguments[0].upper() if len(arguments) == 1 else ""
    if word not in valid:
        raise ScpiError(-224, "Illegal parameter value")
    return word


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ScpiError(-222, "Data out of range")
    return value
