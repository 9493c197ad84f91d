"""All given rules over one trace."""

from collections.abc import Iterable

from harness.oracle.invariants.conversation import Hub, PerStation
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record


class Invariants:
    """Feeds every rule. Those over conversations share one look at a message."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        watched = [(rule, rule.watch()) for rule in rules]
        talks = [(rule, watcher) for rule, watcher in watched if isinstance(watcher, PerStation)]
        self._watchers = [(rule, watcher.feed) for rule, watcher in watched if not isinstance(watcher, PerStation)]
        self._talked = [rule for rule, _ in talks]
        self._hub = Hub([watcher for _, watcher in talks])

    def feed(self, record: Record) -> list[tuple[Rule, Violation]]:
        """Violations that this record brings to light."""
        broken: list[tuple[Rule, Violation]] = []
        for rule, feed in self._watchers:
            found = feed(record)
            if found:
                broken += [(rule, violation) for violation in found]
        heard = self._hub.feed(record)
        if heard:
            broken += [(self._talked[number], violation) for number, violation in heard]
        return broken
