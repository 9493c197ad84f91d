"""A Keithley DMM6500 at one phase of an outlet, or on the control pilot of an EVSE.

Function, range and bandwidth commands and `:READ?` were read in public code (PyMeasure); 9.9E+37 for an overload and the error
texts, which hold semicolons of their own, are memory. None was tried on an instrument.
"""

import math

from bench.virtual.instruments.analyzer import AnalyzerConfig, OutletView
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, number
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.plant import Plant

OVERLOAD = "9.900000E+37"
HIGHEST = {"VOLT:AC": 750.0, "VOLT:DC": 1000.0, "CURR:AC": 10.0}
_PILOT = ("VOLT:AC", "VOLT:DC", "FREQ:VOLT")


class VirtualDmm6500(ScpiInstrument):
    """`phase` 1 to 3: terminals between that phase and neutral, current of that phase; None: between pilot and earth."""

    def __init__(
        self,
        name: str,
        plant: Plant,
        evse: PlantEvse,
        config: AnalyzerConfig,
        phase: int | None,
        latency: Latency | None = None,
    ) -> None:
        super().__init__(name, f"KEITHLEY INSTRUMENTS,MODEL DMM6500,VIRTUAL{evse.evse_id:03d},1.7.7b", latency)
        self._view = OutletView(plant, evse, config)
        self._evse = evse
        self._phase = phase
        self.reset()
        self.command("[SENSe:]FUNCtion", lambda args, _n: self._choose(args))
        self.command("[SENSe:]FUNCtion?", lambda _args, _n: f'"{self._function}"')
        self.command("READ?", lambda _args, _n: self._read())
        for function in HIGHEST:
            self._add_settings(function)

    def reset(self) -> None:
        """DC voltage, automatic ranges."""
        self._function = "VOLT:DC"
        self._limit: dict[str, float] = {}

    def _add_settings(self, function: str) -> None:
        node = {"VOLT:AC": "VOLTage:AC", "VOLT:DC": "VOLTage[:DC]", "CURR:AC": "CURRent:AC"}[function]
        settings: dict[str, Handler] = {
            f"[SENSe:]{node}:RANGe[:UPPer]": lambda args, _n: self._set_range(function, args),
            f"[SENSe:]{node}:RANGe:AUTO": lambda args, _n: self._automatic(function, args),
        }
        if function.endswith("AC"):
            settings[f"[SENSe:]{node}:DETector:BANDwidth"] = lambda args, _n: self._set_bandwidth(args)
        for pattern, handler in settings.items():
            self.command(pattern, handler)

    def _next_error(self) -> str:
        """As this maker tells it: the text goes on behind semicolons of its own."""
        told = self._errors.popleft() if self._errors else '0,"No error"'
        return f'{told[:-1]};{"0" if told[0] == "0" else "1"};1970/01/01 00:00:00.000"'

    def _choose(self, arguments: Arguments) -> None:
        word = (
            arguments[0].strip("\"'").upper().replace("VOLTAGE", "VOLT").replace("CURRENT", "CURR") if arguments else ""
        )
        if word not in (*HIGHEST, "FREQ:VOLT"):
            raise ScpiError(-224, "Illegal parameter value")
        self._function = word

    def _set_range(self, function: str, arguments: Arguments) -> None:
        value = number(arguments)
        if not 0.0 < value <= HIGHEST[function]:
            raise ScpiError(-222, "Parameter data out of range")
        self._limit[function] = value

    def _automatic(self, function: str, arguments: Arguments) -> None:
        if len(arguments) != 1 or arguments[0].upper() not in {"ON", "1"}:
            raise ScpiError(-224, "Illegal parameter value")
        self._limit.pop(function, None)

    @staticmethod
    def _set_bandwidth(arguments: Arguments) -> None:
        if number(arguments) not in {3.0, 30.0, 300.0}:
            raise ScpiError(-222, "Parameter data out of range")

    def _read(self) -> str:
        value = self._pilot() if self._phase is None else self._outlet(self._phase - 1)
        limit = self._limit.get(self._function, HIGHEST.get(self._function, math.inf))
        return OVERLOAD if abs(value) > 1.2 * limit else self.number_text(value, "{:.6E}")

    def _outlet(self, channel: int) -> float:
        cycle = self._view.newest()
        if self._function == "CURR:AC":
            return self._view.current_a(cycle, channel)
        if self._function == "FREQ:VOLT":
            return self._view.frequency_hz(cycle)
        return self._view.voltage_v(cycle, channel) if self._function == "VOLT:AC" else 0.0

    def _pilot(self) -> float:
        if self._function not in _PILOT:
            return 0.0
        levels = self._evse.pilot_levels()
        share = (levels.duty_pct or 100.0) / 100
        if self._function == "FREQ:VOLT":
            return self._evse.config.pilot_frequency_hz if levels.duty_pct is not None else 0.0
        if self._function == "VOLT:AC":
            return math.sqrt(share * (1 - share)) * (levels.high_v - levels.low_v)
        return share * levels.high_v + (1 - share) * levels.low_v
