"""Power analysers and meters Yokogawa WT (WT300E, WT500, WT1800E, WT3000E, WT5000), in their numeric command group."""

from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.drivers.phase_values import given_up, phase_reading, tells_no_error
from bench.errors import BenchError
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind

_ERROR = ":STATUS:ERROR?"
_SET_UP = ("*CLS", ":COMMUNICATE:REMOTE ON", ":COMMUNICATE:HEADER OFF")
"""Errors of whoever spoke before are not ours; remote keeps hands off the panel, so that the items stay what they are."""


@dataclass(frozen=True, slots=True)
class WtOptions:
    """What is set on every connection, of a reference meter before it starts to integrate; without a value the instrument keeps what it has.

    `elements`: the input element behind each channel, in order, where they are not 1, 2, 3 (a WT332E has 1 and 3).
    `update_ms`: the data update interval; what the model does not offer it refuses, and that is told.
    """

    elements: tuple[Annotated[int, Range(1, 7)], ...] = ()
    update_ms: Annotated[int | None, Range(10, 20000)] = None
    voltage_range_v: Annotated[float | None, Range(0.1, 1500)] = None
    current_range_a: Annotated[float | None, Range(0.001, 2000)] = None


@driver(
    "yokogawa_wt",
    roles=("power_analyzer", "reference_meter"),
    link="visa",
    standing=Standing.VIRTUAL,
    source="manuals IM WT3001E-17EN, IM 760101-11E, IM WT310E-17EN, IM WT5000-17EN (single pages read) and SunSpec svp_energy_lab, "
    "device_wt3000.py (public code); timer of the integration: memory",
    options=WtOptions,
)
class YokogawaWt:
    """One element a phase: voltage, current and active power of each, the voltage's frequency of the first one.

    As a reference meter it integrates without an end, and its register is the sum of the elements' positive watt-hours. It
    starts an integration that is reset, and never one that was stopped: what flowed meanwhile is in no register.
    """

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: WtOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._integrates = "reference_meter" in entry.roles
        self.measures: tuple[QuantityKind, ...] = ("voltage", "current", "power", "frequency")
        if self._integrates:
            self.measures += ("energy",)
        self.resolution_wh = self._step_wh()
        self._items = self._asked(options)
        settings = self._settings(options)
        self._before_start = settings if self._integrates else ()
        """What an instrument refuses to change while it integrates; a connection that is opened again meanwhile must not try."""
        link.greeting = (*_SET_UP, *(() if self._integrates else settings), *self._listed_items())
        self._question = ":NUMERIC:NORMAL:VALUE?;" + (":INTEGRATE:STATE?;" if self._integrates else "") + _ERROR

    def _step_wh(self) -> float:
        energy = self._entry.uncertainty.get("energy")
        if self._integrates and energy is not None and not energy.resolution:
            cure = "add resolution to [instrument.uncertainty.energy], in Wh, as the register really counts"
            raise BenchError(f"{self.name}: the step of the energy register is not stated. Cure: {cure}")
        return energy.resolution if energy is not None else 0.0

    def _asked(self, options: WtOptions) -> list[str]:
        count = len(self._entry.phases)
        elements = options.elements or tuple(range(1, count + 1))
        if len(elements) != count or len(set(elements)) < count:
            cure = f"name {count} different ones, one a phase in `phases`, or leave the option out"
            raise BenchError(f"{self.name}: elements = {list(elements)} for {count} phases. Cure: {cure}")
        items = [f"{quantity},{element}" for element in elements for quantity in ("U", "I", "P")]
        energies = [f"WHP,{element}" for element in elements] if self._integrates else []
        return [*items, f"FU,{elements[0]}", *energies]

    def _settings(self, options: WtOptions) -> tuple[str, ...]:
        if options.update_ms is not None and self._entry.update_interval_s < options.update_ms / 1000:
            cure = f"set update_interval_s = {options.update_ms / 1000:g}, for that old a shown value may be"
            shorter = (
                f"update_interval_s = {self._entry.update_interval_s:g} is shorter than update_ms = {options.update_ms}"
            )
            raise BenchError(f"{self.name}: {shorter}. Cure: {cure}")
        wanted = {
            ":RATE {}MS": options.update_ms,
            ":INPUT:VOLTAGE:RANGE {:g}V": options.voltage_range_v,
            ":INPUT:CURRENT:RANGE {:g}A": options.current_range_a,
        }
        return tuple(text.format(value) for text, value in wanted.items() if value is not None)

    def _listed_items(self) -> tuple[str, ...]:
        items = ";".join(f"ITEM{n} {item}" for n, item in enumerate(self._items, 1))
        return (":NUMERIC:FORMAT ASCII", f":NUMERIC:NORMAL:NUMBER {len(self._items)}", f":NUMERIC:NORMAL:{items}")

    async def identify(self) -> str:
        """The answer to *IDN?, and as a meter, that the way it integrates was not read in a manual."""
        identity = await self._link.identity()
        return f"{identity}; as a meter {Standing.EXPERIMENTAL.value}" if self._integrates else identity

    async def read(self) -> Reading:
        """What the instrument showed last: the wired phases, their total power, the frequency, and the energy as a meter.

        Raises InstrumentFault, also for a setting that the instrument did not take.
        """
        watch = Stopwatch(self._clock)
        numbers, state = await self._asks()
        if state.startswith("RES"):
            await self._start()
            watch = Stopwatch(self._clock)
            numbers, state = await self._asks()
        if self._integrates and not state.startswith("STAR"):
            cure = "reset the integration at the instrument, between two runs; it is then started"
            raise self._link.fault(f"its integration is in state {state!r}: what flows is not counted", cure)
        count = 3 * len(self._entry.phases) + 1
        more = {"energy_wh": sum(numbers[count:])} if self._integrates else {}
        return phase_reading(self._link, self._entry, watch, numbers[:count], more)

    async def _start(self) -> None:
        for setting in self._before_start:
            await self._link.command(setting, _ERROR)
        # A timer of nothing is no timer: the integration ends by command only.
        await self._link.command(":INTEGRATE:MODE NORMAL;TIMER 0,0,0", _ERROR)
        await self._link.command(":INTEGRATE:START", _ERROR)

    async def _asks(self) -> tuple[tuple[float, ...], str]:
        answer = await self._link.query(self._question)
        values, _, rest = answer.partition(";")
        state, _, error = rest.partition(";") if self._integrates else ("", "", rest)
        if not tells_no_error(error):
            told = error or answer
            what = f"answered {self._question!r} with {told[:80]!r}"
            raise await given_up(self._link, what, "check options, model and firmware")
        try:
            numbers = tuple(float(part) for part in values.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != len(self._items):
            what = f"answered {self._question!r} with {answer[:80]!r}, not with {len(self._items)} numbers"
            raise await given_up(self._link, what, "check model and firmware, and that nobody else sets its items")
        return numbers, state.strip().upper()

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
