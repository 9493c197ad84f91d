"""A measured value with its unit and its expanded uncertainty, and the arithmetic that verdicts need.

`u` is the expanded uncertainty with k=2 (about 95 %). Inputs are taken as uncorrelated, so contributions add as the root
of the sum of squares (JCGM 100 "GUM", 5.1.2). Two readings of one instrument share its gain error: for a difference of
two registers use harness.budgets.energy_uncertainty, which knows that, and not the minus sign.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, isfinite, log10, sqrt


class UnitMismatchError(ValueError):
    """Two quantities, or a quantity and a limit, of different units met: a defect of a case, never of a station."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` and `u` in `unit`; `budget` names what `u` is made of (each part expanded, k=2, in `unit`).

    Without a budget the whole of `u` is of unnamed origin. Raises ValueError for a value that is not finite, for a
    negative `u`, and for a budget whose root sum of squares is not `u`.
    """

    value: float
    unit: str
    u: float
    budget: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise ValueError(f"{self.value} {self.unit} is no measured value; report an instrument fault instead")
        if not (isfinite(self.u) and self.u >= 0):
            raise ValueError(f"u = {self.u} {self.unit} is no uncertainty; give a finite one of at least 0")
        total = root_sum_square(self.budget.values())
        if self.budget and abs(total - self.u) > 1e-9 * max(1.0, self.u):
            raise ValueError(
                f"budget adds up to {total} {self.unit}, not to u = {self.u}; build it with Quantity.of_budget"
            )

    @classmethod
    def of_budget(cls, value: float, unit: str, budget: Mapping[str, float]) -> "Quantity":
        """A quantity whose `u` is the root sum of squares of its budget (expanded parts, k=2)."""
        return cls(value, unit, root_sum_square(budget.values()), dict(budget))

    def __add__(self, other: "Quantity") -> "Quantity":
        return _combined(self.value + other.value, _same_unit(self, other), (self, 1.0), (other, 1.0))

    def __sub__(self, other: "Quantity") -> "Quantity":
        return _combined(self.value - other.value, _same_unit(self, other), (self, 1.0), (other, 1.0))

    def __neg__(self) -> "Quantity":
        return self.scaled(-1.0)

    def __abs__(self) -> "Quantity":
        return Quantity(abs(self.value), self.unit, self.u, self.budget)

    def scaled(self, factor: float, unit: str | None = None) -> "Quantity":
        """`factor` times the quantity, in `unit` if that changes (Wh to kWh: `scaled(0.001, "kWh")`)."""
        return _combined(self.value * factor, unit or self.unit, (self, abs(factor)))

    def percent_of(self, base: "Quantity") -> "Quantity":
        """This quantity as a percentage of `base`. Raises ValueError when `base` is 0."""
        _same_unit(self, base)
        if base.value == 0:
            raise ValueError(f"{self} as a percentage of 0 {base.unit} has no meaning; take more before comparing")
        ratio = self.value / base.value
        return _combined(100 * ratio, "%", (self, abs(100 / base.value)), (base, abs(100 * ratio / base.value)))

    def error_pct(self, reference: "Quantity") -> "Quantity":
        """Relative error against `reference` in percent: 100 (self - reference) / reference."""
        percent = self.percent_of(reference)
        return Quantity(percent.value - 100, "%", percent.u, percent.budget)

    def __str__(self) -> str:
        if self.u == 0:
            return f"{with_unit(plain(self.value), self.unit)} ± {with_unit('0', self.unit)}"
        return f"{with_unit(rounded(self.value, self.u), self.unit)} ± {with_unit(rounded(self.u, self.u), self.unit)}"


def total(parts: Sequence[Quantity]) -> Quantity:
    """Sum of one or more quantities of one unit. Raises ValueError for an empty list."""
    if not parts:
        raise ValueError("a sum of no quantities has no unit; give at least one")
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result


def root_sum_square(parts: Iterable[float]) -> float:
    """Root of the sum of squares; 0 for no parts."""
    return sqrt(sum(part * part for part in parts))


def plain(number: float) -> str:
    """A number as a person writes it: at most ten significant digits, and at least one decimal (10.0)."""
    return repr(float(f"{number:.10g}"))


def rounded(number: float, u: float) -> str:
    """A number with the decimals that its uncertainty `u` (k=2) leaves a meaning; as `plain` where that is 0."""
    decimals = _decimals(u)
    return plain(number) if decimals is None else f"{number:.{decimals}f}"


def with_unit(figure: str, unit: str) -> str:
    """A figure with its unit, or alone where it counts something."""
    return f"{figure} {unit}" if unit else figure


def _same_unit(a: Quantity, b: Quantity) -> str:
    if a.unit != b.unit:
        raise UnitMismatchError(f"{a} and {b} have different units; convert one with scaled(factor, unit)")
    return a.unit


def _combined(value: float, unit: str, *parts: tuple[Quantity, float]) -> Quantity:
    """`value` with the uncertainties of `parts` (quantity, sensitivity) added up name by name."""
    u = root_sum_square([quantity.u * sensitivity for quantity, sensitivity in parts])
    budget: dict[str, float] = {}
    if all(quantity.budget or quantity.u == 0 for quantity, _ in parts):
        for quantity, sensitivity in parts:
            for name, part in quantity.budget.items():
                budget[name] = root_sum_square([budget.get(name, 0.0), part * sensitivity])
    return Quantity(value, unit, u, budget)


def _decimals(u: float) -> int | None:
    """Decimals that show `u` with two significant digits at most, without a trailing zero; None for u = 0."""
    if u == 0:
        return None
    decimals = max(0, 1 - floor(log10(u)))
    while decimals > 0 and f"{u:.{decimals}f}".endswith("0") and float(f"{u:.{decimals - 1}f}") > 0:
        decimals -= 1
    return decimals
