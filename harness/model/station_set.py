"""A set of station configurations: one station in several builds or settings, because prerequisites of cases exclude each other."""

from dataclasses import dataclass
from typing import Annotated

from harness.model.strict import MisfitError, NonEmpty, parse

Text = Annotated[str, NonEmpty()]


@dataclass(frozen=True, slots=True)
class StationSet:
    """`name` heads the report; `stations` are station files, from the set's folder, in the order in which a case looks for one that takes it."""

    name: Text
    stations: Annotated[tuple[Text, ...], NonEmpty()]

    def __post_init__(self) -> None:
        if len(set(self.stations)) < len(self.stations):
            raise MisfitError("stations names a file twice", "name each once")


def load_station_set(text: str, source: str) -> StationSet:
    """Read a set (TOML text); `source` names the file in errors. Raises harness.model.strict.ModelError."""
    return parse(StationSet, text, source)
