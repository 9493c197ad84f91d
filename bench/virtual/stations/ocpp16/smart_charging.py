"""Charging profiles: set, clear, combine, apply (sections 3.13, 5.5, 5.7, 5.16)."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.faults_currents import LATE_CLEAR_S
from bench.virtual.stations.faults_schedules import LATE_STEP_S, as_kept, misreadings
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.keys import MAX_PERIODS, MAX_PROFILES, MAX_STACK_LEVEL
from bench.virtual.stations.ocpp16.misread import as_read, as_stored, most_a, refused
from bench.virtual.stations.ocpp16.outlet import Outlet
from bench.virtual.stations.ocpp16.profile_store import (
    DEFAULT_PURPOSE,
    MAX_PURPOSE,
    TX_PURPOSE,
    ProfileStore,
    Row,
)
from bench.virtual.stations.ocpp16.schedule import Profile, Supply, changes, executable, limit_a, period_at

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

UNITS = {"A": "Current", "W": "Power"}
"""ChargingRateUnitType -> item of ChargingScheduleAllowedChargingRateUnit (errata 3.88)."""

A_DAY_S = 86400

_NOT_FOR_RUNNING, _CAME = "default_not_for_running_transactions", "came"
"""The wrong station that keeps new defaults for later transactions, and what it notes down with each: when it came."""

LOCAL_TIME = timedelta(hours=2)
"""How far the local time of the wrong station is ahead that takes it for UTC."""


class SmartCharging:
    """Holds the installed profiles (persistent, errata 3.37) and keeps each EVSE at the limit in force."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._faults = stack.board.faults
        self._store = ProfileStore(stack.board.nvram, self._faults)
        self._timer: asyncio.TimerHandle | None = None
        self._connected = False
        config = stack.board.config
        self._supply = Supply(config.nominal_voltage_v, config.phases)

    def power_up(self) -> None:
        """The TxProfiles of transactions that the loss of supply ended are deleted (3.13.1); the others go on."""
        self._end_all_but(self._in_transaction())

    def has_tx_profile(self, connector_id: int) -> bool:
        """Whether a TxProfile is installed at a connector."""
        return connector_id in self._store.of_transactions()

    def connected(self) -> None:
        """The connection to the CSMS came back: nothing to a good station (3.13.6)."""
        known, self._connected = self._connected, True
        if known and self._store.of_transactions() and self._faults.on("profile_lost_on_reconnect"):
            self._store.end_transactions(())
            self.apply()

    def set(self, connector_id: int, profile: Profile) -> str:
        """SetChargingProfile.req for a connector that exists; gives a ChargingProfileStatus."""
        if self._faults.on("profile_refused") or not self._acceptable(connector_id, profile):
            return "Rejected"
        if not self._belongs(connector_id, profile):
            if self._faults.on("rejected_profile_installed"):
                self._stack.after_reply(lambda: self.install(connector_id, {**profile, "transaction_id": None}))
            if self._faults.on("rejected_profile_applied"):
                self._squeeze(connector_id, profile)
            return "Rejected"
        if not self._faults.on("profile_not_installed"):
            self._stack.after_reply(lambda: self.install(connector_id, profile))
        return "Accepted"

    def fits(self, profile: Profile) -> bool:
        """Whether the station can execute this profile at all: unit, levels, periods, dates."""
        schedule = profile["charging_schedule"]
        units = self._stack.configuration.items("ChargingScheduleAllowedChargingRateUnit")
        if schedule["charging_rate_unit"] == "W" and self._faults.on("watts_unadvertised_accepted"):
            units = [*UNITS.values()]
        if refused(profile, MAX_STACK_LEVEL, MAX_PERIODS, self._faults):
            return False
        if UNITS.get(str(schedule["charging_rate_unit"]), "") not in units:
            return False
        few = len(schedule["charging_schedule_period"]) <= MAX_PERIODS
        return few and 0 <= profile["stack_level"] <= MAX_STACK_LEVEL and executable(profile)

    def install(self, connector_id: int, profile: Profile) -> None:
        """Install a profile in the place of its like (5.16.3) and apply it."""
        misread = self._faults.among(*misreadings(profile))
        now = self._stack.board.clock.now()
        if profile["charging_profile_purpose"] == DEFAULT_PURPOSE and self._faults.has(_NOT_FOR_RUNNING):
            profile = {**profile, _CAME: rfc3339(now)}
        self._store.install(connector_id, as_stored(as_kept(profile, misread, now), self._faults, now))
        self.apply()
        if most_a(profile) > self._stack.board.config.max_current_a and self._faults.on("limit_above_rating_trips"):
            self._trip(connector_id)

    def clear(self, criteria: dict[str, Any]) -> str:
        """ClearChargingProfile.req: removes what matches all criteria given (errata 3.25)."""
        doomed = self._doomed(criteria)
        if not self._store.matching(criteria) or self._faults.on("clear_profile_unknown"):
            return "Unknown"

        def remove() -> None:
            self._store.remove(doomed)
            if self._faults.on("clear_applied_late"):
                self._stack.board.loop.call_later(LATE_CLEAR_S, self.apply)
            else:
                self.apply()

        self._stack.after_reply(remove)
        return "Accepted"

    def end_of_transaction(self, connector_id: int) -> None:
        """A TxProfile ends with its transaction (section 3.13.1)."""
        self._end_all_but(self._in_transaction() - {connector_id})

    def _end_all_but(self, running: Collection[int]) -> None:
        over = any(place not in running for place in self._store.of_transactions())
        if not (over and self._faults.on("tx_profile_outlives_transaction")):
            self._store.end_transactions(running)

    def limit_a(self, outlet: Outlet, now: datetime) -> float:
        """The limit in force at a connector, in amperes per phase."""
        return self._limit_a(outlet, self._started(outlet), now)

    def apply(self) -> None:
        """Bring every EVSE to the limit in force and wake up again when that may change."""
        now = self._stack.board.clock.now()
        for outlet in self._stack.outlets.values():
            if outlet.transaction is not None:
                outlet.controller.set_limit(self.limit_a(outlet, now))
                if self._stack.board.config.phase_switching:
                    outlet.controller.set_phases(self._phases(outlet, now))
        self.shut_down()
        if self._faults.on("limit_changes_ignored"):
            return
        upcoming = [
            m for outlet in self._stack.outlets.values() for m in self._changes(outlet, self._started(outlet), now)
        ]
        if upcoming:
            left_s = (min(upcoming) - now).total_seconds()
            left_s += LATE_STEP_S if self._faults.on("schedule_steps_late") else 0.0
            self._timer = self._stack.board.loop.call_later(left_s + 0.001, self.apply)

    def composite(self, connector_id: int, duration_s: int, unit: str) -> dict[str, Any] | None:
        """The fields of GetCompositeSchedule.conf beside its status; None for an unknown connector, or none that can be told.

        For connector 0, what the connectors may draw together; a connector without a transaction is told of as if one began now.
        """
        outlets = [o for n, o in self._stack.outlets.items() if connector_id in {0, n}]
        if not outlets or duration_s < 0:
            return None
        unit = "W" if self._faults.on("composite_in_watts") else unit
        duration_s = A_DAY_S if self._faults.on("composite_duration_ignored") else duration_s
        duration_s = 0 if self._faults.on("composite_duration_zero") else duration_s
        now = self._stack.board.clock.now()
        per_unit = self._supply.voltage_v * self._supply.phases if unit == "W" else 1.0
        if self._faults.on("composite_limits_doubled"):
            per_unit *= 2
        limits: dict[int, float] = {}
        for at in self._moments(outlets, now, now + timedelta(seconds=duration_s)):
            limit = round(self._composite_a(connector_id, outlets, now, at) * per_unit, 1)
            if not limits or limits[max(limits)] != limit:
                limits[int((at - now).total_seconds())] = limit
        if self._faults.on("composite_periods_split"):
            limits = _split(limits, duration_s)
        periods = [{"start_period": start, "limit": limit} for start, limit in limits.items()][:MAX_PERIODS]
        schedule = {"duration": duration_s, "charging_rate_unit": unit, "charging_schedule_period": periods}
        start = now + LOCAL_TIME if self._faults.on("composite_start_in_local_time") else now
        named = 0 if self._faults.on("composite_names_connector_0") else connector_id
        return {"connector_id": named, "schedule_start": rfc3339(start), "charging_schedule": schedule}

    def shut_down(self) -> None:
        """Cancel the wake-up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _squeeze(self, connector_id: int, profile: Profile) -> None:
        """Limit a connector by the first period of a profile that is not installed."""
        limit = limit_a({**profile, "valid_from": None}, self._supply, None, self._stack.board.clock.now())
        self._stack.outlets[connector_id].controller.set_limit(0.0 if limit is None else limit)

    def _trip(self, connector_id: int) -> None:
        for number, outlet in self._stack.outlets.items():
            if connector_id in {0, number} and outlet.transaction is not None:
                outlet.controller.trip()
                self._stack.transactions.stop(outlet, "Other")

    # -- what may be installed, and what is cleared

    def _acceptable(self, connector_id: int, profile: Profile) -> bool:
        room = MAX_PROFILES - len(self._store) + len(self._store.replaced_by(connector_id, profile))
        if not self.fits(profile) or room < 1:
            return False
        purpose = profile["charging_profile_purpose"]
        if purpose == MAX_PURPOSE:
            return connector_id == 0
        return purpose == DEFAULT_PURPOSE or connector_id != 0

    def _belongs(self, connector_id: int, profile: Profile) -> bool:
        """A TxProfile needs its transaction (3.13.1, 5.16.4)."""
        if profile["charging_profile_purpose"] != TX_PURPOSE:
            return True
        outlet = self._stack.outlets[connector_id]
        if outlet.transaction is None or outlet.transaction.stopping:
            return self._faults.on("tx_profile_without_transaction_accepted")
        named = profile.get("transaction_id")
        same = named is None or named == outlet.transaction.transaction_id
        return same or self._faults.on("tx_profile_of_another_transaction_accepted")

    def _doomed(self, criteria: dict[str, Any]) -> list[Row]:
        given = {name for name, value in criteria.items() if value is not None}
        kept = (
            self._faults.on("clear_profile_ignored")
            or (self._faults.on("clear_profile_by_criteria_ignored") and given - {"id"})
            or (self._faults.on("clear_profile_without_criteria_ignored") and not given)
        )
        if kept:
            return []
        named, everything = self._store.matching(criteria), self._store.matching({})
        return everything if named != everything and self._faults.on("clear_profile_clears_all") else named

    # -- limits

    def _limit_a(self, outlet: Outlet, started: datetime | None, now: datetime) -> float:
        limits = [self._stack.board.config.max_current_a]
        own = self._prevailing(self._ruling(outlet, now), started, now)
        if own is None and self._faults.on("default_after_tx_schedule"):
            own = self._prevailing(self._store.defaults(outlet.connector_id), started, now)
        limits += [] if own is None else [own]
        shared = self._shared_a(started, now)
        if shared is not None:
            sharing = max(1, len(self._in_transaction()))
            limits.append(shared if sharing > 1 and self._faults.on("maximum_for_each_evse") else shared / sharing)
        return min(limits)

    def _ruling(self, outlet: Outlet, now: datetime) -> list[Profile]:
        if self._faults.on("default_overrules_tx_profile") and self._store.defaults(outlet.connector_id):
            return self._store.defaults(outlet.connector_id)
        ruling = self._store.ruling(outlet.connector_id, now)
        began = self._started(outlet)
        late = [] if began is None else [one for one in ruling if _CAME in one and moment(one[_CAME]) > began]
        if late and self._faults.on(_NOT_FOR_RUNNING):
            return [profile for profile in ruling if profile not in late]
        return ruling

    def _shared_a(self, started: datetime | None, now: datetime) -> float | None:
        """The maximum of the whole station, all connectors combined (3.13.3)."""
        if self._faults.on("station_maximum_ignored"):
            return None
        return self._prevailing(self._store.maxima(), started, now)

    def _prevailing(self, profiles: list[Profile], started: datetime | None, now: datetime) -> float | None:
        """The highest stack level that says something now (3.13.2, errata 3.43)."""
        sign = 1 if self._faults.on("lowest_stack_level_prevails") else -1
        for profile in sorted(profiles, key=lambda p: sign * int(p["stack_level"])):
            read = as_read(profile, self._faults, now)
            limit = None if read is None else limit_a(read, self._supply, started, now)
            if limit is not None or self._faults.on("no_fall_back_in_the_stack"):
                return limit
        return None

    def _phases(self, outlet: Outlet, now: datetime) -> int:
        """The least numberPhases of what is in force at a connector (7.14: three where a period names none)."""
        started, named = self._started(outlet), [3]
        for profiles in (self._ruling(outlet, now), self._store.maxima()):
            for profile in sorted(profiles, key=lambda one: -int(one["stack_level"])):
                period = period_at(profile, started, now)
                if period is not None:
                    named.append(int(period.get("number_phases") or 3))
                    break
        return min(named)

    def _composite_a(self, connector_id: int, outlets: list[Outlet], now: datetime, at: datetime) -> float:
        """What is told of a moment to come, in amperes per phase."""
        if self._faults.on("composite_without_profiles"):
            return self._stack.board.config.max_current_a * len(outlets)
        if connector_id == 0 and self._faults.on("composite_of_station_is_a_connectors"):
            first = outlets[0]
            own = self._prevailing(self._ruling(first, at), self._started(first) or now, at)
            return self._stack.board.config.max_current_a if own is None else own
        total = sum(self._limit_a(outlet, self._started(outlet) or now, at) for outlet in outlets)
        shared = self._shared_a(now, at) if connector_id == 0 else None
        return total if shared is None else min(total, shared)

    # -- time

    def _moments(self, outlets: list[Outlet], now: datetime, end: datetime) -> list[datetime]:
        """Now, and each moment until the end at which a limit may change."""
        moments = [now]
        while True:
            later = [m for o in outlets for m in self._changes(o, self._started(o) or now, moments[-1])]
            if not later or min(later) >= end:
                return moments
            moments.append(min(later))

    def _changes(self, outlet: Outlet, started: datetime | None, now: datetime) -> list[datetime]:
        relevant = self._store.concerning(outlet.connector_id)
        return [m for profile in relevant for m in changes(profile, started, now)]

    def _started(self, outlet: Outlet) -> datetime | None:
        return moment(outlet.transaction.started_at) if outlet.transaction is not None else None

    def _in_transaction(self) -> frozenset[int]:
        return frozenset(n for n, outlet in self._stack.outlets.items() if outlet.transaction is not None)


def _split(limits: dict[int, float], duration_s: int) -> dict[int, float]:
    """Each period as two of the same limit, a second early."""
    starts = [max(start - 1, 0) for start in limits]
    halves = [(start + end) // 2 for start, end in pairwise([*starts, duration_s])]
    twice = dict(zip(starts, limits.values(), strict=True)) | dict(zip(halves, limits.values(), strict=True))
    return dict(sorted(twice.items()))
