"""A charging cable in the bench file: what each of its conductors resists, and how well that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from harness.model.strict import MisfitError, NonEmpty, Range

Material = Literal["copper", "aluminium"]

_AT_C = 20.0
_CONDUCTORS: Mapping[Material, tuple[float, float]] = {
    "copper": (1 / 58, 0.00393),  # ohm mm2/m at 20 degrees C (the annealed copper standard), and per kelvin
    "aluminium": (0.028264, 0.00403),
}


@dataclass(frozen=True, slots=True)
class CableEntry:
    """The cable at these EVSEs, from the station's outlet to the EV's end: every conductor alike, the neutral, too.

    Either `conductor_ohm`, one conductor as measured with its contacts, or `length_m` and `cross_section_mm2` of a `material`
    at `temperature_c`. `accuracy_pct`: half-width of what the resistance may be off in percent. A conductor that warms up by
    25 K gains a tenth; contacts and the tolerance of the cross-section come on top. `stations` as for an instrument.
    """

    accuracy_pct: Annotated[float, Range(0.01, 100)]
    evses: Annotated[tuple[Annotated[int, Range(1, 1000)], ...], NonEmpty()] = (1,)
    stations: tuple[Annotated[str, NonEmpty()], ...] = ()
    conductor_ohm: Annotated[float | None, Range(0.00001, 10)] = None
    length_m: Annotated[float | None, Range(0.1, 1000)] = None
    cross_section_mm2: Annotated[float | None, Range(0.1, 1000)] = None
    material: Material = "copper"
    temperature_c: Annotated[float, Range(-40, 120)] = _AT_C

    def __post_init__(self) -> None:
        sized = (self.length_m is not None, self.cross_section_mm2 is not None)
        if sized[0] != sized[1]:
            raise MisfitError("length_m and cross_section_mm2 go together", "state both, or conductor_ohm")
        if sized[0] == (self.conductor_ohm is not None):
            cure = "give either conductor_ohm, or length_m with cross_section_mm2"
            raise MisfitError("the cable's resistance is stated twice or not at all", cure)

    @property
    def resistance_ohm(self) -> float:
        """Resistance of one conductor, there only."""
        if self.conductor_ohm is not None:
            return self.conductor_ohm
        assert self.length_m is not None  # __post_init__ has seen to it
        assert self.cross_section_mm2 is not None
        resistivity, per_kelvin = _CONDUCTORS[self.material]
        warm = 1 + per_kelvin * (self.temperature_c - _AT_C)
        return resistivity * warm * self.length_m / self.cross_section_mm2

    def serves(self, station: str) -> bool:
        """Whether it belongs to the station of this identity; an empty one stands for any."""
        return not station or not self.stations or station in self.stations

    def __str__(self) -> str:
        return f"{1000 * self.resistance_ohm:.3g} mΩ ± {self.accuracy_pct:g} % a conductor"
