"""Wrong behaviours in following charging schedules, known to the stacks of both versions, and how they misread a profile."""

from datetime import datetime, timedelta
from typing import Any

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

LATE_STEP_S = 20.0
"""Delay of the wrong behaviour `schedule_steps_late`."""

FAULTS_SCHEDULES: tuple[Fault, ...] = (
    Fault(
        "limit_changes_ignored",
        BOTH,
        "reports a composite schedule with all its periods, and keeps the current at the first",
        "OCPP 1.6 section 3.13.3: the composite schedule guides the charging level; OCPP 2.0.1 K01.FR.12",
    ),
    Fault(
        "station_maximum_ignored",
        BOTH,
        "takes no notice of a ChargePointMaxProfile or ChargingStationMaxProfile",
        "OCPP 1.6 sections 3.13.1, 3.13.3: the minimum of the purposes; OCPP 2.0.1 part 2, block K, 3.5",
    ),
    Fault(
        "lowest_stack_level_prevails",
        BOTH,
        "goes by the lowest stack level",
        "OCPP 1.6 section 3.13.2, OCPP 2.0.1 part 2, block K, 3.4: the highest stack level prevails",
    ),
    Fault(
        "no_fall_back_in_the_stack",
        BOTH,
        "is without limit when the schedule of the highest stack level has ended, though there is one below",
        "OCPP 1.6 section 3.13.2, errata 3.43; OCPP 2.0.1 part 2, block K, 3.4: a lower stack level is used",
    ),
    Fault(
        "recurrence_ignored",
        BOTH,
        "takes a daily schedule for one that begins once",
        "OCPP 1.6 sections 7.9, 7.37; OCPP 2.0.1 part 2, block K, 3.3: a Recurring schedule begins anew",
    ),
    Fault(
        "relative_from_installation",
        BOTH,
        "counts a Relative schedule from when it was installed",
        "OCPP 1.6 section 7.9; OCPP 2.0.1 K01.FR.41, K01.FR.42: it counts from the start of charging",
    ),
    Fault(
        "daily_schedule_by_local_clock",
        BOTH,
        "recurs by a local clock that has been set an hour forward since the schedule began",
        "OCPP 1.6 sections 7.9, 7.13: startSchedule is a point of absolute time; OCPP 2.0.1 part 2, block K, 3.3",
    ),
    Fault(
        "schedule_steps_late",
        BOTH,
        "follows each step of a schedule 20 s late",
        "OCPP 1.6 section 7.14; OCPP 2.0.1 K01.FR.12: a period begins at its startPeriod",
    ),
)


def misreadings(profile: dict[str, Any]) -> tuple[str, ...]:
    """The switches that concern such a profile when it is installed."""
    kinds = {
        "Recurring": ("recurrence_ignored", "daily_schedule_by_local_clock"),
        "Relative": ("relative_from_installation",),
    }
    return kinds.get(profile["charging_profile_kind"], ())


def _an_hour_late(schedule: dict[str, Any]) -> dict[str, Any]:
    start = schedule.get("start_schedule")
    if start is None:
        return schedule
    return schedule | {"start_schedule": rfc3339(datetime.fromisoformat(start) + timedelta(hours=1))}


def as_kept(profile: dict[str, Any], misread: frozenset[str], now: datetime) -> dict[str, Any]:
    """The profile as a station keeps it that misreads some kinds of them (`misread`: names of switches above)."""
    kind = profile["charging_profile_kind"]
    if kind == "Recurring" and "recurrence_ignored" in misread:
        return {**profile, "charging_profile_kind": "Absolute"}
    if kind == "Recurring" and "daily_schedule_by_local_clock" in misread:
        schedule = profile["charging_schedule"]
        late = [_an_hour_late(one) for one in schedule] if isinstance(schedule, list) else _an_hour_late(schedule)
        return {**profile, "charging_schedule": late}
    if kind != "Relative" or "relative_from_installation" not in misread:
        return profile
    begun = {"start_schedule": rfc3339(now)}
    schedule = profile["charging_schedule"]
    started = [one | begun for one in schedule] if isinstance(schedule, list) else schedule | begun
    return {**profile, "charging_profile_kind": "Absolute", "charging_schedule": started}
