"""Siglent oscilloscopes: the control pilot, in the two languages that the SDS series have had; single shots in the newer one."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from bench.clock import Clock
from bench.drivers.siglent_shots import SiglentShots
from bench.drivers.single_shot import Probe, ShotScope, probes_of
from bench.errors import BenchError
from bench.links.visa import VisaLink
from bench.measured import Stopwatch
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import Matches, Range
from harness.model.topology import InstrumentEntry

_NOT_MEASURABLE = "****"
_UNITS = {"DUTY": "%", "TOP": "V", "BASE": "V", "FREQ": "Hz"}
_QUANTITIES = {
    "DUTY": "pilot_duty_pct",
    "TOP": "pilot_high_v",
    "BASE": "pilot_low_v",
    "FREQ": "pilot_frequency_hz",
}
_PAVA = re.compile(r"(?:.*\bPAVA\s+)?(?:(?P<item>[A-Z]+),)?(?P<value>[^,%VHz]+)(?P<unit>%|V|Hz)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SiglentOptions:
    """`channel`: the analogue channel that the control pilot is wired to.

    `dialect`: `advanced` for the models of programming guide EN11 (SDS1000X HD, 2000X Plus, 5000X and later), whose
    measurements P1 to P4 this driver then takes for itself; `pava` for the older ones (SDS1000X-E and before), which tell
    three digits only: the bench file's uncertainty must hold that (10 Hz of 1 kHz). Single shots are taken in `advanced` only.

    `outlet_voltage`, `outlet_current`: the channels of one phase behind the contactor, with the factor of a probe or clamp that
    the instrument does not know itself. `memory_depth`: points of a single shot, one that the model has; it stays so.
    `time_base_ppm`: how far its seconds may be off, by its data sheet.
    """

    channel: Annotated[int, Range(1, 4)] = 1
    dialect: Literal["advanced", "pava"] = "advanced"
    outlet_voltage: Probe | None = None
    outlet_current: Probe | None = None
    memory_depth: Annotated[str, Matches(r"[1-9]\d{0,5}k?", "a number of points, e.g. 10k")] = "10k"
    time_base_ppm: Annotated[float, Range(0, 10000)] = 50.0


@driver(
    "siglent_sds",
    roles=("pilot_scope", "edge_scope"),
    link="visa",
    standing=Standing.VIRTUAL,
    source=":MEASure:ADVanced as in PyMeasure and further public drivers that cite programming guide EN11 (port 5025);"
    " PAVA? and **** as in public drivers of SDS1000X: neither guide was read whole; single shots"
    " as in public drivers that cite EN11 (descriptor by PyMeasure)",
    options=SiglentOptions,
)
class SiglentSds(ShotScope):
    """Duty cycle, top and base voltage and frequency of the control pilot, one question after the other."""

    def __init__(self, entry: InstrumentEntry, link: VisaLink, clock: Clock, options: SiglentOptions) -> None:
        self._source = f"C{options.channel}"
        self._advanced = options.dialect == "advanced"
        self._checked = not self._advanced
        if "edge_scope" in entry.roles and not self._advanced:
            cure = 'use dialect = "advanced" where the model speaks it, or leave the role edge_scope out'
            raise BenchError(f"{entry.name} takes no single shots in the dialect pava. Cure: {cure}")
        probes = probes_of(options.channel, options.outlet_voltage, options.outlet_current)
        shots = SiglentShots(link, options.memory_depth)
        super().__init__(entry, link, clock, shots, probes, time_base_ppm=options.time_base_ppm)
        if self._advanced:
            link.greeting = (":MEASure ON", ":MEASure:MODE ADVanced", *self._installed())

    def _installed(self) -> tuple[str, ...]:
        """What makes P1 to P4 measure the pilot."""
        slots = enumerate(_QUANTITIES, start=1)
        return tuple(
            f":MEASure:ADVanced:P{number}{setting}"
            for number, item in slots
            for setting in (f":SOURce1 {self._source}", f":TYPE {item}", " ON")
        )

    async def read(self) -> Reading:
        """What can be measured now: a steady pilot has no duty and no frequency, and they are then left out.

        Raises InstrumentFault.
        """
        if self._shot.waiting:
            return Stopwatch(self._clock).reading(self._entry, {})
        if not self._checked:
            await self._check()
        watch = Stopwatch(self._clock)
        self._checked = not self._advanced  # a fault below may mean another connection, on which all is set anew
        values = {}
        for number, (item, quantity) in enumerate(_QUANTITIES.items(), start=1):
            value = await self._measured(number, item)
            if value is not None:
                values[quantity] = value
        self._checked = True
        return watch.reading(self._entry, values)

    async def _check(self) -> None:
        """Read back what P1 to P4 measure: a slot that stayed another's would be taken for the pilot."""
        for number, item in enumerate(_QUANTITIES, start=1):
            for setting, wanted in (("TYPE", item), ("SOURce1", self._source)):
                question = f":MEASure:ADVanced:P{number}:{setting}?"
                answer = await self._link.query(question)
                if answer.upper() != wanted:
                    await self._link.exchange(self._link.drop)  # the next connection sets it again
                    cure = "check model and dialect, and that nobody uses its panel"
                    raise self._link.fault(f"answered {question!r} with {answer[:40]!r}, not {wanted}", cure)

    async def _measured(self, number: int, item: str) -> float | None:
        question = f":MEASure:ADVanced:P{number}:VALue?" if self._advanced else f"{self._source}:PAVA? {item}"
        answer = await self._link.query(question)
        text = answer if self._advanced else _told(answer, item)
        if text == _NOT_MEASURABLE:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            await self._link.exchange(self._link.drop)
            cure = "check model, firmware and dialect"
            raise self._link.fault(f"answered {question!r} with {answer[:80]!r}, not with a number", cure)
        return value


def _told(answer: str, item: str) -> str:
    """The value in an answer to PAVA?, with or without header and unit; nothing when it is about something else."""
    match = _PAVA.fullmatch(answer.strip())
    if match is None or (match["item"] or item).upper() != item:
        return ""
    if match["unit"] is not None and match["unit"].lower() != _UNITS[item].lower():
        return ""
    return match["value"].strip()
