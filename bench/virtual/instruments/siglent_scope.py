"""An oscilloscope on one EVSE's control pilot (channel 1), in the two dialects of Siglent's SDS series.

As public drivers and excerpts of the maker's guides have it; none was tried on an instrument. What cannot be measured,
and what is not installed, answers `****`.
"""

from dataclasses import dataclass

from bench.virtual.instruments.pilot_probe import PilotProbe
from bench.virtual.instruments.scope import ScopeConfig
from bench.virtual.instruments.scpi import Arguments, ScpiError, ScpiInstrument, Suffixes, switch
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.evse import PlantEvse

NOT_MEASURABLE = "****"
_UNITS = {"DUTY": "%", "TOP": "V", "BASE": "V", "FREQ": "Hz", "PWID": "S"}
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


def _one_of(arguments: Arguments, valid: tuple[str, ...]) -> str:
    word = arguments[0].upper() if len(arguments) == 1 else ""
    if word not in valid:
        raise ScpiError(-224, "Illegal parameter value")
    return word
