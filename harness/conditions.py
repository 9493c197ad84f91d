"""The condition language of the case catalogue: a boolean expression over PICS items.

    expression = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation = "not" negation | "(" expression ")" | item [ comparison number ]
    comparison = "==" | "!=" | "<" | "<=" | ">" | ">="

`not` binds tightest, then `and`, then `or`. An item that is a count is compared (`HFS-8 > 1`); a list counts as yes when
it is not empty.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from harness.model.pics import nearest_item
from harness.model.pics_items import ITEMS

_TOKEN = re.compile(r"\s*(?:(?P<sign>[()]|==|!=|<=|>=|<|>)|(?P<word>[A-Za-z0-9][A-Za-z0-9._-]*)|(?P<bad>\S))")
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_KEYWORDS = ("and", "or", "not")
_DEEPEST = 50


class ConditionError(ValueError):
    """A condition cannot be read; names the column (from 1) and the cure."""

    def __init__(self, text: str, column: int, what: str, cure: str) -> None:
        super().__init__(f"condition {text!r}, column {column}: {what}. Cure: {cure}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Item:
    """A PICS item; with `comparison`, its count is compared with `number`."""

    id: str
    comparison: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"{self.id} {self.comparison} {self.number}" if self.comparison else self.id


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: "Condition"

    def __str__(self) -> str:
        return f"not {_grouped(self.part, (And, Or))}"


@dataclass(frozen=True, slots=True)
class And:
    """True when all of its parts are."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " and ".join(_grouped(part, (And, Or)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """True when one of its parts is."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(part, (Or,)) for part in self.parts)


Condition: TypeAlias = Item | Not | And | Or


def parse_condition(text: str) -> Condition:
    """Read a condition. Raises ConditionError, with column and cure, for what is no condition or no known item."""
    return _Parser(text).parse()


def _grouped(part: Condition, loose: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, loose) else str(part)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    column: int
    is_word: bool


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._scan()
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._expression()
        token = self._peek()
        if token is not None:
            cure = 'remove the ")"' if token.text == ")" else 'join parts with "and" or "or"'
            raise self._error(f"{token.text!r} does not belong here", cure)
        return condition

    def _scan(self) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while match := _TOKEN.match(self._text, position):
            kind = match.lastgroup or "bad"
            column = match.start(kind) + 1
            if kind == "bad":
                raise ConditionError(
                    self._text, column, f"{match.group(kind)!r} means nothing", "use items, and, or, not, ( )"
                )
            tokens.append(_Token(match.group(kind), column, kind == "word"))
            position = match.end()
        return tokens

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *texts: str) -> _Token | None:
        token = self._peek()
        if token is not None and token.text in texts:
            self._at += 1
            return token
        return None

    def _error(self, what: str, cure: str) -> ConditionError:
        token = self._peek()
        column = token.column if token else len(self._text.rstrip()) + 1
        return ConditionError(self._text, column, what, cure)

    def _expression(self) -> Condition:
        parts = [self._conjunction()]
        while self._take("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("too deeply nested", "split the condition")
        try:
            if self._take("not"):
                return Not(self._negation())
            return self._group() if self._take("(") else self._item()
        finally:
            self._depth -= 1

    def _group(self) -> Condition:
        inner = self._expression()
        if not self._take(")"):
            raise self._error('a "(" is not closed', 'add ")"')
        return inner

    def _item(self) -> Item:
        token = self._peek()
        if token is None:
            raise self._error("an item is missing", "end with an item such as C-09.1, or drop the last word")
        if not token.is_word or token.text in _KEYWORDS:
            raise self._error(f"{token.text!r} stands where an item belongs", "put an item such as C-09.1 there")
        if token.text not in ITEMS:
            raise self._error(f"{token.text!r} is no PICS item", _cure_for(token.text))
        self._at += 1
        comparison = self._take(*_COMPARISONS)
        is_count = ITEMS[token.text][1] == "count"
        if comparison is None:
            if is_count:
                raise self._error(f"{token.text} is a number", f"compare it, e.g. {token.text} > 1")
            return Item(token.text)
        if not is_count:
            self._at -= 1
            raise self._error(f"{token.text} is no number", f"write {token.text} alone")
        return Item(token.text, comparison.text, self._number())

    def _number(self) -> int:
        token = self._peek()
        if token is None or not re.fullmatch(r"[0-9]{1,6}", token.text):
            raise self._error("a number is missing", "write a whole number after the comparison")
        self._at += 1
        return int(token.text)


def _cure_for(word: str) -> str:
    if word.lower() in _KEYWORDS:
        return f"write {word.lower()} in small letters"
    return nearest_item(word)
