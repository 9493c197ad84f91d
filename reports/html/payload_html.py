"""A message's text laid out over lines, its offending fields marked; no token of it is changed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from reports.text import visible

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_PART = re.compile(r"[^.\[\]]+")
_PLACE = {"call": 3, "send": 3, "result": 2, "reply": 2, "error": 4, "result_error": 4}
_DEEPEST = 60

Path = tuple[str, ...]


@dataclass(slots=True)
class _Level:
    """An object or array that is open: where in it the text is, and whether it is itself marked."""

    close: str
    marked: bool
    index: int = 0
    key: str = ""
    keyed: bool = False

    @property
    def step(self) -> str:
        return self.key if self.close == "}" else str(self.index)


def path_of(text: str) -> Path:
    """The parts of a dotted path: `meterValue[0].sampledValue` as `meterValue`, `0`, `sampledValue`."""
    return tuple(_PART.findall(text))


def marked_json(text: str, frame: str, paths: Iterable[str]) -> Markup:
    """`text`, a frame of this kind, indented, with `<mark>` around what lies at `paths` of its payload (`*` is any element).

    Takes any text: what is no JSON, or was cut, is laid out as far as its signs go.
    """
    layout = _Layout(_PLACE.get(frame), [path_of(path) for path in paths])
    for match in _TOKEN.finditer(text):
        layout.take(match.group())
    return layout.done()


class _Layout:
    def __init__(self, place: int | None, wanted: list[Path]) -> None:
        self._place = place
        self._wanted = wanted
        self._levels: list[_Level] = []
        self._out: list[str] = []

    def take(self, token: str) -> None:
        top = self._levels[-1] if self._levels else None
        if token in {"}", "]"}:
            self._closed(token)
        elif token == ",":
            self._out.append("," + self._line())
            if top is not None:
                top.index += 1
                top.keyed = False
        elif token == ":":
            self._out.append(": ")
        elif top is not None and top.close == "}" and not top.keyed:
            top.key, top.keyed = token.strip('"'), True
            self._out.append(_escaped(token))
        else:
            self._value(token)

    def _value(self, token: str) -> None:
        marked = self._is_wanted()
        if marked:
            self._out.append("<mark>")
        if token in {"{", "["}:
            self._levels.append(_Level("}" if token == "{" else "]", marked))
            self._out.append(token + self._line())
            return
        self._out.append(_escaped(token))
        if marked:
            self._out.append("</mark>")

    def _closed(self, token: str) -> None:
        level = self._levels.pop() if self._levels else None
        if self._out and not self._out[-1].strip() and level is not None:
            self._out.pop()
        empty = bool(self._out) and self._out[-1][:1] in {"{", "["} and self._out[-1][1:].isspace()
        if empty:
            self._out[-1] = self._out[-1][0]
        self._out.append(token if empty else self._line() + token)
        if level is not None and level.marked:
            self._out.append("</mark>")

    def _line(self) -> str:
        return "\n" + "  " * min(len(self._levels), _DEEPEST)

    def _is_wanted(self) -> bool:
        """Whether the value that begins here lies at one of the paths."""
        steps = tuple(level.step for level in self._levels)
        if self._place is not None:
            if not steps or steps[0] != str(self._place):
                return False
            steps = steps[1:]
        return any(
            len(path) == len(steps) and all(part in {"*", step} for part, step in zip(path, steps, strict=True))
            for path in self._wanted
        )

    def done(self) -> Markup:
        marks = sum(level.marked for level in self._levels)
        return Markup("".join(self._out) + "</mark>" * marks)  # noqa: S704 - every token was escaped


def _escaped(token: str) -> str:
    return visible(token, multiline=True).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
