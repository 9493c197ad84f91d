"""A station program that is operated by keys: the rig starts it, and every verb of a role is a sequence of keys.

Which keys do which verb is data in the bench file (`[instrument.options]`); what the program cannot do is not listed
there. Verbs: plug_in, unplug, unplug_ev_side, request_energy_on, request_energy_off, set_demand, set_polite, present,
press_BUTTON, inject_KIND, clear. Power off kills the program without a word, as a power cut would; power on starts it.
"""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError, VerbAbsent
from bench.links.process import ProcessLink
from bench.registry import Standing, driver
from bench.roles import PilotState
from harness.model.strict import Matches, NonEmpty, Range, nearest
from harness.model.topology import InstrumentEntry

_KEY = re.compile(r"<([^<>]*)>")
_NAMED = {
    "enter": b"\r",
    "tab": b"\t",
    "esc": b"\x1b",
    "space": b" ",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    **{f"ctrl-{letter}": bytes([ord(letter) & 0x1F]) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
_VERB = r"(plug_in|unplug|unplug_ev_side|set_demand|set_polite|present|clear|request_energy_(on|off)|(press|inject)_[a-z_]+)"


@dataclass(frozen=True, slots=True)
class Stroke:
    """Keys to press, and what the program must show after them.

    `<enter>`, `<down>`, `<ctrl-u>` name keys; `<token>` is the token presented. That `expect` (a pattern) is not shown
    after them in `within_s` is a fault of the bench: it is there to press the next key in time, and judges nothing.
    """

    press: str
    expect: str = ""
    within_s: Annotated[float, Range(0.1, 60)] = 5.0


@dataclass(frozen=True, slots=True)
class Way:
    """How a verb is done in a certain state of the program. `when` is searched in its status line, followed by
    `cable in` or `cable out` as this bench left it; empty fits always. No strokes: there is nothing to press then."""

    do: tuple[Stroke, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class KeyedOptions:
    """`ready` is what the program shows once it takes keys, `status_line` the line that tells its state (patterns).

    Its state is read once nothing was shown for `quiet_s`. `identity_command` prints name and version; `end` are the keys that end the program in good order; `log` is the
    file that takes all it shows. `remembers_cable`: ended and started again, it still has the cable that was in. `verbs` holds the ways of each verb; the first that fits is taken.
    """

    verbs: dict[Annotated[str, Matches(_VERB, "a verb, e.g. plug_in, present, press_stop")], tuple[Way, ...]]
    ready: Annotated[str, NonEmpty()]
    identity_command: Annotated[tuple[str, ...], NonEmpty()]
    status_line: str = ""
    quiet_s: Annotated[float, Range(0.01, 5)] = 0.1
    ready_within_s: Annotated[float, Range(0.1, 300)] = 30.0
    working_directory: str = "."
    environment: dict[str, str] = field(default_factory=dict)
    end: str = ""
    log: str = ""
    remembers_cable: bool = False


@driver(
    "keyed_process",
    roles=("ac_source", "ev_simulator", "id_reader", "panel", "fault_injector"),
    link="process",
    standing=Standing.VIRTUAL,
    source="this project; keys and screens stand in the bench file, read in the program's own source",
    options=KeyedOptions,
)
class KeyedProcess:
    """Presses keys in the place of hands, cards and cables."""

    def __init__(self, entry: InstrumentEntry, link: ProcessLink, clock: Clock, options: KeyedOptions) -> None:
        del clock
        self.name = entry.name
        self._link = link
        self._options = options
        self._plugged = False
        self._in_socket = False
        self._demanding = False
        self._started_once = False
        link.configure(
            directory=Path(options.working_directory),
            variables=options.environment,
            log=Path(options.log) if options.log else None,
            farewell=self._keys(options.end, ""),
            ready=options.ready,
        )
        self._check_texts()

    def _check_texts(self) -> None:
        """Every key name and pattern of the bench file is usable, before anything is started. Raises BenchError."""
        strokes = [stroke for ways in self._options.verbs.values() for way in ways for stroke in way.do]
        whens = [way.when for ways in self._options.verbs.values() for way in ways]
        patterns = [self._options.ready, self._options.status_line, *whens, *(stroke.expect for stroke in strokes)]
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise BenchError(f"{self.name}: {pattern!r} is no pattern: {error}. Cure: correct it") from None
        for stroke in strokes:
            self._keys(stroke.press, "")

    # -- the program

    async def identify(self) -> str:
        """What `identity_command` prints; the program is started, too, unless it was switched off before.

        Raises InstrumentFault.
        """
        told = await self._ask_identity()
        if not self._started_once:
            await self.output(on=True)
        return told

    async def _ask_identity(self) -> str:
        cure = "install the program, and check identity_command"
        try:
            process = await asyncio.create_subprocess_exec(
                *self._options.identity_command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._options.working_directory,
            )
        except OSError as error:
            raise self._link.fault(f"{self._options.identity_command[0]} cannot be run: {error}", cure) from None
        try:
            async with asyncio.timeout(max(self._link.timeout_s, 1.0)):
                output, _ = await process.communicate()
        except TimeoutError:
            raise self._link.fault("identity_command does not end", cure) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        lines = output.decode(errors="replace").split("\n")
        if process.returncode != 0 or not lines[0].strip():
            raise self._link.fault(f"identity_command failed ({process.returncode}): {lines[0][:120]!r}", cure)
        return lines[0].strip()

    async def output(self, *, on: bool) -> None:
        """Start the program, or end it at once and without a word. Raises InstrumentFault."""
        if on:
            self._started_once = True
            await self._link.start()
        else:
            await self._link.kill()
        self._ended()

    async def output_is_on(self) -> bool:
        """Whether the program runs."""
        return self._link.running

    async def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Not possible: a program has no mains. Raises BenchError."""
        raise self._impossible(f"set_voltage({volts}, {phase})")

    async def set_frequency(self, hertz: float) -> None:
        """Not possible: a program has no mains. Raises BenchError."""
        raise self._impossible(f"set_frequency({hertz})")

    async def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """Not possible: a program has no mains. Raises VerbAbsent."""
        raise self._impossible(f"dip({share}, {duration_s}, {phase})")

    async def end(self) -> None:
        """End the program in good order: by its own keys, else by signals; it stays off. For the safe state."""
        self._started_once = True
        await self._link.exchange(self._link.drop)
        self._ended()

    def _ended(self) -> None:
        if not self._options.remembers_cable:
            self._plugged = self._in_socket = self._demanding = False

    async def close(self) -> None:
        """End the program: by its own keys, else by signals."""
        await self._link.close()

    # -- the car

    async def plug_in(self, cable_rating_a: float = 32.0) -> None:
        """Do what stands for plugging in. Raises BenchError, InstrumentFault."""
        del cable_rating_a
        if not self._plugged:
            await self._do("plug_in")
            self._plugged = self._in_socket = True

    async def unplug(self) -> None:
        """Do what stands for unplugging at both ends; nothing when the cable is out. Raises BenchError, InstrumentFault."""
        if self._in_socket:
            await self._do("unplug")
            self._plugged = self._in_socket = False

    async def unplug_ev_side(self) -> None:
        """Do what stands for unplugging at the EV. Raises BenchError, InstrumentFault."""
        if self._plugged:
            await self._do("unplug_ev_side")
            self._plugged = False

    async def request_energy(self, *, on: bool) -> None:
        """Do what makes the EV ask for energy, or not. Raises BenchError, InstrumentFault."""
        if on != self._demanding:
            await self._do("request_energy_on" if on else "request_energy_off")
            self._demanding = on

    async def set_demand(self, current_a: float, phases: int = 3) -> None:
        """Do what sets the EV's demand. Raises BenchError, InstrumentFault."""
        del current_a, phases
        await self._do("set_demand")

    async def set_phases(self, phases: int) -> None:
        """Not possible with keys. Raises VerbAbsent."""
        raise self._impossible(f"set_phases({phases})")

    async def set_power_factor(self, power_factor: float) -> None:
        """Not possible with keys. Raises VerbAbsent."""
        raise self._impossible(f"set_power_factor({power_factor})")

    async def set_ventilation(self, *, on: bool) -> None:
        """A program's EV never asks for ventilation; raises VerbAbsent where it is to."""
        self._only_off("set_ventilation", on=on)

    async def set_pilot_short(self, *, on: bool) -> None:
        """A program has no pilot's wire; raises VerbAbsent where it is to be shorted."""
        self._only_off("set_pilot_short", on=on)

    async def set_diode_bypass(self, *, on: bool) -> None:
        """A program has no diode; raises VerbAbsent where it is to be bridged."""
        self._only_off("set_diode_bypass", on=on)

    async def set_pilot_open(self, *, on: bool) -> None:
        """A program has no pilot's wire; raises VerbAbsent where it is to be opened."""
        self._only_off("set_pilot_open", on=on)

    async def set_proximity(self, ohm: float) -> None:
        """Not possible: a program has no plug. Raises VerbAbsent."""
        raise self._impossible(f"set_proximity({ohm})")

    def _only_off(self, verb: str, *, on: bool) -> None:
        if on:
            raise self._impossible(f"{verb}(on=True)")

    async def set_polite(self, *, polite: bool) -> None:
        """A program's EV is as it is: polite needs nothing, rude is not possible. Raises BenchError."""
        if not polite:
            await self._do("set_polite")

    async def pilot_state(self) -> PilotState:
        """The state that stands for how this bench left cable and demand; nothing is measured."""
        if not self._plugged:
            return "A"
        return "C" if self._demanding else "B"

    # -- card, buttons, faults

    async def present(self, token: str) -> None:
        """Do what stands for holding the card at the reader. Raises BenchError, InstrumentFault."""
        await self._do("present", token)

    async def press(self, button: str, evse: int = 1) -> None:
        """Press the button. Raises BenchError, InstrumentFault."""
        del evse
        await self._do(f"press_{button}")

    async def inject(self, kind: str, evse: int = 1) -> None:
        """Make the fault condition. Raises BenchError, InstrumentFault."""
        del evse
        await self._do(f"inject_{kind}")

    async def clear(self, evse: int = 1) -> None:
        """Remove fault conditions; nothing when the program does not run. Raises BenchError, InstrumentFault."""
        del evse
        if self._link.running:
            await self._do("clear")

    # -- keys

    async def _do(self, verb: str, token: str = "") -> None:
        ways = self._options.verbs.get(verb)
        if ways is None:
            raise self._impossible(verb)
        if not await self._link.wait_ready(self._options.ready_within_s):
            what = f"did not show {self._options.ready!r} in {self._options.ready_within_s:g} s, so {verb} was not done"
            raise self._link.fault(what, "look at its log, and at the handshakes in the trace")
        await self._link.wait_quiet(self._options.quiet_s, self._options.ready_within_s)
        state = self._state()
        for way in ways:
            if re.search(way.when, state):
                await self._walk(verb, way, token)
                return
        raise BenchError(f"{self.name}: no way of {verb} fits the state {state!r}. Cure: add one to its verbs")

    async def _walk(self, verb: str, way: Way, token: str) -> None:
        for stroke in way.do:
            position = await self._link.press(self._keys(stroke.press, token))
            if stroke.expect and not await self._link.wait_shown(stroke.expect, position, stroke.within_s):
                what = f"{verb}: {stroke.expect!r} was not shown in {stroke.within_s:g} s after {stroke.press!r}"
                await self._give_up()
                raise self._link.fault(what, "look at its log; its screens may differ from the bench file")

    async def _give_up(self) -> None:
        """End a program that is somewhere else than the bench file thinks: more keys would do anything. The rig's next check
        starts it anew."""
        await self.output(on=False)
        self._started_once = False

    def _state(self) -> str:
        line = self._link.shown.last(self._options.status_line) if self._options.status_line else ""
        return f"{line} cable {'in' if self._in_socket else 'out'}"

    def _keys(self, text: str, token: str) -> bytes:
        keys, position = b"", 0
        for match in _KEY.finditer(text):
            keys += text[position : match.start()].encode()
            name, position = match[1], match.end()
            if name != "token" and name not in _NAMED:
                raise BenchError(f"{self.name}: no key is named <{name}>. Cure: {nearest(name, ('token', *_NAMED))}")
            keys += token.encode() if name == "token" else _NAMED[name]
        return keys + text[position:].encode()

    def _impossible(self, verb: str) -> VerbAbsent:
        why = f"its bench file lists {', '.join(self._options.verbs)}"
        return VerbAbsent(
            self.name, verb, why, f"add [[instrument.options.verbs.{verb.partition('(')[0]}]] if the program can"
        )
