"""An oscilloscope on one EVSE's control pilot (channel 1), in the dialect of Keysight InfiniiVision.

The measurement commands are known from memory with high confidence; none was tried on an instrument. A measurement
that cannot be made answers 9.9E+37.
"""

from dataclasses import dataclass, field

from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, Suffixes
from bench.virtual.instruments.server import Channel, Latency
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "+9.9E+37"
PILOT_CHANNEL = "CHAN1"


@dataclass(frozen=True, slots=True)
class ScopeConfig:
    """Errors of the scope: 8 bits over +/-20 V make the voltage steps."""

    voltage: Channel = field(default_factory=lambda: Channel(0.002, 0.01, 40.0 / 256))
    duty: Channel = field(default_factory=lambda: Channel(0.0, 0.01, 0.01))
    frequency: Channel = field(default_factory=lambda: Channel(0.00002, 0.0, 0.01))


class VirtualScope(ScpiInstrument):
    """Measures duty, frequency, top and base of the pilot; nothing is connected to the other channels."""

    def __init__(self, name: str, evse: PlantEvse, config: ScopeConfig, latency: Latency | None = None) -> None:
        super().__init__(name, f"KEYSIGHT TECHNOLOGIES,DSOX1204G,VIRTUAL{evse.evse_id:03d},1.0", latency)
        self._evse = evse
        self._config = config
        self._source = PILOT_CHANNEL
        measurements: dict[str, Handler] = {
            ":MEASure:DUTYcycle?": self._duty,
            ":MEASure:FREQuency?": self._frequency,
            ":MEASure:VTOP?": self._top,
            ":MEASure:VBASe?": self._base,
            ":MEASure:SOURce": self._set_source,
            ":MEASure:SOURce?": lambda _args, _n: self._source,
        }
        for pattern, handler in measurements.items():
            self.command(pattern.removeprefix(":"), handler)

    def reset(self) -> None:
        """Measurements on channel 1."""
        self._source = PILOT_CHANNEL

    def _set_source(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        self._source = self._channel(arguments)

    def _channel(self, arguments: Arguments) -> str:
        if not arguments:
            return self._source
        word = arguments[0].upper().replace("CHANNEL", "CHAN")
        if word not in {"CHAN1", "CHAN2", "CHAN3", "CHAN4"}:
            raise ScpiError(-224, "Illegal parameter value")
        return word

    def _text(self, arguments: Arguments, value: float | None) -> str:
        if value is None or self._channel(arguments) != PILOT_CHANNEL:
            return NOT_MEASURABLE
        return self.number_text(value, "{:+.5E}")

    def _duty(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        return self._text(arguments, self._seen(self._config.duty, self._pwm()))

    def _frequency(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        hertz = None if self._pwm() is None else self._evse.pilot_frequency_hz
        return self._text(arguments, self._seen(self._config.frequency, hertz))

    def _top(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        return self._text(arguments, self._config.voltage.read(self._evse.pilot_levels().high_v))

    def _base(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        return self._text(arguments, self._config.voltage.read(self._evse.pilot_levels().low_v))

    def _pwm(self) -> float | None:
        """Duty of a waveform that a scope can see: a shorted line has none."""
        levels = self._evse.pilot_levels()
        return levels.duty_pct if levels.high_v - levels.low_v > 1.0 else None

    @staticmethod
    def _seen(channel: Channel, value: float | None) -> float | None:
        return None if value is None else channel.read(value)
