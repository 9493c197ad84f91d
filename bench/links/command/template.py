"""Texts with places to fill in: `<token>` becomes the token, `<<` a plain `<`.

Braces are the run's (`{csms_url}`, filled once when the bench is opened) and JSON's own; angle brackets are the verb's,
filled each time it is done.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bench.errors import BenchError

Scalar: TypeAlias = str | int | float | bool | None

_PLACE = re.compile(r"<<|<([a-z][a-z0-9_]*)>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Values:
    """What a verb is done with. `on` and `off` are the words for true and false; `secret` is not shown."""

    given: Mapping[str, Scalar]
    on: str = "on"
    off: str = "off"
    secret: str = ""

    def text(self, name: str) -> str:
        """A value as it stands in a text. Raises BenchError for one that holds control characters: no template could
        tell them from its own line ends."""
        value = self.typed(name)
        if value is None:
            return "all"
        if isinstance(value, bool):
            return self.on if value else self.off
        if isinstance(value, float):
            return f"{value:.10g}"
        if _CONTROL.search(str(value)):
            raise BenchError(f"<{name}> is {value!r}. Cure: leave control characters and line ends out")
        return str(value)

    def typed(self, name: str) -> Scalar:
        """A value as JSON takes it."""
        return self.secret if name == "secret" else self.given[name]

    def shown(self) -> "Values":
        """The same without the secret, for people and traces."""
        return Values(self.given, self.on, self.off, HIDDEN if self.secret else "")


def places(template: Any) -> tuple[str, ...]:
    """Names of the places in a text, or in all texts of a list or table."""
    if isinstance(template, str):
        return tuple(name for name in _PLACE.findall(template) if name)
    if isinstance(template, Mapping):
        return tuple(name for key, value in template.items() for name in (*places(key), *places(value)))
    if isinstance(template, list | tuple):
        return tuple(name for item in template for name in places(item))
    return ()


def fill(template: str, values: Values, quote: Callable[[str], str] = str) -> str:
    """The text with every place filled; `quote` is applied to what is filled in. Raises BenchError."""
    return _PLACE.sub(lambda match: quote(values.text(match[1])) if match[1] else "<", template)


def fill_data(template: Any, values: Values) -> Any:
    """JSON data with every place filled: a text that is one place and nothing else becomes the value with its type."""
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        return values.typed(whole[1]) if whole is not None and whole[1] else fill(template, values)
    if isinstance(template, Mapping):
        return {fill(key, values): fill_data(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill_data(item, values) for item in template]
    return template
