"""What is done to the station, on record: a thin proxy around each driver reports every verb before it is applied.

Drivers stay simple, and a trace shows what was attempted even where the attempt never came back.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from bench.clock import Clock
from bench.errors import BenchError, InstrumentFault, VerbAbsent
from bench.guards import Trip, beyond_range
from bench.links.asking import Board
from bench.roles import ROLES, Instrument, Reading, measuring
from harness.model.topology import BenchLimits, InstrumentEntry, SafeStep

Phase = Literal["begin", "done", "failed"]

STIMULI: dict[str, frozenset[str]] = {
    "ac_source": frozenset({"output", "set_voltage", "set_frequency", "dip"}),
    "ev_simulator": frozenset(
        {
            "plug_in",
            "unplug",
            "unplug_ev_side",
            "request_energy",
            "set_demand",
            "set_phases",
            "set_power_factor",
            "set_polite",
            "set_diode_bypass",
            "set_pilot_short",
            "set_pilot_open",
            "set_ventilation",
            "set_proximity",
        }
    ),
    "relay_board": frozenset({"switch"}),
    "id_reader": frozenset({"present"}),
    "panel": frozenset({"press"}),
    "fault_injector": frozenset({"inject", "clear"}),
    "parking_bay": frozenset({"occupy", "leave"}),
    "network_cutter": frozenset({"cut", "restore"}),
}
"""The verbs of each role that act on the station or on its surroundings; all others only look."""

_LIMITED: dict[str, tuple[str, str]] = {
    "set_voltage": ("volts", "max_voltage_v"),
    "set_demand": ("current_a", "max_current_a"),
}


@dataclass(frozen=True, slots=True)
class SafeStepResult:
    """What became of one step to the safe state: `ok`, or `what` went wrong."""

    step: SafeStep
    ok: bool
    what: str

    def __str__(self) -> str:
        args = ", ".join(f"{name}={value}" for name, value in self.step.args.items())
        return f"{self.step.instrument}.{self.step.verb}({args}): {self.what}"


@dataclass(frozen=True, slots=True)
class HandAnswer:
    """What a person was asked and what they answered; clock times in seconds. What was asked for happened between the two.

    `where` they answered: `terminal` or `console`; nothing where nobody did.
    """

    instrument: str
    verb: str
    prompt: str
    answer: str
    asked_at: float
    answered_at: float
    where: str = ""


class RigObserver(Protocol):
    """Who is told what happens on the bench; called in the event loop, must not block."""

    def on_stimulus(self, instrument: str, role: str, verb: str, args: dict[str, Any], phase: Phase, t: float) -> None:
        """A stimulus is about to be applied, was applied, or failed (`args` then holds `error`)."""

    def on_reading(self, instrument: str, role: str, evse: int, reading: Reading) -> None:
        """An instrument was read, by the sampler or by a case."""

    def on_fault(self, fault: InstrumentFault) -> None:
        """An instrument broke; told once until it works again."""

    def on_trip(self, trip: Trip) -> None:
        """A reading is beyond a limit of the bench: the safe state begins, and stimuli are refused."""

    def on_secured(self, steps: list[SafeStepResult]) -> None:
        """The safe state after a trip was applied, with these results."""

    def on_answer(self, answer: HandAnswer) -> None:
        """A person was asked for something."""

    def on_note(self, text: str) -> None:
        """Something else about the bench that belongs on record."""


@runtime_checkable
class ByHand(Protocol):
    """A driver that asks a person."""

    by_hand: bool

    def report_to(self, told: Callable[[HandAnswer], None], board: Board | None = None) -> None:
        """Tell each answer to `told`, as it is given; ask at `board`, too."""


@runtime_checkable
class Selective(Protocol):
    """A driver that does only what its bench file lists."""

    def refuse(self, verb: str, args: dict[str, Any]) -> None:
        """Raises VerbAbsent when it does not do this verb with these arguments, before anything is done."""


class Silent:
    """An observer that keeps nothing."""

    def on_stimulus(self, instrument: str, role: str, verb: str, args: dict[str, Any], phase: Phase, t: float) -> None:
        """Not kept."""

    def on_reading(self, instrument: str, role: str, evse: int, reading: Reading) -> None:
        """Not kept."""

    def on_fault(self, fault: InstrumentFault) -> None:
        """Not kept."""

    def on_trip(self, trip: Trip) -> None:
        """Not kept."""

    def on_secured(self, steps: list[SafeStepResult]) -> None:
        """Not kept."""

    def on_answer(self, answer: HandAnswer) -> None:
        """Not kept."""

    def on_note(self, text: str) -> None:
        """Not kept."""


class Recorded:
    """An instrument whose stimuli and readings are reported. It has every method of the driver behind it."""

    def __init__(
        self,
        driver: Instrument,
        entry: InstrumentEntry,
        *,
        limits: BenchLimits,
        clock: Clock,
        observer: RigObserver,
        on_fault: Callable[[InstrumentFault], None],
        permit: Callable[[InstrumentEntry, str, dict[str, Any]], None] | None = None,
        on_reading: Callable[[InstrumentEntry, Reading], None] | None = None,
    ) -> None:
        """`permit` may refuse a stimulus by raising; without it, as for the safe state, none is refused. `on_reading`
        is told each reading after the observer was."""
        self.name = entry.name
        self._driver = driver
        self._entry = entry
        self._limits = limits.of(entry.evses)
        self._clock = clock
        self._observer = observer
        self._on_fault = on_fault
        self._permit = permit
        self._on_reading = on_reading

    def __getattr__(self, verb: str) -> Any:
        if not hasattr(self._driver, verb) and self._has_a_role_with(verb):
            return self._absent(verb)
        method = getattr(self._driver, verb)
        if not inspect.iscoroutinefunction(method):
            return method
        for role in self._entry.roles:
            if verb in STIMULI.get(role, ()):
                return self._stimulus(role, verb, method)
        return self._read(method) if verb == "read" else self._query(method)

    def _has_a_role_with(self, verb: str) -> bool:
        return not verb.startswith("_") and any(hasattr(ROLES[role], verb) for role in self._entry.roles)

    def _absent(self, verb: str) -> Callable[..., Awaitable[None]]:
        """What stands for a verb that a role of this instrument has, and its driver does not."""

        async def refuse(*_args: object, **_kwargs: object) -> None:
            why = f"its driver {self._entry.driver} has no such verb"
            raise VerbAbsent(self.name, verb, why, "wire another instrument in this role")

        return refuse

    def _stimulus(self, role: str, verb: str, method: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def apply(*args: object, **kwargs: object) -> None:
            bound = inspect.signature(method).bind(*args, **kwargs)
            bound.apply_defaults()
            told = dict(bound.arguments)
            self._within_limits(verb, told)
            if self._permit is not None:
                self._permit(self._entry, verb, told)
            if isinstance(self._driver, Selective):
                self._driver.refuse(verb, told)
            self._tell(role, verb, told, "begin")
            try:
                await method(*args, **kwargs)
            except asyncio.CancelledError:
                self._tell(role, verb, {**told, "error": "cancelled before its end was known"}, "failed")
                raise
            except Exception as error:
                self._tell(role, verb, {**told, "error": str(error)}, "failed")
                if isinstance(error, InstrumentFault):
                    self._on_fault(error)
                raise
            self._tell(role, verb, told, "done")

        return apply

    def _query(self, method: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def ask(*args: object, **kwargs: object) -> object:
            try:
                return await method(*args, **kwargs)
            except InstrumentFault as fault:
                self._on_fault(fault)
                raise

        return ask

    def _read(self, method: Callable[[], Awaitable[Reading]]) -> Callable[[], Awaitable[Reading]]:
        async def read() -> Reading:
            try:
                reading = await method()
            except InstrumentFault as fault:
                self._on_fault(fault)
                raise
            beyond = beyond_range(self._entry, reading)
            for role in measuring(self._entry.roles) if beyond is None else ():
                self._observer.on_reading(self.name, role, self._entry.evses[0], reading)
            if self._on_reading is not None:
                self._on_reading(self._entry, reading)
            if beyond is not None:
                self._on_fault(beyond)
                raise beyond
            return reading

        return read

    def _tell(self, role: str, verb: str, args: dict[str, Any], phase: Phase) -> None:
        self._observer.on_stimulus(self.name, role, verb, args, phase, self._clock.time())

    def _within_limits(self, verb: str, args: dict[str, Any]) -> None:
        if verb not in _LIMITED:
            return
        argument, limit = _LIMITED[verb]
        value, most = args[argument], getattr(self._limits, limit)
        if value > most:
            what = f"{self.name}: {verb}({argument} = {value:g}) exceeds the bench's {limit} = {most:g}"
            raise BenchError(f"{what}. Cure: ask for less, or raise [limits] if all of the bench stands it")
