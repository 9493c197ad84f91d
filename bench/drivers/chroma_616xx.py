"""AC sources of Chroma, series 61500 and 61600.

Only what the makers' manuals call the same for both series is used; `*RST` never is: it takes the unit seconds to be
there again (7 s on a 61501, 3 s on a 61605), and it would open the supply of a station under test.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError, VerbAbsent
from bench.links.visa import VisaLink
from bench.registry import Standing, driver
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry

_ERROR = "SYSTem:ERRor?"
_VOLTAGE = "source:volt:lev:imm:ampl:ac"
AFTER_DIP_S = 1.0
"""How long the list of a dip goes on with the set voltage, so that it is not left at its very end."""
_STATES = {"ON": True, "1": True, "OFF": False, "0": False}


@dataclass(frozen=True, slots=True)
class ChromaOptions:
    """`current_limit_a`: set before the output is switched on; without it the limit stays what the panel shows.

    `relay`: the output relay is opened after the output is off and closed before it is on, so that "off" is a gap.
    """

    current_limit_a: Annotated[float, Range(0.1, 1000)] | None = None
    relay: bool = False


@driver(
    "chroma_616xx",
    roles=("ac_source",),
    link="visa",
    standing=Standing.VIRTUAL,
    source="SunSpec svp_energy_lab, chroma_61845.py; a public list of 61511/12 commands for INSTrument; excerpts of the"
    " manuals of 61501 (p. 8-7, 8-12), 61503 (p. 8-18, 8-26: lists), 61601 (p. 7-5) and 61705 (p. 8-3): no manual was read whole",
    options=ChromaOptions,
)
class Chroma616xx:
    """Output, voltage a phase or for all, frequency. After each setting the instrument is asked for its errors.

    A source whose bench file names one phase is a single-phase one: it knows no INSTrument commands and gets none.
    """

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: ChromaOptions) -> None:
        del clock
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._options = options
        link.greeting = ("*CLS",)  # errors that the panel left are not those of the first setting

    async def identify(self) -> str:
        """The answer to *IDN?."""
        return await self._link.identity()

    async def output(self, *, on: bool) -> None:
        """Switch the output, with its relay where the bench file says so, and read its state back. Raises InstrumentFault."""
        limit = self._options.current_limit_a
        steps = [f"output:state {'on' if on else 'off'}"]
        if self._options.relay:
            steps.insert(0 if on else 1, f"output:relay {'on' if on else 'off'}")
        if on and limit is not None:
            steps.insert(0, f"source:curr:lim {limit:.2f}")
        for step in steps:
            await self._link.command(step, _ERROR)
        if await self.output_is_on() != on:
            raise self._link.fault(f"the output did not switch {'on' if on else 'off'}", "check its protections")

    async def output_is_on(self) -> bool:
        """The state of the output. Raises InstrumentFault."""
        answer = (await self._link.query("output:state?")).upper()
        if answer not in _STATES:
            raise self._link.fault(f"answered 'output:state?' with {answer!r}", "check model and firmware")
        return _STATES[answer]

    async def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Set the RMS voltage to neutral of one phase (1 to 3) or of all.

        Raises:
            BenchError: the source feeds no such phase.
            InstrumentFault: it refused the setting, or did not answer.
        """
        await self._link.command(f"{self._selection(phase)}{_VOLTAGE} {volts:.1f}", _ERROR)

    async def voltage(self, phase: int = 1) -> float:
        """The set RMS voltage of one phase. Raises BenchError, InstrumentFault."""
        return (await self._link.query_numbers(f"{self._selection(phase)}{_VOLTAGE}?", 1))[0]

    async def set_frequency(self, hertz: float) -> None:
        """Set the frequency, which is one for all phases. Raises InstrumentFault."""
        await self._link.command(f"{self._selection(None)}source:freq {hertz:.2f}", _ERROR)

    async def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """A list of two points that the source itself times: `share` of the set voltage for `duration_s`, then the set voltage.

        Raises:
            BenchError: no such share, or no duration.
            VerbAbsent: one phase of several; its lists are for all of them.
            InstrumentFault: it refused, or did not answer.
        """
        if not 0.0 <= share <= 1.0 or duration_s <= 0.0:
            raise BenchError(
                f"{self.name}: a dip to {share:g} for {duration_s:g} s. Cure: give a share of 0 to 1 and a time"
            )
        if phase is not None and len(self._entry.phases) > 1:
            raise VerbAbsent(self.name, f"dip(phase={phase})", "its list is one for all phases", "let all of them dip")
        volts, hertz = await self.voltage(self._entry.phases[0]), await self.frequency()
        points = f"{volts * share:.1f},{volts:.1f}"
        for step in (
            "trig off",
            "output:mode fixed",
            "list:coup ALL",
            "list:count 1",
            "list:base TIME",
            "list:trig auto",
            f"list:dwel {duration_s * 1000:.1f},{AFTER_DIP_S * 1000:.1f}",
            f"list:volt:ac:star {points}",
            f"list:volt:ac:end {points}",
            f"list:freq:star {hertz:.2f},{hertz:.2f}",
            f"list:freq:end {hertz:.2f},{hertz:.2f}",
            "output:mode list",
            "trig on",
        ):
            await self._link.command(step, _ERROR)
        await asyncio.sleep(duration_s + AFTER_DIP_S / 2)  # in the second point the list may be left without a jump
        await self._link.command("trig off", _ERROR)
        await self._link.command("output:mode fixed", _ERROR)

    async def frequency(self) -> float:
        """The set frequency. Raises InstrumentFault."""
        return (await self._link.query_numbers("source:freq?", 1))[0]

    def _selection(self, phase: int | None) -> str:
        """What goes before a setting, so that it is one of this phase, or of all."""
        phases = self._entry.phases
        if phase is not None and phase not in phases:
            fed = ", ".join(map(str, phases))
            raise BenchError(f"{self.name} feeds no phase {phase}. Cure: name one of {fed}, or correct its phases")
        if len(phases) == 1:
            return ""
        if phase is None:
            return "inst:edit all;:"
        return f"inst:edit each;:inst:coup none;:inst:nsel {phases.index(phase) + 1};:"

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
