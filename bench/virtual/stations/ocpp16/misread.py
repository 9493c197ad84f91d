"""Charging profiles as wrong stations understand them: each function gives the profile back where the station reads it aright."""

from datetime import datetime, timedelta
from typing import Any

from bench.virtual.stations.duty import MIN_CURRENT_A
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.schedule import Profile, periods_of, recurrence_of

MISSED = "never_begins"
"""Marks a stored profile whose start the station missed."""

_JUST_NOW = timedelta(seconds=1)


def as_read(profile: Profile, faults: ActiveFaults, now: datetime) -> Profile | None:
    """The profile as this station understands it now; None for one that it takes no notice of."""
    if profile.get(MISSED) or (_in_watts(profile) and _without_watts(faults)):
        return None
    schedule = profile["charging_schedule"]
    if _in_watts(profile) and faults.on("watts_taken_for_amperes"):
        return _with(profile, schedule | {"charging_rate_unit": "A"})
    if len(periods_of(profile)) > 1 and faults.on("only_the_first_period"):
        return _with(profile, schedule | {"charging_schedule_period": periods_of(profile)[:1]})
    if _begins_with_pause(profile) and faults.on("pause_at_the_start_skipped"):
        return _with(profile, schedule | {"charging_schedule_period": _without_pause(profile)})
    if _recurred(profile, now) and faults.on("recurrence_off_by_one"):
        return _with(profile, schedule | {"charging_schedule_period": _a_period_ahead(profile)})
    return profile


def as_stored(profile: Profile, faults: ActiveFaults, now: datetime) -> Profile:
    """The profile as this station keeps it."""
    start = profile["charging_schedule"].get("start_schedule")
    if start is None or profile["charging_profile_kind"] == "Relative":
        return profile
    just_now = now - _JUST_NOW <= moment(start) <= now + _JUST_NOW
    return {**profile, MISSED: True} if just_now and faults.on("start_of_now_missed") else profile


def refused(profile: Profile, highest_level: int, most_periods: int, faults: ActiveFaults) -> bool:
    """Whether a wrong station refuses a profile that it could execute."""
    if len(periods_of(profile)) == most_periods and faults.on("most_periods_refused"):
        return True
    if profile["stack_level"] == highest_level and faults.on("highest_stack_level_refused"):
        return True
    broken = any(float(period["limit"]) % 1 for period in periods_of(profile))
    return broken and faults.on("fractions_refused")


def most_a(profile: Profile) -> float:
    """The highest limit of a schedule in amperes; 0 for one in watts."""
    return 0.0 if _in_watts(profile) else max(float(period["limit"]) for period in periods_of(profile))


def _with(profile: Profile, schedule: dict[str, Any]) -> Profile:
    return {**profile, "charging_schedule": schedule}


def _in_watts(profile: Profile) -> bool:
    return bool(profile["charging_schedule"]["charging_rate_unit"] == "W")


def _without_watts(faults: ActiveFaults) -> bool:
    return faults.on("watts_ignored") or faults.on("watts_unadvertised_accepted")


def _begins_with_pause(profile: Profile) -> bool:
    periods = periods_of(profile)
    return len(periods) > 1 and not _in_watts(profile) and float(periods[0]["limit"]) < MIN_CURRENT_A


def _without_pause(profile: Profile) -> list[dict[str, Any]]:
    periods = periods_of(profile)
    first = next((p for p in periods if float(p["limit"]) >= MIN_CURRENT_A), periods[0])
    later = [p for p in periods if p["start_period"] > first["start_period"]]
    return [{**first, "start_period": 0}, *later]


def _recurred(profile: Profile, now: datetime) -> bool:
    start, recurrence = profile["charging_schedule"].get("start_schedule"), recurrence_of(profile)
    return recurrence is not None and bool(start) and now >= moment(start) + recurrence


def _a_period_ahead(profile: Profile) -> list[dict[str, Any]]:
    periods = periods_of(profile)
    limits = [*periods[1:], periods[0]]
    return [{**limit, "start_period": p["start_period"]} for p, limit in zip(periods, limits, strict=True)]
