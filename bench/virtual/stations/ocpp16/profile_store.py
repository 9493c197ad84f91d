"""The installed charging profiles and which of them count where (sections 3.13, 5.5, 5.16)."""

import decimal
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.nvram import Nvram
from bench.virtual.stations.ocpp16.schedule import Profile, valid

MAX_PURPOSE, DEFAULT_PURPOSE, TX_PURPOSE = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"

Row = tuple[int, Profile]
"""A profile and the connector that it is for."""


class ProfileStore:
    """Profiles by connector, kept in NVRAM (errata 3.37)."""

    def __init__(self, nvram: Nvram, faults: ActiveFaults) -> None:
        self._nvram = nvram
        self._rows: list[Row] = [(row[0], row[1]) for row in nvram.read("charging_profiles", [])]
        if self._rows and faults.on("profiles_lost_at_restart"):
            self._rows = []

    def __len__(self) -> int:
        return len(self._rows)

    def replaced_by(self, connector_id: int, profile: Profile) -> list[Row]:
        """What goes when this profile is installed (5.16.3): the same id, or the same level and purpose there."""
        return [row for row in self._rows if _alike(row, connector_id, profile)]

    def install(self, connector_id: int, profile: Profile) -> None:
        """Put a profile in the place of its like."""
        fresh = plain(profile)
        gone = self.replaced_by(connector_id, fresh)
        self._keep(lambda row: row not in gone)
        self._rows.append((connector_id, fresh))
        self._save()

    def matching(self, criteria: dict[str, Any]) -> list[Row]:
        """What matches all criteria that are given (errata 3.25)."""
        return [row for row in self._rows if _matches(row, criteria)]

    def remove(self, rows: list[Row]) -> None:
        """Forget these."""
        self._keep(lambda row: row not in rows)
        self._save()

    def end_transactions(self, running: Collection[int]) -> None:
        """Forget the TxProfiles of connectors without a transaction (3.13.1: deleted after it)."""
        self._keep(lambda row: purpose(row) != TX_PURPOSE or row[0] in running)
        self._save()

    def of_transactions(self) -> list[int]:
        """The connectors of all TxProfiles."""
        return [row[0] for row in self._rows if purpose(row) == TX_PURPOSE]

    def concerning(self, connector_id: int) -> list[Profile]:
        """Everything that may limit this connector."""
        return [profile for place, profile in self._rows if place in {0, connector_id}]

    def maxima(self) -> list[Profile]:
        """The limits of the whole station."""
        return self._of(0, MAX_PURPOSE)

    def ruling(self, connector_id: int, now: datetime) -> list[Profile]:
        """The TxProfiles while one of them is valid, else the defaults (3.13.1)."""
        own = self._of(connector_id, TX_PURPOSE)
        return own if any(valid(profile, now) for profile in own) else self.defaults(connector_id)

    def defaults(self, connector_id: int) -> list[Profile]:
        """A connector's own defaults, and the general ones of the stack levels that they leave."""
        own = self._of(connector_id, DEFAULT_PURPOSE)
        taken = {profile["stack_level"] for profile in own}
        return own + [p for p in self._of(0, DEFAULT_PURPOSE) if p["stack_level"] not in taken]

    def _of(self, connector_id: int, wanted: str) -> list[Profile]:
        return [row[1] for row in self._rows if row[0] == connector_id and purpose(row) == wanted]

    def _keep(self, wanted: Callable[[Row], bool]) -> None:
        self._rows = [row for row in self._rows if wanted(row)]

    def _save(self) -> None:
        self._nvram.write("charging_profiles", self._rows)


def purpose(row: Row) -> str:
    """The ChargingProfilePurposeType of a stored profile."""
    return str(row[1]["charging_profile_purpose"])


def plain(value: Any) -> Any:
    """The same value with floats for the `ocpp` package's decimals."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, decimal.Decimal) else value


def _alike(row: Row, connector_id: int, profile: Profile) -> bool:
    if row[1]["charging_profile_id"] == profile["charging_profile_id"]:
        return True
    same_place = row[0] == connector_id and purpose(row) == profile["charging_profile_purpose"]
    return same_place and bool(row[1]["stack_level"] == profile["stack_level"])


def _matches(row: Row, criteria: dict[str, Any]) -> bool:
    facts = {
        "id": row[1]["charging_profile_id"],
        "connector_id": row[0],
        "charging_profile_purpose": purpose(row),
        "stack_level": row[1]["stack_level"],
    }
    return all(facts[name] == value for name, value in criteria.items() if value is not None)
