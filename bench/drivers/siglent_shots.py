"""Single shots of Siglent oscilloscopes in the language of programming guide EN11, and their binary waveform descriptor."""

import math
import struct
from array import array

from bench.drivers.single_shot import MOST_POINTS, Raw, ShotDialect, step_125, whole
from bench.links.visa import VisaLink

_DIVISIONS = 10
_DESCRIPTOR = 346
"""Bytes of a descriptor; the offsets in it are those that PyMeasure (siglent_sds1000xhd.py) and further public drivers read."""

_COUNT, _GAIN, _OFFSET, _CODES_PER_DIV, _ADC_BITS = 0x74, 0x9C, 0xA0, 0xA4, 0xAC
_INTERVAL, _DELAY, _PROBE = 0xB0, 0xB4, 0x148
_STATES = frozenset({"ARM", "READY", "AUTO", "TRIG'D", "STOP", "ROLL", "FSTOP"})


class SiglentShots(ShotDialect):
    """The trigger stays at the screen's centre: public drivers do not agree on the sign of a delay, so that none is used."""

    borrowed = (
        ":TIMebase:SCALe",
        ":TIMebase:DELay",
        ":TRIGger:TYPE",
        ":TRIGger:EDGE:SOURce",
        ":TRIGger:EDGE:SLOPe",
        ":TRIGger:EDGE:LEVel",
        ":TRIGger:MODE",
    )

    def __init__(self, link: VisaLink, memory_depth: str) -> None:
        self._link = link
        self._depth = memory_depth

    async def set(self, setting: str) -> None:
        """Apply it, and wait until it was worked off: no guide that was read names an error queue."""
        await self._link.told(setting, "*OPC?")

    async def prepare(
        self, channels: tuple[int, ...], trigger: tuple[int, float, bool], window_s: float, before_s: float
    ) -> float:
        """As much before the trigger as after it, so that both fit."""
        half_s = max(before_s, window_s - before_s)
        scale = step_125(2 * half_s / _DIVISIONS)
        channel, level, rising = trigger
        for setting in (
            *(f":CHANnel{number}:SWITch ON" for number in channels),
            f":ACQuire:MDEPth {self._depth}",
            f":TIMebase:SCALe {scale:.2E}",
            ":TIMebase:DELay 0.00E+00",
            ":TRIGger:TYPE EDGE",
            f":TRIGger:EDGE:SOURce C{channel}",
            f":TRIGger:EDGE:SLOPe {'RISing' if rising else 'FALLing'}",
            f":TRIGger:EDGE:LEVel {level:.2E}",
        ):
            await self.set(setting)
        return scale * _DIVISIONS / 2

    async def start(self) -> None:
        """One acquisition."""
        await self.set(":TRIGger:MODE SINGle")
        await self.set(":TRIGger:RUN")

    async def _status(self) -> str:
        told = (await self._link.query(":TRIGger:STATus?")).upper()
        if told not in _STATES:
            raise self._link.fault(f"told {told[:40]!r} for its trigger status", "check model, firmware and dialect")
        return told

    async def armed(self) -> bool:
        """It waits, or was triggered already."""
        return await self._status() in {"READY", "TRIG'D", "STOP"}

    async def force(self) -> None:
        """As if the trigger had come."""
        await self.set(":TRIGger:MODE FTRIG")

    async def done(self) -> bool:
        """It stands."""
        return await self._status() == "STOP"

    async def fetch(self, channel: int) -> Raw:
        """Bytes, or words where the converter has more than 8 bits: code / codes per division * V per division - offset."""
        for setting in (f":WAVeform:SOURce C{channel}", ":WAVeform:STARt 0", ":WAVeform:INTerval 1"):
            await self.set(setting)
        told = await self._link.query_block(":WAVeform:PREamble?", longest=4 * _DESCRIPTOR)
        if len(told) < _DESCRIPTOR:
            raise self._link.fault(f"told a descriptor of {len(told)} bytes", "check model, firmware and dialect")
        (points,) = struct.unpack_from("<i", told, _COUNT)
        (bits,) = struct.unpack_from("<h", told, _ADC_BITS)
        if not 0 < points <= MOST_POINTS:
            raise self._link.fault(f"told a memory of {points} points", f"set memory_depth to at most {MOST_POINTS}")
        await self.set(f":WAVeform:POINt {points}")
        await self.set(f":WAVeform:WIDTh {'WORD' if bits > 8 else 'BYTE'}")
        data = await self._link.query_block(":WAVeform:DATA?")
        codes = array("h" if bits > 8 else "b", whole(self._link, data, points * (2 if bits > 8 else 1)))
        return _scaled(told, codes, points)

    async def run(self) -> None:
        """Continuously; the trigger mode comes with the settings that are given back."""
        await self.set(":TRIGger:RUN")


def _scaled(told: bytes, codes: "array[int]", points: int) -> Raw:
    gain, offset, per_division = struct.unpack_from("<fff", told, _GAIN)
    (interval,) = struct.unpack_from("<f", told, _INTERVAL)
    (delay,) = struct.unpack_from("<d", told, _DELAY)
    (probe,) = struct.unpack_from("<f", told, _PROBE)
    step = gain * probe / per_division if per_division else math.nan
    half = 1 << (8 * codes.itemsize - 1)
    return Raw(delay - points * interval / 2, interval, codes, step, -offset * probe, lowest=1 - half, highest=half - 2)
