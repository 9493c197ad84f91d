"""Reader, buttons, lock, parking bays and fault conditions of the station, as one line server.

`PRESENT <reader> <token>`, `PRESS <evse> <button>`, `FAULT <evse> <kind>`, `CLEAR <evse>`, `BAY <evse> <occupied|free>`
answer `OK`, or `ERR <text>`; `LOCK? <evse>` and `BAY? <evse>` answer 1 or 0; `*IDN?` answers who it is.
"""

from collections.abc import Callable

from bench.virtual.instruments.line_server import LineServer
from bench.virtual.instruments.server import Latency
from bench.virtual.plant.plant import Plant

IDENTITY = "Plugproof,virtual reader and panel,VIRTUAL001,1.0"


class VirtualPanel(LineServer):
    """The hands at the station's front."""

    def __init__(self, name: str, plant: Plant, latency: Latency | None = None) -> None:
        super().__init__(name, latency)
        self._plant = plant
        self._words: dict[str, tuple[str, Callable[[int, str], bool | None]]] = {
            "PRESENT": ("<reader> <token>", plant.present_token),
            "PRESS": ("<evse> <button>", plant.press_button),
            "FAULT": ("<evse> <kind>", plant.inject_fault),
            "CLEAR": ("<evse>", lambda evse, _none: plant.clear_fault(evse)),
            "BAY": ("<evse> <occupied|free>", self._bay),
            "LOCK?": ("<evse>", lambda evse, _none: plant.evse(evse).locked()),
            "BAY?": ("<evse>", lambda evse, _none: plant.evse(evse).bay_occupied),
        }

    def respond(self, line: str) -> str | None:
        """Do what one line says."""
        words = line.split()
        if not words:
            return None
        if words[0].upper() == "*IDN?":
            return IDENTITY
        try:
            done = self._do(words)
        except ValueError as error:
            return f"ERR {error}"
        return "OK" if done is None else str(int(done))

    def _bay(self, evse: int, state: str) -> None:
        if state not in {"occupied", "free"}:
            raise ValueError(f"{state!r} is no state of a bay: use occupied or free")
        self._plant.evse(evse).occupy_bay(occupied=state == "occupied")

    def _do(self, words: list[str]) -> bool | None:
        known = self._words.get(words[0].upper())
        if known is None:
            raise ValueError(f"unknown word {words[0]!r}: use one of {', '.join(self._words)}, *IDN?")
        usage, action = known
        if len(words) != 1 + len(usage.split()):
            raise ValueError(f"{words[0].upper()} takes {usage}, not {' '.join(words[1:]) or 'nothing'!r}")
        if not words[1].isdecimal():
            raise ValueError(f"{words[1]!r} is not a number: use {words[0].upper()} {usage}")
        return action(int(words[1]), words[2] if len(words) > 2 else "")
