"""What a field must be: matchers as data, so that an expectation can be stored and judged again.

Paths are written as the OCA documents write them: `transactionInfo.chargingState`, `meterValue[0].sampledValue[1].value`;
`[*]` means any element. In keyword arguments a double underscore stands for the dot.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from harness.oracle.same_moment import alike


class Matcher(msgspec.Struct, frozen=True, tag_field="is"):
    """Base of all matchers."""

    def matches(self, value: Any) -> bool:
        """Whether a present value fits."""
        raise NotImplementedError

    def text(self, path: str) -> str:
        """The requirement in words, for this path."""
        raise NotImplementedError


class Equals(Matcher, frozen=True, tag="equals"):
    """The same JSON value; numbers compare by value, and true is not 1."""

    value: Any

    def matches(self, value: Any) -> bool:
        if isinstance(value, bool) is not isinstance(self.value, bool):
            return False
        return bool(value == self.value)

    def text(self, path: str) -> str:
        return f"{path} = {show(self.value)}"


class SameToken(Matcher, frozen=True, tag="same_token"):
    """The same text without regard to case, as CiString and identifier tokens compare."""

    value: str

    def matches(self, value: Any) -> bool:
        return isinstance(value, str) and value.casefold() == self.value.casefold()

    def text(self, path: str) -> str:
        return f"{path} = {show(self.value)} (case does not matter)"


class Repeats(Matcher, frozen=True, tag="repeats"):
    """The same JSON value once more; its times may be written in another way."""

    value: Any

    def matches(self, value: Any) -> bool:
        return alike(value, self.value)

    def text(self, path: str) -> str:
        return f"{path} = {show(self.value)}"


class OneOf(Matcher, frozen=True, tag="one_of"):
    """One of these JSON values."""

    values: tuple[Any, ...]

    def matches(self, value: Any) -> bool:
        return any(Equals(candidate).matches(value) for candidate in self.values)

    def text(self, path: str) -> str:
        return f"{path} one of {', '.join(show(value) for value in self.values)}"


class NotOneOf(Matcher, frozen=True, tag="not_one_of"):
    """Present, and none of these JSON values."""

    values: tuple[Any, ...]

    def matches(self, value: Any) -> bool:
        return not any(Equals(candidate).matches(value) for candidate in self.values)

    def text(self, path: str) -> str:
        if len(self.values) == 1:
            return f"{path} other than {show(self.values[0])}"
        return f"{path} none of {', '.join(show(value) for value in self.values)}"


class Present(Matcher, frozen=True, tag="present"):
    """There, whatever it is."""

    def matches(self, value: Any) -> bool:  # noqa: ARG002 - presence is all that counts
        return True

    def text(self, path: str) -> str:
        return f"{path} present"


class Absent(Matcher, frozen=True, tag="absent"):
    """Not there."""

    def matches(self, value: Any) -> bool:  # noqa: ARG002 - any value is one too many
        return False

    def text(self, path: str) -> str:
        return f"{path} absent"


class Between(Matcher, frozen=True, tag="between"):
    """A number (or a text that is one) within the bounds, both included; None leaves a side open."""

    low: float | None = None
    high: float | None = None

    def matches(self, value: Any) -> bool:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return False
        above = self.low is None or number >= self.low
        return above and (self.high is None or number <= self.high)

    def text(self, path: str) -> str:
        low = "" if self.low is None else f"{self.low:g} <= "
        high = "" if self.high is None else f" <= {self.high:g}"
        return f"{low}{path}{high}"


class Fits(Matcher, frozen=True, tag="fits"):
    """A text that this regular expression matches in whole."""

    pattern: str

    def matches(self, value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def text(self, path: str) -> str:
        return f"{path} like {self.pattern}"


class Has(Matcher, frozen=True, tag="has"):
    """A list that holds an element with all of these fields."""

    fields: "dict[str, AnyMatcher]"

    def matches(self, value: Any) -> bool:
        return isinstance(value, list) and any(not mismatches(item, self.fields) for item in value)

    def text(self, path: str) -> str:
        return f"{path} with an element where {_inner(self.fields)}" if self.fields else f"{path} not empty"


class Lacks(Matcher, frozen=True, tag="lacks"):
    """A list (or nothing) without any element that has all of these fields; without fields: no element at all."""

    fields: "dict[str, AnyMatcher]"

    def matches(self, value: Any) -> bool:
        return not Has(self.fields).matches(value)

    def text(self, path: str) -> str:
        return f"{path} without an element where {_inner(self.fields)}" if self.fields else f"{path} absent or empty"


AnyMatcher = Equals | SameToken | Repeats | OneOf | NotOneOf | Present | Absent | Between | Fits | Has | Lacks

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+|\*)\]")


def _inner(fields: "dict[str, AnyMatcher]") -> str:
    return ", ".join(matcher.text(name) for name, matcher in fields.items())


def as_fields(fields: Mapping[str, Any]) -> dict[str, AnyMatcher]:
    """Keyword arguments to matchers: plain values must be equal; `a__b` becomes `a.b`."""
    return {name.replace("__", "."): _as_matcher(value) for name, value in fields.items()}


def _as_matcher(value: Any) -> AnyMatcher:
    return value if isinstance(value, Matcher) else Equals(value)  # type: ignore[return-value]


def values_at(payload: Any, path: str) -> Iterator[Any]:
    """Every value at `path`; nothing where the path does not exist."""
    found = [payload]
    for name, index in _STEP.findall(path):
        found = [item for value in found for item in _descend(value, name, index)]
    yield from found


def _descend(value: Any, name: str, index: str) -> list[Any]:
    if name:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if not isinstance(value, list):
        return []
    if index == "*":
        return list(value)
    return [value[int(index)]] if int(index) < len(value) else []


def mismatches(payload: Any, fields: Mapping[str, AnyMatcher]) -> list[str]:
    """What does not fit, as sentences `path is ..., required ...`; empty when all fits."""
    return [text for path, matcher in fields.items() if (text := _mismatch(payload, path, matcher)) is not None]


def _mismatch(payload: Any, path: str, matcher: AnyMatcher) -> str | None:
    values = list(values_at(payload, path))
    if isinstance(matcher, Absent | Lacks) and not values:
        return None
    if any(matcher.matches(value) for value in values):
        return None
    if not values:
        return f"{path} is absent"
    if isinstance(matcher, Has) and all(isinstance(value, list) for value in values):
        return f"{path} has no such element: {_nearest(values, matcher)}"
    if isinstance(matcher, Lacks) and all(isinstance(value, list) for value in values):
        offending = [item for value in values for item in value if not mismatches(item, matcher.fields)]
        return f"{path} holds {', '.join(show(item) for item in offending[:4])}"
    return f"{path} is {', '.join(show(value) for value in values[:4])}"


def _nearest(lists: list[list[Any]], wanted: Has) -> str:
    """The first field names the element: what has it right is shown, the fewest breaches first; else how many there are."""
    items = [item for found in lists for item in found]
    named = dict(list(wanted.fields.items())[:1])
    near = [item for item in items if not mismatches(item, named)]
    if near and named:
        return f"the nearest is {show(min(near, key=lambda item: len(mismatches(item, wanted.fields))))}"
    return f"none of its {len(items)} has {_inner(named)}" if named else "it is empty"


def show(value: Any) -> str:
    """A JSON value in at most 120 characters."""
    text = msgspec.json.encode(value).decode() if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 120 else text[:117] + "..."
