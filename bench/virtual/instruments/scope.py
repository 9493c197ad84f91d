"""An oscilloscope on one EVSE's control pilot (channel 1), in the dialect of Keysight InfiniiVision.

The measurement commands are known from memory with high confidence; none was tried on an instrument. A measurement
that cannot be made answers 9.9E+37.
"""

from typing import NoReturn

from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.instruments.scpi import (
    Arguments,
    Handler,
    ScpiError,
    ScpiInstrument,
    Suffixes,
    block,
    number,
    switch,
)
from bench.virtual.instruments.server import Channel, Latency
from bench.virtual.instruments.shots import ZERO_CODE, Shot
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "+9.9E+37"
PILOT_CHANNEL = "CHAN1"
_RUN_BIT = 8
_TIMEBASE = {"MODE": "MAIN", "REF": "CENT", "RANG": "+2.0E-03", "POS": "+0.0E+00"}
_TRIGGER = {"MODE": "EDGE", "SWE": "AUTO", "SOUR": "CHAN1", "SLOP": "POS", "LEV": "+0.0E+00"}


class VirtualScope(ScpiInstrument):
    """Measures duty, frequency, top and base of the pilot; takes single shots of it, of L1's voltage and of L1's current."""

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
        self._shot = Shot(evse, config)
        self._running = True
        self._armed_told = False
        self._timebase, self._trigger = dict(_TIMEBASE), dict(_TRIGGER)
        self._wave = {"SOUR": PILOT_CHANNEL, "FORM": "BYTE", "POIN": "1000"}
        self._add_acquisition()
        self._add_settings()

    def reset(self) -> None:
        """Running, measurements on channel 1."""
        self._source = PILOT_CHANNEL
        self._run(running=True)
        self._timebase, self._trigger = dict(_TIMEBASE), dict(_TRIGGER)

    # --- single shots

    def _add_acquisition(self) -> None:
        acquisition: dict[str, Handler] = {
            "SINGle": lambda _args, _n: self._single(),
            "RUN": lambda _args, _n: self._run(running=True),
            "STOP": lambda _args, _n: self._run(running=False),
            "TRIGger:FORCe": lambda _args, _n: self._shot.force(self._evse.now()),
            "AER?": lambda _args, _n: self._arm_event(),
            "OPERegister:CONDition?": lambda _args, _n: f"+{_RUN_BIT if self._acquires() else 0}",
            "WAVeform:PREamble?": lambda _args, _n: self._preamble(),
            "WAVeform:DATA?": lambda _args, _n: block(self._shot.codes(self._wave_channel(), self._points())),
        }
        for pattern, handler in acquisition.items():
            self.command(pattern, handler)

    def _add_settings(self) -> None:
        words = {"MODE": "MODE", "REF": "REFerence", "RANG": "RANGe", "POS": "POSition"}
        for key, word in words.items():
            self._setting(f"TIMebase:{word}", self._timebase, key)
        edge = {"SOUR": "SOURce", "SLOP": "SLOPe", "LEV": "LEVel"}
        for key, word in {"MODE": "MODE", "SWE": "SWEep"}.items():
            self._setting(f"TRIGger:{word}", self._trigger, key)
        for key, word in edge.items():
            self._setting(f"TRIGger:EDGE:{word}", self._trigger, key)
        for key, word in {"SOUR": "SOURce", "FORM": "FORMat", "POIN": "POINts"}.items():
            self._setting(f"WAVeform:{word}", self._wave, key)
        self.command("WAVeform:POINts:MODE", lambda args, _n: _one_of(args, "RAW", "NORM", "NORMAL", "MAX", "MAXIMUM"))
        self.command("WAVeform:UNSigned", lambda args, _n: None if switch(args) else _refuse())
        self.command("CHANnel{n}:DISPlay", lambda args, _n: _taken(switch(args)))

    def _setting(self, pattern: str, table: dict[str, str], key: str) -> None:
        def keep(arguments: Arguments, _suffixes: Suffixes) -> None:
            word = arguments[0].upper() if len(arguments) == 1 else _refuse()
            if key in {"RANG", "POS", "LEV", "POIN"}:
                number(arguments)
            table[key] = word.replace("CHANNEL", "CHAN")

        self.command(pattern, keep)
        self.command(f"{pattern}?", lambda _args, _n: table[key])

    def _single(self) -> None:
        shot, source = self._shot.settings, self._trigger["SOUR"]
        shot.window_s = float(self._timebase["RANG"])
        shot.before_s = shot.window_s / 2 - float(self._timebase["POS"])
        shot.channel, shot.level = int(source.removeprefix("CHAN")), float(self._trigger["LEV"])
        shot.rising = self._trigger["SLOP"].startswith("POS")
        self._running, self._armed_told = False, False
        self._shot.arm(self._evse.now())

    def _run(self, *, running: bool) -> None:
        self._running = running
        self._shot.stop()

    def _acquires(self) -> bool:
        return self._running or self._shot.state(self._evse.now()) in {"filling", "waiting", "triggered"}

    def _arm_event(self) -> str:
        """1 once after each arming."""
        armed = not self._armed_told and self._shot.state(self._evse.now()) in {"waiting", "triggered", "done"}
        self._armed_told = self._armed_told or armed
        return f"+{int(armed)}"

    def _points(self) -> int:
        asked = int(float(self._wave["POIN"]))
        return min(asked, self._config.memory) if self._config.memory else asked

    def _wave_channel(self) -> int:
        return int(self._channel([self._wave["SOUR"]]).removeprefix("CHAN"))

    def _preamble(self) -> str:
        shot, points = self._shot.settings, self._points()
        y_step = self._shot.span(self._wave_channel()) / 256
        x = f"{shot.window_s / points:+.8E},{-shot.before_s:+.8E},+0"
        return f"+0,+0,+{points},+1,{x},{y_step:+.8E},+0.0E+00,+{ZERO_CODE}"

    # --- measurements

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


def _one_of(arguments: Arguments, *valid: str) -> None:
    if len(arguments) != 1 or arguments[0].upper() not in valid:
        _refuse()


def _refuse() -> NoReturn:
    raise ScpiError(-224, "Illegal parameter value")


def _taken(_value: object) -> None:
    """A setting that changes nothing here."""
