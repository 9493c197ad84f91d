"""What a run and its sampling process tell each other: tuples, pickled, over a pair of sockets that only the two of them hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.errors import InstrumentFault
from bench.roles import Reading
from harness.model.topology import Topology

LOG = "sampling.log"
"""What the process writes to its standard error; removed where that is nothing."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Sampling by a process of its own, every `fastest_s` or as often as a case asks. `module` is run for it, and keeps the samples in `folder`.

    `zero_utc_us`: UTC at the run clock's zero, in microseconds since 1970.
    """

    module: str
    fastest_s: float
    folder: Path
    zero_utc_us: int


@dataclass(frozen=True, slots=True)
class Charge:
    """The first message: what to sample, and how. `names` are the instruments; `values` fill the placeholders of addresses."""

    topology: Topology
    values: Mapping[str, int | str]
    names: tuple[str, ...]
    apart: Apart


@dataclass(frozen=True, slots=True)
class Sampling:
    """From when on to sample: at once, for the run's cases every `interval_s`, with this station under test. Sent again, it changes that."""

    interval_s: float
    station: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Sample no more, close the links, keep what was sampled, tell what there is to tell, and end."""


@dataclass(frozen=True, slots=True)
class Call:
    """A verb of an instrument that a case, or the rig, needs now."""

    number: int
    instrument: str
    verb: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: its result, or what it raised."""

    number: int
    value: Any
    error: Exception | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """One of the readings; so many were missed up to now."""

    instrument: str
    reading: Reading
    missed: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An instrument failed when it was to be sampled."""

    fault: InstrumentFault


@dataclass(frozen=True, slots=True)
class Told:
    """Something that belongs into the trace."""

    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The charge was taken; `problem` says why not."""

    problem: str = ""


def send(connection: Connection, message: object) -> bool:
    """Send; whether the other side is still there."""
    try:
        connection.send(message)
    except (OSError, ValueError):
        return False
    return True
