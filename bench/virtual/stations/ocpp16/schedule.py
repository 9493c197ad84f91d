"""What one charging profile says at one moment (sections 3.13, 5.16.4, 7.8-7.14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.virtual.stations.ocpp16.authorize import moment

Profile = dict[str, Any]
"""A ChargingProfile with the `ocpp` package's field names."""

PERIOD = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Supply:
    """What converts watts to amperes per phase."""

    voltage_v: float
    phases: int


def executable(profile: Profile) -> bool:
    """Whether the schedule makes sense at all: dates, first start 0 (errata 3.45), ascending starts, limits, a recurrence that has a kind."""
    schedule = profile["charging_schedule"]
    starts = [period["start_period"] for period in schedule["charging_schedule_period"]]
    ordered = bool(starts) and starts[0] == 0 and starts == sorted(starts)
    possible = all(period["limit"] >= 0 for period in schedule["charging_schedule_period"])
    repeats = profile["charging_profile_kind"] != "Recurring" or profile.get("recurrency_kind") in PERIOD
    try:
        for text in (profile.get("valid_from"), profile.get("valid_to"), schedule.get("start_schedule")):
            moment(text or "2000-01-01T00:00:00Z")
    except ValueError:
        return False
    return ordered and possible and repeats


def valid(profile: Profile, now: datetime) -> bool:
    """Whether validFrom and validTo let the profile count now (section 7.8)."""
    valid_from, valid_to = profile.get("valid_from"), profile.get("valid_to")
    return not (valid_from and now < moment(valid_from)) and not (valid_to and now >= moment(valid_to))


def period_at(profile: Profile, started: datetime | None, now: datetime) -> dict[str, Any] | None:
    """The period that is in force now, None when the profile says nothing now.

    `started` is when the transaction began: the zero of a relative schedule and of one without start.
    """
    elapsed = _elapsed(profile, started, now)
    if elapsed is None:
        return None
    active = [period for period in periods_of(profile) if period["start_period"] <= elapsed]
    return active[-1] if active else None


def limit_a(profile: Profile, supply: Supply, started: datetime | None, now: datetime) -> float | None:
    """The limit in amperes per phase that the profile gives now, None when it says nothing now."""
    period = period_at(profile, started, now)
    if period is None:
        return None
    limit = float(period["limit"])
    if profile["charging_schedule"]["charging_rate_unit"] == "A":
        return limit
    # Errata 3.34: more phases than there are change nothing about the limit.
    phases = min(int(period.get("number_phases") or 3), supply.phases)
    return limit / (supply.voltage_v * phases)


def changes(profile: Profile, started: datetime | None, now: datetime) -> list[datetime]:
    """Moments after now at which the profile may say something else, unordered."""
    moments = [moment(profile[key]) for key in ("valid_from", "valid_to") if profile.get(key)]
    zero = _zero(profile, started)
    if zero is not None:
        schedule = profile["charging_schedule"]
        offsets = [p["start_period"] for p in schedule["charging_schedule_period"]]
        offsets += [schedule["duration"]] if schedule.get("duration") is not None else []
        recurrence = recurrence_of(profile)
        starts = [zero]
        if recurrence is not None and now > zero:
            latest = zero + recurrence * ((now - zero) // recurrence)
            starts = [latest, latest + recurrence]
        moments += [start + timedelta(seconds=s) for start in starts for s in offsets]
    return [m for m in moments if m > now]


def _elapsed(profile: Profile, started: datetime | None, now: datetime) -> float | None:
    """Seconds since the schedule (or its present recurrence) began; None when it is not in force."""
    if not valid(profile, now):
        return None
    zero = _zero(profile, started)
    if zero is None or now < zero:
        return None
    recurrence = recurrence_of(profile)
    since = (now - zero) % recurrence if recurrence is not None else now - zero
    duration = profile["charging_schedule"].get("duration")
    elapsed = since.total_seconds()
    return None if duration is not None and elapsed >= duration else elapsed


def _zero(profile: Profile, started: datetime | None) -> datetime | None:
    start = profile["charging_schedule"].get("start_schedule")
    if profile["charging_profile_kind"] == "Relative" or start is None:
        return started
    return moment(start)


def periods_of(profile: Profile) -> list[dict[str, Any]]:
    """The periods of the schedule, as they were sent."""
    periods: list[dict[str, Any]] = profile["charging_schedule"]["charging_schedule_period"]
    return periods


def recurrence_of(profile: Profile) -> timedelta | None:
    """After what time the schedule begins anew; None for one that does not."""
    if profile["charging_profile_kind"] != "Recurring":
        return None
    return PERIOD[profile["recurrency_kind"]]
