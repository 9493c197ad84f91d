"""Power analyser Hioki PW3390 over its LAN port 3390."""

import math
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.drivers.phase_values import given_up, phase_reading
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind

_CR = "\r"
"""A message ends with CR and LF; the link adds the LF."""

_BEYOND = 1e30
"""The instrument tells 9999.9E+99 for what is beyond its range; nothing that is measured here comes near."""

_ERROR_BITS = 0b0011_1100
"""Of the event register: command (32), execution (16), device (8) and query (4) error."""


@dataclass(frozen=True, slots=True)
class HiokiOptions:
    """Ranges that every channel is set to; without them the instrument keeps those it has."""

    voltage_range_v: Annotated[float | None, Range(1, 1500)] = None
    current_range_a: Annotated[float | None, Range(0.001, 10000)] = None


@driver(
    "hioki_pw3390",
    roles=("power_analyzer",),
    link="visa",
    standing=Standing.EXPERIMENTAL,
    source="manual PW3390A975-01 (pages 6, 11, 37, 62, 79 read; not the page of :MEASure?) and two public programs for the form of its answer",
    options=HiokiOptions,
    link_settings={"probe": "*IDN?" + _CR},
)
class HiokiPw3390:
    """One channel a phase: RMS voltage, RMS current and active power of each, and the frequency of channel 1."""

    measures: tuple[QuantityKind, ...] = ("voltage", "current", "power", "frequency")

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: HiokiOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        channels = range(1, len(entry.phases) + 1)
        wanted = {"VOLTage": options.voltage_range_v, "CURRent": options.current_range_a}
        ranges = (
            f":{kind}{n}:RANGe {value:g}" for n in channels for kind, value in wanted.items() if value is not None
        )
        link.greeting = tuple(text + _CR for text in ("*CLS", ":HEADer OFF", *ranges))
        items = [item for n in channels for item in (f"Urms{n}", f"Irms{n}", f"P{n}")]
        self._count = len(items) + 1
        self._question = f":MEASure? {','.join(items)},FREQ1"

    async def identify(self) -> str:
        """The answer to *IDN?, and that this driver is experimental."""
        return f"{await self._link.identity()}; driver {Standing.EXPERIMENTAL.value}"

    async def read(self) -> Reading:
        """Voltages, currents and powers of the wired phases, their total power, and the frequency.

        Raises InstrumentFault, also when the instrument's event register tells that it did not take a setting.
        """
        watch = Stopwatch(self._clock)
        answer = await self._link.query(self._question + _CR)
        numbers = _numbers(answer)
        if len(numbers) != self._count:
            what = f"answered {self._question!r} with {answer[:80]!r}, not with {self._count} numbers"
            raise await given_up(self._link, what, "check model and firmware")
        reading = phase_reading(self._link, self._entry, watch, numbers)
        await self._check_events()
        return reading

    async def _check_events(self) -> None:
        answer = await self._link.query("*ESR?" + _CR)
        if not answer.isdecimal():
            raise await given_up(self._link, f"answered '*ESR?' with {answer[:80]!r}", "check model and firmware")
        if int(answer) & _ERROR_BITS:
            what = f"its event register tells an error: {answer} (32 command, 16 execution, 8 device, 4 query)"
            raise await given_up(
                self._link, what, "correct the ranges in its options; it takes none while it integrates or holds"
            )

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()


def _numbers(answer: str) -> tuple[float, ...]:
    try:
        told = [float(part) for part in answer.split(",")]
    except ValueError:
        return ()
    return tuple(math.copysign(math.inf, value) if abs(value) > _BEYOND else value for value in told)
