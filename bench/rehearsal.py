"""What would be sent for each verb, with nothing sent: for whoever writes a bench file."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bench.assembly import make_drivers
from bench.clock import Clock
from harness.model.topology import RUN_VALUES, Topology

_ANY_PORT = 1


@runtime_checkable
class Rehearsing(Protocol):
    """A driver that can tell what it would send."""

    def rehearse(self) -> list[tuple[str, str]]:
        """Verb and what it would send, with sample values."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One thing that `verb` of `instrument` would send."""

    instrument: str
    verb: str
    sends: str


async def rehearse(topology: Topology, clock: Clock) -> list[Rehearsed]:
    """Everything that instruments told by the bench file would send, with sample values; nothing is opened.

    Values that only a run knows stand there by name. Raises BenchError with every problem of the description.
    """
    ports = {name: _ANY_PORT for entry in topology.instruments for name in entry.placeholders()}
    values: dict[str, int | str] = {**ports, **{name: f"{{{name}}}" for name in RUN_VALUES}}
    return [
        Rehearsed(name, verb, sends)
        for name, driver in make_drivers(topology, clock, values).items()
        if isinstance(driver, Rehearsing)
        for verb, sends in driver.rehearse()
    ]
