"""What one EVSE of the plant and its car are made of."""

from dataclasses import dataclass, field
from typing import Literal

from bench.virtual.plant import cable
from bench.virtual.plant.contactor import ContactorConfig
from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.history import Phases
from bench.virtual.plant.meter import StationMeterConfig

Rotation = Literal["RST", "STR", "TRS"]
"""Which phases of the supply (R, S, T) an EVSE's terminals L1, L2, L3 are wired to, all turning clockwise."""


@dataclass(frozen=True, slots=True)
class EvseConfig:
    """What one EVSE and its car are made of.

    `pilot_edge_tau_s`: time constant of the pilot's edges (from 10 to 90 % in 2.2 of them). `duty_error_pct`: percentage points by which the pilot generator's duty is off. `induced_v`: what is measured on every phase
    behind open contacts while there is supply before them. `rotation`: how its terminals are wired to the supply.
    """

    contactor: ContactorConfig = field(default_factory=ContactorConfig)
    station_meter: StationMeterConfig = field(default_factory=StationMeterConfig)
    ev: EvConfig = field(default_factory=EvConfig)
    conductor_ohm: float = cable.CONDUCTOR_OHM
    pilot_frequency_hz: float = 1000.4
    pilot_edge_tau_s: float = 0.4e-6
    duty_error_pct: float = 0.0
    induced_v: float = 0.0
    rotation: Rotation = "RST"


_SUPPLY_OF: dict[Rotation, tuple[int, int, int]] = {"RST": (0, 1, 2), "STR": (1, 2, 0), "TRS": (2, 0, 1)}


def at_terminals(supply: Phases, rotation: Rotation) -> Phases:
    """What the phases of the supply carry, as terminals L1, L2, L3 see it."""
    first, second, third = _SUPPLY_OF[rotation]
    return (supply[first], supply[second], supply[third])


def on_supply(terminals: Phases, rotation: Rotation) -> Phases:
    """What terminals L1, L2, L3 carry, as the phases of the supply see it."""
    seen = [0.0, 0.0, 0.0]
    for place, value in zip(_SUPPLY_OF[rotation], terminals, strict=True):
        seen[place] = value
    return (seen[0], seen[1], seen[2])
