"""One moment may be written in many ways (RFC 3339; OCPP 1.6 3.15, OCPP 2.0.1 part 2, 3.1): Z or an offset, with or without a fraction."""

import re
from datetime import datetime, timedelta
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,](\d+))?(?:[Zz]|[+-]\d\d:?\d\d)?")


def same_moment(one: object, other: object) -> bool:
    """Whether two values are the same, or times that agree as far as both have digits of a second. A time without a zone is like no other."""
    if not isinstance(one, str) or not isinstance(other, str):
        return one == other
    if one == other:
        return True
    first, second = _TIME.fullmatch(one), _TIME.fullmatch(other)
    if first is None or second is None:
        return False
    return _within_digits(one, other, min(len(first[1] or ""), len(second[1] or ""), 6))


def _within_digits(one: str, other: str, digits: int) -> bool:
    try:
        times = [datetime.fromisoformat(text.upper()) for text in (one, other)]
    except ValueError:  # the 30th of February
        return False
    if any(time.tzinfo is None for time in times):
        return False
    return abs(times[0] - times[1]) < timedelta(microseconds=10 ** (6 - digits))


def alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same but for how their times are written."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other) or same_moment(one, other)
