"""No password in a report: what was marked secret when it was captured is not repeated in the words of a verdict.

The trace keeps it, marked; whoever passes a trace on redacts it there.
"""

from collections.abc import Iterable
from typing import Any

from harness.oracle.matchers import values_at
from harness.record import CaseRecord
from harness.trace.events import Frame, Handshake
from harness.trace.trace import Record

MASK = "(secret)"
SHORTEST = 4
"""Shorter values are left: they would be masked in half of all words. No password that OCPP allows is so short (16 characters in 1.6)."""

SECRETIVE = (Frame, Handshake)
"""The events whose `secrets` name what must not be repeated."""


class Discretion:
    """Learns the secrets of a run, and takes them out of texts."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, record: Record) -> None:
        """Remember the values that a frame or an opening handshake marks as secret."""
        event = record.event
        if isinstance(event, Frame) and event.secrets:
            self._keep(value for path in event.secrets for value in values_at(record.payload, path))
        elif isinstance(event, Handshake) and event.secrets:
            self._keep(value for name, value in event.headers if name in event.secrets)

    def _keep(self, values: Iterable[Any]) -> None:
        self._known.update(value for value in values if isinstance(value, str) and len(value) >= SHORTEST)

    def mask(self, text: str) -> str:
        """The text without any secret that is known so far, the longest first."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def mask_case(self, case: CaseRecord) -> None:
        """Take secrets out of every text of a case that ended."""
        if not self._known:
            return
        case.reason = self.mask(case.reason)
        case.error = None if case.error is None else self.mask(case.error)
        for step in case.steps:
            step.detail = self.mask(step.detail)
            for check in step.checks:
                check.required, check.observed = self.mask(check.required), self.mask(check.observed)
