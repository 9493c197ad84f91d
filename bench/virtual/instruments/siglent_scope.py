"""An oscilloscope on one EVSE's control pilot (channel 1), in the two dialects of Siglent's SDS series.

As public drivers and excerpts of the maker's guides have it; none was tried on an instrument. What cannot be measured,
and what is not installed, answers `****`.
"""

import struct
from dataclasses import dataclass

from bench.virtual.instruments.pilot_probe import PilotProbe
from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.instruments.scpi import Arguments, ScpiError, ScpiInstrument, Suffixes, block, number, switch
from bench.virtual.instruments.server import Latency
from bench.virtual.instruments.shots import ZERO_CODE, Shot, State
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "****"
_UNITS = {"DUTY": "%", "TOP": "V", "BASE": "V", "FREQ": "Hz", "PWID": "S"}
_DIVISIONS = 10
_CODES_PER_DIVISION = 25.0
_DESCRIPTOR = 346
_TOLD: dict[State, str] = {
    "stopped": "Stop",
    "filling": "Arm",
    "waiting": "Ready",
    "triggered": "Trig'd",
    "done": "Stop",
}
_SETTINGS = {
    "TIMebase:SCALe": "5.00E-04",
    "TIMebase:DELay": "0.00E+00",
    "ACQuire:MDEPth": "10k",
    "TRIGger:TYPE": "EDGE",
    "TRIGger:EDGE:SOURce": "C1",
    "TRIGger:EDGE:SLOPe": "RISing",
    "TRIGger:EDGE:LEVel": "0.00E+00",
    "WAVeform:STARt": "0",
    "WAVeform:INTerval": "1",
    "WAVeform:POINt": "0",
    "WAVeform:WIDTh": "BYTE",
    "WAVeform:SOURce": "C1",
}
_NUMERIC = ("TIMebase:SCALe", "TIMebase:DELay", "TRIGger:EDGE:LEVel", "WAVeform:POINt")
_SLOTS = 12
_CHANNELS = ("C1", "C2", "C3", "C4")


@dataclass(slots=True)
class _Slot:
    """One of the measurements P1 to P12."""

    on: bool = False
    item: str = "PKPK"
    source: str = "C1"


class VirtualSiglentScope(ScpiInstrument):
    """Both the measurements P1 to P12 and the older PAVA?; nothing is connected to the channels but the first."""

    def __init__(
        self, name: str, evse: PlantEvse, config: ScopeConfig | None = None, latency: Latency | None = None
    ) -> None:
        super().__init__(name, f"Siglent Technologies,SDS2104X Plus,VIRTUAL{evse.evse_id:03d},1.0", latency)
        self._probe = PilotProbe(evse, config or ScopeConfig())
        self._evse = evse
        self._shot = Shot(evse, config or ScopeConfig())
        self._trigger_mode = "AUTO"
        self._stopped = False
        self._set = dict(_SETTINGS)
        self._measuring = False
        self._advanced = False
        self._slots = [_Slot() for _ in range(_SLOTS)]
        self.command("MEASure", self._set_measuring)
        self.command("MEASure?", lambda _args, _n: "ON" if self._measuring else "OFF")
        self.command("MEASure:MODE", self._set_mode)
        self.command("MEASure:MODE?", lambda _args, _n: "ADVanced" if self._advanced else "SIMPle")
        slot = "MEASure:ADVanced:P{n}"
        self.command(slot, self._set_on)
        self.command(f"{slot}?", lambda _args, n: "ON" if self._slot(n).on else "OFF")
        self.command(f"{slot}:TYPE", self._set_item)
        self.command(f"{slot}:TYPE?", lambda _args, n: self._slot(n).item)
        self.command(f"{slot}:SOURce1", self._set_source)
        self.command(f"{slot}:SOURce1?", lambda _args, n: self._slot(n).source)
        self.command(f"{slot}:VALue?", self._value)
        self.command("C{n}:PAVA?", self._pava)
        self._add_shots()

    # --- single shots

    def _add_shots(self) -> None:
        self.command("CHANnel{n}:SWITch", lambda args, _n: _taken(switch(args)))
        self.command("TRIGger:MODE", self._set_trigger_mode)
        self.command("TRIGger:MODE?", lambda _args, _n: self._trigger_mode)
        self.command("TRIGger:RUN", lambda _args, _n: self._run())
        self.command("TRIGger:STOP", lambda _args, _n: self._stop())
        self.command("TRIGger:STATus?", lambda _args, _n: self._status())
        self.command("WAVeform:PREamble?", lambda _args, _n: block(self._descriptor()))
        self.command("WAVeform:DATA?", lambda _args, _n: block(self._data()))
        for name in _SETTINGS:
            self._add_setting(name)

    def _add_setting(self, name: str) -> None:
        def keep(arguments: Arguments, _suffixes: Suffixes) -> None:
            if name in _NUMERIC:
                number(arguments)
            if len(arguments) != 1:
                raise ScpiError(-109, "Missing parameter")
            self._set[name] = arguments[0]

        self.command(name, keep)
        self.command(f"{name}?", lambda _args, _n: self._set[name])

    def _set_trigger_mode(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        word = _one_of(arguments, ("SINGLE", "SING", "NORMAL", "NORM", "AUTO", "FTRIG"))
        if word == "FTRIG":
            self._shot.force(self._evse.now())
            return
        self._trigger_mode = {"SING": "SINGle", "NORM": "NORMal"}.get(word[:4], word)
        if self._trigger_mode == "SINGle":
            self._arm()

    def _arm(self) -> None:
        shot = self._shot.settings
        shot.window_s = float(self._set["TIMebase:SCALe"]) * _DIVISIONS
        shot.before_s = shot.window_s / 2 - float(self._set["TIMebase:DELay"])
        shot.channel = int(self._set["TRIGger:EDGE:SOURce"].removeprefix("C"))
        shot.level = float(self._set["TRIGger:EDGE:LEVel"])
        shot.rising = self._set["TRIGger:EDGE:SLOPe"].upper().startswith("RIS")
        self._shot.arm(self._evse.now())

    def _run(self) -> None:
        self._stopped = False
        if self._trigger_mode == "SINGle" and self._shot.state(self._evse.now()) in {"stopped", "done"}:
            self._arm()

    def _stop(self) -> None:
        self._stopped = True
        self._shot.stop()

    def _status(self) -> str:
        if self._trigger_mode == "SINGle":
            return _TOLD[self._shot.state(self._evse.now())]
        return "Stop" if self._stopped else "Auto"

    def _depth(self) -> int:
        return int(self._set["ACQuire:MDEPth"].lower().replace("k", "000"))

    def _channel(self) -> int:
        return int(self._set["WAVeform:SOURce"].removeprefix("C"))

    def _descriptor(self) -> bytes:
        told = bytearray(_DESCRIPTOR)
        told[:8] = b"WAVEDESC"
        shot = self._shot.settings
        gain = self._shot.span(self._channel()) / 256 * _CODES_PER_DIVISION
        struct.pack_into("<i", told, 0x74, self._depth())
        struct.pack_into("<fff", told, 0x9C, gain, 0.0, _CODES_PER_DIVISION)
        struct.pack_into("<h", told, 0xAC, 8)
        struct.pack_into("<f", told, 0xB0, shot.window_s / self._depth())
        struct.pack_into("<d", told, 0xB4, shot.window_s / 2 - shot.before_s)
        struct.pack_into("<f", told, 0x148, 1.0)
        return bytes(told)

    def _data(self) -> bytes:
        codes = self._shot.codes(self._channel(), self._depth())
        points = int(float(self._set["WAVeform:POINt"])) or len(codes)
        return bytes((code - ZERO_CODE) % 256 for code in codes[:points])

    # --- measurements

    def reset(self) -> None:
        """Nothing is measured."""
        self._measuring = self._advanced = False
        self._slots = [_Slot() for _ in range(_SLOTS)]

    def _slot(self, suffixes: Suffixes) -> _Slot:
        if not 1 <= suffixes[0] <= _SLOTS:
            raise ScpiError(-114, "Header suffix out of range")
        return self._slots[suffixes[0] - 1]

    def _set_measuring(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        self._measuring = switch(arguments)

    def _set_mode(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        self._advanced = _one_of(arguments, ("SIMPLE", "SIMP", "ADVANCED", "ADV")).startswith("ADV")

    def _set_on(self, arguments: Arguments, suffixes: Suffixes) -> None:
        self._slot(suffixes).on = switch(arguments)

    def _set_item(self, arguments: Arguments, suffixes: Suffixes) -> None:
        self._slot(suffixes).item = _one_of(arguments, (*_UNITS, "PKPK"))

    def _set_source(self, arguments: Arguments, suffixes: Suffixes) -> None:
        self._slot(suffixes).source = _one_of(arguments, _CHANNELS)

    def _value(self, _arguments: Arguments, suffixes: Suffixes) -> str:
        slot = self._slot(suffixes)
        shown = self._measuring and self._advanced and slot.on
        return self._text(slot.item, slot.source, "{:.3E}") if shown else NOT_MEASURABLE

    def _pava(self, arguments: Arguments, suffixes: Suffixes) -> str:
        item = _one_of(arguments, tuple(_UNITS))
        text = self._text(item, f"C{suffixes[0]}", "{:.2E}")
        return f"C{suffixes[0]}:PAVA {item},{text}{'' if text == NOT_MEASURABLE else _UNITS[item]}"

    def _text(self, item: str, source: str, pattern: str) -> str:
        seen = self._probe.seen()
        values = {
            "DUTY": seen.duty_pct,
            "TOP": seen.high_v,
            "BASE": seen.low_v,
            "FREQ": seen.frequency_hz,
            "PWID": seen.pulse_s,
            "PKPK": seen.high_v - seen.low_v,
        }
        value = values[item] if source == "C1" else None
        return NOT_MEASURABLE if value is None else self.number_text(value, pattern)


def _taken(_value: object) -> None:
    """A setting that changes nothing here."""


def _one_of(arguments: Arguments, valid: tuple[str, ...]) -> str:
    word = arguments[0].upper() if len(arguments) == 1 else ""
    if word not in valid:
        raise ScpiError(-224, "Illegal parameter value")
    return word
