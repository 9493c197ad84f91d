"""All given rules over one trace."""

from collections.abc import Callable, Iterable

from harness.oracle.invariants.conversation import Hub, PerStation
from harness.oracle.invariants.rule import Rule, Sound, Violation, Watcher
from harness.trace.events import Frame
from harness.trace.trace import Record

Feed = Callable[[Record], Iterable[Violation]]


class Invariants:
    """Feeds every rule what it hears. Those over conversations share one look at a message."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._watchers: list[tuple[Rule, Watcher]] = []
        self._talked: list[Rule] = []
        talks: list[PerStation[object]] = []
        for rule in rules:
            watcher = rule.watch()
            if isinstance(watcher, PerStation):
                talks.append(watcher)
                self._talked.append(rule)
            else:
                self._watchers.append((rule, watcher))
        self._hub = Hub(talks)
        self._hearers: dict[Sound, list[tuple[Rule, Feed]]] = {}

    def feed(self, record: Record) -> list[tuple[Rule, Violation]]:
        """Violations that this record brings to light."""
        event = record.event
        sound: Sound = (event.direction, event.frame) if type(event) is Frame else type(event)
        hearers = self._hearers.get(sound)
        if hearers is None:
            hearers = self._hearers[sound] = self._who_hears(sound)
        broken: list[tuple[Rule, Violation]] = []
        for rule, feed in hearers:
            found = feed(record)
            if found:
                broken += [(rule, violation) for violation in found]
        heard = self._hub.message(record, event) if type(event) is Frame else self._hub.feed(record)
        if heard:
            broken += [(self._talked[number], violation) for number, violation in heard]
        return broken

    def _who_hears(self, sound: Sound) -> list[tuple[Rule, Feed]]:
        return [
            (rule, watcher.feed) for rule, watcher in self._watchers if watcher.hears is None or sound in watcher.hears
        ]
