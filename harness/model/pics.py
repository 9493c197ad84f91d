"""The PICS of a station: which optional features it has, as its vendor states them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeAlias

from harness.model.pics_items import ITEMS
from harness.model.strict import MisfitError

Answer: TypeAlias = bool | int | tuple[str, ...]

_FORMS = {
    "yes_no": "true or false",
    "count": "a whole number of at least 0",
    "list": 'an array of names, e.g. ["Heartbeat"]',
}


@dataclass(frozen=True, slots=True)
class Pics:
    """Answers by item id (see harness.model.pics_items). `source` names the file they come from, for reasons."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        for item, answer in self.answers.items():
            if isinstance(answer, Mapping):
                raise MisfitError(f"{item} is a table", f'ids with a dot need quotes: "{item}.1" = true')
            if item not in ITEMS:
                raise MisfitError(f"{item!r} is no PICS item", nearest_item(item))
            kind = ITEMS[item][1]
            if not _fits(kind, answer):
                raise MisfitError(f"{item} = {answer!r} does not answer it", f"write {_FORMS[kind]}")

    def answer(self, item: str) -> Answer | None:
        """The answer to a known item, None when the vendor did not give one."""
        return self.answers.get(item)


def nearest_item(item: str) -> str:
    """The cure for an unknown item: the closest known ones."""
    same = [known for known in ITEMS if _folded(known) == _folded(item)]
    close = same or get_close_matches(item, ITEMS, n=3, cutoff=0.5)
    known = "the known ids stand in harness/model/pics_items.py"
    return f"did you mean {' or '.join(close)}? Otherwise {known}" if close else known


def _folded(item: str) -> str:
    """An id without the zeros and capitals that are easily missed: C-9.1 is meant as C-09.1."""
    return item.lower().replace("-0", "-")


def _fits(kind: str, answer: object) -> bool:
    if kind == "yes_no":
        return isinstance(answer, bool)
    if kind == "count":
        return isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0
    return isinstance(answer, tuple) and all(isinstance(name, str) for name in answer)
