"""From raw numbers to a Reading: units by the quantity's name, uncertainty by the bench file, time by the clock."""

from bench.clock import Clock
from bench.roles import Reading, Value
from harness.model.topology import InstrumentEntry
from harness.uncertainty import kind_of

_UNITS = {"v": "V", "a": "A", "w": "W", "wh": "Wh", "hz": "Hz", "pct": "%"}


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

    def reading(self, entry: InstrumentEntry, values: dict[str, float]) -> Reading:
        """What was read since this watch was made, dated to the middle of the query.

        The half-width of the date is half the query plus the instrument's update interval: an instrument shows a
        value that may be that old.
        """
        ended = self._clock.time()
        return Reading(
            t=(self._began + ended) / 2,
            t_u=(ended - self._began) / 2 + entry.update_interval_s,
            values={name: _value(entry, name, value) for name, value in values.items()},
        )


def _value(entry: InstrumentEntry, name: str, value: float) -> Value:
    return Value(value, unit_of(name), entry.uncertainty[kind_of(name)].u(value))
