"""A question to a person, its answers, and a second place where it may be answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Where = Literal["terminal", "console"]
"""Where a question was answered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its word, what it means, and what is typed for it (the first is shown)."""

    word: str
    means: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`text`: what to do and what to look at, one line or several each; `about`: the verb that it asks for (`press_stop`).

    `number` counts the questions of a run from 1; `timeout_s` is how long an answer is waited for.
    """

    number: int
    instrument: str
    about: str
    text: tuple[str, ...]
    choices: tuple[Choice, ...]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question: the word of the choice, None when nobody answered, and where; clock times in seconds."""

    word: str | None
    asked_at: float
    answered_at: float
    where: Where = "terminal"


class Board(Protocol):
    """A second place that shows what the terminal shows. Called in the event loop; never raises, never blocks."""

    def put(self, question: Question, answer: Callable[[str], None]) -> None:
        """Show a question. `answer` takes the word of one of its choices, in any thread; whoever answers first is heard."""

    def over(self, question: Question, reply: Reply | None) -> None:
        """The question is closed: answered, not answered in time, or (None) withdrawn."""
