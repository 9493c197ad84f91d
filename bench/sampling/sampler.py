"""Reads instruments again and again, each at instants of its own that do not drift, and sees what is missed."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.errors import InstrumentFault
from bench.roles import Meter, Reading
from bench.sampling.keeping import GapWatch, SampleKeeper
from harness.model.topology import InstrumentEntry


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of it: `reading` is given what was read, as often as the interval says, and `fault` each time that an instrument failed.

    A reading that is `urgent` is given to `reading` whatever the interval says.
    """

    reading: Callable[[InstrumentEntry, Reading], None]
    fault: Callable[[InstrumentFault], None]
    urgent: Callable[[InstrumentEntry, Reading], bool] = lambda _entry, _reading: False


@dataclass(slots=True)
class _Due:
    """The instants of one instrument: `start` + n * `period`, of which `count` is the last that was due."""

    start: float
    period: float
    count: int = 0

    def last(self) -> float:
        return self.start + self.count * self.period

    def go_on(self, now: float, rest: float) -> int:
        """To the next instant that is not over, `rest` seconds from now at the earliest; how many are passed over."""
        following = max(self.count + 1, math.ceil((now + rest - self.start) / self.period))
        passed, self.count = following - self.count - 1, following
        return passed


class Sampler:
    """Reads each meter every `interval_s`, or every `fastest_s` where that is less; the keeper gets all, the listener one each interval.

    An instant that a slow answer covers is missed, not made up. An instrument that failed rests for an interval.
    """

    def __init__(
        self,
        meters: Mapping[str, tuple[InstrumentEntry, Meter]],
        keeper: SampleKeeper,
        *,
        interval_s: float,
        fastest_s: float = math.inf,
    ) -> None:
        self.station = ""
        """Identity of the station under test."""
        self.missed = dict.fromkeys(meters, 0)
        self._meters = meters
        self._listener: Listener
        self._keeper = keeper
        self._interval = interval_s
        self._fastest = fastest_s
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watches: dict[str, GapWatch] = {}

    @property
    def interval_s(self) -> float:
        """How often the listener is told of each instrument now."""
        return self._interval

    @interval_s.setter
    def interval_s(self, seconds: float) -> None:
        self._interval = seconds
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    @property
    def _period(self) -> float:
        return min(self._interval, self._fastest)

    def start(self, listener: Listener) -> None:
        """Begin, in the running loop."""
        self._listener = listener
        for name in self._meters:
            self._tasks.append(asyncio.create_task(self._sample(name), name=f"sampler {name}"))

    async def stop(self) -> None:
        """Read no more. What was missed up to now is kept as gaps. May be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        now = asyncio.get_running_loop().time()
        for name, watch in self._watches.items():
            entry, gap = self._meters[name][0], watch.ended(now)
            if gap is not None:
                self._keeper.on_gap(entry, self._station_of(entry), gap)

    async def _sample(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        due, told = _Due(loop.time(), self._period), -math.inf
        watch = self._watches[name] = GapWatch(due.start)
        while True:
            reading = await self._once(name, watch)
            if reading is not None and (reading.t >= told or self._must_tell(name, reading)):
                told = self._tell(name, reading, due.start)
            if due.period != self._period:
                watch.interval(due.period, self._period)
                due, told = _Due(loop.time(), self._period), -math.inf
            now = loop.time()
            rests = self._interval if reading is None and self._period < self._interval else 0.0
            late = now - due.last()
            passed = due.go_on(now, rests)
            self.missed[name] += passed
            watch.late(passed, late)
            self._keeper.beat(now)
            await self._sleep_until(due.last())

    async def _once(self, name: str, watch: GapWatch) -> Reading | None:
        """Read an instrument and keep what it said; None where it failed."""
        entry, meter = self._meters[name]
        try:
            reading = await meter.read()
        except InstrumentFault as fault:
            watch.fault(fault.what)
            self._listener.fault(fault)
            return None
        except Exception as error:  # noqa: BLE001 - one driver's defect must not end the sampling of the others unseen
            what = f"its driver failed: {error!r}"
            watch.fault(what)
            self._listener.fault(InstrumentFault(name, entry.address, what, "report this as a defect"))
            return None
        if not reading.values:
            watch.told_nothing()
            return reading
        station, gap = self._station_of(entry), watch.sampled(reading.t)
        if gap is not None:
            self._keeper.on_gap(entry, station, gap)
        self._keeper.on_sample(entry, station, reading)
        return reading

    def _must_tell(self, name: str, reading: Reading) -> bool:
        return self._period >= self._interval or self._listener.urgent(self._meters[name][0], reading)

    def _tell(self, name: str, reading: Reading, start: float) -> float:
        """Tell the listener; gives the clock time from which on the next reading is told."""
        entry = self._meters[name][0]
        self._listener.reading(entry, reading)
        return start + (math.floor((reading.t - start) / self._interval) + 1) * self._interval

    def _station_of(self, entry: InstrumentEntry) -> str:
        return self.station if entry.serves(self.station) else "+".join(entry.stations)

    async def _sleep_until(self, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._changed.wait()
        except TimeoutError:
            return
