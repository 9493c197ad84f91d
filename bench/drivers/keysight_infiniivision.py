"""Keysight InfiniiVision oscilloscopes on the control pilot."""

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

_NOT_MEASURABLE = 9.0e37  # the instrument answers 9.9E+37 when a measurement cannot be made
_QUANTITIES = ("pilot_duty_pct", "pilot_high_v", "pilot_low_v", "pilot_frequency_hz")


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """`channel`: the analogue channel that the control pilot is wired to."""

    channel: Annotated[int, Range(1, 4)] = 1


@driver(
    "keysight_infiniivision",
    roles=("pilot_scope",),
    link="visa",
    standing=Standing.VIRTUAL,
    source="names of the MEASure queries seen in several public drivers (port 5025); 9.9E+37 likewise, not in the manual",
    options=ScopeOptions,
)
class KeysightInfiniiVision:
    """Duty cycle, top and base voltage and frequency of the control pilot, asked in one message."""

    measures: tuple[QuantityKind, ...] = ("pilot_duty", "pilot_voltage", "pilot_frequency")

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: ScopeOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        source = f"CHANnel{options.channel}"
        queries = ("DUTYcycle?", "VTOP?", "VBASe?", "FREQuency?")
        self._question = ";".join(f":MEASure:{query} {source}" for query in queries)

    async def identify(self) -> str:
        """The answer to *IDN?."""
        return await self._link.identity()

    async def read(self) -> Reading:
        """What can be measured now: a steady pilot has no duty and no frequency, and they are then left out.

        Raises InstrumentFault.
        """
        watch = Stopwatch(self._clock)
        numbers = await self._link.query_numbers(self._question, len(_QUANTITIES))
        pairs = zip(_QUANTITIES, numbers, strict=True)
        return watch.reading(self._entry, {name: number for name, number in pairs if abs(number) < _NOT_MEASURABLE})

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
