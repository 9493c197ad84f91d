"""Strict building of frozen dataclasses from TOML: nothing unknown, nothing guessed, all problems told at once.

A loader states its model as a dataclass and calls `build` (or `parse` for TOML text). Types are taken literally:
an `int` is no `bool`, a `float` takes an integer but no NaN, an enum is given by its value. Constraints sit in
the annotation: `Annotated[float, Range(0, 1000)]`, `Annotated[str, Matches(r"TC_[0-9]+", "a case id")]`,
`Annotated[tuple[str, ...], NonEmpty()]`; `Key("class")` gives the TOML key where it differs from the field's
name. A class checks what spans several fields in `__post_init__` by raising `MisfitError(what, cure)`.
"""

import dataclasses
import difflib
import enum
import math
import re
import tomllib
import types
from collections.abc import Callable, Mapping
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Hint: TypeAlias = Any  # a type annotation, which has no type of its own


@dataclass(frozen=True, slots=True)
class Range:
    """The number lies between `low` and `high`, both included; None is open."""

    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None:
            return f"at most {self.high}"
        if self.high is None:
            return f"at least {self.low}"
        return f"from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Matches:
    """The whole string matches `pattern`; `meaning` says in words what is wanted."""

    pattern: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NonEmpty:
    """The string, tuple or table has at least one element."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key in the TOML file, where it differs from the field's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: `path` inside it, `what` was found, the `cure`; `source` where it stands in another file than the error's."""

    path: str
    what: str
    cure: str
    source: str = ""

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source else ""
        return f"{place}{self.path or '(top level)'}: {self.what}. Cure: {self.cure}"


class ModelError(ValueError):
    """A description is not usable; names the file (`where`) and every problem found in it."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n  ".join([f"{where}: {count}", *map(str, problems)]))
        self.where = where
        self.problems = problems


class MisfitError(ValueError):
    """Raised in a model's `__post_init__`: fields that are right one by one do not go together."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


def parse(cls: type[T], text: str, where: str) -> T:
    """Build `cls` from TOML text; `where` names its source in errors.

    Raises ModelError when the text is no TOML or does not fit.
    """
    return build(cls, parse_table(text, where), where)


def parse_table(text: str, where: str) -> dict[str, object]:
    """The table that a TOML text holds. Raises ModelError, with line and column, when it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem("", f"not valid TOML: {error}", "correct the line named")
        raise ModelError(where, (problem,)) from None


def build(cls: type[T], data: Mapping[str, object], where: str) -> T:
    """Build the dataclass `cls` from parsed data; `where` names the source in errors.

    Raises ModelError with all problems: unknown keys (with the nearest name), missing keys, wrong types, values
    out of range, and what `__post_init__` refused.
    """
    builder = _Builder()
    result = builder.table(cls, data, "")
    if builder.problems:
        raise ModelError(where, tuple(builder.problems))
    assert isinstance(result, cls)
    return result


def nearest(name: str, valid: tuple[str, ...]) -> str:
    """The cure for a misspelt name: the closest of the valid ones first, then all of them; of very many, the closest few."""
    close = difflib.get_close_matches(name, valid, n=_CLOSEST, cutoff=0.6)
    listing = ", ".join(valid) or "none"
    if len(valid) > _LISTED:
        listing = f"{', '.join(close or valid[:_CLOSEST])} and {len(valid) - len(close or valid[:_CLOSEST])} more"
    return f"did you mean {close[0]!r}? Valid here: {listing}" if close else f"valid here: {listing}"


_CLOSEST = 8
_LISTED = 100


class _Bad(enum.Enum):
    """What the builder hands up in place of a value that could not be built."""

    BAD = enum.auto()


_SCALARS: dict[Any, tuple[str, str]] = {
    str: ("a string", 'write it in quotes, e.g. "text"'),
    bool: ("true or false", "write true or false, without quotes"),
    int: ("an integer", "write a whole number, without quotes"),
    float: ("a number", "write a finite number, without quotes"),
    datetime: ("a date and time", "write e.g. 2026-01-31T12:00:00Z, without quotes"),
    date: ("a date", "write e.g. 2026-01-31, without quotes"),
    time: ("a time of day", "write e.g. 12:00:00, without quotes"),
}


def _origin(hint: Hint) -> object:
    return get_origin(hint)


def _fits(kind: object, value: object) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, kind) if isinstance(kind, type) else False


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def joined(path: str, key: str) -> str:
    """The path of `key` in the table at `path`, as errors write it."""
    shown = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else repr(key)
    return f"{path}.{shown}" if path else shown


class _Builder:
    """Walks type and value together and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, path: str, what: str, cure: str) -> _Bad:
        self.problems.append(Problem(path, what, cure))
        return _Bad.BAD

    def table(self, cls: type[Any], data: object, path: str) -> object:
        if not isinstance(data, MappingABC):
            return self.refuse(path, f"expected a table, found {_show(data)}", f"write it as [{path}]")
        hints = get_type_hints(cls, include_extras=True)
        fields = {_key(f.name, hints[f.name]): f for f in dataclasses.fields(cls) if f.init}
        bad = False
        for key in data:
            if key not in fields:
                self.refuse(joined(path, str(key)), "unknown key", nearest(str(key), tuple(fields)))
                bad = True
        values: dict[str, object] = {}
        for key, field in fields.items():
            if key not in data:
                if _required(field):
                    self.refuse(joined(path, key), "missing", f"add {key} = {_wanted(hints[field.name])}")
                    bad = True
                continue
            values[field.name] = self.value(hints[field.name], data[key], joined(path, key))
        if bad or _Bad.BAD in [v for v in values.values() if isinstance(v, _Bad)]:
            return _Bad.BAD
        return self._construct(cls, values, path)

    def _construct(self, cls: type[Any], values: dict[str, object], path: str) -> object:
        try:
            result: object = cls(**values)
        except MisfitError as misfit:
            return self.refuse(path, misfit.what, misfit.cure)
        except ValueError as error:
            return self.refuse(path, str(error), f"give values that {cls.__name__} accepts")
        return result

    def value(self, hint: Hint, value: object, path: str) -> object:
        origin = _origin(hint)
        if origin is Annotated:
            base, *notes = get_args(hint)
            built = self.value(base, value, path)
            return built if built is _Bad.BAD else self._constrain(notes, built, path)
        if hint is Any or hint is object:
            return value
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.table(hint, value, path)
        if origin in _CONTAINERS:
            return _CONTAINERS[origin](self, get_args(hint), value, path)
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return self._enum(hint, value, path)
        return self._scalar(hint, value, path)

    def _scalar(self, hint: Hint, value: object, path: str) -> object:
        if hint not in _SCALARS:
            raise TypeError(f"strict.build cannot build {hint!r} (at {path}): a defect of the model, not of the file")
        if not _fits(hint, value):
            name, cure = _SCALARS[hint]
            return self.refuse(path, f"expected {name}, found {_show(value)}", cure)
        return float(value) if hint is float and isinstance(value, int) else value

    def _enum(self, hint: type[enum.Enum], value: object, path: str) -> object:
        for member in hint:
            if member.value == value and type(member.value) is type(value):
                return member
        cure = nearest(str(value), tuple(str(member.value) for member in hint))
        return self.refuse(path, f"{_show(value)} is not one of the values", cure)

    def literal(self, args: tuple[Any, ...], value: object, path: str) -> object:
        for option in args:
            if option == value and type(option) is type(value):
                return value
        return self.refuse(path, f"{_show(value)} is not one of the values", nearest(str(value), tuple(map(str, args))))

    def union(self, args: tuple[Any, ...], value: object, path: str) -> object:
        options = tuple(option for option in args if option is not types.NoneType)
        if len(options) == 1:
            return self.value(options[0], value, path)
        trials: list[list[Problem]] = []
        for option in options:
            trial = _Builder()
            built = trial.value(option, value, path)
            if not trial.problems:
                return built
            trials.append(trial.problems)
        if isinstance(value, MappingABC):
            fewest = min(len(found) for found in trials)
            self.problems.extend(next(found for found in trials if len(found) == fewest))
            return _Bad.BAD
        wanted = " or ".join(_wanted(option) for option in options)
        return self.refuse(path, f"found {_show(value)}", f"write {wanted}")

    def sequence(self, args: tuple[Any, ...], value: object, path: str) -> object:
        if not isinstance(value, list | tuple):
            return self.refuse(path, f"expected an array, found {_show(value)}", "write it in brackets: [ ... ]")
        if len(args) == 2 and args[1] is Ellipsis:
            hints: tuple[Any, ...] = (args[0],) * len(value)
        elif len(args) == len(value):
            hints = args
        else:
            return self.refuse(path, f"expected {len(args)} elements, found {len(value)}", f"give {len(args)}")
        items = [self.value(h, v, f"{path}[{n}]") for n, (h, v) in enumerate(zip(hints, value, strict=True), 1)]
        return _Bad.BAD if any(item is _Bad.BAD for item in items) else tuple(items)

    def dictionary(self, args: tuple[Any, ...], value: object, path: str) -> object:
        if not isinstance(value, MappingABC):
            return self.refuse(path, f"expected a table, found {_show(value)}", f"write it as [{path}]")
        built: dict[object, object] = {}
        for key, item in value.items():
            at = joined(path, str(key))
            built[self.value(args[0], key, at)] = self.value(args[1], item, at)
        parts = [*built, *built.values()]
        return _Bad.BAD if any(part is _Bad.BAD for part in parts) else built

    def _constrain(self, notes: list[Any], value: object, path: str) -> object:
        for note in notes:
            if value is None:
                break
            complaint = _complaint(note, value)
            if complaint:
                return self.refuse(path, *complaint)
        return value


_CONTAINERS: dict[Any, Callable[[_Builder, tuple[Any, ...], object, str], object]] = {
    tuple: _Builder.sequence,
    dict: _Builder.dictionary,
    Mapping: _Builder.dictionary,
    MappingABC: _Builder.dictionary,
    Union: _Builder.union,
    types.UnionType: _Builder.union,
    Literal: _Builder.literal,
}


def _complaint(note: object, value: object) -> tuple[str, str] | None:
    if isinstance(note, Range) and isinstance(value, int | float):
        low, high = note.low, note.high
        if (low is not None and value < low) or (high is not None and value > high):
            return f"{_show(value)} is out of range", f"give a value {note}"
    if isinstance(note, Matches) and isinstance(value, str) and not re.fullmatch(note.pattern, value):
        return f"{_show(value)} is not {note.meaning}", f"write {note.meaning}"
    if isinstance(note, NonEmpty) and isinstance(value, str | tuple | dict) and not value:
        return "is empty", "give at least one element, or leave the key out where it is optional"
    return None


def _key(name: str, hint: Hint) -> str:
    if _origin(hint) is Annotated:
        for note in get_args(hint)[1:]:
            if isinstance(note, Key):
                return note.name
    return name


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _wanted(hint: Hint) -> str:
    """What to write for a type, in words."""
    origin = _origin(hint)
    if origin is Annotated:
        return _wanted_constrained(*get_args(hint))
    if origin is Literal:
        return "one of " + ", ".join(map(repr, get_args(hint)))
    if origin in {Union, types.UnionType}:
        return " or ".join(_wanted(option) for option in get_args(hint) if option is not types.NoneType)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return "one of " + ", ".join(repr(member.value) for member in hint)
    scalar = _SCALARS.get(hint, ("a table", ""))[0]
    return "an array" if origin is tuple else scalar


def _wanted_constrained(base: Hint, *notes: object) -> str:
    for note in notes:
        if isinstance(note, Matches):
            return note.meaning
        if isinstance(note, Range):
            return f"{_wanted(base)} {note}"
    return _wanted(base)
