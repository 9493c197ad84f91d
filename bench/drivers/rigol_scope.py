"""Rigol oscilloscopes on the control pilot: DS1000Z, MSO5000, DHO and MHO series."""

import math
import re
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind

_NOT_MEASURABLE = 9.0e37  # 9.9E37 is the answer to what cannot be measured now
_PERCENT_FROM = 0.1
"""Duty told, over pulse width times frequency in per cent: 1 where per cent are told, 0.01 where a fraction is."""
_ITEMS = ("PDUTy", "PWIDth", "FREQuency", "VTOP", "VBASe")
_PREAMBLE = 10
"""Fields of a preamble: format, type, points, count, x increment, x origin, x reference, y increment, origin, reference."""
_ERROR = ":SYSTem:ERRor?"
_BLOCK = re.compile(r"#(?P<digits>[1-9])(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Waveform:
    """Voltages as displayed, `step_s` apart; the first is `start_s` after the trigger."""

    start_s: float
    step_s: float
    volts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RigolOptions:
    """`channel`: the analogue channel that the control pilot is wired to."""

    channel: Annotated[int, Range(1, 4)] = 1


@driver(
    "rigol_scope",
    roles=("pilot_scope",),
    link="visa",
    standing=Standing.VIRTUAL,
    source=":MEASure:ITEM? as in several public drivers and tables of DS1000Z, MSO5000 and DHO (port 5555); 9.9E37 in"
    " excerpts of the guides of DS2000A (2-206) and DS2000E (2-166), fraction for per cent in one for DS2000 (2-313)",
    options=RigolOptions,
)
class RigolScope:
    """Duty cycle, top and base voltage and frequency of the control pilot, one question after the other.

    Some models tell the duty as a fraction: pulse width times frequency shows which it is, on any model. The
    acquisition must run: a stopped DHO measures nothing anew.
    """

    measures: tuple[QuantityKind, ...] = ("pilot_duty", "pilot_voltage", "pilot_frequency")

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: RigolOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._source = f"CHANnel{options.channel}"

    async def identify(self) -> str:
        """The answer to *IDN?."""
        return await self._link.identity()

    async def read(self) -> Reading:
        """What can be measured now: a steady pilot has no duty and no frequency, and they are then left out.

        Raises InstrumentFault.
        """
        watch = Stopwatch(self._clock)
        told = {}
        for item in _ITEMS:
            number = (await self._link.query_numbers(f":MEASure:ITEM? {item},{self._source}", 1))[0]
            if math.isnan(number):
                raise self._link.fault(f"told {number} for {item}", "check model and firmware")
            if abs(number) < _NOT_MEASURABLE:
                told[item] = number
        return watch.reading(self._entry, _quantities(told))

    async def waveform(self) -> Waveform:
        """The pilot as displayed, read as text: the link carries no bytes that are none. Raises InstrumentFault."""
        for setting in (f"SOURce {self._source}", "MODE NORMal", "FORMat ASCii"):
            await self._link.command(f":WAVeform:{setting}", _ERROR)
        preamble = await self._link.query_numbers(":WAVeform:PREamble?", _PREAMBLE, ",")
        points, step_s, start_s = preamble[2], preamble[4], preamble[5]
        answer = await self._link.query(":WAVeform:DATA?")
        try:
            volts = _voltages(answer)
        except ValueError as error:
            await self._link.exchange(self._link.drop)
            raise self._link.fault(
                f"its waveform is not whole: {error}", "read again; check model and firmware"
            ) from None
        if len(volts) != points:
            what = f"its waveform has {len(volts)} points, its preamble says {points:g}"
            raise self._link.fault(what, "read again; check model and firmware")
        return Waveform(start_s, step_s, volts)

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()


def _voltages(answer: str) -> tuple[float, ...]:
    """The numbers of a block, or of a text without a block's head. Raises ValueError, which says what is wrong."""
    block = _BLOCK.fullmatch(answer)
    text = answer
    if block is not None:
        size = int(block["digits"])
        head, text = block["rest"][:size], block["rest"][size:]
        if len(head) != size or not head.isdecimal():
            raise ValueError(f"{answer[:12]!r} is no head of a block")
        length = int(head)
        if len(text) != length:
            raise ValueError(f"the block holds {len(text)} bytes and its head says {length}")
    volts = tuple(float(part) for part in text.rstrip(",").split(","))
    if not all(math.isfinite(volt) for volt in volts):
        raise ValueError("not all of it are numbers")
    return volts


def _quantities(told: dict[str, float]) -> dict[str, float]:
    names = {"VTOP": "pilot_high_v", "VBASe": "pilot_low_v", "FREQuency": "pilot_frequency_hz"}
    values = {names[item]: number for item, number in told.items() if item in names}
    pulse_pct = 100.0 * told.get("PWIDth", 0.0) * told.get("FREQuency", 0.0)
    if "PDUTy" in told and pulse_pct > 0.0:
        duty = told["PDUTy"]
        values["pilot_duty_pct"] = duty if duty / pulse_pct > _PERCENT_FROM else 100.0 * duty
    return values
