"""Limits as data and back, so that a stored measurement can be decided again from its figures."""

from dataclasses import asdict
from typing import Any

from harness.limits import AtLeast, AtMost, Basis, Between, Limit, Rule, WithinOf, decide
from harness.quantity import Quantity
from harness.verdict import Verdict

_KINDS: dict[str, type[AtMost] | type[AtLeast] | type[Between] | type[WithinOf]] = {
    "at_most": AtMost,
    "at_least": AtLeast,
    "between": Between,
    "within_of": WithinOf,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_data(limit: AtMost | AtLeast | Between | WithinOf) -> dict[str, Any]:
    """The limit with its kind and basis, JSON-ready."""
    return {"is": _NAMES[type(limit)], **asdict(limit)}


def from_data(data: dict[str, Any]) -> Limit:
    """Read a limit back. Raises ValueError naming what does not fit."""
    fields = dict(data)
    kind = _KINDS.get(str(fields.pop("is", "")))
    if kind is None:
        raise ValueError(f"no kind of limit is called {data.get('is')!r}; known are {', '.join(_KINDS)}")
    try:
        return kind(**{**fields, "basis": Basis(**fields["basis"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a limit: {data!r} ({error})") from error


def redecide(value: float, unit: str, u: float, limit: dict[str, Any], rule: str) -> tuple[Verdict, str]:
    """Decide stored figures again by the rule that was printed. Raises ValueError for an unknown limit or rule."""
    decision = decide(Quantity(value, unit, u), from_data(limit), Rule(rule))
    return decision.verdict, decision.text
