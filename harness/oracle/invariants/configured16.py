"""Configuration keys of OCPP 1.6: their names, and values that they cannot have."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.keys16 import BOOLEANS, INTEGERS, STANDARD
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_BOOLEANS = frozenset(key.lower() for key in BOOLEANS)
_INTEGERS = frozenset(key.lower() for key in INTEGERS)
_STANDARD = {key.lower(): key for key in STANDARD}

_TRUTHS = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off"})
"""What may be meant for a boolean; the type's own words are true and false."""

_LETTERS_OFF = 2
_SHORTEST = 10
"""A name of at least so many letters that is so near to a standard one is meant to be it."""


@dataclass(slots=True)
class _Nothing:
    """Every answer is judged by itself."""


def _impossible(key: str, value: str) -> str:
    """Why a standard key cannot have this value; empty where it can."""
    plain = value.strip().lower()
    if key in _BOOLEANS:
        return "" if plain in _TRUTHS else "no boolean"
    if key not in _INTEGERS:
        return ""
    try:
        number = float(plain)
    except ValueError:
        return "no number"
    return "below zero" if number < 0 else ""


def _accepted(_: _Nothing, exchange: Exchange) -> Iterator[Violation]:
    if not exchange.is_result("ChangeConfiguration") or not exchange.from_station:
        return
    key, value = exchange.asked.get("key"), exchange.asked.get("value")
    if exchange.payload.get("status") not in ("Accepted", "RebootRequired"):
        return
    why = _impossible(key.lower(), value) if isinstance(key, str) and isinstance(value, str) else ""
    if why:
        text = f"{key} = {value!r} was {exchange.payload['status']}, and is {why}"
        yield Violation((exchange.record.seq,), text, str(key).lower())


def _named(_: _Nothing, exchange: Exchange) -> Iterator[Violation]:
    listed = exchange.payload.get("configurationKey")
    if not exchange.is_result("GetConfiguration") or exchange.asked.get("key") or not isinstance(listed, list):
        return
    told = [entry["key"] for entry in listed if isinstance(entry, dict) and isinstance(entry.get("key"), str)]
    small = {key.lower() for key in told}
    for key in told:
        meant = None if key.lower() in _STANDARD or len(key) < _SHORTEST else _meant(key.lower())
        if meant is not None and meant.lower() not in small:
            text = f"there is a key {key!r} and none that is called {meant}"
            yield Violation((exchange.record.seq,), text, key.lower())


def _meant(key: str) -> str | None:
    near = (name for small, name in _STANDARD.items() if abs(len(small) - len(key)) <= _LETTERS_OFF)
    return next((name for name in near if _apart(key, name.lower()) <= _LETTERS_OFF), None)


def _apart(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, its in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != its))
    return row[-1]


IMPOSSIBLE = Rule(
    id="impossible-value-rejected",
    requirement="OCPP 1.6 edition 2, 5.3: out-of-range and ill-formed values are Rejected; types by chapter 9",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A slip of an operator is taken for a setting; the station goes by something that nobody meant.",
    watch=lambda: PerStation(_Nothing, _accepted, ("1.6",), calls=(), answers=("ChangeConfiguration",)),
)

NAMES = Rule(
    id="keys-have-their-names",
    requirement="OCPP 1.6 edition 2, chapter 9: standard configuration key names",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS that asks for the key by its name is told that the station has none, and cannot set it.",
    watch=lambda: PerStation(_Nothing, _named, ("1.6",), calls=(), answers=("GetConfiguration",)),
)
