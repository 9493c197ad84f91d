"""Which clauses a citation names: `OCPP 1.6 edition 2, 4.2, 9.1 to 9.4; errata 3.22` as documents and numbers.

Citations are ours (of the catalogue and of the always-on rules), in one style; what this cannot read is passed over, and a test sees that
every case and rule cites something that it can.
"""

import re
from collections.abc import Iterator

OCPP16 = "OCPP 1.6 edition 2"
OCPPJ16 = "OCPP-J 1.6"
SECURITY16 = "OCPP 1.6 security white paper edition 3"
_PART201 = "OCPP 2.0.1 edition 3 part"
OCPP201 = f"{_PART201} 2"
OCPPJ201 = f"{_PART201} 4"
_OF_TESTS = {f"{_PART201} 5", f"{_PART201} 6"}
"""Certification profiles and test cases: what they number are no requirements."""
_ERRATA = " errata"

Clause = tuple[str, str]
"""Document, and number in it: a section (`4.2`), a requirement (`B01.FR.05`) or a use case (`N01`)."""

_TOKEN = re.compile(
    r"(?P<j16>OCPP-J 1\.6)|(?P<o16>OCPP 1\.6)|(?P<wp>security white paper)|(?P<j201>OCPP 2\.0\.1(?: edition 3,?)? [Pp]art 4)"
    r"|(?P<part>[Pp]art \d+)|(?P<o201>OCPP 2\.0\.1)|(?P<other>OCTT|IEC|tables? \d+|[Ff]igure|sequence|chapter)|(?P<errata>errata)|(?P<split>;)"
    r"|(?P<to>\bto\b)|(?P<req>[A-Z]\d\d\.FR\.\d+)|(?P<more>(?<![\w.])\.\d\d\b)|(?P<section>(?<![\w.-])\d{1,2}(?:\.\d{1,2})+(?![\w-]))"
    r"|(?P<bare>(?<![\w.(-])\d{3}(?!\w))|(?P<case>\b[A-P]\d\d\b(?!\.))"
)
_DOCUMENTS = {"j16": OCPPJ16, "o16": OCPP16, "wp": SECURITY16, "j201": OCPPJ201, "o201": OCPP201}
_NUMBERED = {"req", "more", "section", "bare", "case"}


def clauses(citation: str, document: str = "") -> Iterator[Clause]:
    """The clauses of a citation, in its order. `document`: whose numbers those are that stand before any document is named."""
    last, ranged, here = "", False, document
    for match in _TOKEN.finditer(citation):
        kind, text = match.lastgroup or "", match.group()
        if kind == "to":
            ranged = bool(last)
            continue
        if kind not in _NUMBERED:
            here, last, ranged = _document(kind, text, here), "", False
            continue
        number = _number(kind, text, last)
        if not number or not _fits(here, kind):
            continue
        for one in _between(last, number) if ranged else (number,):
            yield here, one
        last, ranged = number, False


def _document(kind: str, text: str, here: str) -> str:
    """What is cited from here on. After a semicolon errata are those of OCPP 1.6; else those of the document before."""
    if kind in _DOCUMENTS:
        return _DOCUMENTS[kind]
    if kind == "part":
        number = text.split()[1]
        return f"{_PART201} {number}" if here.startswith(_PART201) else here
    if kind == "errata":
        return (OCPPJ16 if here == OCPPJ16 else OCPP16) + _ERRATA
    if kind == "split":
        return "" if not here or here in {OCPPJ16, SECURITY16} else here.removesuffix(_ERRATA)
    return ""


def _number(kind: str, text: str, last: str) -> str:
    """The whole number: `.05` and `310` go on from the requirement before them."""
    if kind in {"more", "bare"}:
        return f"{last.rsplit('.', 1)[0]}.{text.removeprefix('.')}" if ".FR." in last else ""
    return text


def _fits(document: str, kind: str) -> bool:
    if document in {SECURITY16, OCPP201}:
        return True
    return bool(document) and document not in _OF_TESTS and kind == "section"


def _between(first: str, last: str) -> Iterator[str]:
    """What lies behind `first` up to `last`; only `last` where the two do not count in one row."""
    head, _, low = first.rpartition(".")
    same, _, high = last.rpartition(".")
    if head != same or not (low.isdigit() and high.isdigit()) or not int(low) < int(high) <= int(low) + 100:
        yield last
        return
    for number in range(int(low) + 1, int(high) + 1):
        yield f"{head}.{number:0{len(low)}d}"
