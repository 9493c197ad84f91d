"""What a bench file says of answers: which are right, which say that it failed or cannot be done, and what they tell."""

import json
import re
from dataclasses import dataclass, field
from typing import Annotated, Any

from bench.links.command.link import Answer
from bench.links.command.template import Scalar
from harness.model.strict import MisfitError, Range

_PART = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d+)\]")


def _check_pattern(pattern: str, key: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise MisfitError(f"{key} = {pattern!r} is no regular expression: {error}", "correct it") from None


def _check_path(path: str) -> None:
    if "".join(match.group(0) for match in _PART.finditer(path)) != path:
        raise MisfitError(f"json = {path!r} is no path", "write names and positions, e.g. state.evse[0].lock")


@dataclass(frozen=True, slots=True)
class Condition:
    """What an answer must be; all that is given must hold.

    `code`: exit codes or HTTP statuses. `json`: path of a value in the answer. `equals`: that value, or without `json`
    the whole text. `matches`: a regular expression found in that value or text.
    """

    code: tuple[Annotated[int, Range(0, 999)], ...] = ()
    equals: str | bool | int | float | None = None
    matches: str = ""
    json: str = ""

    def __post_init__(self) -> None:
        if self.equals is None and not (self.code or self.matches or self.json):
            raise MisfitError("nothing is asked of the answer", "give at least one of code, equals, matches, json")
        _check_pattern(self.matches, "matches")
        _check_path(self.json)

    def holds(self, answer: Answer) -> bool:
        """Whether the answer is like that."""
        if self.code and answer.code not in self.code:
            return False
        found, value = told(answer, self.json)
        return found and self._equal(value) and (not self.matches or re.search(self.matches, text(value)) is not None)

    def _equal(self, value: Any) -> bool:
        if self.equals is None:
            return True
        if isinstance(self.equals, bool) or isinstance(value, bool):
            return value is self.equals
        return bool(value == self.equals)

    def __str__(self) -> str:
        parts = [f"code {' or '.join(map(str, self.code))}"] if self.code else []
        place = f"{self.json} in its JSON" if self.json else "text"
        if self.equals is not None:
            parts.append(f"{place} equal to {self.equals!r}")
        if self.matches:
            parts.append(f"{place} matching {self.matches!r}")
        if self.json and self.equals is None and not self.matches:
            parts.append(place)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Capture:
    """Where a query's value stands in the answer: at a JSON path, or in the first group of a regular expression.

    `words` translates what stands there, e.g. `{ open = false, closed = true }`.
    """

    json: str = ""
    matches: str = ""
    words: dict[str, str | bool | int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_pattern(self.matches, "matches")
        _check_path(self.json)

    def find(self, answer: Answer) -> tuple[bool, Scalar]:
        """Whether there is a value, and which."""
        found, value = told(answer, self.json)
        if not found or isinstance(value, dict | list):
            return False, None
        if self.matches:
            match = re.search(self.matches, text(value))
            if match is None:
                return False, None
            value = match[1] if match.re.groups else match[0]
        return True, self.words.get(text(value), value)

    def __str__(self) -> str:
        parts = [f"{self.json} in its JSON"] if self.json else []
        if self.matches:
            parts.append(f"a text matching {self.matches!r}")
        return ", ".join(parts) or "a text"


def told(answer: Answer, path: str) -> tuple[bool, Any]:
    """What stands at a path of the answer's JSON, or its text where there is no path; whether there is such a thing."""
    if not path:
        return True, answer.text
    try:
        value: Any = json.loads(answer.text)
    except (ValueError, RecursionError):
        return False, None
    for match in _PART.finditer(path):
        name, position = match[1], match[2]
        if name is not None and isinstance(value, dict) and name in value:
            value = value[name]
        elif position is not None and isinstance(value, list) and int(position) < len(value):
            value = value[int(position)]
        else:
            return False, None
    return True, value


def text(value: Any) -> str:
    """A value of JSON as a text: true and false in small letters, a text without quotes."""
    return value if isinstance(value, str) else json.dumps(value)
