"""Which instruments were out of calibration when a run began, by the head of its trace, and what rests on them.

An expired calibration decides nothing: it is said beside every check that rests on a reading of that instrument.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from harness.trace.events import RunStarted
from harness.trace.trace import Trace

CONTEXT_KEY = "calibration_due"
"""In the head of a trace: the last day of each instrument's calibration (ISO 8601), by name; absent where the bench file states none."""


def expired(due: Mapping[str, Any], day: str) -> dict[str, str]:
    """The last days of those calibrations that were over on `day` (a date or a time, ISO 8601), by instrument. What is no date is left out."""
    today = _date(day)
    if today is None:
        return {}
    days = {name: _date(last) for name, last in due.items()}
    return {name: last.isoformat() for name, last in days.items() if last is not None and last < today}


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


class Calibrations:
    """Knows, once it has seen the head of a trace, which instruments were out of calibration."""

    def __init__(self) -> None:
        self._expired: dict[str, str] = {}

    def learn(self, head: RunStarted) -> None:
        """Take the dates of the head."""
        due = head.context.get(CONTEXT_KEY)
        self._expired = expired(due, head.epoch_utc) if isinstance(due, dict) else {}

    def caveats(self, trace: Trace, evidence: Iterable[int]) -> list[str]:
        """A sentence for each instrument among the evidence (sequence numbers) whose calibration had expired."""
        if not self._expired:
            return []
        sources = {getattr(trace[seq].event, "source", None) for seq in evidence if 0 <= seq < len(trace)}
        return [f"{name}: calibration expired on {last}" for name, last in self._expired.items() if name in sources]
