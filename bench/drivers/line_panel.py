"""What stands at the station's front: buttons, token presenter, fault injector, lock sensor, parking bays.

A line protocol of this project. Questions: `*IDN?`, `PRESENT <reader> <token>`, `PRESS <evse> <button>`,
`FAULT <evse> <kind>`, `CLEAR <evse>`, `BAY <evse> <occupied|free>`, `LOCK? <evse>`. Answers: the identity, `OK`, 1 or 0,
or `ERR <text>`.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.line import LineLink
from bench.registry import Standing, driver
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry


@dataclass(frozen=True, slots=True)
class PanelOptions:
    """`reader`: which of the station's readers the token is held at; 0 is the one that serves all EVSEs."""

    reader: Annotated[int, Range(0, 1000)] = 0


@driver(
    "line_panel",
    roles=("id_reader", "panel", "fault_injector", "lock_sensor", "parking_bay"),
    link="line",
    standing=Standing.VIRTUAL,
    source="this project's own line protocol (bench/drivers/line_panel.py)",
    options=PanelOptions,
)
class LinePanel:
    """Presents tokens, presses buttons, makes and clears faults; every command is acknowledged."""

    def __init__(self, entry: InstrumentEntry, link: LineLink, clock: Clock, options: PanelOptions) -> None:
        del clock
        self.name = entry.name
        self._link = link
        self._reader = options.reader

    async def identify(self) -> str:
        """The answer to *IDN?. Raises InstrumentFault."""
        return await self._link.query("*IDN?")

    async def present(self, token: str) -> None:
        """Hold the token at the reader. Raises InstrumentFault; BenchError for a token with spaces."""
        await self._do(f"PRESENT {self._reader} {self._word(token)}")

    async def press(self, button: str, evse: int = 1) -> None:
        """Press `stop`, `emergency_stop` or `emergency_release`. Raises InstrumentFault."""
        await self._do(f"PRESS {evse} {self._word(button)}")

    async def inject(self, kind: str, evse: int = 1) -> None:
        """Make a fault condition at the station. Raises InstrumentFault."""
        await self._do(f"FAULT {evse} {self._word(kind)}")

    async def clear(self, evse: int = 1) -> None:
        """Remove every fault condition made on this EVSE. Raises InstrumentFault."""
        await self._do(f"CLEAR {evse}")

    async def locked(self, evse: int = 1) -> bool:
        """Whether the plug is held in its socket now. Raises InstrumentFault."""
        question = f"LOCK? {evse}"
        answer = await self._link.query(question)
        if answer not in {"0", "1"}:
            raise self._link.fault(f"answered {question!r} with {answer[:80]!r}", "check that it answers 1 or 0")
        return answer == "1"

    async def occupy(self, evse: int = 1) -> None:
        """Let a vehicle stand in the bay. Raises InstrumentFault."""
        await self._do(f"BAY {evse} occupied")

    async def leave(self, evse: int = 1) -> None:
        """Empty the bay. Raises InstrumentFault."""
        await self._do(f"BAY {evse} free")

    async def _do(self, command: str) -> None:
        answer = await self._link.query(command)
        if answer != "OK":
            told = answer.removeprefix("ERR ").strip()
            raise self._link.fault(f"{command!r} was refused: {told!r}", "check number and name in the command")

    def _word(self, text: str) -> str:
        if not re.fullmatch(r"\S+", text):
            raise BenchError(f"{self.name}: {text!r} is not one word. Cure: leave spaces and line ends out")
        return text

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
