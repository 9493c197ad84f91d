"""Multimeter Keithley DMM6500: one voltage or current of one phase, or the level of a control pilot that stands still."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from bench.clock import Clock
from bench.drivers.phase_values import given_up, tells_no_error
from bench.errors import BenchError
from bench.links.visa import VisaLink
from bench.measured import Stopwatch, phase_name
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind

Function = Literal["ac_voltage", "ac_current", "pilot_voltage"]

_ERROR = ":SYST:ERR?"
_OVERLOAD = 9e36
"""The instrument tells 9.9E+37 for what is beyond its range."""

_STEADY_V = 0.5
"""AC part of a pilot that stands still: a PWM of 5 % between +12 V and -12 V has 5.2 V, one of 96 % has 4.7 V."""

_ROLE: dict[Function, str] = {
    "ac_voltage": "power_analyzer",
    "ac_current": "power_analyzer",
    "pilot_voltage": "pilot_scope",
}
_KINDS: dict[Function, tuple[QuantityKind, ...]] = {
    "ac_voltage": ("voltage",),
    "ac_current": ("current",),
    "pilot_voltage": ("pilot_voltage", "pilot_frequency"),
}


@dataclass(frozen=True, slots=True)
class DmmOptions:
    """`function`: what is measured. `range`: in V or A, automatic without one. `ratio`: of a transformer or shunt in front of it.

    `bandwidth_hz`: the lowest frequency that AC functions shall see; 3 Hz is slow.
    """

    function: Function
    range: Annotated[float | None, Range(0.0001, 1000)] = None
    ratio: Annotated[float, Range(1e-6, 1e6)] = 1.0
    bandwidth_hz: Literal[3, 30, 300] = 30


@driver(
    "keithley_dmm6500",
    roles=("power_analyzer", "pilot_scope"),
    link="visa",
    standing=Standing.EXPERIMENTAL,
    source="PyMeasure, keithleyDMM6500.py (public code): functions, ranges, bandwidth, :READ?; port 5025, 9.9E+37 for an overload and the "
    "form of :SYST:ERR?: memory",
    options=DmmOptions,
)
class KeithleyDmm6500:
    """A voltmeter, an ammeter, or a look at the control pilot.

    Of a pilot that stands still both levels are told, as they are one; of PWM only the frequency: a multimeter sees neither
    its duty nor its levels.
    """

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: DmmOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._options = options
        self.measures = _KINDS[options.function]
        _check(entry, options)
        link.greeting = ("*CLS", *_settings(options))

    async def identify(self) -> str:
        """The answer to *IDN?, and that this driver is experimental."""
        return f"{await self._link.identity()}; driver {Standing.EXPERIMENTAL.value}"

    async def read(self) -> Reading:
        """The one quantity, or what can be told of the pilot. Raises InstrumentFault, also for a setting that was not taken."""
        watch = Stopwatch(self._clock)
        if self._options.function == "pilot_voltage":
            return watch.reading(self._entry, await self._pilot())
        kind, unit = ("voltage", "v") if self._options.function == "ac_voltage" else ("current", "a")
        value = await self._measured(_SCPI[self._options.function])
        return watch.reading(self._entry, {f"{phase_name(self._entry, kind, 1)}_{unit}": value})

    async def _pilot(self) -> dict[str, float]:
        """Steady is what has no AC part before and after its level is taken."""
        if await self._measured("VOLT:AC") < _STEADY_V:
            level = await self._measured("VOLT:DC")
            if await self._measured("VOLT:AC") < _STEADY_V:
                return {"pilot_high_v": level, "pilot_low_v": level}
            return {}
        return {"pilot_frequency_hz": await self._measured("FREQ:VOLT")}

    async def _measured(self, function: str) -> float:
        question = f':SENS:FUNC "{function}";:READ?;{_ERROR}'
        answer = await self._link.query(question)
        number, _, error = answer.partition(";")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if math.isnan(value) or not tells_no_error(error):
            raise await given_up(
                self._link, f"answered {question!r} with {answer[:80]!r}", "check options, model and command set (SCPI)"
            )
        if abs(value) > _OVERLOAD:
            raise self._link.fault(f"is beyond its range at {function}", "set a higher range, or none")
        return value if function == "FREQ:VOLT" else value * self._options.ratio

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()


_SCPI: dict[Function, str] = {"ac_voltage": "VOLT:AC", "ac_current": "CURR:AC"}


def _settings(options: DmmOptions) -> tuple[str, ...]:
    functions = ("VOLT:AC", "VOLT:DC") if options.function == "pilot_voltage" else (_SCPI[options.function],)
    wanted = "AUTO ON" if options.range is None else f"{options.range:g}"
    ranges = tuple(f":SENS:{function}:RANG{':' if options.range is None else ' '}{wanted}" for function in functions)
    return (*ranges, f":SENS:{functions[0]}:DET:BAND {options.bandwidth_hz}")


def _check(entry: InstrumentEntry, options: DmmOptions) -> None:
    role = _ROLE[options.function]
    if entry.roles != (role,):
        cure = f'roles = ["{role}"], or another function'
        raise BenchError(
            f"{entry.name}: function {options.function!r} plays {', '.join(entry.roles)} not. Cure: {cure}"
        )
    if role == "power_analyzer" and len(entry.phases) != 1:
        what = f"one function sees one phase, and phases = {list(entry.phases)}"
        raise BenchError(f"{entry.name}: {what}. Cure: name the one phase, e.g. phases = [1]")
