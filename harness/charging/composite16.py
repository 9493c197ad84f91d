"""The composite schedule that profiles of OCPP 1.6 add up to, and how a reported one compares with it.

Sections are those of OCPP 1.6 edition 2, errata those of its errata sheet. What the documents leave open is left open here: how a station
rounds, whether it merges or splits periods, whether it lowers a limit to what it can do locally (5.7), and the second in which a period
begins. How several connectors share a maximum is a station's own affair (3.13.3): one transaction at a time is reckoned with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from harness.charging.profiles16 import Period, Profile, Purpose, Unit


@dataclass(frozen=True, slots=True)
class Supply:
    """What turns watts into amperes: the set voltage of the area, not the measured one, and the phases in use (7.12, errata 3.34)."""

    line_voltage_v: float
    phases: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the limits of one connector in `unit`, from `begin` on for `duration_s` (5.7).

    `charging_since`: when the transaction there began, the zero of schedules without a start; None without a transaction.
    """

    connector_id: int
    begin: datetime
    duration_s: float
    unit: Unit
    charging_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_s` to `end_s` after `begin` the limit is this; None where no profile limits anything."""

    start_s: float
    end_s: float
    limit: float | None


def composite(profiles: Iterable[Profile], question: Question, supply: Supply) -> tuple[Stretch, ...]:
    """The limits that the installed profiles impose, equal neighbours merged. Raises ValueError for connector 0, whose share is open."""
    if question.connector_id == 0:
        raise ValueError("connectorId 0: what the whole station expects to draw follows from no profile alone (5.7)")
    relevant = [profile for profile in profiles if profile.connector_id in {0, question.connector_id}]
    edges = sorted({0.0, question.duration_s, *_edges(relevant, question)})
    stretches: list[Stretch] = []
    for start_s, end_s in pairwise(edges):
        limit = _limit_at(relevant, question, supply, question.begin + timedelta(seconds=start_s))
        if stretches and stretches[-1].limit == limit:
            stretches[-1] = Stretch(stretches[-1].start_s, end_s, limit)
        else:
            stretches.append(Stretch(start_s, end_s, limit))
    return tuple(stretches)


def in_amperes(limit: float, unit: Unit, phases: int, supply: Supply) -> float:
    """A limit per phase; watts are a total over the phases named, or over those there are if that is fewer (7.12, errata 3.34)."""
    return limit if unit == "A" else limit / (supply.line_voltage_v * min(phases, supply.phases))


def in_watts(limit: float, unit: Unit, phases: int, supply: Supply) -> float:
    """A limit in total; the reverse of `in_amperes`."""
    return limit if unit == "W" else limit * supply.line_voltage_v * min(phases, supply.phases)


# -- what prevails at one moment


def _limit_at(profiles: Sequence[Profile], question: Question, supply: Supply, moment: datetime) -> float | None:
    """The least of the maximum and of the transaction's own or default profile (3.13.3)."""
    own = [p for p in profiles if p.purpose == "TxProfile" and p.valid_at(moment)]
    # 3.13.1: a TxProfile overrules the default for the whole transaction, so also where its schedule has run out
    ruling = own if own and question.charging_since is not None else _defaults(profiles, question.connector_id)
    candidates = (
        _prevailing(_of(profiles, "ChargePointMaxProfile"), question, supply, moment),
        _prevailing(ruling, question, supply, moment),
    )
    return min((limit for limit in candidates if limit is not None), default=None)


def _of(profiles: Iterable[Profile], purpose: Purpose) -> list[Profile]:
    return [profile for profile in profiles if profile.purpose == purpose]


def _defaults(profiles: Sequence[Profile], connector_id: int) -> list[Profile]:
    """The connector's own, and those for all connectors that none of its own replaces (3.13.1)."""
    defaults = _of(profiles, "TxDefaultProfile")
    own = [profile for profile in defaults if profile.connector_id == connector_id]
    taken = {profile.stack_level for profile in own}
    return own + [p for p in defaults if p.connector_id != connector_id and p.stack_level not in taken]


def _prevailing(profiles: Sequence[Profile], question: Question, supply: Supply, moment: datetime) -> float | None:
    """The highest stack level that is valid and has a schedule to execute now; else the next lower (3.13.2, errata 3.43)."""
    for profile in sorted(profiles, key=lambda p: -p.stack_level):
        period = _period_at(profile, question.charging_since, moment)
        if period is not None:
            convert = in_amperes if question.unit == "A" else in_watts
            return convert(period.limit, profile.unit, period.phases, supply)
    return None


def _period_at(profile: Profile, charging_since: datetime | None, moment: datetime) -> Period | None:
    zero = charging_since if profile.start is None else profile.start
    if zero is None or moment < zero or not profile.valid_at(moment):
        return None
    since = moment - zero if profile.recurrence is None else (moment - zero) % profile.recurrence
    elapsed_s = since.total_seconds()
    if profile.duration_s is not None and elapsed_s >= profile.duration_s:
        return None
    # 7.14: a start also ends the period before; of two that start together the first has no length
    return [period for period in profile.periods if period.start_s <= elapsed_s][-1]


# -- when something may change


def _edges(profiles: Iterable[Profile], question: Question) -> Iterator[float]:
    """Seconds after `begin`, within the question, at which any profile may begin, change or end."""
    for profile in profiles:
        for moment in _moments(profile, question):
            offset_s = (moment - question.begin).total_seconds()
            if 0 < offset_s < question.duration_s:
                yield offset_s


def _moments(profile: Profile, question: Question) -> Iterator[datetime]:
    yield from (moment for moment in (profile.valid_from, profile.valid_to) if moment is not None)
    zero = question.charging_since if profile.start is None else profile.start
    if zero is None:
        return
    offsets_s = [period.start_s for period in profile.periods]
    if profile.duration_s is not None:
        offsets_s.append(profile.duration_s)
    for start in _starts(zero, profile.recurrence, question):
        yield from (start + timedelta(seconds=offset_s) for offset_s in offsets_s)


def _starts(zero: datetime, recurrence: timedelta | None, question: Question) -> Iterator[datetime]:
    """Each start of the schedule that can matter: the one that runs at `begin`, and those that follow within the question."""
    if recurrence is None:
        yield zero
        return
    passed = max((question.begin - zero) // recurrence, 0)
    start, end = zero + passed * recurrence, question.begin + timedelta(seconds=question.duration_s)
    while start < end:
        yield start
        start += recurrence


# -- a reported schedule


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a report may differ by: `rounding` in its unit; `edge_s` either side of a change; `local_limit` the station's own, in its unit."""

    rounding: float
    edge_s: float
    local_limit: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One expected stretch, less its edges: `reported` is what lies farthest out of, or nearest to, the bounds `low` and `high`."""

    start_s: float
    end_s: float
    reported: float
    low: float
    high: float

    @property
    def fits(self) -> bool:
        """Whether the report agrees."""
        return self.low <= self.reported <= self.high


def compare(
    reported: Sequence[Mapping[str, Any]], expected: Sequence[Stretch], allowance: Allowance
) -> tuple[Compared, ...]:
    """A reported chargingSchedulePeriod list beside the expected stretches; those shorter than both edges cannot be told.

    Periods that are split or merged compare alike: limits count, not rows. Raises ValueError for a list without a period at 0, as the
    first SHALL be (errata 3.45).
    """
    steps = sorted(((float(row["startPeriod"]), float(row["limit"])) for row in reported), key=lambda step: step[0])
    if not steps or steps[0][0] > 0:
        raise ValueError("a reported schedule begins with a period at 0 (errata 3.45)")
    return tuple(_compared(steps, stretch, allowance) for stretch in _tellable(expected, allowance))


def _tellable(expected: Sequence[Stretch], allowance: Allowance) -> Iterator[Stretch]:
    """Each stretch less its edges; the very beginning and end of the schedule are none.

    A change so near to the end that it could as well come with it cannot be told: a profile that was asked for in its whole length,
    and begins the allowance before now, ends there.
    """
    for stretch in expected:
        start_s = stretch.start_s + allowance.edge_s if stretch.start_s > 0 else 0.0
        last = stretch is expected[-1]
        end_s = stretch.end_s if last else stretch.end_s - allowance.edge_s
        least_s = allowance.edge_s if last and stretch.start_s > 0 else 0.0
        if end_s - start_s > least_s:
            yield Stretch(start_s, end_s, stretch.limit)


def _compared(steps: Sequence[tuple[float, float]], stretch: Stretch, allowance: Allowance) -> Compared:
    highest = allowance.local_limit if stretch.limit is None else stretch.limit
    low = min(highest, allowance.local_limit) - allowance.rounding
    high = highest + allowance.rounding
    begun = max(index for index, (start_s, _) in enumerate(steps) if start_s <= stretch.start_s)
    limits = [limit for _, limit in steps[begun : begun + 1]]
    limits += [limit for start_s, limit in steps if stretch.start_s < start_s < stretch.end_s]
    return Compared(
        stretch.start_s, stretch.end_s, max(limits, key=lambda limit: max(low - limit, limit - high)), low, high
    )
