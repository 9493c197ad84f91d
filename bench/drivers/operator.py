"""A colleague at the bench as an instrument: asked verb by verb, on the terminal, to do what no machine does here.

`[instrument.options.verbs.VERB]` lists what they may be asked for (docs/howto/a-bench-with-a-colleague.md). What they
answer is evidence: what was asked for happened between question and answer.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from bench.clock import Clock
from bench.drivers.operator_words import KEEPS, WORDS
from bench.errors import BenchError, NotByHand, VerbAbsent
from bench.links.asking import Board, Choice, Reply
from bench.links.command.template import Values, fill, places
from bench.links.terminal import TerminalLink, plain, unreachable
from bench.registry import Standing, driver
from bench.roles import FAULT_KINDS
from bench.safety import SECURING
from bench.stimuli import HandAnswer
from bench.told import Told
from bench.verbs import SAMPLES, VERBS, listed, names, problems
from harness.model.strict import NonEmpty, Range, nearest
from harness.model.topology import InstrumentEntry

_CANNOT = Choice("cannot", "cannot be done", ("c",))
_ABORT = Choice("abort", "abort the run", ("a",))
_DONE = (Choice("done", "done", ("d",)), _CANNOT, _ABORT)
_YES_NO = (Choice("yes", "yes", ("y",)), Choice("no", "no", ("n",)), _CANNOT, _ABORT)
_STATES = (
    *(Choice(state, state, (state.casefold(),)) for state in "ABCDEF"),
    Choice("cannot", "cannot be told", ("cannot",)),
    Choice("abort", "abort the run", ("abort",)),
)  # the states' letters come first, so that a and c are no words here
_ENDING_S = 30.0

_OWN_PLACES = ("place", "card", "condition")


@dataclass(frozen=True, slots=True)
class Asked:
    """How one verb is asked for: `say` in place of this project's words, `timeout_s` in place of the instrument's."""

    say: str = ""
    timeout_s: Annotated[float, Range(0.1, 3600)] | None = None


@dataclass(frozen=True, slots=True)
class OperatorOptions:
    """`mode`: `ask`, or `decline` where nobody is there (a run's --operator goes before it).

    `timeout_s`: how long an answer is waited for; `unattended_s` instead, once nobody has answered; `safe_state_s` in a step
    to the safe state. `places`: by EVSE number, what the person knows its socket as; `cards`: by token, the card.
    """

    verbs: Annotated[dict[str, Asked], NonEmpty()]
    mode: Literal["ask", "decline"] = "ask"
    timeout_s: Annotated[float, Range(0.1, 3600)] = 120.0
    unattended_s: Annotated[float, Range(0.1, 3600)] = 15.0
    safe_state_s: Annotated[float, Range(0.1, 60)] = 20.0
    places: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)


def declines(address: str, mode: object) -> str:
    """Why nobody is asked there, or nothing: the mode says so, or there is no terminal."""
    if mode == "decline":
        return "everything is declined here (mode decline)"
    return unreachable(address.removeprefix("terminal:"))


@driver(
    "operator",
    roles=(
        "ac_source", "ev_simulator", "relay_board", "id_reader", "panel", "fault_injector", "lock_sensor", "parking_bay",
        "network_cutter",
    ),
    link="terminal",
    standing=Standing.VIRTUAL,
    source="this project (bench/links/terminal.py)",
    options=OperatorOptions,
    selective=True,
)  # fmt: skip
class Operator(Told):
    """Asks a person. Every method raises VerbAbsent for what is not listed or where all is declined, NotByHand for what was
    asked and not done, InstrumentFault when the terminal goes away.

    A state that was confirmed is not asked for again, but at the end.
    """

    by_hand = True

    def __init__(self, entry: InstrumentEntry, link: TerminalLink, clock: Clock, options: OperatorOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._options = options
        self._told: Callable[[HandAnswer], None] = _nobody_listens
        self._confirmed: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {}
        self._gone = False
        wrong = [*problems([*options.verbs, "identify"], entry.roles), *self._wrong()]
        if wrong:
            raise BenchError("\n".join(f"{self.name}: {problem}" for problem in wrong))
        if clock.simulated and not self._declines():
            cure = "run with --realtime, or with --operator decline"
            raise BenchError(f"{self.name}: a person takes real time, and this run's time is simulated. Cure: {cure}")

    def _wrong(self) -> list[str]:
        """Problems of the bench file's own texts."""
        found = [
            f"places has {number!r}, and it serves EVSE {', '.join(map(str, self._entry.evses))}. Cure: name one of them"
            for number in self._options.places
            if number not in {str(evse) for evse in self._entry.evses}
        ]
        for name, asked in self._options.verbs.items():
            verb = VERBS.get(name)
            valid = (*(verb.open if verb else ()), *(verb.fixed if verb else ()), "evse", *_OWN_PLACES)
            unknown = [place for place in places(asked.say) if place not in valid]
            found += [
                f"verbs.{name}: <{each}> is no value of this verb. Cure: {nearest(each, valid)}" for each in unknown
            ]
        if "identify" in self._options.verbs:
            found.append("verbs.identify: a person is not asked who they are. Cure: leave it out")
        return found

    def report_to(self, told: Callable[[HandAnswer], None], board: Board | None = None) -> None:
        """Tell each answer to `told`; ask at `board`, too."""
        self._told = told
        self._link.board = board

    def refuse(self, verb: str, args: Mapping[str, Any]) -> None:
        """Raises VerbAbsent when the bench file does not list how this is done."""
        self._listed(verb, args)

    def _listed(self, method: str, args: Mapping[str, Any]) -> str:
        name = listed(self._options.verbs, method, args)
        if name is None:
            why = f"the bench file lists {', '.join(self._options.verbs)}"
            raise VerbAbsent(self.name, method, why, f"add [instrument.options.verbs.{method}] to {self.name}")
        return name

    def _declines(self) -> str:
        return declines(f"terminal:{self._link.device}", self._options.mode)

    async def identify(self) -> str:
        """Where the person is asked, or why nobody is."""
        why = self._declines()
        return f"nobody is asked: {why}" if why else f"a person at {self._link.device}"

    async def close(self) -> None:
        """Nothing is held."""

    def rehearse(self) -> list[tuple[str, str]]:
        """Verb and what a person would read, with sample values."""
        samples = {name: {key: SAMPLES[key] for key in VERBS[name].open} for name in self._options.verbs}
        return [
            (name, " ".join(self._words(name, VERBS[name].method, {**given, **VERBS[name].fixed})))
            for name, given in samples.items()
        ]

    # -- asking

    async def _do(self, method: str, **args: Any) -> None:
        name = self._listed(method, args)
        state = KEEPS.get(method), args.get("evse", self._entry.evses[0])
        if state[0] is None:
            await self._put(name, method, args, _DONE)
            return
        key = (state[0], state[1])
        if self._confirmed.get(key) == (method, args) and not SECURING.get():
            now = self._clock.time()
            self._tell(name, " ".join(self._words(name, method, args)), "not asked: confirmed before", now, now)
            return
        self._confirmed.pop(key, None)
        await self._put(name, method, args, _DONE)
        self._confirmed[key] = (method, args)

    async def _ask(self, method: str, **args: Any) -> object:
        name = self._listed(method, args)
        if VERBS[name].answers is bool:
            return await self._put(name, method, args, _YES_NO) == "yes"
        return await self._put(name, method, args, _STATES)

    async def _put(self, name: str, method: str, args: dict[str, Any], choices: tuple[Choice, ...]) -> str:
        """Ask; the word that was answered, unless it is that it was not done."""
        words = self._words(name, method, args)
        prompt, asked = " ".join(words), self._clock.time()
        why = self._declines()
        if why:
            self._tell(name, prompt, f"declined: {why}", asked, asked)
            raise VerbAbsent(self.name, name, why, "run from a terminal with --operator ask")
        if self._gone and SECURING.get():
            raise NotByHand(self.name, name, "nobody is there: an earlier question of the safe state was not answered")
        seconds = self._patience_s(name)
        try:
            reply = await self._link.ask(words, choices, seconds, self._word(name, method, args))
        except asyncio.CancelledError:
            self._tell(name, prompt, "withdrawn", asked, self._clock.time())
            raise
        where = reply.where if reply.word is not None else ""
        self._tell(name, prompt, reply.word or "no answer", reply.asked_at, reply.answered_at, where)
        return await self._taken(name, reply, seconds)

    async def _taken(self, name: str, reply: Reply, seconds: float) -> str:
        self._gone = SECURING.get() and reply.word in {None, "abort"}
        if reply.word is None:
            raise NotByHand(self.name, name, f"nobody answered within {seconds:g} s")
        if reply.word == "abort":
            if not SECURING.get():
                await self._end_run()
            raise NotByHand(self.name, name, "they aborted the run")
        if reply.word == "cannot":
            raise NotByHand(self.name, name, "they answered that they cannot")
        return reply.word

    @staticmethod
    async def _end_run() -> None:
        """End the run as Ctrl-C would: whoever waits for the answer is cancelled."""
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(_ENDING_S)

    def _patience_s(self, name: str) -> float:
        options = self._options
        if SECURING.get():
            return options.safe_state_s
        own = options.verbs[name].timeout_s or options.timeout_s
        return own if self._link.desk.attended else min(own, options.unattended_s)

    def _tell(self, verb: str, prompt: str, answer: str, asked: float, answered: float, where: str = "") -> None:
        self._told(HandAnswer(self.name, verb, prompt, answer, asked, answered, where))

    @staticmethod
    def _word(name: str, method: str, args: Mapping[str, Any]) -> str:
        """The verb that says best what is asked for: `press_stop` before `press`."""
        return next(word for word in (*names(method, args), name) if word in WORDS)

    def _words(self, name: str, method: str, args: Mapping[str, Any]) -> list[str]:
        """What to do, and what to look at."""
        evse = args.get("evse", self._entry.evses[0])
        place = plain(self._options.places.get(str(evse), f"EVSE {evse}, connector 1"))
        token = str(args.get("token", ""))
        own = {
            "evse": evse,
            "place": place,
            "card": f"{plain(self._options.cards[token])} ({token})"
            if token in self._options.cards
            else f"with id {token}",
            "condition": FAULT_KINDS.get(str(args.get("kind", "")), ""),
        }
        values = Values({**args, **own})
        said = self._options.verbs[name].say
        do, look = WORDS[self._word(name, method, args)]
        return [fill(said or do, values), *([] if said else [f"Look at: {fill(look, values)}"])]


def _nobody_listens(_answer: HandAnswer) -> None:
    """No rig: as in the watchdog's own process."""
