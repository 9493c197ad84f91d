"""Charging profiles: set, clear, combine, apply (sections 3.13, 5.5, 5.7, 5.16)."""

import asyncio
import decimal
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.keys import MAX_PERIODS, MAX_PROFILES, MAX_STACK_LEVEL
from bench.virtual.stations.ocpp16.outlet import Outlet
from bench.virtual.stations.ocpp16.schedule import Profile, Supply, changes, limit_a

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

UNITS = {"A": "Current", "W": "Power"}
"""ChargingRateUnitType -> item of ChargingScheduleAllowedChargingRateUnit (errata 3.88)."""

MAX_PURPOSE, DEFAULT_PURPOSE, TX_PURPOSE = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"


class SmartCharging:
    """Holds the installed profiles (persistent, errata 3.37) and keeps each EVSE at the limit in force."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._installed: list[tuple[int, Profile]] = [
            (row[0], row[1]) for row in stack.board.nvram.read("charging_profiles", [])
        ]
        self._timer: asyncio.TimerHandle | None = None
        config = stack.board.config
        self._supply = Supply(config.nominal_voltage_v, config.phases)

    def set(self, connector_id: int, profile: Profile) -> str:
        """SetChargingProfile.req for a connector that exists; gives a ChargingProfileStatus."""
        if self._stack.board.faults.on("profile_refused") or not self._acceptable(connector_id, profile):
            return "Rejected"
        self._stack.after_reply(lambda: self.install(connector_id, profile))
        return "Accepted"

    def fits(self, profile: Profile) -> bool:
        """Whether the station can execute this profile at all (unit, levels, periods, first start 0: errata 3.45)."""
        units = self._stack.configuration.items("ChargingScheduleAllowedChargingRateUnit")
        unit = profile["charging_schedule"]["charging_rate_unit"]
        if UNITS.get(str(unit), "") not in units:
            return False
        periods = profile["charging_schedule"]["charging_schedule_period"]
        starts = [p["start_period"] for p in periods]
        ordered = bool(starts) and starts[0] == 0 and starts == sorted(starts)
        return ordered and len(starts) <= MAX_PERIODS and 0 <= profile["stack_level"] <= MAX_STACK_LEVEL

    def install(self, connector_id: int, profile: Profile) -> None:
        """Install a profile in the place of its like (5.16.3) and apply it."""
        plain = _plain(profile)
        self._installed = [row for row in self._installed if not _replaced(row, connector_id, plain)]
        self._installed.append((connector_id, plain))
        self._save()
        self.apply()

    def clear(self, criteria: dict[str, Any]) -> str:
        """ClearChargingProfile.req: removes what matches all criteria given (errata 3.25)."""
        doomed = [row for row in self._installed if _matches(row, criteria)]
        if not doomed:
            return "Unknown"

        def remove() -> None:
            self._installed = [row for row in self._installed if row not in doomed]
            self._save()
            self.apply()

        self._stack.after_reply(remove)
        return "Accepted"

    def end_of_transaction(self, connector_id: int) -> None:
        """A TxProfile ends with its transaction (section 3.13.1)."""
        kept = [row for row in self._installed if not (row[0] == connector_id and _purpose(row) == TX_PURPOSE)]
        if len(kept) != len(self._installed):
            self._installed = kept
            self._save()

    def limit_a(self, outlet: Outlet, now: datetime) -> float:
        """The limit in force at a connector, in amperes per phase."""
        started = self._started(outlet)
        own = self._prevailing(self._of(outlet.connector_id, TX_PURPOSE), started, now)
        if own is None:
            own = self._prevailing(self._defaults(outlet.connector_id), started, now)
        limits = [self._stack.board.config.max_current_a, *([] if own is None else [own])]
        shared = self._prevailing(self._of(0, MAX_PURPOSE), started, now)
        if shared is not None:
            sharing = sum(o.transaction is not None for o in self._stack.outlets.values())
            limits.append(shared / max(1, sharing))
        return min(limits)

    def apply(self) -> None:
        """Bring every EVSE to the limit in force and wake up again when that may change."""
        now = self._stack.board.clock.now()
        for outlet in self._stack.outlets.values():
            if outlet.transaction is not None:
                outlet.controller.set_limit(self.limit_a(outlet, now))
        self.shut_down()
        upcoming = [m for outlet in self._stack.outlets.values() for m in self._changes(outlet, now)]
        if upcoming:
            left_s = (min(upcoming) - now).total_seconds()
            self._timer = self._stack.board.loop.call_later(left_s + 0.001, self.apply)

    def composite(self, connector_id: int, duration_s: int, unit: str) -> dict[str, Any] | None:
        """The fields of GetCompositeSchedule.conf beside its status; None for an unknown connector."""
        if connector_id != 0 and connector_id not in self._stack.outlets:
            return None
        now = self._stack.board.clock.now()
        outlets = list(self._stack.outlets.values()) if connector_id == 0 else [self._stack.outlets[connector_id]]
        moments = [now]
        while len(moments) < MAX_PERIODS:
            later = [m for outlet in outlets for m in self._changes(outlet, moments[-1])]
            if not later or min(later) >= now + timedelta(seconds=duration_s):
                break
            moments.append(min(later))
        per_unit = self._supply.voltage_v * self._supply.phases if unit == "W" else 1.0
        periods: list[dict[str, Any]] = []
        for at in moments:
            limit = round(sum(self.limit_a(outlet, at) for outlet in outlets) * per_unit, 1)
            if not periods or periods[-1]["limit"] != limit:
                periods.append({"start_period": int((at - now).total_seconds()), "limit": limit})
        schedule = {"duration": duration_s, "charging_rate_unit": unit, "charging_schedule_period": periods}
        return {"connector_id": connector_id, "schedule_start": rfc3339(now), "charging_schedule": schedule}

    def shut_down(self) -> None:
        """Cancel the wake-up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _acceptable(self, connector_id: int, profile: Profile) -> bool:
        if not self.fits(profile) or len(self._installed) >= MAX_PROFILES:
            return False
        purpose = profile["charging_profile_purpose"]
        if purpose == MAX_PURPOSE:
            return connector_id == 0
        if purpose == DEFAULT_PURPOSE:
            return True
        outlet = self._stack.outlets.get(connector_id)
        if outlet is None or outlet.transaction is None or outlet.transaction.stopping:
            return False
        named = profile.get("transaction_id")
        return named is None or named == outlet.transaction.transaction_id

    def _changes(self, outlet: Outlet, now: datetime) -> list[datetime]:
        started = self._started(outlet)
        relevant = [row for row in self._installed if row[0] in {0, outlet.connector_id}]
        return [m for _, profile in relevant for m in changes(profile, started, now)]

    def _of(self, connector_id: int, purpose: str) -> list[Profile]:
        return [row[1] for row in self._installed if row[0] == connector_id and _purpose(row) == purpose]

    def _defaults(self, connector_id: int) -> list[Profile]:
        """A connector's own defaults, and those of connector 0 that they do not replace (section 3.13.1)."""
        own = self._of(connector_id, DEFAULT_PURPOSE)
        taken = {profile["stack_level"] for profile in own}
        return own + [p for p in self._of(0, DEFAULT_PURPOSE) if p["stack_level"] not in taken]

    def _prevailing(self, profiles: list[Profile], started: datetime | None, now: datetime) -> float | None:
        """The highest stack level that says something now (section 3.13.2)."""
        for profile in sorted(profiles, key=lambda p: -int(p["stack_level"])):
            limit = limit_a(profile, self._supply, started, now)
            if limit is not None:
                return limit
        return None

    def _started(self, outlet: Outlet) -> datetime | None:
        return moment(outlet.transaction.started_at) if outlet.transaction is not None else None

    def _save(self) -> None:
        self._stack.board.nvram.write("charging_profiles", self._installed)


def _purpose(row: tuple[int, Profile]) -> str:
    return str(row[1]["charging_profile_purpose"])


def _replaced(row: tuple[int, Profile], connector_id: int, profile: Profile) -> bool:
    if row[1]["charging_profile_id"] == profile["charging_profile_id"]:
        return True
    same_place = row[0] == connector_id and _purpose(row) == profile["charging_profile_purpose"]
    return same_place and bool(row[1]["stack_level"] == profile["stack_level"])


def _matches(row: tuple[int, Profile], criteria: dict[str, Any]) -> bool:
    facts = {
        "id": row[1]["charging_profile_id"],
        "connector_id": row[0],
        "charging_profile_purpose": _purpose(row),
        "stack_level": row[1]["stack_level"],
    }
    return all(facts[name] == value for name, value in criteria.items() if value is not None)


def _plain(value: Any) -> Any:
    """The same value with floats for the `ocpp` package's decimals."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, decimal.Decimal) else value
