"""One description laid over another: what the upper file says holds, the rest is as below, and it stays known which file said what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.model.strict import ModelError, Problem, joined


@dataclass(frozen=True, slots=True)
class Layer:
    """One file: its name for errors, and the table it holds."""

    source: str
    table: Mapping[str, object]


@dataclass(slots=True)
class Overlaid:
    """The merged table. `source` is the uppermost file; `origins` tells for each path, written as errors write it, the file that said it last."""

    source: str
    table: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def origin(self, path: str) -> str:
        """The file in which the value at `path`, or what is nearest around it, was said."""
        while path and path not in self.origins:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.origins.get(path, self.source)

    def located(self, error: ModelError) -> ModelError:
        """The same problems, each with the file in which it stands where that is not the uppermost."""
        return ModelError(self.source, tuple(map(self._located, error.problems)))

    def _located(self, problem: Problem) -> Problem:
        where = self.origin(problem.path)
        return problem if where == self.source else Problem(problem.path, problem.what, problem.cure, where)


def overlay(layers: Sequence[Layer], keys: tuple[str, ...] = ("id",)) -> Overlaid:
    """Merge, the lowest layer first: tables key by key, arrays of tables by the first of `keys` that all have; anything else is replaced."""
    merged = Overlaid(layers[-1].source)
    for layer in layers:
        merged.table = _tables(merged.table, layer.table, "", _Said(layer.source, merged.origins, keys))
    return merged


@dataclass(frozen=True, slots=True)
class _Said:
    """Who speaks, and where it is noted."""

    source: str
    origins: dict[str, str]
    keys: tuple[str, ...]

    def at(self, path: str, value: object) -> None:
        """`value`, which stands at `path`, is this file's as a whole, and nothing below it another's."""
        for known in [name for name in self.origins if name.startswith((f"{path}.", f"{path}["))]:
            del self.origins[known]
        self._note(path, value)

    def _note(self, path: str, value: object) -> None:
        self.origins[path] = self.source
        if isinstance(value, Mapping):
            for key, item in value.items():
                self._note(joined(path, str(key)), item)
        elif isinstance(value, list):
            for number, item in enumerate(value, 1):
                self._note(f"{path}[{number}]", item)


def _tables(below: Mapping[str, object], above: Mapping[str, object], path: str, said: _Said) -> dict[str, object]:
    merged = dict(below)
    if path:
        said.origins[path] = said.source
    for key, value in above.items():
        merged[key] = _values(below.get(key), value, joined(path, key), said)
    return merged


def _values(below: object, above: object, path: str, said: _Said) -> object:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return _tables(below, above, path, said)
    if isinstance(below, list) and isinstance(above, list):
        key = next((key for key in said.keys if _all_have(key, below) and _all_have(key, above)), None)
        if key is not None:
            return _arrays(below, above, key, path, said)
    said.at(path, above)
    return above


def _all_have(key: str, array: list[object]) -> bool:
    return bool(array) and all(isinstance(item, Mapping) and key in item for item in array)


def _arrays(below: list[object], above: list[object], key: str, path: str, said: _Said) -> list[object]:
    """An element takes the place of the one with its key; one whose key is not there, or comes again, is added at the end."""
    merged, free = list(below), list(range(len(below)))
    for item in above:
        at = next((index for index in free if _of(merged[index], key) == _of(item, key)), None)
        if at is None:
            merged.append(item)
            said.at(f"{path}[{len(merged)}]", item)
        else:
            free.remove(at)
            merged[at] = _values(merged[at], item, f"{path}[{at + 1}]", said)
    said.origins[path] = said.source
    return merged


def _of(item: object, key: str) -> object:
    return item[key] if isinstance(item, Mapping) else None
