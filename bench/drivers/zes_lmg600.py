"""Power analysers ZES ZIMMER LMG640 and LMG670, in their short command language."""

from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.drivers.phase_values import phase_reading
from bench.errors import InstrumentFault
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind


@dataclass(frozen=True, slots=True)
class ZesOptions:
    """Ranges that every channel is set to; without them the instrument keeps those it has."""

    voltage_range_v: Annotated[float | None, Range(0.1, 1500)] = None
    current_range_a: Annotated[float | None, Range(0.001, 2000)] = None


@driver(
    "zes_lmg600",
    roles=("power_analyzer",),
    link="visa",
    standing=Standing.VIRTUAL,
    source="SunSpec svp_energy_lab, device_lmg670.py (short language, port 5025): read in public code, not in the manual",
    options=ZesOptions,
)
class ZesLmg600:
    """One channel a phase: RMS voltage, RMS current and active power of each, and the frequency of channel 1."""

    measures: tuple[QuantityKind, ...] = ("voltage", "current", "power", "frequency")

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: ZesOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._channels = range(1, len(entry.phases) + 1)
        self._sets_ranges = options != ZesOptions()
        link.greeting = ("*zlang short", *self._ranges(options))
        asked = [f"utrms{n}?;itrms{n}?;p{n}?" for n in self._channels]
        self._question = ";".join(["actn", *asked, "fcyc1?"])

    def _ranges(self, options: ZesOptions) -> tuple[str, ...]:
        wanted = {"u": options.voltage_range_v, "i": options.current_range_a}
        return tuple(
            f"{quantity}auto{n} 0;{quantity}rng{n} {value:g}"
            for n in self._channels
            for quantity, value in wanted.items()
            if value is not None
        )

    async def identify(self) -> str:
        """The answer to *IDN?. Where ranges are set: raises InstrumentFault when the instrument did not take one of them."""
        identity = await self._link.identity()
        if self._sets_ranges:
            await self._take_errors()
        return identity

    async def _take_errors(self) -> None:
        # The error queue is asked for in the SCPI language, as the public code does.
        try:
            await self._link.command("*zlang scpi", ":syst:err:all?")
            await self._link.query("*zlang short;*idn?")
        except InstrumentFault:
            await self._link.exchange(self._link.drop)  # the next connection begins in the right language
            raise

    async def read(self) -> Reading:
        """Voltages, currents and powers of the wired phases, their total power, and the frequency.

        All values are of one measuring cycle. Raises InstrumentFault.
        """
        watch = Stopwatch(self._clock)
        numbers = await self._link.query_numbers(self._question, 3 * len(self._channels) + 1)
        return phase_reading(self._link, self._entry, watch, numbers)

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
