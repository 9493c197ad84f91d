"""The charging profiles installed in a station, and the limit that they give together.

Sources: Part 2, block K: 3.4, 3.5 (combining purposes), K01 (installing), K08 (composite schedule), K10 (clearing).
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.faults_schedules import as_kept, misreadings
from bench.virtual.stations.ocpp201.schedules import Profile, boundaries, instant, period_at, period_current_a
from bench.virtual.stations.ocpp201.variables import StationFacts

STACK_LEVEL_MAX = 9
PERIODS_MAX = 24
PROFILES_MAX = 20

_STORE = "charging_profiles"


@dataclass(frozen=True, slots=True)
class ActiveTransaction:
    """What profiles need to know of a transaction: its id and when energy could first flow."""

    transaction_id: str
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Installed:
    """A profile and the EVSE that owns it (0: the station)."""

    evse_id: int
    profile: Profile

    @property
    def purpose(self) -> str:
        """chargingProfilePurpose."""
        return str(self.profile["charging_profile_purpose"])

    @property
    def stack_level(self) -> int:
        """stackLevel."""
        return int(self.profile["stack_level"])


class ProfileStore:
    """Installed profiles, kept in `store` across reboots (K01.FR.27)."""

    def __init__(
        self,
        facts: StationFacts,
        store: MutableMapping[str, Any],
        transaction: Callable[[int], ActiveTransaction | None],
        faults: ActiveFaults,
        now: Callable[[], datetime],
    ) -> None:
        self._faults = faults
        self._now = now
        self._facts = facts
        self._store = store
        self._transaction = transaction
        self._installed = [Installed(row[0], row[1]) for row in store.get(_STORE, [])]
        if self._installed and faults.on("profiles_lost_at_restart"):
            self._installed = []

    def __len__(self) -> int:
        return len(self._installed)

    def all(self) -> tuple[Installed, ...]:
        """Every installed profile."""
        return tuple(self._installed)

    def install(self, evse_id: int, profile: Profile) -> str | None:
        """Install or replace a profile; the reason code of a refusal, or None when it is in force (K01)."""
        refusal = self._why_refused(evse_id, profile)
        if refusal:
            return refusal
        kept = [row for row in self._installed if row.profile["id"] != profile["id"]]
        if len(kept) < len(self._installed) and self._faults.on("replaced_profile_kept"):
            kept = self._installed
        misread = self._faults.among(*misreadings(profile))
        self._save([*kept, Installed(evse_id, as_kept(profile, misread, self._now()))])
        return None

    def invalid_for_start(self, profile: Profile) -> bool:
        """Whether a profile in RequestStartTransaction is to be refused (F01.FR.09, .11, .26)."""
        if profile["charging_profile_purpose"] != "TxProfile" or profile.get("transaction_id"):
            return True
        return _why_malformed(profile) is not None

    def clear(self, profile_id: int | None, criteria: dict[str, Any] | None) -> int:
        """Remove what matches (K10.FR.03, K10.FR.04); how many were removed."""
        kept = [row for row in self._installed if not _matches(row, profile_id, criteria or {})]
        removed = len(self._installed) - len(kept)
        self._save(kept)
        return removed

    def forget_transaction(self, transaction_id: str) -> None:
        """Remove the TxProfiles of a transaction that has ended (K02.FR.05)."""
        kept = [row for row in self._installed if row.profile.get("transaction_id") != transaction_id]
        if len(kept) < len(self._installed) and self._faults.on("tx_profile_outlives_transaction"):
            return
        self._save(kept)

    def limit_a(self, evse_id: int, now: datetime, sharing: int = 1) -> float:
        """Amperes per phase that profiles and rating leave to an EVSE; the station's cap is shared equally."""
        own = self._own_limit_a(evse_id, now)
        if self._faults.on("station_maximum_ignored"):
            return own
        cap = self._leading(0, "ChargingStationMaxProfile", now, now)
        if cap is None:
            return own
        return min(own, cap if sharing > 1 and self._faults.on("maximum_for_each_evse") else cap / max(sharing, 1))

    def phases(self, evse_id: int, now: datetime) -> int:
        """The least numberPhases of what is in force at an EVSE (K01.FR.49: three where a period names none)."""
        active = self._transaction(evse_id)
        ready_at, named = active.ready_at if active else now, [3]
        for at, purposes in ((evse_id, ("TxProfile", "TxDefaultProfile")), (0, ("ChargingStationMaxProfile",))):
            for purpose in purposes:
                period = self._period(at, purpose, now, ready_at)
                if period is not None:
                    named.append(int(period.get("number_phases") or 3))
                    break
        return min(named)

    def _period(self, evse_id: int, purpose: str, now: datetime, ready_at: datetime) -> dict[str, Any] | None:
        rows = [row for row in self._installed if row.purpose == purpose and row.evse_id in {0, evse_id}]
        for row in sorted(rows, key=lambda r: -r.stack_level):
            period = period_at(row.profile, now, ready_at)
            if period is not None:
                return period
        return None

    def next_change(self, now: datetime, horizon_s: float = 86400.0) -> datetime | None:
        """The next instant at which some limit may change, None within the horizon when nothing will."""
        end = now + timedelta(seconds=horizon_s)
        found = [t for row in self._installed for t in self._boundaries(row, now, end)]
        return min(found, default=None)

    def composite(self, evse_id: int, now: datetime, duration_s: float, unit: str) -> list[dict[str, Any]]:
        """ChargingSchedulePeriods of the composite schedule from `now` on (K08.FR.02 to K08.FR.04)."""
        end = now + timedelta(seconds=duration_s)
        rows = [row for row in self._installed if row.evse_id in {0, evse_id} or evse_id == 0]
        instants = sorted({now, *(t for row in rows for t in self._boundaries(row, now, end))})
        periods: list[dict[str, Any]] = []
        for t in instants:
            amps = self.limit_a(evse_id, t) if evse_id else self._station_limit_a(t)
            scale = 1.0 if unit == "A" else self._facts.nominal_voltage_v * self._facts.phases
            limit = round(amps * scale, 1)
            if not periods or periods[-1]["limit"] != limit:
                offset_s = round((t - now).total_seconds())
                periods.append({"start_period": offset_s, "limit": limit, "number_phases": self._facts.phases})
        return periods

    def _station_limit_a(self, now: datetime) -> float:
        total = sum(self._own_limit_a(evse_id, now) for evse_id in self._facts.evse_ids)
        cap = self._leading(0, "ChargingStationMaxProfile", now, now)
        return total if cap is None else min(total, cap)

    def _own_limit_a(self, evse_id: int, now: datetime) -> float:
        active = self._transaction(evse_id)
        ready_at = active.ready_at if active else now
        limit = self._leading(evse_id, "TxProfile", now, ready_at) if active else None
        if limit is None:
            limit = self._leading(evse_id, "TxDefaultProfile", now, ready_at)
        rated_a = self._facts.rated_current_a
        return rated_a if limit is None else min(limit, rated_a)

    def _leading(self, evse_id: int, purpose: str, now: datetime, ready_at: datetime) -> float | None:
        rows = [row for row in self._installed if row.purpose == purpose and row.evse_id in {0, evse_id}]
        sign = 1 if self._faults.on("lowest_stack_level_prevails") else -1
        for row in sorted(rows, key=lambda r: sign * r.stack_level):
            period = period_at(row.profile, now, ready_at)
            if period is None and self._faults.on("no_fall_back_in_the_stack"):
                return None
            if period is not None:
                facts = self._facts
                return period_current_a(row.profile, period, facts.nominal_voltage_v, facts.phases)
        return None

    def _boundaries(self, row: Installed, now: datetime, end: datetime) -> list[datetime]:
        evses = [row.evse_id] if row.evse_id else list(self._facts.evse_ids)
        starts = {active.ready_at if active else now for active in map(self._transaction, evses)}
        return [t for start in starts for t in boundaries(row.profile, now, end, start)]

    def _why_refused(self, evse_id: int, profile: Profile) -> str | None:
        if evse_id != 0 and evse_id not in self._facts.evse_ids:
            return "UnknownEvse"
        known = any(row.profile["id"] == profile["id"] for row in self._installed)
        if not known and len(self._installed) >= PROFILES_MAX:
            return "TooManyElements"
        return _why_malformed(profile) or self._why_misplaced(evse_id, profile)

    def _why_misplaced(self, evse_id: int, profile: Profile) -> str | None:
        purpose = profile["charging_profile_purpose"]
        if purpose == "TxProfile":
            active = self._transaction(evse_id) if evse_id else None
            if active is None or active.transaction_id != profile.get("transaction_id"):
                return "TxNotFound"
        elif purpose == "ChargingStationMaxProfile":
            if evse_id != 0:
                return "InvalidProfile"
        elif purpose != "TxDefaultProfile":
            return "InvalidProfile"
        return self._why_duplicate(evse_id, profile)

    def _why_duplicate(self, evse_id: int, profile: Profile) -> str | None:
        for row in self._installed:
            same = row.purpose == profile["charging_profile_purpose"] and row.stack_level == profile["stack_level"]
            if not same or row.profile["id"] == profile["id"]:
                continue
            on_station = row.purpose == "TxDefaultProfile" and (row.evse_id == 0) != (evse_id == 0)
            if on_station or (row.evse_id == evse_id and _overlap(row.profile, profile)):
                return "DuplicateProfile"
        return None

    def _save(self, rows: list[Installed]) -> None:
        self._installed = rows
        self._store[_STORE] = [[row.evse_id, row.profile] for row in rows]


def _why_malformed(profile: Profile) -> str | None:
    schedules = profile["charging_schedule"]
    if len(schedules) != 1:
        return "InvalidSchedule"
    if not 0 <= profile["stack_level"] <= STACK_LEVEL_MAX:
        return "InvalidStackLevel"
    schedule = schedules[0]
    relative = profile["charging_profile_kind"] == "Relative"
    if relative == bool(schedule.get("start_schedule")):
        return "InvalidSchedule"
    if relative and profile["charging_profile_purpose"] == "ChargingStationMaxProfile":
        return "InvalidProfile"
    return _why_malformed_periods(schedule["charging_schedule_period"])


def _why_malformed_periods(periods: list[dict[str, Any]]) -> str | None:
    starts = [p["start_period"] for p in periods]
    if len(starts) > PERIODS_MAX:
        return "TooManyElements"
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        return "InvalidSchedule"
    if any(p.get("phase_to_use") is not None for p in periods):
        return "UnsupportedParam"  # K01.FR.48: the phase cannot be chosen
    return "InvalidSchedule" if any(p["limit"] < 0 for p in periods) else None


def _matches(row: Installed, profile_id: int | None, criteria: dict[str, Any]) -> bool:
    if profile_id is not None:
        return bool(row.profile["id"] == profile_id)
    return (
        criteria.get("evse_id") in {None, row.evse_id}
        and criteria.get("charging_profile_purpose") in {None, row.purpose}
        and criteria.get("stack_level") in {None, row.stack_level}
    )


def _overlap(a: Profile, b: Profile) -> bool:
    return _from(a) < _to(b) and _from(b) < _to(a)


def _from(profile: Profile) -> datetime:
    return instant(profile.get("valid_from")) or datetime.min.replace(tzinfo=UTC)


def _to(profile: Profile) -> datetime:
    return instant(profile.get("valid_to")) or datetime.max.replace(tzinfo=UTC)
