"""An oscilloscope on one EVSE's control pilot (channel 1), in the dialect of Rigol.

As public drivers and excerpts of the maker's guides have it; none was tried on an instrument. What cannot be measured
answers 9.9E37, also what is asked of a stopped acquisition. Waveforms come as blocks: `#9`, nine digits, the bytes.
"""

from bench.virtual.instruments.pilot_probe import PilotProbe
from bench.virtual.instruments.scope import ScopeConfig
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, Suffixes
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "9.9E37"
_PILOT_CHANNEL = "CHAN1"
_CHANNELS = tuple(f"CHAN{number}" for number in (1, 2, 3, 4))
_POINTS, _STEP_S = 1000, 5e-6
_STEP_V = 40.0 / 256
_REFERENCE = 128
_FORMATS = {"BYTE": 0, "ASC": 2}
FRACTION_MODEL = "MHO5104"
"""A model that tells the duty cycle as a fraction."""


class VirtualRigolScope(ScpiInstrument):
    """Measures duty, pulse width, frequency, top and base of the pilot; nothing is connected to the other channels."""

    def __init__(
        self,
        name: str,
        evse: PlantEvse,
        config: ScopeConfig | None = None,
        latency: Latency | None = None,
        model: str = "DHO804",
    ) -> None:
        super().__init__(name, f"RIGOL TECHNOLOGIES,{model},VIRTUAL{evse.evse_id:03d},00.01.00", latency)
        self._probe = PilotProbe(evse, config or ScopeConfig())
        self._percent = 1.0 if model == FRACTION_MODEL else 100.0
        self._running = True
        self._source = _PILOT_CHANNEL
        self._format = "BYTE"
        commands: dict[str, Handler] = {
            "RUN": lambda _args, _n: self._run(running=True),
            "STOP": lambda _args, _n: self._run(running=False),
            "MEASure:ITEM?": self._item,
            "WAVeform:SOURce": self._set_source,
            "WAVeform:SOURce?": lambda _args, _n: self._source,
            "WAVeform:MODE": lambda args, _n: _only(args, "NORMAL", "NORM"),
            "WAVeform:FORMat": self._set_format,
            "WAVeform:FORMat?": lambda _args, _n: self._format,
            "WAVeform:PREamble?": lambda _args, _n: self._preamble(),
            "WAVeform:DATA?": lambda _args, _n: self._data(),
        }
        for pattern, handler in commands.items():
            self.command(pattern, handler)

    def reset(self) -> None:
        """Running, waveforms of channel 1 as bytes."""
        self._running, self._source, self._format = True, _PILOT_CHANNEL, "BYTE"

    def _run(self, *, running: bool) -> None:
        self._running = running

    def _item(self, arguments: Arguments, _suffixes: Suffixes) -> str:
        if len(arguments) != 2:
            raise ScpiError(-109, "Missing parameter")
        values = self._values()
        item = arguments[0].upper()
        if item not in values:
            raise ScpiError(-224, "Illegal parameter value")
        value = values[item]
        if _channel(arguments[1]) != _PILOT_CHANNEL or value is None or not self._running:
            return NOT_MEASURABLE
        return self.number_text(value, "{:.6e}")

    def _values(self) -> dict[str, float | None]:
        """All items by their long and short names."""
        seen = self._probe.seen()
        duty = None if seen.duty_pct is None else seen.duty_pct / 100.0 * self._percent
        named = {
            ("PDUTY", "PDUT"): duty,
            ("PWIDTH", "PWID"): seen.pulse_s,
            ("FREQUENCY", "FREQ"): seen.frequency_hz,
            ("VTOP",): seen.high_v,
            ("VBASE", "VBAS"): seen.low_v,
        }
        return {name: value for names, value in named.items() for name in names}

    def _set_source(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        self._source = _channel(arguments[0] if arguments else "")

    def _set_format(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        word = (arguments[0] if arguments else "").upper().replace("ASCII", "ASC")
        if word not in _FORMATS:
            raise ScpiError(-224, "Illegal parameter value")
        self._format = word

    def _preamble(self) -> str:
        return f"{_FORMATS[self._format]},0,{_POINTS},1,{_STEP_S:.6e},0,0,{_STEP_V:.6e},0,{_REFERENCE}"

    def _data(self) -> str:
        """The waveform as a block, in latin-1: each character is one byte."""
        volts = self._probe.waveform(_POINTS, _STEP_S) if self._source == _PILOT_CHANNEL else [0.0] * _POINTS
        if self._format == "ASC":
            data = ",".join(self.number_text(volt, "{:.6e}") for volt in volts)
        else:
            data = "".join(chr(min(max(round(volt / _STEP_V) + _REFERENCE, 0), 255)) for volt in volts)
        return f"#9{len(data):09d}{data}"


def _only(arguments: Arguments, *valid: str) -> None:
    if len(arguments) != 1 or arguments[0].upper() not in valid:
        raise ScpiError(-224, "Illegal parameter value")


def _channel(word: str) -> str:
    channel = word.upper().replace("CHANNEL", "CHAN")
    if channel not in _CHANNELS:
        raise ScpiError(-224, "Illegal parameter value")
    return channel
