"""The safe state: ordered steps from the bench file, each applied and read back, none skipped because one failed."""

import asyncio
import inspect
import math
from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from bench.clock import Clock
from bench.errors import VerbAbsent
from bench.stimuli import ByHand, Recorded, SafeStepResult, Selective
from harness.model.strict import nearest
from harness.model.topology import SafeStep, Topology

_POLL_S = 0.05
_TOLERANCE = 0.005  # of a number read back, relative: instruments echo a setting rounded to their own step


SECURING: ContextVar[bool] = ContextVar("SECURING", default=False)
"""Whether what is done now is a step to the safe state: a driver that asks a person has no time to lose then."""


def hands_last(steps: Iterable[SafeStep], drivers: Mapping[str, object]) -> list[SafeStep]:
    """The steps in their order, those of a person after all others."""
    return sorted(steps, key=lambda step: isinstance(drivers[step.instrument], ByHand))


async def apply_step(instrument: Recorded, step: SafeStep, clock: Clock) -> SafeStepResult:
    """Apply one step and read it back within its time. Never raises but for cancellation."""
    by_hand = bool(getattr(instrument, "by_hand", False))
    token = SECURING.set(True)
    try:
        await getattr(instrument, step.verb)(**step.args)
        if step.readback is None:
            return SafeStepResult(step, True, "confirmed by the person at the bench" if by_hand else "applied")
        return await _read_back(instrument, step, clock)
    except Exception as error:  # noqa: BLE001 - whatever fails here, the next step must still be tried
        what = str(error) or type(error).__name__
        return SafeStepResult(step, False, f"not confirmed: {what}" if by_hand else what)
    finally:
        SECURING.reset(token)


async def _read_back(instrument: Recorded, step: SafeStep, clock: Clock) -> SafeStepResult:
    assert step.readback is not None
    deadline = clock.time() + step.within_s
    while True:
        got = await getattr(instrument, step.readback)(**step.readback_args)
        if _agrees(got, step.expected):
            return SafeStepResult(step, True, f"{step.readback} reads {got!r}")
        if clock.time() >= deadline:
            what = f"{step.readback} reads {got!r} after {step.within_s:g} s, not {step.expected!r}"
            return SafeStepResult(step, False, what)
        await asyncio.sleep(_POLL_S)


def _agrees(got: object, expected: object) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (got, expected))
    if numbers:
        assert isinstance(got, int | float)
        assert isinstance(expected, int | float)
        return math.isclose(got, expected, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return got == expected


def check_steps(topology: Topology, drivers: dict[str, object]) -> list[str]:
    """What is wrong with the safe-state steps, given the drivers by instrument: unknown verbs, wrong arguments."""
    problems: list[str] = []
    for number, step in enumerate(topology.safe_state, 1):
        where = f"{topology.source}: safe_state[{number}]"
        calls = [(step.verb, step.args)]
        if step.readback is not None:
            calls.append((step.readback, step.readback_args))
        for verb, args in calls:
            problem = _wrong_call(drivers[step.instrument], verb, args)
            if problem:
                problems.append(f"{where}: {step.instrument}.{problem}")
    return problems


def _wrong_call(driver: object, verb: str, args: dict[str, object]) -> str | None:
    verbs = tuple(n for n in dir(driver) if not n.startswith("_") and inspect.iscoroutinefunction(getattr(driver, n)))
    if verb not in verbs:
        return f"{verb} does not exist. Cure: {nearest(verb, verbs)}"
    signature = inspect.signature(getattr(driver, verb))
    try:
        bound = signature.bind(**args)
    except TypeError as error:
        return f"{verb}: {error}. Cure: its arguments are {signature}"
    bound.apply_defaults()
    return _refused(driver, verb, dict(bound.arguments))


def _refused(driver: object, verb: str, args: dict[str, object]) -> str | None:
    try:
        if isinstance(driver, Selective):
            driver.refuse(verb, args)
    except VerbAbsent as absent:
        return f"{absent.verb}: {absent.why}. Cure: {absent.cure}, or leave the step out"
    return None
