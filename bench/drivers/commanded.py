"""An instrument told by a bench file what to send for which verb: a simulator behind HTTP, a script, a line protocol.

`[instrument.options.verbs.VERB]` holds what is sent and what must come back (docs/howto/join-a-simulator-over-http.md).
What is not listed there is not done: the case that needs it is *not run*.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from bench.clock import Clock
from bench.errors import Absent, BenchError, InstrumentFault, VerbAbsent
from bench.links.command import Answer, CommandLink, Request
from bench.links.command.answers import Capture, Condition, text
from bench.links.command.options import CommandedOptions, Done, Exchange
from bench.links.command.shell import ShellLink
from bench.links.command.template import Values
from bench.registry import Standing, driver
from bench.roles import PilotState
from bench.told import Told
from bench.verbs import ANSWERS, SAMPLES, VERBS, Verb, listed, problems
from harness.model.strict import nearest
from harness.model.topology import InstrumentEntry

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "on": True, "off": False}


@driver(
    "commanded",
    roles=(
        "ac_source", "ev_simulator", "relay_board", "id_reader", "panel", "fault_injector", "lock_sensor", "parking_bay",
        "network_cutter",
    ),
    link="command",
    standing=Standing.VIRTUAL,
    source="this project; what is sent and answered stands in the bench file",
    options=CommandedOptions,
    selective=True,
)  # fmt: skip
class Commanded(Told):
    """Does what its bench file lists, and nothing else. Every method raises BenchError, InstrumentFault, VerbAbsent."""

    def __init__(self, entry: InstrumentEntry, link: CommandLink, clock: Clock, options: CommandedOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._options = options
        self._turn = asyncio.Lock()
        self._secret = self._read_secret(options.secret_env)
        if options.working_directory and isinstance(link, ShellLink):
            link.directory = Path(options.working_directory)
        wrong = [*problems(options.verbs, entry.roles), *self._wrong_link(clock), *self._wrong_verbs()]
        if wrong:
            raise BenchError("\n".join(f"{self.name}: {problem}" for problem in wrong))

    # -- the bench file's part

    def _read_secret(self, variable: str) -> str:
        secret = os.environ.get(variable, "") if variable else ""
        if variable and not secret:
            raise BenchError(f"{self.name}: secret_env names {variable}, which is not set. Cure: export {variable}=...")
        return secret

    def _wrong_link(self, clock: Clock) -> Iterator[str]:
        if self._link.wall_clock_only and clock.simulated:
            yield f"{self._entry.address} knows no simulated time. Cure: run with --realtime"
        if self._options.working_directory and not isinstance(self._link, ShellLink):
            yield "working_directory is for shell commands. Cure: leave it out"

    def _wrong_verbs(self) -> Iterator[str]:
        for name, done in self._options.verbs.items():
            if name in VERBS:
                for problem in (*self._wrong_places(VERBS[name], done), *self._wrong_answers(VERBS[name], done)):
                    yield f"verbs.{name}: {problem}"

    def _wrong_places(self, verb: Verb, done: Done) -> Iterator[str]:
        valid = self._valid_places(verb)
        for exchange in done.exchanges():
            unknown = [place for place in exchange.places() if place not in valid]
            if "secret" in unknown and not self._secret:
                yield "<secret> has no value. Cure: name the environment variable that holds it with secret_env"
            elif unknown:
                yield f"<{unknown[0]}> is no value of this verb. Cure: {nearest(unknown[0], valid)}; << is a plain <"
            else:
                try:
                    self._link.render(exchange, self._values({name: SAMPLES[name] for name in verb.open}))
                except BenchError as error:
                    yield str(error)

    def _valid_places(self, verb: Verb) -> tuple[str, ...]:
        own = () if "evse" in verb.open or len(self._entry.evses) > 1 else ("evse",)
        return (*verb.open, *own, *(("secret",) if self._secret else ()))

    def _wrong_answers(self, verb: Verb, done: Done) -> Iterator[str]:
        if verb.answers is None and done.value is not None:
            yield "it does something and tells nothing. Cure: leave value out; ok says what its answer must be"
        coded = bool(self._link.code_means)
        if not coded and verb.answers is None and any(exchange.ok is None for exchange in done.exchanges()):
            yield 'any answer would do. Cure: say what is right, e.g. ok = { equals = "OK" }'
        for exchange in done.exchanges():
            conditions = (exchange.ok, exchange.failed, exchange.cannot)
            if not coded and any(condition is not None and condition.code for condition in conditions):
                yield "its answers have no code. Cure: use equals, matches or json"

    def rehearse(self) -> list[tuple[str, str]]:
        """Verb and what it would send, with sample values; a verb of several requests stands there as often."""
        return [
            (name, self._link.render(exchange, self._values({key: SAMPLES[key] for key in VERBS[name].open})).shown)
            for name, done in self._options.verbs.items()
            for exchange in done.exchanges()
        ]

    def refuse(self, verb: str, args: Mapping[str, Any]) -> None:
        """Raises VerbAbsent when the bench file does not list how this is done."""
        self._listed(verb, args)

    def _listed(self, method: str, args: Mapping[str, Any]) -> str:
        name = listed(self._options.verbs, method, args)
        if name is None:
            told = ", ".join(f"{key}={value}" for key, value in args.items())
            why = f"the bench file lists {', '.join(self._options.verbs)}"
            cure = f"add [instrument.options.verbs.{method}] to {self.name}"
            raise VerbAbsent(self.name, f"{method}({told})", why, cure)
        return name

    # -- doing

    async def _do(self, method: str, **args: Any) -> Answer:
        name = self._listed(method, args)
        done, fixed = self._options.verbs[name], VERBS[name].fixed
        values = self._values({key: value for key, value in args.items() if key not in fixed})
        async with self._turn:
            for exchange in done.exchanges():
                answer = await self._exchanged(name, exchange, self._link.render(exchange, values))
        return answer

    def _values(self, args: Mapping[str, Any]) -> Values:
        given = {"evse": self._entry.evses[0], **args}
        return Values(given, self._options.on, self._options.off, self._secret)

    async def _exchanged(self, verb: str, exchange: Exchange, request: Request) -> Answer:
        if self._options.dry_run:
            told = f"{self.name}: dry run: {verb} would send {request.shown}; nothing was sent"
            raise Absent(f"{told}. Cure: take dry_run out of its options")
        trouble: InstrumentFault | None = None
        for attempt in range(1 + exchange.retries):
            if attempt:
                await asyncio.sleep(exchange.retry_pause_s)
            try:
                answer = await self._link.ask(request, exchange.timeout_s or self._link.timeout_s)
            except InstrumentFault as fault:
                trouble = fault
                continue
            trouble = self._trouble(verb, exchange, request, answer)
            if trouble is None:
                return answer
        assert trouble is not None
        times = f"; {1 + exchange.retries} times" if exchange.retries else ""
        raise self._link.fault(f"{verb}: {trouble.what}{times}", trouble.cure)

    def _trouble(self, verb: str, exchange: Exchange, request: Request, answer: Answer) -> InstrumentFault | None:
        """What is wrong with an answer, if it may be another one the next time. Raises when it will not."""
        if exchange.cannot is not None and exchange.cannot.holds(answer):
            raise VerbAbsent(self.name, verb, f"it answered {answer}", "leave the verb out of the bench file")
        if exchange.failed is not None and exchange.failed.holds(answer):
            raise self._link.fault(f"{verb} failed: it answered {answer} to {request.shown}", "look at the instrument")
        expected = self._expected(exchange)
        if expected is None or expected.holds(answer):
            return None
        cure = "look at the instrument; correct what is sent, or ok, if this answer is right"
        return self._link.fault(f"it answered {answer} to {request.shown}; right is {self._shown(expected)}", cure)

    def _expected(self, exchange: Exchange) -> Condition | None:
        """Where no code is asked for, it is one of success."""
        good = tuple(self._link.good_codes)
        if exchange.ok is None:
            return Condition(code=good) if good else None
        return exchange.ok if exchange.ok.code or not good else replace(exchange.ok, code=good)

    def _shown(self, expected: Condition) -> str:
        good = self._link.good_codes
        if expected.code == tuple(good) and len(good) > 1:
            return str(expected).replace(f"code {' or '.join(map(str, good))}", f"{good[0]} to {good[-1]}")
        return str(expected)

    # -- asking

    async def _ask(self, method: str, **args: Any) -> object:
        answer = await self._do(method, **args)
        name = self._listed(method, args)
        capture = self._options.verbs[name].value or Capture()
        found, value = capture.find(answer)
        kind = VERBS[name].answers
        seen = _typed(kind, value) if found else None
        if seen is None:
            cure = "correct value in the bench file: json or matches find it, words translate it"
            what = f"{name}: {answer} tells no {ANSWERS[kind].removeprefix('a ')}; looked for {capture}"
            raise self._link.fault(what, cure)
        return seen

    async def identify(self) -> str:
        """What it is, by its own words; in a dry run nothing is asked."""
        if self._options.dry_run:
            return f"dry run of {self._entry.address}"
        return cast("str", await self._ask("identify"))

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()


def _typed(kind: object, value: object) -> object | None:
    """A captured value as the verb gives it, or None for one that is none."""
    if kind is bool:
        return value if isinstance(value, bool) else _BOOLEANS.get(text(value).strip().lower())
    if kind is PilotState:
        state = text(value).strip().upper()
        return state if state in get_args(PilotState) else None
    return text(value).strip() or None
