"""Rigol oscilloscopes: the control pilot, and single shots of it beside the outlet (DS1000Z, MSO5000, DHO and MHO series)."""

import math
import re
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.drivers.single_shot import (
    MOST_POINTS,
    Probe,
    Raw,
    ShotDialect,
    ShotScope,
    preamble_of,
    probes_of,
    step_125,
    whole,
)
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Matches, Range
from harness.model.topology import InstrumentEntry

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
    """`channel`: the analogue channel that the control pilot is wired to.

    `outlet_voltage`, `outlet_current`: the channels of one phase behind the contactor, with the factor of a probe or clamp that
    the instrument does not know itself. `memory_depth`: points of a single shot, one that the model has for its channels that are on
    (30000 for a DS1000Z with three); it stays so. `time_base_ppm`: how far its seconds may be off, by its data sheet.
    """

    channel: Annotated[int, Range(1, 4)] = 1
    outlet_voltage: Probe | None = None
    outlet_current: Probe | None = None
    memory_depth: Annotated[str, Matches(r"[1-9]\d{0,5}k?", "a number of points, e.g. 10k or 30000")] = "10k"
    time_base_ppm: Annotated[float, Range(0, 10000)] = 50.0


_DIVISIONS = 10
"""Of the screen, at least (12 on a DS1000Z)."""


class RigolShots(ShotDialect):
    """Single shots: :SINGle, :TRIGger:STATus? until WAIT and until STOP, the memory as bytes in mode RAW."""

    borrowed = (
        ":TIMebase:MAIN:SCALe",
        ":TIMebase:MAIN:OFFSet",
        ":TRIGger:MODE",
        ":TRIGger:SWEep",
        ":TRIGger:EDGE:SOURce",
        ":TRIGger:EDGE:SLOPe",
        ":TRIGger:EDGE:LEVel",
    )

    def __init__(self, link: VisaLink, memory_depth: str) -> None:
        self._link = link
        self._depth = memory_depth

    async def set(self, setting: str) -> None:
        """Apply it, and ask the error queue."""
        await self._link.command(setting, _ERROR)

    async def prepare(
        self, channels: tuple[int, ...], trigger: tuple[int, float, bool], window_s: float, before_s: float
    ) -> float:
        """The offset is the time of the screen's centre; the scale goes in steps, so that more may be in view than was asked for."""
        scale, offset = step_125(window_s / _DIVISIONS), window_s / 2 - before_s
        channel, level, rising = trigger
        for setting in (
            *(f":CHANnel{number}:DISPlay ON" for number in channels),
            f":ACQuire:MDEPth {self._depth}",
            f":TIMebase:MAIN:SCALe {scale:.6E}",
            f":TIMebase:MAIN:OFFSet {offset:.6E}",
            ":TRIGger:MODE EDGE",
            ":TRIGger:SWEep NORMal",
            f":TRIGger:EDGE:SOURce CHANnel{channel}",
            f":TRIGger:EDGE:SLOPe {'POSitive' if rising else 'NEGative'}",
            f":TRIGger:EDGE:LEVel {level:.4E}",
        ):
            await self.set(setting)
        return scale * _DIVISIONS / 2 + offset

    async def start(self) -> None:
        """One acquisition."""
        await self.set(":SINGle")

    async def _status(self) -> str:
        told = (await self._link.query(":TRIGger:STATus?")).upper()
        if told not in {"TD", "WAIT", "RUN", "AUTO", "STOP"}:
            raise self._link.fault(f"told {told[:40]!r} for its trigger status", "check model and firmware")
        return told

    async def armed(self) -> bool:
        """It waits, or was triggered already."""
        return await self._status() in {"WAIT", "TD", "STOP"}

    async def force(self) -> None:
        """As if the trigger had come."""
        await self.set(":TFORce")

    async def done(self) -> bool:
        """It stands."""
        return await self._status() == "STOP"

    async def fetch(self, channel: int) -> Raw:
        """All of the memory; (code - origin - reference) * increment, as public drivers of DS1000Z and DHO have it."""
        points = (await self._link.query_numbers(":ACQuire:MDEPth?", 1))[0]
        if not 0 < points <= MOST_POINTS:
            raise self._link.fault(f"told a memory of {points:g} points", f"set memory_depth to at most {MOST_POINTS}")
        for setting in (f"SOURce CHANnel{channel}", "MODE RAW", "FORMat BYTE", "STARt 1", f"STOP {int(points)}"):
            await self.set(f":WAVeform:{setting}")
        told = await preamble_of(self._link)
        codes = whole(self._link, await self._link.query_block(":WAVeform:DATA?"), points)
        x_step, x_origin, x_reference, y_step, y_origin, y_reference = told[4:]
        return Raw(x_origin - x_reference * x_step, x_step, codes, y_step, zero=y_origin + y_reference)

    async def run(self) -> None:
        """Continuously."""
        await self.set(":RUN")


@driver(
    "rigol_scope",
    roles=("pilot_scope", "edge_scope"),
    link="visa",
    standing=Standing.VIRTUAL,
    source=":MEASure:ITEM? as in several public drivers and tables of DS1000Z, MSO5000 and DHO (port 5555); 9.9E37 in"
    " excerpts of the guides of DS2000A (2-206) and DS2000E (2-166), fraction for per cent in one for DS2000 (2-313); single shots"
    " as in public drivers of DS1000Z, MSO5000 and DHO800 (the DHO800's guide names the commands)",
    options=RigolOptions,
)
class RigolScope(ShotScope):
    """Duty cycle, top and base voltage and frequency of the control pilot, one question after the other.

    Some models tell the duty as a fraction: pulse width times frequency shows which it is, on any model. The
    acquisition must run: a stopped DHO measures nothing anew.
    """

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: RigolOptions) -> None:
        self._source = f"CHANnel{options.channel}"
        probes = probes_of(options.channel, options.outlet_voltage, options.outlet_current)
        dialect = RigolShots(link, options.memory_depth)
        super().__init__(entry, link, clock, dialect, probes, time_base_ppm=options.time_base_ppm)

    async def read(self) -> Reading:
        """What can be measured now: a steady pilot has no duty and no frequency, and they are then left out.

        Raises InstrumentFault.
        """
        watch = Stopwatch(self._clock)
        told = {}
        for item in () if self._shot.waiting else _ITEMS:
            number = (await self._link.query_numbers(f":MEASure:ITEM? {item},{self._source}", 1))[0]
            if not math.isfinite(number):
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
