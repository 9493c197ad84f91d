"""Power analysers ZES ZIMMER LMG640 and LMG670, in their short command language."""

import math

from bench.clock import Clock
from bench.links.visa import VisaLink
from bench.measured import Stopwatch, phase_name
from bench.registry import NoOptions, Standing, driver
from bench.roles import Reading
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind


@driver(
    "zes_lmg600",
    roles=("power_analyzer",),
    link="visa",
    standing=Standing.VIRTUAL,
    source="SunSpec svp_energy_lab, lmg670.py (short language, port 5025): read in public code, not in the manual",
)
class ZesLmg600:
    """One channel a phase: RMS voltage, RMS current and active power of each, and the frequency of channel 1."""

    measures: tuple[QuantityKind, ...] = ("voltage", "current", "power", "frequency")

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: NoOptions) -> None:
        del options
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        link.greeting = ("*zlang short",)
        self._channels = range(1, len(entry.phases) + 1)
        asked = [f"utrms{n}?;itrms{n}?;p{n}?" for n in self._channels]
        self._question = ";".join(["actn", *asked, "fcyc1?"])

    async def identify(self) -> str:
        """The answer to *IDN?."""
        return await self._link.identity()

    async def read(self) -> Reading:
        """Voltages, currents and powers of the wired phases, their total power, and the frequency.

        All values are of one measuring cycle. Raises InstrumentFault.
        """
        watch = Stopwatch(self._clock)
        numbers = await self._link.query_numbers(self._question, 3 * len(self._channels) + 1)
        values: dict[str, float] = {}
        for channel in self._channels:
            voltage, current, power = numbers[3 * channel - 3 : 3 * channel]
            values[phase_name(self._entry, "voltage", channel) + "_v"] = voltage
            values[phase_name(self._entry, "current", channel) + "_a"] = current
            values[phase_name(self._entry, "power", channel) + "_w"] = power
        if not all(math.isfinite(value) for value in values.values()):
            raise self._link.fault(f"answered with no numbers: {values}", "check ranges and wiring")
        # Without voltage there is no cycle to time: the frequency is then left out, as it was not measured.
        if math.isfinite(numbers[-1]) and numbers[-1] > 0:
            values["frequency_hz"] = numbers[-1]
        powers = tuple(phase_name(self._entry, "power", channel) + "_w" for channel in self._channels)
        return watch.reading(self._entry, values, {"power_w": powers})

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
