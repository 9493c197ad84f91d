"""What the sampler tells whoever keeps its samples: every reading, and every stretch without one."""

from dataclasses import dataclass
from typing import Protocol

from bench.roles import Reading
from harness.model.topology import InstrumentEntry
from harness.samples import GapCause


@dataclass(frozen=True, slots=True)
class Gap:
    """No samples from `from_s` to `to_s` (clock times, seconds) where `missed` were due. `detail` tells more than `why`."""

    from_s: float
    to_s: float
    why: GapCause
    missed: int
    detail: str


class SampleKeeper(Protocol):
    """Keeps samples. It is called by one thread at a time, which need not be the event loop's; it must neither block nor raise."""

    def on_sample(self, entry: InstrumentEntry, station: str, reading: Reading) -> None:
        """An instrument wired to the station of this identity was read when it was due."""

    def on_gap(self, entry: InstrumentEntry, station: str, gap: Gap) -> None:
        """An instrument was not read when it was due; told when the gap is over."""

    def beat(self, t: float) -> None:
        """It is clock time `t` (seconds); told every now and then, whether or not anything can be read."""


class KeepNothing:
    """Keeps no samples."""

    def on_sample(self, entry: InstrumentEntry, station: str, reading: Reading) -> None:
        """Not kept."""

    def on_gap(self, entry: InstrumentEntry, station: str, gap: Gap) -> None:
        """Not kept."""

    def beat(self, t: float) -> None:
        """Nothing to do."""


KEEP_NOTHING = KeepNothing()


@dataclass(slots=True)
class GapWatch:
    """Sees the gaps of one instrument, from when its sampling began (`last_s`)."""

    last_s: float
    missed: int = 0
    why: GapCause | None = None
    detail: str = ""

    def fault(self, what: str) -> None:
        """A sample was due, and the instrument failed."""
        self.missed += 1
        if self.why != "fault":
            self.why, self.detail = "fault", what

    def told_nothing(self) -> None:
        """A sample was due, and the instrument answered without a single value."""
        self.missed += 1
        if self.why in {None, "interval changed"}:
            self.why, self.detail = (
                "no value",
                "it answered, and told no quantity, as an oscilloscope that waits for a shot",
            )

    def late(self, instants: int, seconds: float) -> None:
        """So many samples fell due while one answer took `seconds`."""
        self.missed += instants
        if instants and self.why in {None, "interval changed"}:
            self.why, self.detail = "missed deadline", f"one reading ended {seconds:.3f} s after it was due"

    def interval(self, before: float, now: float) -> None:
        """Samples are taken at other instants from now on."""
        if self.why is None:
            self.why, self.detail = "interval changed", f"every {before:g} s, then every {now:g} s"

    def sampled(self, t: float) -> Gap | None:
        """A sample dated `t`: the gap that it ends, if there was one."""
        gap = None if self.why is None else Gap(self.last_s, t, self.why, self.missed, self.detail)
        self.last_s, self.missed, self.why, self.detail = t, 0, None, ""
        return gap

    def ended(self, t: float) -> Gap | None:
        """Sampling ends at clock time `t`: the gap that lasts until then, if samples were missed."""
        return self.sampled(t) if self.missed else None
