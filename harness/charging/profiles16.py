"""Charging profiles of OCPP 1.6 as a station must hold them: read from messages, installed, cleared.

Sections are those of OCPP 1.6 edition 2, errata those of its errata sheet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

Purpose = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
Kind = Literal["Absolute", "Recurring", "Relative"]
Unit = Literal["A", "W"]

ASSUMED_PHASES = 3
"""numberPhases of a period that names none (7.12, 7.14)."""

_PURPOSES = ("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile")
_RECURRENCES = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Period:
    """One ChargingSchedulePeriod: from `start_s` after the schedule's zero, `limit` in the schedule's unit, for `phases`."""

    start_s: float
    limit: float
    phases: int = ASSUMED_PHASES


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile on one connector (7.8, 7.13). Times are aware; None is what the message left out.

    `start` is the zero of the schedule; without it, and for kind Relative, the zero is the start of charging. `recurrence` is set for
    kind Recurring only.
    """

    id: int
    connector_id: int
    purpose: Purpose
    stack_level: int
    kind: Kind
    unit: Unit
    periods: tuple[Period, ...]
    duration_s: float | None = None
    start: datetime | None = None
    recurrence: timedelta | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: int | None = None

    def valid_at(self, moment: datetime) -> bool:
        """Whether validFrom and validTo let it count at this moment (3.13.2); validTo itself is past."""
        begun = self.valid_from is None or moment >= self.valid_from
        return begun and (self.valid_to is None or moment < self.valid_to)


def profile_of(connector_id: int, payload: Mapping[str, Any]) -> Profile:
    """Read csChargingProfiles of a SetChargingProfile.req, or the chargingProfile of a remote start.

    Raises ValueError naming the field, its value and the clause, for what no station can execute.
    """
    schedule = payload["chargingSchedule"]
    kind, purpose, unit = (
        payload["chargingProfileKind"],
        payload["chargingProfilePurpose"],
        schedule["chargingRateUnit"],
    )
    _one_of("chargingProfilePurpose", purpose, _PURPOSES)
    _one_of("chargingProfileKind", kind, ("Absolute", "Recurring", "Relative"))
    _one_of("chargingRateUnit", unit, ("A", "W"))
    if (purpose == "ChargePointMaxProfile") != (connector_id == 0) and purpose != "TxDefaultProfile":
        raise ValueError(
            f"connectorId {connector_id} with purpose {purpose}: a maximum is for 0, a TxProfile is not (3.13.1)"
        )
    return Profile(
        id=payload["chargingProfileId"],
        connector_id=connector_id,
        purpose=cast("Purpose", purpose),
        stack_level=payload["stackLevel"],
        kind=cast("Kind", kind),
        unit=cast("Unit", unit),
        periods=_periods(schedule["chargingSchedulePeriod"]),
        duration_s=schedule.get("duration"),
        start=_moment(schedule, "startSchedule") if kind != "Relative" else None,
        recurrence=_recurrence(payload) if kind == "Recurring" else None,
        valid_from=_moment(payload, "validFrom"),
        valid_to=_moment(payload, "validTo"),
        transaction_id=payload.get("transactionId"),
    )


def installed(profiles: Iterable[Profile], new: Profile) -> tuple[Profile, ...]:
    """What a station holds once it accepted `new`: it replaces its like, by id or by purpose and stack level (5.16.3, 5.16.4).

    A profile for one connector replaces another's only where both are for that connector (3.13.1: only for that specific connector).
    """
    return (*(profile for profile in profiles if not _alike(profile, new)), new)


def cleared(
    profiles: Iterable[Profile],
    *,
    profile_id: int | None = None,
    connector_id: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
) -> tuple[Profile, ...]:
    """What is left after ClearChargingProfile.req: all that does not match every field given; no field matches all (errata 3.25)."""
    wanted = {"id": profile_id, "connector_id": connector_id, "purpose": purpose, "stack_level": stack_level}
    given = {name: value for name, value in wanted.items() if value is not None}
    return tuple(
        profile for profile in profiles if any(getattr(profile, name) != value for name, value in given.items())
    )


def moment_of(text: str) -> datetime:
    """A dateTime of a message; without zone it is UTC. Raises ValueError naming the text."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no dateTime (ISO 8601, section 3.15)") from None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _alike(one: Profile, other: Profile) -> bool:
    if one.id == other.id:
        return True
    return (one.connector_id, one.purpose, one.stack_level) == (other.connector_id, other.purpose, other.stack_level)


def _periods(rows: Iterable[Mapping[str, Any]]) -> tuple[Period, ...]:
    periods = tuple(
        Period(float(row["startPeriod"]), float(row["limit"]), int(row.get("numberPhases") or ASSUMED_PHASES))
        for row in rows
    )
    starts = [period.start_s for period in periods]
    if not starts or starts[0] != 0:
        raise ValueError(f"startPeriod {starts[:1]}: the first period SHALL start at 0 (errata 3.45)")
    if starts != sorted(starts):
        raise ValueError(f"startPeriod {starts}: each period ends where the next one starts (7.14)")
    return periods


def _recurrence(payload: Mapping[str, Any]) -> timedelta:
    kind = payload.get("recurrencyKind")
    _one_of("recurrencyKind", kind, tuple(_RECURRENCES))
    return _RECURRENCES[str(kind)]


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    return moment_of(fields[name]) if fields.get(name) is not None else None


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} = {value!r}: one of {', '.join(known)} (section 7)")
