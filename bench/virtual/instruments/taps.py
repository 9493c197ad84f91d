"""Where a virtual energy meter's coils sit: at an outlet, at the far end of its cable, or in front of the whole station."""

from typing import Literal, Protocol

from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.evse_config import on_supply
from bench.virtual.plant.history import ZERO, Phases, Window
from bench.virtual.plant.plant import Plant


class Tap(Protocol):
    """What flows through one place."""

    def window(self, t1: float, t2: float) -> Window:
        """Mean values from `t1` to `t2`. Raises ValueError for an empty window."""

    def energy_wh(self, t: float) -> float:
        """Active energy until `t`, in Wh."""


class OutletTap:
    """One EVSE's outlet, or the vehicle's end of its cable, which gets less energy by the cable's loss."""

    def __init__(self, evse: PlantEvse, location: Literal["outlet", "vehicle"]) -> None:
        self._evse = evse
        self._location = location

    def window(self, t1: float, t2: float) -> Window:
        """See Tap."""
        return self._evse.history.window(t1, t2)

    def energy_wh(self, t: float) -> float:
        """See Tap."""
        totals = self._evse.history.totals(t)
        return totals.vehicle_energy_wh if self._location == "vehicle" else totals.energy_wh


class SupplyTap:
    """The station's supply: all its outlets, and what its electronics take. Currents are added as if all were in phase."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    def window(self, t1: float, t2: float) -> Window:
        """See Tap."""
        own = self._plant.electronics.window(t1, t2)
        amps, watts = [own.current_a], [own.power_w]
        for evse in self._plant.outlets:
            seen, rotation = evse.history.window(t1, t2), evse.config.rotation
            amps.append(on_supply(seen.current_a, rotation))
            watts.append(on_supply(seen.power_w, rotation))
        return Window(own.voltage_v, _sum(amps), _sum(watts), own.frequency_hz)

    def energy_wh(self, t: float) -> float:
        """See Tap."""
        outlets_wh = sum(evse.history.totals(t).energy_wh for evse in self._plant.outlets)
        return outlets_wh + self._plant.electronics.totals(t).energy_wh


def _sum(parts: list[Phases]) -> Phases:
    total = ZERO
    for part in parts:
        total = (total[0] + part[0], total[1] + part[1], total[2] + part[2])
    return total
