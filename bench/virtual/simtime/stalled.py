"""The errors that end a simulated run in which nothing more can, or does, happen."""

import asyncio
from collections.abc import Iterable

_SHOWN = 12


class SimulationStalledError(RuntimeError):
    """The loop waits for something that does not come. The text says what it waits for."""


class NothingCanHappenError(SimulationStalledError):
    """No timer is set, nothing is under way on any socket, no job runs and nothing outside was declared."""


class NoProgressError(SimulationStalledError):
    """The wall-clock watchdog: something is outstanding, and nothing has happened for too long."""


class HorizonPassedError(SimulationStalledError):
    """Time went on and on, for days, driven by timers that repeat, and what was being run did not end."""


def section(title: str, lines: Iterable[str]) -> str:
    """One paragraph of the description; says "none" for an empty one, cuts a long one and says so."""
    found = list(lines)
    if not found:
        return f"  {title}: none"
    shown = found[:_SHOWN]
    if len(found) > _SHOWN:
        shown.append(f"... and {len(found) - _SHOWN} more")
    return "\n".join([f"  {title}:", *(f"    - {line}" for line in shown)])


def describe_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Every unfinished task and the line it stands at."""
    return sorted(_describe_task(task) for task in asyncio.all_tasks(loop))


def _describe_task(task: "asyncio.Task[object]") -> str:
    name = f"{task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')})"
    stack = task.get_stack(limit=1)
    if not stack:
        return name
    frame = stack[-1]
    return f"{name} at {frame.f_code.co_filename}:{frame.f_lineno}"
