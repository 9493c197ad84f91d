"""Availability of station, EVSEs and connectors, and what of it the CSMS was told (block G; B04; B01.FR.07)."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from bench.virtual.stations.ocpp201.memory import Table

Status = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
Level = tuple[int, int]
"""(evse id, connector id); zero stands for all."""

STATION: Level = (0, 0)


class Availability:
    """Which levels the CSMS has set Inoperative; kept over reboots (G03.FR.08, G04.FR.09)."""

    def __init__(self, store: Table) -> None:
        self._store = store

    def operative(self, evse_id: int) -> bool:
        """Whether nothing above or at the EVSE's connector is set Inoperative."""
        return not any(_name(level) in self._store for level in (STATION, (evse_id, 0), (evse_id, 1)))

    def is_set(self, level: Level, *, operative: bool) -> bool:
        """Whether this very level is already as asked (G03.FR.03, G04.FR.04)."""
        return (_name(level) not in self._store) == operative

    def set(self, level: Level, *, operative: bool) -> None:
        """Take over an OperationalStatus."""
        if operative:
            self._store.pop(_name(level), None)
        else:
            self._store[_name(level)] = "Inoperative"


class StatusBoard:
    """Last reported status of each connector; says which are to be reported."""

    def __init__(self, evse_ids: Iterable[int], current: Callable[[int], Status]) -> None:
        self._current = current
        self._told: dict[int, Status | None] = dict.fromkeys(evse_ids)

    def changed(self) -> list[int]:
        """EVSEs whose connector differs from what the CSMS was told (B04.FR.02)."""
        return [evse_id for evse_id, told in self._told.items() if told != self._current(evse_id)]

    def forget(self) -> None:
        """Everything is to be told anew (B01.FR.05, B04.FR.01)."""
        self._told = dict.fromkeys(self._told)

    def told(self, evse_id: int) -> Status | None:
        """What the CSMS was told of an EVSE's connector."""
        return self._told[evse_id]

    def untell(self, evse_id: int) -> None:
        """The StatusNotification did not arrive: it is due again."""
        self._told[evse_id] = None

    def tell(self, evse_id: int, timestamp: str) -> dict[str, Any]:
        """Fields of the StatusNotification for an EVSE's connector; it counts as told."""
        status = self._current(evse_id)
        self._told[evse_id] = status
        return {"timestamp": timestamp, "connector_status": status, "evse_id": evse_id, "connector_id": 1}


def _name(level: Level) -> str:
    return f"{level[0]}.{level[1]}"
