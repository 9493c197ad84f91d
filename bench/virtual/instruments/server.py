"""What every virtual instrument has in common: a port, an end, and ways to misbehave on demand."""

import os
import random
from dataclasses import dataclass
from typing import Literal, Protocol

from bench.errors import BenchError

Misbehaviour = Literal["none", "silent", "garbage", "closed", "nan"]
"""How an instrument fails: no answer at all; an answer that is noise; the connection closed and refused; values that
are not numbers."""

GARBAGE = b"\x00\xffu#!\x80\n"


class VirtualInstrument(Protocol):
    """An instrument behind a TCP port."""

    name: str

    async def start(self, host: str, port: int) -> int:
        """Listen on `port`, or on a free one for 0; gives the port. Raises BenchError when the port is taken."""

    async def stop(self) -> None:
        """Close the port and every connection. May be repeated."""

    async def misbehave(self, kind: Misbehaviour) -> None:
        """Fail in this way from now on; `none` is well again, on the same port."""


class Latency:
    """Time an instrument takes to answer: `base_s` and up to `jitter_s` more, from a seeded source."""

    def __init__(self, base_s: float = 0.002, jitter_s: float = 0.001, seed: int = 0) -> None:
        self.base_s = base_s
        self.jitter_s = jitter_s
        self._random = random.Random(seed)  # noqa: S311 - jitter must be repeatable, not secret

    def draw_s(self) -> float:
        """The next answer's delay in seconds."""
        return self.base_s + self.jitter_s * self._random.random()


@dataclass(frozen=True, slots=True)
class Channel:
    """How one quantity is seen: true value times (1 + `gain_error`) plus `offset`, in multiples of `step`."""

    gain_error: float = 0.0
    offset: float = 0.0
    step: float = 0.0

    def read(self, true_value: float) -> float:
        """What the instrument says."""
        seen = true_value * (1.0 + self.gain_error) + self.offset
        return round(seen / self.step) * self.step if self.step > 0.0 else seen


def latched(now: float, period_s: float) -> float:
    """The last instant, at or before `now`, at which an instrument with this update period took new values."""
    # One part in 1e9 of slack: a reading taken exactly at an update sees it, whatever the last bit says.
    return int(now / period_s + 1e-9) * period_s


def cannot_listen(name: str, host: str, port: int, error: OSError | None = None) -> BenchError:
    """The error of an instrument that gets no port."""
    why = f" ({os.strerror(error.errno)})" if error is not None and error.errno else ""
    cure = "stop what listens there, or choose another port (0 for a free one)"
    return BenchError(f"{name}: cannot listen on {host}:{port}{why}. Cure: {cure}")
