"""What the command links have in common: a request is rendered from a template, sent, and answered by a text and a code."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from bench.links.command.template import Values, places
from bench.links.link import Link
from harness.model.strict import NonEmpty

LONGEST = 1_000_000
"""Most bytes of one answer; more is a fault, not an answer."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a bench file says is sent.

    `send`: words of a command line (shell), `METHOD /path` (HTTP), one line (TCP). HTTP alone has `json` (data) or `body`
    (text), and `headers`.
    """

    send: Annotated[str, NonEmpty()]
    json: Any = None
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def places(self) -> tuple[str, ...]:
        """Names of all its places."""
        return (*places(self.send), *places(self.json), *places(self.body), *places(self.headers))

    def beyond_send(self) -> str:
        """The first key that only HTTP has, or nothing."""
        given = {"json": self.json is not None, "body": bool(self.body), "headers": bool(self.headers)}
        return next((key for key, is_given in given.items() if is_given), "")


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to send. `shown` is for people and traces, and holds no secret."""

    shown: str
    words: tuple[str, ...] = ()
    line: str = ""
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: text without its last line end, and the exit code or HTTP status; None where there is none."""

    text: str
    code: int | None = None

    def __str__(self) -> str:
        text = repr(self.text if len(self.text) <= 200 else f"{self.text[:197]}...")
        return text if self.code is None else f"{self.code} {text}"


class CommandLink(Link):
    """A link that speaks in commands. `code_means` says what its answers' code is, empty where they have none;
    `good_codes` are those of success. `wall_clock_only`: what is at the other end knows no simulated time."""

    code_means: str = ""
    good_codes: range = range(0)
    wall_clock_only: bool = True

    @abstractmethod
    def render(self, sending: Sending, values: Values) -> Request:
        """What is sent with these values. Raises BenchError for a sending that this link cannot send."""

    @abstractmethod
    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Send, and wait for the answer; ends within `timeout_s`. Raises InstrumentFault."""
