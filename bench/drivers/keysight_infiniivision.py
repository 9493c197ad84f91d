"""Keysight InfiniiVision oscilloscopes: the control pilot, and single shots of it beside the outlet's voltage and current."""

import math
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.drivers.single_shot import POINTS, Probe, Raw, ShotDialect, ShotScope, preamble_of, probes_of, whole
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry

_NOT_MEASURABLE = 9.0e37  # the instrument answers 9.9E+37 when a measurement cannot be made
_QUANTITIES = ("pilot_duty_pct", "pilot_high_v", "pilot_low_v", "pilot_frequency_hz")
_ERROR = ":SYSTem:ERRor?"
_RUN_BIT = 8
"""Bit 3 of the Operation Status Condition register: the acquisition runs, or waits for its trigger."""


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """`channel`: the analogue channel that the control pilot is wired to.

    `outlet_voltage`, `outlet_current`: the channels of one phase behind the contactor, with the factor of a probe or clamp that
    the instrument does not know itself. `time_base_ppm`: how far its seconds may be off, by its data sheet.
    """

    channel: Annotated[int, Range(1, 4)] = 1
    outlet_voltage: Probe | None = None
    outlet_current: Probe | None = None
    time_base_ppm: Annotated[float, Range(0, 10000)] = 50.0


class KeysightShots(ShotDialect):
    """Single shots: :SINGle, the arm event register until it waits, the run bit until it is complete, waveforms as bytes."""

    borrowed = (
        ":TIMebase:MODE",
        ":TIMebase:REFerence",
        ":TIMebase:RANGe",
        ":TIMebase:POSition",
        ":TRIGger:MODE",
        ":TRIGger:SWEep",
        ":TRIGger:EDGE:SOURce",
        ":TRIGger:EDGE:SLOPe",
        ":TRIGger:EDGE:LEVel",
    )

    def __init__(self, link: VisaLink) -> None:
        self._link = link

    async def set(self, setting: str) -> None:
        """Apply it, and ask the error queue."""
        await self._link.command(setting, _ERROR)

    async def prepare(
        self, channels: tuple[int, ...], trigger: tuple[int, float, bool], window_s: float, before_s: float
    ) -> float:
        """The reference is the screen's centre, so that its position is the middle of the window."""
        settings = [f":CHANnel{channel}:DISPlay ON" for channel in channels]
        settings += [":TIMebase:MODE MAIN", ":TIMebase:REFerence CENTer", f":TIMebase:RANGe {window_s:.6E}"]
        settings += [f":TIMebase:POSition {window_s / 2 - before_s:.6E}", ":TRIGger:MODE EDGE", ":TRIGger:SWEep NORMal"]
        channel, level, rising = trigger
        settings += [
            f":TRIGger:EDGE:SOURce CHANnel{channel}",
            f":TRIGger:EDGE:SLOPe {'POSitive' if rising else 'NEGative'}",
        ]
        settings.append(f":TRIGger:EDGE:LEVel {level:.4E}")
        for setting in settings:
            await self.set(setting)
        return window_s - before_s

    async def start(self) -> None:
        """The arm event register is read first: what was armed before must not count."""
        await self._link.query(":AER?")
        await self.set(":SINGle")

    async def armed(self) -> bool:
        """The arm event register was set."""
        return (await self._link.query_numbers(":AER?", 1))[0] != 0

    async def force(self) -> None:
        """As if the trigger had come."""
        await self.set(":TRIGger:FORCe")

    async def done(self) -> bool:
        """The run bit is gone."""
        condition = (await self._link.query_numbers(":OPERegister:CONDition?", 1))[0]
        if not 0 <= condition < 65536:
            raise self._link.fault(f"told {condition} for its operation status", "check model and firmware")
        return not int(condition) & _RUN_BIT

    async def fetch(self, channel: int) -> Raw:
        """Unsigned bytes; code 0 is a hole, 1 and 255 are clipped (memory, medium confidence)."""
        for setting in (
            f"SOURce CHANnel{channel}",
            "FORMat BYTE",
            "UNSigned ON",
            "POINts:MODE RAW",
            f"POINts {POINTS}",
        ):
            await self.set(f":WAVeform:{setting}")
        told = await preamble_of(self._link)
        codes = whole(self._link, await self._link.query_block(":WAVeform:DATA?"), told[2])
        x_step, x_origin, x_reference, y_step, y_origin, y_reference = told[4:]
        return Raw(x_origin - x_reference * x_step, x_step, codes, y_step, y_origin, y_reference, lowest=2)

    async def run(self) -> None:
        """Continuously."""
        await self.set(":RUN")


@driver(
    "keysight_infiniivision",
    roles=("pilot_scope", "edge_scope"),
    link="visa",
    standing=Standing.VIRTUAL,
    source="names of the MEASure queries seen in several public drivers (port 5025); 9.9E+37 likewise, not in the manual; single shots: "
    "run bit of :OPERegister:CONDition? as PyICe (agilent_3034a) cites the guide, ch. 37, preamble and RAW bytes in several public "
    "drivers; :AER? and codes of clipped samples: memory",
    options=ScopeOptions,
)
class KeysightInfiniiVision(ShotScope):
    """Duty cycle, top and base voltage and frequency of the control pilot, asked in one message; single shots."""

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: ScopeOptions) -> None:
        source = f"CHANnel{options.channel}"
        queries = ("DUTYcycle?", "VTOP?", "VBASe?", "FREQuency?")
        self._question = ";".join(f":MEASure:{query} {source}" for query in queries)
        probes = probes_of(options.channel, options.outlet_voltage, options.outlet_current)
        dialect = KeysightShots(link)
        super().__init__(entry, link, clock, dialect, probes, time_base_ppm=options.time_base_ppm)

    async def identify(self) -> str:
        """The answer to *IDN?, and for single shots, that part of their dialogue rests on memory; one that a fault cut short is given up."""
        identity = await super().identify()
        return (
            f"{identity}; single shots {Standing.EXPERIMENTAL.value}" if "edge_scope" in self._entry.roles else identity
        )

    async def read(self) -> Reading:
        """What can be measured now: a steady pilot has no duty and no frequency, and they are then left out; nothing while a shot is awaited.

        Raises InstrumentFault, also for what is no number.
        """
        watch = Stopwatch(self._clock)
        if self._shot.waiting:
            return watch.reading(self._entry, {})
        numbers = await self._link.query_numbers(self._question, len(_QUANTITIES))
        pairs = dict(zip(_QUANTITIES, numbers, strict=True))
        for name, number in pairs.items():
            if not math.isfinite(number):
                raise self._link.fault(f"told {number} for {name}", "check model and firmware")
        return watch.reading(
            self._entry, {name: number for name, number in pairs.items() if abs(number) < _NOT_MEASURABLE}
        )
