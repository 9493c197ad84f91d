"""AC sources of AMETEK / California Instruments."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.visa import VisaLink
from bench.registry import Standing, driver
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry

_ERROR = "syst:err?"


@dataclass(frozen=True, slots=True)
class AmetekOptions:
    """`current_limit_a`: set before the output is switched on; without it the limit stays what the panel shows."""

    current_limit_a: Annotated[float, Range(0.1, 1000)] | None = None


@driver(
    "ametek_ci",
    roles=("ac_source",),
    link="visa",
    standing=Standing.VIRTUAL,
    source="SunSpec svp_energy_lab, gridsim_ametek.py (port 5025); the pulse of a dip: a public dropout script for a 4500iL."
    " Read in public code, not in the manual",
    options=AmetekOptions,
)
class AmetekCi:
    """Output, voltage a phase or for all, frequency. After each setting the instrument is asked for its errors."""

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: AmetekOptions) -> None:
        del clock
        self.name = entry.name
        self._link = link
        self._limit_a = options.current_limit_a

    async def identify(self) -> str:
        """The answer to *IDN?."""
        return await self._link.identity()

    async def output(self, *, on: bool) -> None:
        """Switch the output and read its state back. Raises InstrumentFault."""
        if on and self._limit_a is not None:
            await self._link.command(f"inst:coup all;:curr {self._limit_a:.2f}", _ERROR)
        await self._link.command(f"abort;:outp {'on' if on else 'off'}", _ERROR)
        if await self.output_is_on() != on:
            raise self._link.fault(f"the output did not switch {'on' if on else 'off'}", "check its protections")

    async def output_is_on(self) -> bool:
        """The state of the output. Raises InstrumentFault."""
        answer = await self._link.query("outp?")
        if answer.upper() not in {"0", "1", "ON", "OFF"}:
            raise self._link.fault(f"answered 'outp?' with {answer!r}", "check model and firmware")
        return answer.upper() in {"1", "ON"}

    async def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Set the RMS voltage to neutral of one phase (1 to 3) or of all. Raises InstrumentFault."""
        coupling = "inst:coup all" if phase is None else f"inst:coup none;:inst:nsel {phase}"
        await self._link.command(f"{coupling};:volt:ac {volts:.1f}", _ERROR)

    async def voltage(self, phase: int = 1) -> float:
        """The set RMS voltage of one phase. Raises InstrumentFault."""
        return (await self._link.query_numbers(f"inst:nsel {phase};:volt:ac?", 1))[0]

    async def set_frequency(self, hertz: float) -> None:
        """Set the frequency. Raises InstrumentFault."""
        await self._link.command(f"freq {hertz:.2f}", _ERROR)

    async def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """A voltage pulse that the source itself times: `share` of the set voltage for `duration_s`, then the set voltage.

        Raises:
            BenchError: no such share, or no duration.
            InstrumentFault: it refused, or did not answer.
        """
        if not 0.0 <= share <= 1.0 or duration_s <= 0.0:
            raise BenchError(
                f"{self.name}: a dip to {share:g} for {duration_s:g} s. Cure: give a share of 0 to 1 and a time"
            )
        volts = await self.voltage(phase or 1) * share
        chosen = "inst:coup all" if phase is None else f"inst:coup none;:inst:nsel {phase}"
        await self._link.command(
            f"{chosen};:volt:trig {volts:.1f};:volt:mode puls;:puls:widt {duration_s * 1000:.1f}ms", _ERROR
        )
        await self._link.command("init:cont:seq on", _ERROR)
        await self._link.command("trig", _ERROR)
        await asyncio.sleep(duration_s)
        await self._link.command(f"abort;:init:cont:seq off;:{chosen};:volt:mode fix", _ERROR)

    async def frequency(self) -> float:
        """The set frequency. Raises InstrumentFault."""
        return (await self._link.query_numbers("freq?", 1))[0]

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
