"""What the station file declared and the run went by: PICS answers and PIXIT items."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from harness.facts.model import Declared
from harness.model.pixit import Pixit
from harness.model.station import Station


def declared_by(stations: Iterable[Station]) -> list[Declared]:
    """One for each station, in their order."""
    return [_of(station) for station in stations]


def _of(station: Station) -> Declared:
    items = {item.name: getattr(station.pixit, item.name) for item in fields(Pixit)}
    own = Pixit()
    return Declared(
        station.identity,
        {item: _plain(answer) for item, answer in sorted(station.pics.answers.items())},
        {name: _plain(value) for name, value in items.items() if value not in (None, ())},
        [name for name, value in items.items() if value is not None and value == getattr(own, name) and value != ()],
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
