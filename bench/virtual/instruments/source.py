"""A three-phase AC source in the dialect of AMETEK / California Instruments, in front of the station.

Its commands were read in public code, not tried on an instrument (`gridsim_ametek.py`; for a dip, a script for the 4500iL).
"""

from dataclasses import dataclass, field

from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, number, switch
from bench.virtual.instruments.server import Channel, Latency
from bench.virtual.plant.plant import FREQUENCY_RANGE_HZ, MAX_DIP_S, MAX_VOLTAGE_V, Plant

MAX_CURRENT_A = 100.0


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """Errors of the source's own measurements; what it puts out is the plant's truth."""

    voltage: Channel = field(default_factory=lambda: Channel(-0.001, 0.0, 0.1))
    current: Channel = field(default_factory=lambda: Channel(0.002, 0.0, 0.01))
    frequency: Channel = field(default_factory=lambda: Channel(0.0, 0.0, 0.01))


@dataclass(slots=True)
class _Pulse:
    """The transient that a trigger would make: a level for a width."""

    level_v: float = 0.0
    width_s: float = 0.01
    mode: str = "FIX"
    armed: bool = False

    @property
    def ready(self) -> bool:
        """Whether a trigger makes it."""
        return self.armed and self.mode == "PULS"

    def set_level(self, arguments: Arguments) -> None:
        """Volts while it lasts."""
        volts = number(arguments)
        if not 0.0 <= volts <= MAX_VOLTAGE_V:
            raise ScpiError(-222, "Data out of range")
        self.level_v = volts

    def set_mode(self, arguments: Arguments) -> None:
        """FIX or PULS, in their short forms or written out."""
        word = arguments[0].upper()[:4] if len(arguments) == 1 else ""
        if word not in {"FIX", "FIXE", "PULS"}:
            raise ScpiError(-224, "Illegal parameter value")
        self.mode = word[:3] if word != "PULS" else word

    def set_width(self, arguments: Arguments) -> None:
        """Seconds, or milliseconds where it says `ms`."""
        text = arguments[0].upper() if len(arguments) == 1 else ""
        factor = 0.001 if text.endswith("MS") else 1.0
        width_s = number([text.removesuffix("MS").removesuffix("S")]) * factor
        if not 0.0 < width_s <= MAX_DIP_S:
            raise ScpiError(-222, "Data out of range")
        self.width_s = width_s

    def arm(self, *, on: bool) -> None:
        """Let triggers through."""
        self.armed = on


class VirtualAcSource(ScpiInstrument):
    """`INST:COUP ALL` sets all phases at once, `NONE` the one that `INST:NSEL` selects. `*RST` is 230 V, 50 Hz, off."""

    def __init__(self, name: str, plant: Plant, config: SourceConfig, latency: Latency | None = None) -> None:
        super().__init__(name, "CALIFORNIA INSTRUMENTS,RS90-3PI,VIRTUAL001,1.0", latency)
        self._plant = plant
        self._config = config
        self._coupled = True
        self._selected = 1
        self._limit_a = MAX_CURRENT_A
        self._pulse = _Pulse()
        self._set_up_commands()

    def reset(self) -> None:
        """Output off, 230 V, 50 Hz, phases coupled."""
        self._plant.set_output(on=False)
        self._plant.set_voltage(230.0)
        self._plant.set_frequency(50.0)
        self._coupled = True
        self._selected = 1

    def _set_up_commands(self) -> None:
        grid = self._plant.grid
        voltage = "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude][:AC]"
        frequency = "[SOURce:]FREQuency[:CW][:IMMediate]"
        queries: dict[str, Handler] = {
            "OUTPut[:STATe]?": lambda _args, _n: "1" if grid.output_on else "0",
            "INSTrument:COUPle?": lambda _args, _n: "ALL" if self._coupled else "NONE",
            "INSTrument:NSELect?": lambda _args, _n: str(self._selected),
            f"{voltage}?": lambda _args, _n: self.number_text(grid.set_voltage_v[self._selected - 1], "{:.2f}"),
            "[SOURce:]CURRent?": lambda _args, _n: self.number_text(self._limit_a, "{:.2f}"),
            f"{frequency}?": lambda _args, _n: self.number_text(grid.set_frequency_hz, "{:.2f}"),
            "MEASure[:SCALar]:VOLTage[:AC]?": lambda _args, _n: self._measured_voltage(),
            "MEASure[:SCALar]:CURRent[:AC]?": lambda _args, _n: self._measured_current(),
            "MEASure[:SCALar]:FREQuency?": lambda _args, _n: self._measured_frequency(),
        }
        settings: dict[str, Handler] = {
            "ABORt": lambda _args, _n: None,  # a pulse that was triggered ends by itself
            "[SOURce:]VOLTage[:LEVel]:TRIGgered[:AMPLitude]": lambda args, _n: self._pulse.set_level(args),
            "[SOURce:]VOLTage:MODE": lambda args, _n: self._pulse.set_mode(args),
            "[SOURce:]PULSe:WIDTh": lambda args, _n: self._pulse.set_width(args),
            "INITiate:CONTinuous:SEQuence": lambda args, _n: self._pulse.arm(on=switch(args)),
            "TRIGger[:IMMediate]": lambda _args, _n: self._fire(),
            "OUTPut[:STATe]": lambda args, _n: self._plant.set_output(on=switch(args)),
            "INSTrument:COUPle": lambda args, _n: self._couple(args),
            "INSTrument:NSELect": lambda args, _n: self._select(args),
            voltage: lambda args, _n: self._set_voltage(args),
            frequency: lambda args, _n: self._set_frequency(args),
            "[SOURce:]CURRent": lambda args, _n: self._set_limit(args),
        }
        for pattern, handler in (queries | settings).items():
            self.command(pattern, handler)

    def _couple(self, arguments: Arguments) -> None:
        word = arguments[0].upper() if len(arguments) == 1 else ""
        if word not in {"ALL", "NONE"}:
            raise ScpiError(-224, "Illegal parameter value")
        self._coupled = word == "ALL"

    def _select(self, arguments: Arguments) -> None:
        phase = number(arguments)
        if phase not in {1, 2, 3}:
            raise ScpiError(-222, "Data out of range")
        self._selected = int(phase)

    def _set_voltage(self, arguments: Arguments) -> None:
        volts = number(arguments)
        if not 0.0 <= volts <= MAX_VOLTAGE_V:
            raise ScpiError(-222, "Data out of range")
        self._plant.set_voltage(volts, None if self._coupled else self._selected)

    def _set_frequency(self, arguments: Arguments) -> None:
        hertz = number(arguments)
        if not FREQUENCY_RANGE_HZ[0] <= hertz <= FREQUENCY_RANGE_HZ[1]:
            raise ScpiError(-222, "Data out of range")
        self._plant.set_frequency(hertz)

    def _fire(self) -> None:
        pulse, grid = self._pulse, self._plant.grid
        if not pulse.ready:
            raise ScpiError(-211, "Trigger ignored")
        set_v = grid.set_voltage_v[0 if self._coupled else self._selected - 1]
        share = min(1.0, pulse.level_v / set_v) if set_v > 0.0 else 1.0
        self._plant.dip(share, pulse.width_s, None if self._coupled else self._selected)

    def _set_limit(self, arguments: Arguments) -> None:
        amps = number(arguments)
        if not 0.0 <= amps <= MAX_CURRENT_A:
            raise ScpiError(-222, "Data out of range")
        self._limit_a = amps

    def _measured_voltage(self) -> str:
        volts = self._plant.grid.source_voltage_v[self._selected - 1]
        return self.number_text(self._config.voltage.read(volts), "{:.1f}")

    def _measured_current(self) -> str:
        amps = self._plant.supply_current_a()[self._selected - 1]
        return self.number_text(self._config.current.read(amps), "{:.2f}")

    def _measured_frequency(self) -> str:
        hertz = self._plant.grid.set_frequency_hz if self._plant.grid.output_on else 0.0
        return self.number_text(self._config.frequency.read(hertz), "{:.2f}")
