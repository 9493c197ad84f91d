"""Reading one charging profile: is it valid, and what does it say at an instant.

Sources: Part 2, block K: 3.3 (kinds), 3.4 (stacking), K01.FR.10 to .13, .30, .36, .37, .49 to .51.
Profiles are ChargingProfileType payloads in the snake_case of the `ocpp` package.
"""

from datetime import datetime, timedelta
from typing import Any

Profile = dict[str, Any]

_RECURRENCE_S = {"Daily": 86400.0, "Weekly": 604800.0}


def instant(text: str | None) -> datetime | None:
    """An OCPP dateTime as an aware datetime."""
    return datetime.fromisoformat(text) if text else None


def period_at(profile: Profile, now: datetime, relative_start: datetime) -> dict[str, Any] | None:
    """The ChargingSchedulePeriod in force at `now`, None when the profile says nothing then.

    `relative_start` is the moment at which the EVSE was ready to deliver energy.
    """
    if not _valid(profile, now):
        return None
    schedule = profile["charging_schedule"][0]
    start = _start(profile, schedule, now, relative_start)
    offset_s = (now - start).total_seconds()
    duration_s = schedule.get("duration")
    if offset_s < 0 or (duration_s is not None and offset_s >= duration_s):
        return None
    begun = [p for p in schedule["charging_schedule_period"] if p["start_period"] <= offset_s]
    return begun[-1] if begun else None


def period_current_a(profile: Profile, period: dict[str, Any], voltage_v: float, phases: int) -> float:
    """Limit of a period in amperes per phase; watts by the nominal voltage (K01.FR.49 to K01.FR.51)."""
    limit = float(period["limit"])
    if profile["charging_schedule"][0]["charging_rate_unit"] == "A":
        return limit
    used = min(int(period.get("number_phases") or 3), phases)
    return limit / (voltage_v * used)


def boundaries(profile: Profile, begin: datetime, end: datetime, relative_start: datetime) -> list[datetime]:
    """Instants in (begin, end) at which the profile may start to say something else."""
    schedule = profile["charging_schedule"][0]
    offsets = [p["start_period"] for p in schedule["charging_schedule_period"]]
    if schedule.get("duration") is not None:
        offsets.append(schedule["duration"])
    found = [t for t in (instant(profile.get("valid_from")), instant(profile.get("valid_to"))) if t]
    start = _start(profile, schedule, begin, relative_start)
    while start < end:
        found += [start + timedelta(seconds=float(offset)) for offset in offsets]
        if profile["charging_profile_kind"] != "Recurring":
            break
        start += timedelta(seconds=_recurrence_s(profile))
    return [t for t in found if begin < t < end]


def _valid(profile: Profile, now: datetime) -> bool:
    valid_from, valid_to = instant(profile.get("valid_from")), instant(profile.get("valid_to"))
    return not (valid_from and now < valid_from) and not (valid_to and now >= valid_to)


def _recurrence_s(profile: Profile) -> float:
    return _RECURRENCE_S[profile.get("recurrency_kind") or "Daily"]


def _start(profile: Profile, schedule: dict[str, Any], now: datetime, relative_start: datetime) -> datetime:
    begin = instant(schedule.get("start_schedule"))
    if profile["charging_profile_kind"] == "Relative" or begin is None:
        return relative_start
    if profile["charging_profile_kind"] != "Recurring" or now < begin:
        return begin
    every_s = _recurrence_s(profile)
    return begin + timedelta(seconds=every_s * ((now - begin).total_seconds() // every_s))


def highest_a(profile: Profile) -> float:
    """The highest limit of a profile in amperes; 0 for one in watts."""
    schedule = profile["charging_schedule"][0]
    if schedule["charging_rate_unit"] != "A":
        return 0.0
    return max(float(period["limit"]) for period in schedule["charging_schedule_period"])
