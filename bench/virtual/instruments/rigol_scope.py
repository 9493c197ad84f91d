"""An oscilloscope on one EVSE's control pilot (channel 1), in the dialect of Rigol.

As public drivers and excerpts of the maker's guides have it; none was tried on an instrument. What cannot be measured
answers 9.9E37, also what is asked of a stopped acquisition. Waveforms come as blocks: `#9`, nine digits, the bytes.
"""

from bench.virtual.instruments.pilot_probe import PilotProbe
from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, ScpiInstrument, Suffixes, number, switch
from bench.virtual.instruments.server import Latency
from bench.virtual.instruments.shots import Shot, State
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "9.9E37"
_PILOT_CHANNEL = "CHAN1"
_CHANNELS = tuple(f"CHAN{number}" for number in (1, 2, 3, 4))
_POINTS, _STEP_S = 1000, 5e-6
_STEP_V = 40.0 / 256
_REFERENCE = 128
_FORMATS = {"BYTE": 0, "ASC": 2}
_DIVISIONS = 10
_TOLD: dict[State, str] = {"stopped": "STOP", "filling": "RUN", "waiting": "WAIT", "triggered": "TD", "done": "STOP"}
_SETTINGS = {
    "TIMebase:MAIN:SCALe": "5.000000E-4",
    "TIMebase:MAIN:OFFSet": "0.000000",
    "ACQuire:MDEPth": "AUTO",
    "TRIGger:MODE": "EDGE",
    "TRIGger:SWEep": "AUTO",
    "TRIGger:EDGE:SOURce": "CHAN1",
    "TRIGger:EDGE:SLOPe": "POS",
    "TRIGger:EDGE:LEVel": "0.000000E0",
}
_NUMERIC = ("TIMebase:MAIN:SCALe", "TIMebase:MAIN:OFFSet", "TRIGger:EDGE:LEVel")
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
        self._evse = evse
        self._shot = Shot(evse, config or ScopeConfig())
        self._single = False
        self._set = dict(_SETTINGS)
        self._mode, self._first, self._last = "NORM", 1, _POINTS
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
            "SINGle": lambda _args, _n: self._arm(),
            "TFORce": lambda _args, _n: self._shot.force(self._evse.now()),
            "TRIGger:STATus?": lambda _args, _n: self._status(),
            "CHANnel{n}:DISPlay": lambda args, _n: _taken(switch(args)),
            "WAVeform:MODE": self._set_mode,
            "WAVeform:STARt": lambda args, _n: self._set_range(first=int(number(args))),
            "WAVeform:STOP": lambda args, _n: self._set_range(last=int(number(args))),
            "WAVeform:FORMat": self._set_format,
            "WAVeform:FORMat?": lambda _args, _n: self._format,
            "WAVeform:PREamble?": lambda _args, _n: self._preamble(),
            "WAVeform:DATA?": lambda _args, _n: self._data(),
        }
        for pattern, handler in commands.items():
            self.command(pattern, handler)
        for pattern in _SETTINGS:
            self.command(pattern, self._keeper(pattern))
            self.command(f"{pattern}?", self._teller(pattern))

    # --- single shots

    def _keeper(self, name: str) -> Handler:
        def keep(arguments: Arguments, _suffixes: Suffixes) -> None:
            if name in _NUMERIC:
                number(arguments)
            if len(arguments) != 1:
                raise ScpiError(-109, "Missing parameter")
            self._set[name] = arguments[0].upper().replace("CHANNEL", "CHAN")

        return keep

    def _teller(self, name: str) -> Handler:
        return lambda _args, _n: f"{self._depth():.4E}" if name == "ACQuire:MDEPth" else self._set[name]

    def _depth(self) -> int:
        word = self._set["ACQuire:MDEPth"]
        return _POINTS if word == "AUTO" else int(word.replace("K", "000"))

    def _arm(self) -> None:
        shot, settings = self._shot.settings, self._set
        shot.window_s = float(settings["TIMebase:MAIN:SCALe"]) * _DIVISIONS
        shot.before_s = shot.window_s / 2 - float(settings["TIMebase:MAIN:OFFSet"])
        shot.channel = int(settings["TRIGger:EDGE:SOURce"].removeprefix("CHAN"))
        shot.level, shot.rising = (
            float(settings["TRIGger:EDGE:LEVel"]),
            settings["TRIGger:EDGE:SLOPe"].startswith("POS"),
        )
        self._single, self._running = True, False
        self._shot.arm(self._evse.now())

    def _status(self) -> str:
        if self._single:
            return _TOLD[self._shot.state(self._evse.now())]
        return "AUTO" if self._running else "STOP"

    def _set_mode(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        _only(arguments, "NORMAL", "NORM", "RAW")
        self._mode = arguments[0].upper()[:4]

    def _set_range(self, first: int | None = None, last: int | None = None) -> None:
        self._first, self._last = first or self._first, last or self._last

    def _raw(self) -> bytes:
        channel = int(self._source.removeprefix("CHAN"))
        return self._shot.codes(channel, self._depth())[self._first - 1 : self._last]

    def _raw_preamble(self) -> str:
        shot, points = self._shot.settings, self._depth()
        y_step = self._shot.span(int(self._source.removeprefix("CHAN"))) / 256
        x = f"{shot.window_s / points:.6e},{-shot.before_s:.6e},0"
        return f"0,2,{self._last - self._first + 1},1,{x},{y_step:.6e},0,{_REFERENCE}"

    # --- measurements

    def reset(self) -> None:
        """Running, waveforms of channel 1 as bytes."""
        self._running, self._source, self._format = True, _PILOT_CHANNEL, "BYTE"

    def _run(self, *, running: bool) -> None:
        self._running, self._single = running, False
        self._shot.stop()

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
        if self._mode == "RAW":
            return self._raw_preamble()
        return f"{_FORMATS[self._format]},0,{_POINTS},1,{_STEP_S:.6e},0,0,{_STEP_V:.6e},0,{_REFERENCE}"

    def _data(self) -> str:
        """The waveform as a block, in latin-1: each character is one byte."""
        if self._mode == "RAW":
            codes = self._raw()
            return f"#9{len(codes):09d}{codes.decode('latin-1')}"
        volts = self._probe.waveform(_POINTS, _STEP_S) if self._source == _PILOT_CHANNEL else [0.0] * _POINTS
        if self._format == "ASC":
            data = ",".join(self.number_text(volt, "{:.6e}") for volt in volts)
        else:
            data = "".join(chr(min(max(round(volt / _STEP_V) + _REFERENCE, 0), 255)) for volt in volts)
        return f"#9{len(data):09d}{data}"


def _taken(_value: object) -> None:
    """A setting that changes nothing here."""


def _only(arguments: Arguments, *valid: str) -> None:
    if len(arguments) != 1 or arguments[0].upper() not in valid:
        raise ScpiError(-224, "Illegal parameter value")


def _channel(word: str) -> str:
    channel = word.upper().replace("CHANNEL", "CHAN")
    if channel not in _CHANNELS:
        raise ScpiError(-224, "Illegal parameter value")
    return channel
