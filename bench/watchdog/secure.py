"""Links of its own, the safe-state steps one after the other, each read back: what the watchdog does when it acts."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.assembly import make_drivers
from bench.clock import Clock
from bench.errors import BenchError, InstrumentFault
from bench.roles import Instrument
from bench.safety import apply_step, hands_last
from bench.stimuli import Recorded, SafeStepResult, Silent
from harness.model.topology import Topology

ATTEMPTS = 3
PAUSE_S = 1.0
"""Between attempts: an instrument with a single connection may take a moment to let go of the dead harness's."""


@dataclass(slots=True)
class Secured:
    """What came of it; `steps` are the results of the last attempt, `earlier` what failed in those before it, `problem`
    why there could be none."""

    steps: list[SafeStepResult] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    attempts: int = 0
    problem: str = ""

    @property
    def safe(self) -> bool:
        """Every step was applied and read back."""
        return not self.problem and all(step.ok for step in self.steps)


async def secure(topology: Topology, values: Mapping[str, int | str], clock: Clock, secured: Secured) -> None:
    """Apply the safe state, again from its first step while one fails, up to ATTEMPTS times. Never raises for a fault of
    the bench; `secured` is filled as it goes, so that it tells the truth of an attempt that was cut short, too."""
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(PAUSE_S)
        secured.earlier += [str(step) for step in secured.steps if not step.ok]
        secured.attempts, secured.problem = attempt + 1, "this attempt did not end"
        secured.steps = []
        try:
            drivers = make_drivers(topology, clock, values, {step.instrument for step in topology.safe_state})
        except BenchError as error:
            secured.problem = str(error)
            return
        try:
            await _apply(topology, drivers, clock, secured)
        finally:
            for driver in drivers.values():
                await driver.close()
        secured.problem = ""
        if secured.safe:
            return


async def _apply(topology: Topology, drivers: dict[str, Instrument], clock: Clock, secured: Secured) -> None:
    entries = {entry.name: entry for entry in topology.instruments}
    instruments = {
        name: Recorded(
            driver,
            entries[name],
            limits=topology.limits,
            clock=clock,
            observer=Silent(),
            on_fault=_told_in_the_step,
        )
        for name, driver in drivers.items()
    }
    for step in hands_last(topology.safe_state, drivers):
        secured.steps.append(await apply_step(instruments[step.instrument], step, clock))


def _told_in_the_step(_fault: InstrumentFault) -> None:
    """The step's result says it."""
