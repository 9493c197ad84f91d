"""From raw numbers to a Reading: units by the quantity's name, uncertainty by the bench file, time by the clock."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from bench.clock import Clock
from bench.roles import Reading, Value
from harness.model.topology import InstrumentEntry
from harness.uncertainty import kind_of

Sums = Mapping[str, tuple[str, ...]]
_NO_SUMS: Sums = MappingProxyType({})

_UNITS = {"v": "V", "a": "A", "w": "W", "wh": "Wh", "hz": "Hz", "pct": "%", "c": "°C"}


def unit_of(quantity: str) -> str:
    """The unit that ends a quantity's name. Raises KeyError for a name without one."""
    return _UNITS[quantity.rsplit("_", 1)[-1]]


def phase_name(entry: InstrumentEntry, quantity: str, channel: int) -> str:
    """`current`, channel 1 of an instrument wired to phase L3 -> `current_l3`."""
    return f"{quantity}_l{entry.phases[channel - 1]}"


class Stopwatch:
    """Takes the time around a query."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.time()

    def reading(self, entry: InstrumentEntry, values: dict[str, float], sums: Sums = _NO_SUMS) -> Reading:
        """What was read since this watch was made, dated to the middle of the query.

        `sums` names quantities that are added up here from others of `values`: their parts share one instrument, so
        that their uncertainties add up, too, and do not average out.

        The half-width of the date is half the query plus the instrument's update interval: an instrument shows a
        value that may be that old.
        """
        ended = self._clock.time()
        measured = {name: _value(entry, name, value) for name, value in values.items()}
        for name, parts in sums.items():
            total = math.fsum(measured[part].value for part in parts)
            measured[name] = Value(total, unit_of(name), math.fsum(measured[part].u for part in parts))
        return Reading(
            t=(self._began + ended) / 2,
            t_u=(ended - self._began) / 2 + entry.update_interval_s,
            values=measured,
        )


def _value(entry: InstrumentEntry, name: str, value: float) -> Value:
    return Value(value, unit_of(name), entry.uncertainty[kind_of(name)].u(value))
