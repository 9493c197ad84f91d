"""How a bench file describes verbs that are commands: what is sent, what must come back, how long and how often."""

from dataclasses import dataclass
from typing import Annotated

from bench.links.command.answers import Capture, Condition
from bench.links.command.link import Sending
from harness.model.strict import MisfitError, NonEmpty, Range


@dataclass(frozen=True, slots=True)
class Exchange(Sending):
    """One request and its answer.

    `cannot`: the instrument says it cannot do this, the case is *not run*; `failed`: it says it tried and failed;
    `ok`: what any other answer must be. `retries`: how often it is sent again, `retry_pause_s` later, when no right
    answer came; a request that does something twice when it is heard twice must have none.
    """

    ok: Condition | None = None
    failed: Condition | None = None
    cannot: Condition | None = None
    timeout_s: Annotated[float, Range(0.01, 600)] | None = None
    retries: Annotated[int, Range(0, 100)] = 0
    retry_pause_s: Annotated[float, Range(0, 60)] = 0.5


@dataclass(frozen=True, slots=True)
class Done(Exchange):
    """How a verb is done: this exchange, and `then` further ones in their order. `value`: what a query's answer tells."""

    value: Capture | None = None
    then: tuple[Exchange, ...] = ()

    def __post_init__(self) -> None:
        if self.value is not None and self.then:
            raise MisfitError("value and then do not go together", "ask one question")

    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges in order."""
        return (self, *self.then)


@dataclass(frozen=True, slots=True)
class CommandedOptions:
    """`on` and `off`: the words for true and false in texts. `secret_env`: the environment variable that holds `<secret>`.

    `working_directory`: where commands of the shell link run. `dry_run`: nothing is sent; a verb tells what would be, and
    the case that asks for it is *not run*.
    """

    verbs: Annotated[dict[str, Done], NonEmpty()]
    on: str = "on"
    off: str = "off"
    secret_env: str = ""
    working_directory: str = ""
    dry_run: bool = False
