"""Consistent stand-ins for values that must not leave the house: the same value always gets the same one.

A stand-in keeps length, punctuation, case and kind of each character (digit or letter, letters A to F), so that a limit on length, a
hexadecimal key and a comparison that ignores case hold for it as for the value. It is counted, not derived: nothing leads back.
"""

import json
import re
from collections.abc import Iterable

SHORTEST = 4
"""Shorter values stand in half of all texts: they are left, and counted."""
SHORTEST_NUMBER = 8
"""Tags of digits alone that are shorter look like readings: they are left, and counted."""

_LITERAL = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?', re.DOTALL)


class Pseudonyms:
    """Takes known values out of texts. `left`: how many values cannot be told from other content, and stay."""

    def __init__(self, secrets: Iterable[str], tags: Iterable[str], kept: Iterable[str] = ()) -> None:
        """`secrets` are replaced wherever they stand; `tags` where they are words of their own, whatever their case, but for those `kept`.

        Raises ValueError when there are more values of one form than stand-ins.
        """
        secret, tag = set(secrets), {value.casefold() for value in tags}
        wanted = {value for value in secret if _tellable(value)}
        words = {value for value in tag if _tellable(value) and not (value.isdigit() and len(value) < SHORTEST_NUMBER)}
        words -= {value.casefold() for value in (*wanted, *kept)}
        self.left = sum(any(map(str.isalnum, value)) for value in secret | tag) - len(wanted) - len(words)
        self.left -= len(tag & {value.casefold() for value in wanted})
        self.secrets, self.tags = len(wanted), len(words)
        taken = wanted | words
        self._of: dict[str, str] = {}
        for value in sorted(wanted) + sorted(words):
            self._of[value] = _free(value, taken)
            taken.add(self._of[value].casefold())
        self._secret = _any_of(wanted)
        self._word = _any_of(words, word=True)

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        if self._secret is not None:
            text = self._secret.sub(lambda found: self._of[found[0]], text)
        if self._word is not None:
            text = self._word.sub(lambda found: _cased(found[0], self._of[found[0].casefold()]), text)
        return text

    def json(self, text: str) -> str:
        """A JSON text, well-formed or not, with stand-ins in its strings however they are escaped; keys and numbers stay."""
        return _LITERAL.sub(lambda found: found[0] if found[2] else self._literal(found[1]), text)

    def _literal(self, literal: str) -> str:
        try:
            value = json.loads(literal, strict=False)
        except ValueError:
            return self.text(literal)
        changed = self.text(value)
        return literal if changed == value else json.dumps(changed, ensure_ascii=False)

    def holds(self, text: str) -> bool:
        """Whether a known value stands in it."""
        return any(pattern is not None and pattern.search(text) for pattern in (self._secret, self._word))


def _tellable(value: str) -> bool:
    return len(value) >= SHORTEST and any(map(str.isalnum, value))


def _any_of(values: Iterable[str], *, word: bool = False) -> re.Pattern[str] | None:
    told = "|".join(re.escape(value) for value in sorted(values, key=lambda value: (-len(value), value)))
    if not told:
        return None
    return re.compile(rf"(?<![A-Za-z0-9])(?:{told})(?![A-Za-z0-9])", re.IGNORECASE) if word else re.compile(told)


def _free(value: str, taken: set[str]) -> str:
    """The first stand-in of this form that is neither a value nor another's."""
    most = 2 * len(taken) + 2
    for number in range(most):
        made = _counted(value, number)
        if made.casefold() not in taken and made not in taken:
            return made
    raise ValueError(f"more values of {len(value)} characters than stand-ins of their form")


def _counted(value: str, number: int) -> str:
    made = []
    for character in reversed(value):
        base = "0123456789" if character.isdigit() else "ABCDEF" if character.isalpha() else ""
        if base:
            number, place = divmod(number, len(base))
            made.append(base[place])
        else:
            made.append(character)
    return _cased(value, "".join(reversed(made)))


def _cased(model: str, text: str) -> str:
    """`text` in the case of `model`, letter by letter."""
    return "".join(b.lower() if a.islower() else b.upper() for a, b in zip(model, text, strict=True))
