"""All that a transaction's samples say of one moment, also where they are spread over messages."""

import math
from dataclasses import dataclass, field
from typing import Any

import msgspec

from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import Places, Samples, Shape, shape_of
from harness.oracle.invariants.readings import OF_METERS, Reading, owner_of, sampled_in
from harness.oracle.invariants.sample_kind import Kind

_MOST_OPEN = 100
_NOT_YET = -math.inf
"""Stands for a power that was not added up yet."""

Key = tuple[str, str]
"""Connector (empty where the transaction's id is unique) and transaction."""


class Moment(msgspec.Struct, eq=False, gc=False):
    """What was sampled at `t` (seconds since 1970), in the order in which it was told: of a thing that is told twice the first value stands."""

    t: float
    key: Key
    seq: int
    shape: Shape
    kinds: tuple[Kind, ...]
    numbers: list[Any]
    listed: list[dict[str, Any]]
    power_w: float | None = _NOT_YET

    def total_w(self) -> float | None:
        """The overall power: told, or added up where every line is told."""
        if self.power_w == _NOT_YET:
            numbers, total = self.numbers, 0.0
            for place, scale in self.shape.watts:
                total += numbers[place] * scale
            self.power_w = total if self.shape.watts else None
        return self.power_w

    def apparent_va(self) -> float | None:
        """Voltage times current, of the lines or overall; None where they are not told in the same way."""
        numbers, total = self.numbers, 0.0
        for _, a, to_a, v, to_v in self.shape.volt_amperes:
            total += numbers[a] * to_a * (numbers[v] * to_v)
        return total if self.shape.volt_amperes else None

    @property
    def current_a(self) -> dict[str, float]:
        """By line, overall values under an empty one."""
        return self._by_line(self.shape.current)

    @property
    def voltage_v(self) -> dict[str, float]:
        """By line, overall values under an empty one."""
        return self._by_line(self.shape.voltage)

    def register_wh(self) -> float | None:
        """The import register of all lines."""
        place = self.shape.total
        return None if place is None else self.numbers[place] * self.kinds[place].scale

    def register_step_wh(self) -> float:
        """What the last digit of that register stands for; 0 without one."""
        place = self.shape.total
        if place is None:
            return 0.0
        kind = self.kinds[place]
        return Reading(kind, self.numbers[place] * kind.scale, self.listed[place]["value"]).step

    def take(self, samples: Samples) -> None:
        """Add what more is told of it."""
        kinds, numbers, listed = _readable(samples)
        self.kinds, self.numbers, self.listed = self.kinds + kinds, self.numbers + numbers, self.listed + listed
        self.shape = shape_of(self.kinds)
        self.power_w = _NOT_YET

    def _by_line(self, places: Places) -> dict[str, float]:
        return {line: self.numbers[place] * scale for place, line, scale in places}


def _readable(samples: Samples) -> tuple[tuple[Kind, ...], list[Any], list[dict[str, Any]]]:
    """Without what is no number."""
    if samples.whole:
        return samples.kinds, samples.numbers, samples.listed
    places = [place for place, number in enumerate(samples.numbers) if number is not None]
    kinds = tuple([samples.kinds[place] for place in places])
    return kinds, [samples.numbers[place] for place in places], [samples.listed[place] for place in places]


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
            exchange.moments = [] if ends else self._gathered(exchange)
        return exchange.moments

    def _gathered(self, exchange: Exchange) -> list[Moment]:
        place, transaction = owner_of(exchange)
        if transaction is None or not (exchange.from_station and exchange.is_call(*OF_METERS)):
            return []
        # in OCPP 2.x the transaction's id says alone which it is, and not every event names its EVSE
        key = ("" if isinstance(transaction, str) else str(place), str(transaction))
        found: list[Moment] = []
        for samples in sampled_in(exchange):
            moment = self.open.get(key)
            if samples.t is None:
                continue
            if moment is not None and moment.t == samples.t:
                moment.take(samples)
                continue
            if moment is not None:
                found.append(moment)
                del self.open[key]
            self._begin(samples, samples.t, key, exchange.record.seq)
        return found

    def _begin(self, samples: Samples, t: float, key: Key, seq: int) -> None:
        kinds, numbers, listed = _readable(samples)
        shape = samples.shape if samples.whole else shape_of(kinds)
        self.open[key] = Moment(t, key, seq, shape, kinds, numbers, listed)
        if len(self.open) > _MOST_OPEN:
            del self.open[next(iter(self.open))]
