"""Which cases apply to a station: a condition of the catalogue against the answers of its PICS.

An unanswered item is never taken for a no: where it matters, the selection is undecided and says which answer is missing.
"""

import operator
from dataclasses import dataclass
from enum import StrEnum

from harness.conditions import And, Condition, Item, Not, Or, parse_condition
from harness.model.pics import Pics
from harness.model.pics_items import DERIVED, ITEMS

_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Applicability(StrEnum):
    """What the PICS says about a case."""

    APPLICABLE = "applicable"
    NOT_APPLICABLE = "not applicable"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome, the reason in words, the items that decided, and those whose answer is missing."""

    outcome: Applicability
    reason: str
    deciding: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()

    @property
    def applicable(self) -> bool:
        """Whether the case is to be run; an undecided one is not, and must be reported as such, not as inapplicable."""
        return self.outcome is Applicability.APPLICABLE


def select(condition: str, pics: Pics) -> Selection:
    """Decide whether a case with `condition` applies; an empty condition always does.

    Raises harness.conditions.ConditionError for a condition that cannot be read.
    """
    if not condition.strip():
        return Selection(Applicability.APPLICABLE, "applies to every station")
    seen = _evaluate(parse_condition(condition), pics)
    if seen.value is None:
        return Selection(Applicability.UNDECIDED, _missing(condition, seen.items, pics), (), seen.items)
    outcome = Applicability.APPLICABLE if seen.value else Applicability.NOT_APPLICABLE
    stated = ", ".join(_stated(item, pics) for item in seen.items)
    return Selection(outcome, f"{stated}; the case needs: {condition}", seen.items)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value (None: not decided) with the items that decided it, or that are missing for it."""

    value: bool | None
    items: tuple[str, ...]


def _evaluate(condition: Condition, pics: Pics) -> _Seen:
    match condition:
        case Item():
            return _item(condition, pics)
        case Not(part):
            inner = _evaluate(part, pics)
            return _Seen(None if inner.value is None else not inner.value, inner.items)
        case And(parts):
            return _several([_evaluate(part, pics) for part in parts], decisive=False)
        case Or(parts):
            return _several([_evaluate(part, pics) for part in parts], decisive=True)


def _several(parts: list[_Seen], *, decisive: bool) -> _Seen:
    """One decisive part settles the whole, whatever is missing elsewhere; else a missing answer leaves it open."""
    for part in parts:
        if part.value is decisive:
            return part
    missing = [part for part in parts if part.value is None]
    value = None if missing else not decisive
    items = [item for part in missing or parts for item in part.items]
    return _Seen(value, tuple(dict.fromkeys(items)))


def _item(item: Item, pics: Pics) -> _Seen:
    answer = pics.answer(item.id)
    if answer is None:
        return _evaluate(parse_condition(DERIVED[item.id]), pics) if item.id in DERIVED else _Seen(None, (item.id,))
    if item.comparison:
        assert isinstance(answer, int)
        return _Seen(bool(_COMPARE[item.comparison](answer, item.number)), (item.id,))
    return _Seen(bool(answer), (item.id,))


def _stated(item: str, pics: Pics) -> str:
    answer = pics.answer(item)
    if isinstance(answer, bool):
        said = "yes" if answer else "no"
    elif isinstance(answer, tuple):
        said = ", ".join(answer) or "none"
    else:
        said = str(answer)
    return f"{item} ({ITEMS[item][0]}) is answered {said}"


def _missing(condition: str, items: tuple[str, ...], pics: Pics) -> str:
    place = f"[pics] of {pics.source}" if pics.source else "[pics] of the station file"
    titles = ", ".join(f"{item} ({ITEMS[item][0]})" for item in items)
    return f"no answer to {titles}, so {condition!r} is not decided; add it to {place}"
