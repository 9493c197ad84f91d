"""What the session of one EVSE asks of the rest of the stack, and what it tells it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a session tells the rest of the stack."""

    limit_a: Callable[[int], float]
    phases: Callable[[int], int]
    operative: Callable[[int], bool]
    changed: Callable[[int], None]
    ended: Callable[[int, str], None]
