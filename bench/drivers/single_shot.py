"""One shot of an oscilloscope, in any family's words: settings borrowed, the edge awaited, waveforms fetched, settings given back."""

import asyncio
import math
from abc import ABC, abstractmethod
from array import array
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError, NotTriggered, VerbAbsent
from bench.links.visa import VisaLink
from bench.roles import Capture, CaptureSignal, Trigger
from harness.edges import Waveform
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind, expanded, rectangular

POLL_S = 0.02
"""How often a waiting oscilloscope is asked whether it was triggered: it bounds how well the trigger is known on the run's clock."""

ARMS_WITHIN_S = 5.0
"""How long an oscilloscope may take to be ready, beside filling its memory up to the trigger."""

LONGEST_WINDOW_S = 20.0
POINTS = 10_000
"""Samples a signal that a shot aims at: 50 us apart in half a second, some hundred kB in all."""

MOST_POINTS = 200_000
OUT_OF_REACH_V = 11.0
"""Above every level of a plugged pilot (9 V in state B): its PWM must not trigger a shot that is forced."""

COVERS = 0.8
"""Share of the window, before and after the trigger, that a waveform must hold."""

KINDS: Mapping[CaptureSignal, QuantityKind] = MappingProxyType(
    {"pilot": "pilot_voltage", "outlet_voltage": "voltage", "outlet_current": "current"}
)


@dataclass(frozen=True, slots=True)
class Probe:
    """The analogue `channel` of a signal, and `factor`: V or A of the signal for each unit that the instrument shows."""

    channel: Annotated[int, Range(1, 4)]
    factor: Annotated[float, Range(-1e6, 1e6)] = 1.0


def probes_of(channel: int, outlet_voltage: Probe | None, outlet_current: Probe | None) -> dict[CaptureSignal, Probe]:
    """The wired signals; `channel` is the pilot's. Raises BenchError for a channel that carries two, and for a factor of 0."""
    probes: dict[CaptureSignal, Probe] = {"pilot": Probe(channel)}
    if outlet_voltage is not None:
        probes["outlet_voltage"] = outlet_voltage
    if outlet_current is not None:
        probes["outlet_current"] = outlet_current
    if len({probe.channel for probe in probes.values()}) < len(probes):
        raise BenchError(
            "two signals are wired to one channel. Cure: give channel, outlet_voltage and outlet_current one each"
        )
    if not all(probe.factor for probe in probes.values()):
        raise BenchError("a probe's factor is 0. Cure: give V or A for each unit that the instrument shows")
    return probes


@dataclass(frozen=True, slots=True)
class Raw:
    """Codes as the instrument keeps them: unit value = (code - `zero`) * `step` + `offset`; clipped outside of `lowest` to `highest`."""

    start_s: float
    step_s: float
    codes: Sequence[int]
    step: float
    offset: float = 0.0
    zero: float = 0.0
    lowest: int = 1
    highest: int = 254


def step_125(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... times a power of ten that is at least this: the steps of a time base."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(step * decade for step in (1.0, 2.0, 5.0, 10.0) if step * decade >= least * (1 - 1e-9))


class ShotDialect(ABC):
    """What a family says for a single shot. Every method talks to the instrument and may raise InstrumentFault."""

    borrowed: tuple[str, ...]
    """Headers of the settings that a shot changes, in the order in which they are given back."""

    @abstractmethod
    async def set(self, setting: str) -> None:
        """Apply one setting, and see that it was taken as far as the language can tell."""

    @abstractmethod
    async def prepare(
        self, channels: tuple[int, ...], trigger: tuple[int, float, bool], window_s: float, before_s: float
    ) -> float:
        """Window and trigger: channel, level in units of the instrument, rising. Returns for how long it goes on after the trigger, seconds."""

    @abstractmethod
    async def start(self) -> None:
        """Begin one acquisition."""

    @abstractmethod
    async def armed(self) -> bool:
        """Whether the part before the trigger is filled and an edge from now on is caught (or was caught already)."""

    @abstractmethod
    async def force(self) -> None:
        """Trigger now."""

    @abstractmethod
    async def done(self) -> bool:
        """Whether the acquisition is complete."""

    @abstractmethod
    async def fetch(self, channel: int) -> Raw:
        """The waveform of a channel."""

    @abstractmethod
    async def run(self) -> None:
        """Show the pilot continuously again."""


class SingleShot:
    """Plays the role edge_scope for a driver. `waiting`: the instrument is not to be asked for measurements now."""

    def __init__(
        self,
        entry: InstrumentEntry,
        link: VisaLink,
        clock: Clock,
        dialect: ShotDialect,
        probes: Mapping[CaptureSignal, Probe],
        *,
        time_base_ppm: float,
    ) -> None:
        self.waiting = False
        self.turn = asyncio.Lock()
        self._entry = entry
        self._link = link
        self._clock = clock
        self._dialect = dialect
        self._probes = probes
        self._ppm = time_base_ppm
        self._loan: dict[str, str] = {}
        self._awaited = ""
        self._window_s = self._before_s = self._after_s = 0.0
        self._forced: tuple[float, float] | None = None

    @property
    def signals(self) -> tuple[CaptureSignal, ...]:
        """What is wired."""
        return tuple(self._probes)

    @property
    def kinds(self) -> tuple[QuantityKind, ...]:
        """The kinds of quantity that an accuracy must be stated for, by the roles that the bench file gives the instrument."""
        pilot: tuple[QuantityKind, ...] = ("pilot_duty", "pilot_voltage", "pilot_frequency")
        shots = tuple(KINDS[signal] for signal in self._probes) if "edge_scope" in self._entry.roles else ()
        return (*(pilot if "pilot_scope" in self._entry.roles else ()), *shots)

    async def arm(self, trigger: Trigger | None, window_s: float, before_s: float) -> None:
        """As bench.roles.EdgeScope."""
        if not (0 <= before_s < window_s <= LONGEST_WINDOW_S):
            what = f"a window of {window_s} s with {before_s} s before the trigger"
            raise BenchError(
                f"{self._entry.name}: {what}. Cure: give up to {LONGEST_WINDOW_S:g} s, and less of it before"
            )
        aim = self._aim(trigger)
        async with self.turn:
            await self._release()
            self.waiting = True
            self._awaited = "forced shot" if trigger is None else str(trigger)
            self._window_s, self._before_s = window_s, before_s
            self._loan = {header: await self._link.query(f"{header}?") for header in self._dialect.borrowed}
            channels = tuple(probe.channel for probe in self._probes.values())
            self._after_s = await self._dialect.prepare(channels, aim, window_s, before_s)
            await self._dialect.start()
            within_s = ARMS_WITHIN_S + max(before_s, self._after_s)  # some families keep as much before as after
            if not await self._until(self._dialect.armed, within_s):
                cure = "look at its screen; check that its memory depth suits the window"
                raise self._link.fault(f"it is not armed {within_s:g} s after a single shot was asked for", cure)
            self._forced = None
            if trigger is None:
                began = self._clock.time()
                await self._dialect.force()
                self._forced = (began, self._clock.time())

    def _aim(self, trigger: Trigger | None) -> tuple[int, float, bool]:
        """Channel, level in the instrument's units and slope. A shot that will be forced waits for what a plugged pilot never does."""
        if trigger is None:
            return self._probes["pilot"].channel, OUT_OF_REACH_V / self._probes["pilot"].factor, True
        probe = self._probes.get(trigger.signal)
        if probe is None:
            cure = f"wire it and add options.{trigger.signal} = {{ channel = ... }}"
            raise VerbAbsent(self._entry.name, "arm", f"{trigger.signal} is on none of its channels", cure)
        return probe.channel, trigger.level / probe.factor, trigger.rising == (probe.factor > 0)

    async def capture(self, within_s: float) -> Capture:
        """As bench.roles.EdgeScope."""
        if not self.waiting:
            raise BenchError(f"{self._entry.name} was not armed. Cure: arm it before the stimulus")
        async with self.turn:
            after_s = self._after_s
            if not await self._until(self._dialect.done, within_s + after_s):
                await self._release()
                raise NotTriggered(self._entry.name, self._awaited, within_s)
            if self._forced is not None and self._asked[1] < self._forced[0] + after_s:
                await self._release()
                raise self._link.fault(
                    "it was triggered before it was forced", "check that the pilot is plugged and below 11 V"
                )
            t, t_u = self._triggered(after_s)
            waveforms = {signal: await self._waveform(signal) for signal in self._probes}
            await self._release()
        u = {signal: self._u(signal, wave) for signal, wave in waveforms.items()}
        return Capture(t, t_u, waveforms, self._ppm, u)

    def _triggered(self, after_s: float) -> tuple[float, float]:
        """The trigger on the run's clock: a forced one while it was sent, another one before the shot was complete."""
        began, ended = self._forced or (self._asked[0] - after_s, self._asked[1] - after_s)
        half = (ended - began) / 2 + self._entry.update_interval_s
        return (began + ended) / 2, expanded(rectangular(half))

    async def _until(self, holds: Callable[[], Awaitable[bool]], within_s: float) -> bool:
        """Ask until it holds. `_asked`: from when it did not hold yet until when it did."""
        deadline = self._clock.time() + within_s
        before = self._clock.time()
        while True:
            asked = self._clock.time()
            if await holds():
                self._asked = (before, self._clock.time())
                return True
            before = asked
            if self._clock.time() >= deadline:
                return False
            await asyncio.sleep(POLL_S)

    async def _waveform(self, signal: CaptureSignal) -> Waveform:
        probe = self._probes[signal]
        raw = await self._dialect.fetch(probe.channel)
        try:
            wave = _scaled(raw, probe.factor)
        except ValueError as error:
            raise self._link.fault(
                f"told a scale of {signal} that is none: {error}", "check model and firmware"
            ) from None
        missing = wave.start_s > -COVERS * self._before_s or wave.end_s < COVERS * (self._window_s - self._before_s)
        if missing:
            seen = f"{wave.start_s:.3g} s to {wave.end_s:.3g} s"
            what = (
                f"its waveform of {signal} holds {seen} around the trigger, where {self._window_s:g} s were asked for"
            )
            raise self._link.fault(what, "check memory depth and time base; switch roll mode off")
        return wave

    def _u(self, signal: CaptureSignal, wave: Waveform) -> float:
        """Of one sample at the largest value that was captured."""
        accuracy = self._entry.uncertainty.get(KINDS[signal])
        return 0.0 if accuracy is None else accuracy.u(max(map(abs, wave.values)))

    async def disarm(self) -> None:
        """As bench.roles.EdgeScope."""
        async with self.turn:
            await self._release()

    async def _release(self) -> None:
        """Give the borrowed settings back; what a fault keeps it from is done before the next use."""
        if self._loan:
            await self._dialect.run()
            for header in self._dialect.borrowed:
                await self._dialect.set(f"{header} {self._loan[header]}")
            self._loan = {}
        self.waiting = False


def _scaled(raw: Raw, factor: float) -> Waveform:
    """Codes to units. Raises ValueError for a scale that is not finite, or a shot without samples."""
    if not raw.codes or not all(map(math.isfinite, (raw.step, raw.offset, raw.zero, raw.start_s, raw.step_s))):
        raise ValueError(
            f"{len(raw.codes)} codes of {raw.step} from {raw.offset}, {raw.step_s} s apart from {raw.start_s} s"
        )
    values = array("d", ((code - raw.zero) * raw.step + raw.offset for code in raw.codes))
    if factor != 1.0:
        values = array("d", (value * factor for value in values))
    clipped = sum(not raw.lowest <= code <= raw.highest for code in raw.codes)
    return Waveform(raw.start_s, raw.step_s, values, abs(raw.step * factor), clipped)


async def preamble_of(link: VisaLink, most: int = MOST_POINTS) -> tuple[float, ...]:
    """The ten numbers of `:WAVeform:PREamble?` (Keysight, Rigol): format, type, points, count, x and y increment, origin, reference.

    Raises InstrumentFault for other than ten finite numbers, and for more points than are taken.
    """
    numbers = await link.query_numbers(":WAVeform:PREamble?", 10, ",")
    points = numbers[2]
    if not all(map(math.isfinite, numbers)) or not 0 < points <= most:
        raise link.fault(f"told a preamble of {points:g} points: {numbers}", "check model, firmware and memory depth")
    return numbers


def whole(link: VisaLink, codes: bytes, points: float) -> bytes:
    """The codes, if there are as many as the instrument said. Raises InstrumentFault."""
    if len(codes) != points:
        what = f"its waveform has {len(codes)} points, its preamble says {points:g}"
        raise link.fault(what, "read again; check model and firmware")
    return codes


class ShotScope:
    """What the oscilloscopes' drivers share: the role edge_scope is played by `SingleShot` in the words of the family."""

    def __init__(
        self,
        entry: InstrumentEntry,
        link: VisaLink,
        clock: Clock,
        dialect: ShotDialect,
        probes: Mapping[CaptureSignal, Probe],
        *,
        time_base_ppm: float,
    ) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._shot = SingleShot(entry, link, clock, dialect, probes, time_base_ppm=time_base_ppm)
        self.signals = self._shot.signals
        self.measures: tuple[QuantityKind, ...] = self._shot.kinds

    async def identify(self) -> str:
        """The answer to *IDN?; a shot that a fault cut short is given up."""
        identity = await self._link.identity()
        await self._shot.disarm()
        return identity

    async def arm(self, trigger: Trigger | None, window_s: float, before_s: float) -> None:
        """As bench.roles.EdgeScope."""
        await self._shot.arm(trigger, window_s, before_s)

    async def capture(self, within_s: float) -> Capture:
        """As bench.roles.EdgeScope."""
        return await self._shot.capture(within_s)

    async def disarm(self) -> None:
        """As bench.roles.EdgeScope."""
        await self._shot.disarm()

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
