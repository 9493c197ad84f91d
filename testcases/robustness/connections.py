"""The connections of the station under test, as the trace has them: tried, opened, ended. Nothing here judges."""

from collections.abc import Iterator
from dataclasses import dataclass

from fixtures.csms.facade import Seen
from fixtures.run import Run
from harness.trace.events import Closed, Handshake
from harness.trace.trace import Record


@dataclass(frozen=True, slots=True)
class Connections:
    """What became of the connections of one station."""

    run: Run
    identity: str

    def attempts(self, since: Seen) -> list[float]:
        """When the first connection after `since` ended, and when each handshake came after that; seconds on the run's clock."""
        records = iter(self._events(since))
        ended = next((record.t for record in records if isinstance(record.event, Closed)), None)
        return [] if ended is None else [ended, *(r.t for r in records if isinstance(r.event, Handshake))]

    def ended(self, since: Seen) -> int:
        """How many connections ended after `since`."""
        return sum(isinstance(record.event, Closed) for record in self._events(since))

    def _events(self, since: Seen) -> Iterator[Record]:
        for record in self.run.trace.since(since.seq):
            event = record.event
            if isinstance(event, Closed | Handshake) and event.station == self.identity:
                yield record
