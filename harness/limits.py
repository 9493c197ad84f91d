"""Limits, and the one function that decides a measured quantity against them.

Decision by guard band (ILAC-G8:09/2019, w = U): beyond the limit by more than U fails, within it by at least U passes,
between is inconclusive. A bench that is not capable (U above a third of the limit's width) cannot pass anything, but a
gross error still fails. A limit whose source nobody read cannot fail a station until its PIXIT adopts it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from harness.quantity import Quantity, UnitMismatchError, plain, rounded, with_unit
from harness.record import Measurement
from harness.verdict import Verdict

CAPABILITY = 3.0
"""A bench is capable where U times this is at most the width of the limit (a test uncertainty ratio of 3:1)."""


class Rule(StrEnum):
    """How a measurement decides; the value is what reports print."""

    GUARD_BAND = "guard band w = U, k=2 (ILAC-G8:09/2019)"
    SIMPLE = "simple acceptance: shared risk, chosen on the command line"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a limit comes from. `limit_id` is the name under which a station file can adopt it (`adopted_limits`).

    `adopted`: the source was read and demands it, or the vendor adopted the limit; False for figures taken second hand and for
    what a standard only recommends.
    """

    source: str
    limit_id: str = ""
    adopted: bool = True

    def __post_init__(self) -> None:
        if not (self.adopted or self.limit_id):
            raise ValueError(
                f"the limit from {self.source!r} is not adopted and has no limit_id to adopt it by; name one"
            )

    def adopted_by(self, adopted_limits: Iterable[str]) -> "Basis":
        """The same basis, adopted if the station file lists its id."""
        return replace(self, adopted=True) if self.limit_id in tuple(adopted_limits) else self


_OWN = Basis("stated by the case")


class Limit(ABC):
    """What a quantity has to keep. Prints as the comparison it is."""

    __slots__ = ()
    unit: str
    basis: Basis

    @abstractmethod
    def margin(self, value: float) -> float:
        """Distance to the nearest bound in `unit`: positive inside, negative outside."""

    @property
    @abstractmethod
    def width(self) -> float | None:
        """What U is weighed against: the tolerance on one side, or the bound itself where there is only one.

        None for a bound at 0, which has no width of its own; there the guard band alone decides.
        """


@dataclass(frozen=True, slots=True)
class AtMost(Limit):
    """x <= bound. Raises ValueError for a bound that is not finite."""

    bound: float
    unit: str
    basis: Basis = _OWN

    def __post_init__(self) -> None:
        _finite(self.unit, self.bound)

    def margin(self, value: float) -> float:
        return self.bound - value

    @property
    def width(self) -> float | None:
        return abs(self.bound) or None

    def __str__(self) -> str:
        return f"<= {with_unit(_bound(self.bound), self.unit)}"


@dataclass(frozen=True, slots=True)
class AtLeast(Limit):
    """x >= bound. Raises ValueError for a bound that is not finite."""

    bound: float
    unit: str
    basis: Basis = _OWN

    def __post_init__(self) -> None:
        _finite(self.unit, self.bound)

    def margin(self, value: float) -> float:
        return value - self.bound

    @property
    def width(self) -> float | None:
        return abs(self.bound) or None

    def __str__(self) -> str:
        return f">= {with_unit(_bound(self.bound), self.unit)}"


@dataclass(frozen=True, slots=True)
class Between(Limit):
    """low <= x <= high. Raises ValueError when low is above high or one is not finite."""

    low: float
    high: float
    unit: str
    basis: Basis = _OWN

    def __post_init__(self) -> None:
        _finite(self.unit, self.low, self.high)
        if self.low > self.high:
            raise ValueError(f"no value lies between {self.low} and {self.high} {self.unit}; swap the bounds")

    def margin(self, value: float) -> float:
        return min(value - self.low, self.high - value)

    @property
    def width(self) -> float | None:
        return (self.high - self.low) / 2

    def __str__(self) -> str:
        return f"{_bound(self.low)} {self.unit} <= x <= {_bound(self.high)} {self.unit}"


@dataclass(frozen=True, slots=True)
class WithinOf(Limit):
    """|x - target| <= tolerance. Raises ValueError for a tolerance that is negative or not finite."""

    target: float
    tolerance: float
    unit: str
    basis: Basis = _OWN

    def __post_init__(self) -> None:
        _finite(self.unit, self.target, self.tolerance)
        if self.tolerance < 0:
            raise ValueError(f"tolerance {self.tolerance} {self.unit} is negative; give 0 or more")

    def margin(self, value: float) -> float:
        return self.tolerance - abs(value - self.target)

    @property
    def width(self) -> float | None:
        return self.tolerance

    def __str__(self) -> str:
        return f"within {_bound(self.tolerance)} {self.unit} of {_bound(self.target)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the sentence that explains it, and the rule that was applied."""

    verdict: Verdict
    text: str
    rule: Rule


def decide(quantity: Quantity, limit: Limit, rule: Rule = Rule.GUARD_BAND) -> Decision:
    """Judge `quantity` against `limit`. Raises UnitMismatchError when their units differ."""
    if quantity.unit != limit.unit:
        raise UnitMismatchError(f"{quantity} cannot be held against {limit}; convert it with scaled(factor, unit)")
    verdict, why = _weigh(limit.margin(quantity.value), quantity.u, limit, rule)
    if verdict is Verdict.FAIL and not limit.basis.adopted:
        verdict = Verdict.INCONCLUSIVE
        why += f", but {not_adopted(limit.basis)}"
    return Decision(verdict, f"{quantity} against {limit}: {verdict.value}, {why} [{rule.value}]", rule)


def measurement(
    name: str, quantity: Quantity, limit: Limit, decision: Decision, evidence: Iterable[int] = ()
) -> Measurement:
    """The record's entry for a decided quantity; `evidence` are trace sequence numbers."""
    return Measurement(
        name=name,
        value=quantity.value,
        unit=quantity.unit,
        u=quantity.u,
        limit=str(limit),
        decision_rule=decision.rule.value,
        verdict=decision.verdict,
        evidence=list(evidence),
        budget=dict(quantity.budget),
    )


def _weigh(margin: float, u: float, limit: Limit, rule: Rule) -> tuple[Verdict, str]:
    if margin < -u:
        return Verdict.FAIL, f"{with_unit(rounded(-margin, u), limit.unit)} beyond the limit, more than U"
    width = limit.width
    if width is not None and u * CAPABILITY > width:
        return Verdict.INCONCLUSIVE, (
            f"bench not capable: U = {rounded(u, u)} {limit.unit} is above a third of the limit's width "
            f"({_bound(width)} {limit.unit}); use a better instrument or take more"
        )
    if rule is Rule.SIMPLE:
        inside = margin >= 0
        return (Verdict.PASS, "inside the limit") if inside else (Verdict.FAIL, "outside the limit")
    if margin >= u:
        return Verdict.PASS, "inside the limit by U or more"
    return Verdict.INCONCLUSIVE, f"closer to the limit than U ({with_unit(rounded(abs(margin), u), limit.unit)})"


def _bound(number: float) -> str:
    """A bound that was reckoned (53.333... % for 32 A) to four decimals, unless it is as small as they are."""
    return plain(number if abs(number) < 0.01 else round(number, 4))


def _finite(unit: str, *bounds: float) -> None:
    for bound in bounds:
        if not isfinite(bound):
            raise ValueError(f"{bound} {unit} bounds nothing; give a finite limit")


def not_adopted(basis: Basis) -> str:
    """Why a limit on this basis fails nothing, and what would make it count."""
    return (
        f"the limit binds nobody by itself ({basis.source}); it fails nothing until the station file lists "
        f'"{basis.limit_id}" under adopted_limits'
    )
