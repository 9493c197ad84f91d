"""Text as people read it: what a station said made visible, long text cut, evidence as line ranges, times as words.

Every string that did not come from this repository passes through `visible` before it reaches a terminal, an XML or an HTML file.
"""

import re
from collections.abc import Iterable, Sequence

_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1: an escape sequence begins with one of these
    "\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"  # soft hyphen, joiners, direction marks, blank fillers
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"  # separators, bidirectional overrides and isolates, selectors
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"  # byte order mark, annotation, non-characters
    "\ud800-\udfff"  # halves of a surrogate pair: cannot be encoded
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical formatting, tags
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
_UNSEEN_OR_BREAK = re.compile(f"[{_UNSEEN}\t\n]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, *, multiline: bool = False) -> str:
    """`text` with every control, format and direction character written as an escape such as `\\x1b` or `\\u202e`.

    With `multiline`, tabs and line feeds stay as they are. The result encodes to UTF-8, is legal in XML 1.0 and moves no
    cursor.
    """
    return (UNSEEN if multiline else _UNSEEN_OR_BREAK).sub(_escape, text)


def clip(text: str, limit: int) -> str:
    """`text`, or its first `limit` characters and a note of how many it has."""
    return text if len(text) <= limit else f"{text[:limit]} … (cut: {len(text)} characters in all)"


def ranges(evidence: Iterable[int]) -> list[tuple[int, int]]:
    """Trace lines as runs of consecutive numbers, in order and without repeats."""
    found: list[tuple[int, int]] = []
    for line in sorted(set(evidence)):
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found


def line_refs(evidence: Sequence[int], most: int = 4) -> list[tuple[str, int]]:
    """Evidence (sequence numbers, from 0) as texts of line numbers (from 1, as editors count), each with its first sequence number.

    More than `most` separate runs become one span with the count of records.
    """
    runs = ranges(evidence)
    if len(runs) > most:
        first, last = runs[0][0], runs[-1][1]
        return [(f"{first + 1}-{last + 1} ({len(set(evidence))} records)", first)]
    return [(str(a + 1) if a == b else f"{a + 1}-{b + 1}", a) for a, b in runs]


def lines_text(evidence: Sequence[int]) -> str:
    """Evidence as people cite it: `line 7`, `lines 212-260, 270`, or `no line`."""
    if not evidence:
        return "no line"
    joined = ", ".join(text for text, _ in line_refs(evidence))
    return f"line {joined}" if joined.isdigit() else f"lines {joined}"


def duration(seconds: float) -> str:
    """A span of time: `0.31 s`, `12.4 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def figure(value: float) -> str:
    """A number with at most five significant digits and no exponent where a reader does not need one."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        text = f"{value:.4f}" if abs(value) < 10 else f"{value:.3f}" if abs(value) < 100 else f"{value:.2f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.4g}"


def plain(value: object) -> str:
    """Any value of a record's free-form table as one line of text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "–"
    return str(value)
