"""The faults that are switched on in one plant, and which of them had an effect."""

from collections.abc import Iterable

from bench.virtual.hardware import StationMeterReading
from bench.virtual.plant.faults import check_faults


class PlantFaults:
    """`name in faults` tells that a fault is switched on; `faults.on(name)`, asked where the plant would differ for it, that it takes effect.

    Raises ValueError for a fault that no plant has.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._active = frozenset(names)
        self._shown: set[str] = set()
        check_faults(self._active)

    def __contains__(self, name: object) -> bool:
        return name in self._active

    def on(self, name: str) -> bool:
        """Whether a fault is switched on, asked at the very place and moment at which the plant is different for it."""
        if name in self._active:
            self._shown.add(name)
            return True
        return False

    @property
    def any(self) -> bool:
        """Whether any is switched on."""
        return bool(self._active)

    @property
    def shown(self) -> frozenset[str]:
        """The faults that took effect so far: something was otherwise at the contacts, the pilot, the outlet, or in a reading."""
        return frozenset(self._shown)

    def meter_read(self, seen: StationMeterReading, good: StationMeterReading) -> None:
        """Note the meter's faults (their names begin with `meter_`) where a reading is not that of a good meter at the same place and time."""
        if seen != good:
            self._shown |= {name for name in self._active if name.startswith("meter_")}
