"""All that a transaction's samples say of one moment, also where they are spread over messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import Exchange
from harness.oracle.invariants.readings import CURRENT, POWER, REGISTER, VOLTAGE, Reading, Told, told

_LINES = frozenset({"L1", "L2", "L3"})
_OF_OTHER_TIMES = frozenset({"Transaction.Begin", "Transaction.End", "Interruption.Begin", "Interruption.End"})
_USED = frozenset({POWER, CURRENT, VOLTAGE, REGISTER})
_MOST_OPEN = 100

Key = tuple[str, str]
"""Connector (empty where the transaction's id is unique) and transaction."""


@dataclass(slots=True)
class Moment:
    """What was sampled at `t` (seconds since 1970): overall values under an empty phase, the others by line."""

    t: float
    key: Key
    seq: int
    power_w: dict[str, float] = field(default_factory=dict)
    current_a: dict[str, float] = field(default_factory=dict)
    voltage_v: dict[str, float] = field(default_factory=dict)
    register_wh: Reading | None = None

    def total_w(self) -> float | None:
        """The overall power: told, or added up where every line is told."""
        if "" in self.power_w:
            return self.power_w[""]
        return sum(self.power_w.values()) if self.power_w.keys() >= _LINES else None

    def take(self, reading: Reading) -> None:
        """Add a value; the first one told of a thing stands."""
        line, measurand = reading.line, reading.measurand
        if measurand not in _USED or reading.context in _OF_OTHER_TIMES or (line and line not in _LINES):
            return
        if measurand == REGISTER:
            self.register_wh = reading if self.register_wh is None and not line else self.register_wh
        else:
            of_lines = (
                self.power_w if measurand == POWER else self.current_a if measurand == CURRENT else self.voltage_v
            )
            of_lines.setdefault(line, reading.value)


@dataclass(slots=True)
class Moments:
    """The moment of each transaction that may still be added to."""

    open: dict[Key, Moment] = field(default_factory=dict)

    def complete(self, exchange: Exchange) -> list[Moment]:
        """The moments that this message shows to be whole: those before a later one of the same transaction.

        What an end of a transaction carries was sampled before, and is left out. Of several rules over a message the first one gathers for all.
        """
        if exchange.moments is None:
            ends = exchange.frame.action == "StopTransaction" or exchange.payload.get("eventType") == "Ended"
            exchange.moments = [] if ends else list(self._gathered(exchange))
        return exchange.moments

    def _gathered(self, exchange: Exchange) -> Iterator[Moment]:
        for one in told(exchange):
            if one.t is not None and one.transaction is not None:
                yield from self._take(one, one.t, key_of(one))

    def _take(self, one: Told, t: float, key: Key) -> Iterator[Moment]:
        moment = self.open.get(key)
        if moment is not None and moment.t != t:
            yield moment
            moment = None
        if moment is None:
            self.open.pop(key, None)
            moment = self.open[key] = Moment(t, key, one.seq)
            if len(self.open) > _MOST_OPEN:
                del self.open[next(iter(self.open))]
        for reading in one.readings:
            moment.take(reading)


def key_of(one: Told) -> Key:
    """Which transaction it is of: in OCPP 2.x its id says so alone, and not every event names its EVSE."""
    return ("" if isinstance(one.transaction, str) else str(one.place), str(one.transaction))
