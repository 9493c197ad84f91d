"""Whether a text is a value of a variable (Part 1, 4.1; B05.FR.07, B05.FR.08)."""

import re
from datetime import datetime
from typing import Protocol

_INTEGER = re.compile(r"[+-]?\d+\Z")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?\Z")


class _Limits(Protocol):
    @property
    def data_type(self) -> str: ...
    @property
    def min_limit(self) -> float | None: ...
    @property
    def max_limit(self) -> float | None: ...
    @property
    def values(self) -> tuple[str, ...]: ...


def why_invalid(text: str, limits: _Limits) -> str | None:
    """Reason code (Part 2 appendices, 5) why `text` cannot be set, or None when it can."""
    kind = limits.data_type
    if kind in {"integer", "decimal"}:
        pattern = _INTEGER if kind == "integer" else _DECIMAL
        return _out_of_range(float(text), limits) if pattern.match(text) else "InvalidValue"
    if kind == "boolean":
        return None if text.casefold() in {"true", "false"} else "InvalidValue"
    if kind == "dateTime":
        return _not_a_date(text)
    if kind == "string":
        return _out_of_range(len(text), limits)
    return _not_listed(text, limits)


def _out_of_range(number: float, limits: _Limits) -> str | None:
    if limits.min_limit is not None and number < limits.min_limit:
        return "ValueTooLow"
    if limits.max_limit is not None and number > limits.max_limit:
        return "ValueTooHigh"
    return None


def _not_a_date(text: str) -> str | None:
    try:
        return None if datetime.fromisoformat(text).tzinfo else "InvalidValue"
    except ValueError:
        return "InvalidValue"


def _not_listed(text: str, limits: _Limits) -> str | None:
    if limits.data_type == "OptionList":
        return None if text in limits.values else "InvalidValue"
    items = [item.strip() for item in text.split(",")] if text else []
    if len(set(items)) != len(items):
        return "InvalidValue"
    return None if all(item in limits.values for item in items) else "InvalidValue"
