"""The lists of a Chroma source: points of voltage and frequency with their dwell times (61503 manual, page 8-18).

Of what a list can do, this one plays a first point of lower voltage and then goes on as before: a dip.
"""

from bench.virtual.instruments.scpi import Arguments, Handler, ScpiError, number


class ChromaList:
    """What was loaded. A point needs a dwell time and a voltage that starts and ends it."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[float]] = {}
        self._words: dict[str, str] = {}

    def settings(self) -> dict[str, Handler]:
        """The commands that load it."""
        lists = {
            "[SOURce:]LIST:DWELl": "dwell",
            "[SOURce:]LIST:VOLTage:AC:STARt": "start",
            "[SOURce:]LIST:VOLTage:AC:END": "end",
            "[SOURce:]LIST:FREQuency:STARt": "frequency start",
            "[SOURce:]LIST:FREQuency:END": "frequency end",
        }
        words = {
            "OUTPut:MODE": ("mode", ("FIXED", "LIST")),
            "[SOURce:]LIST:COUPle": ("couple", ("ALL", "NONE")),
            "[SOURce:]LIST:COUNt": ("count", ("1",)),
            "[SOURce:]LIST:BASE": ("base", ("TIME", "CYCLE")),
            "[SOURce:]LIST:TRIG": ("trigger", ("AUTO", "MANUAL")),
        }
        loads: dict[str, Handler] = {p: _loader(self._numbers, name) for p, name in lists.items()}
        return loads | {p: _chooser(self._words, name, valid) for p, (name, valid) in words.items()}

    def dip(self, set_v: float) -> tuple[float, float]:
        """What the first point makes of the set voltage: its share, and for how many seconds. Raises ScpiError."""
        points = [self._numbers.get(name, []) for name in ("dwell", "start", "end")]
        whole = all(points) and len({len(point) for point in points}) == 1
        if self._words.get("mode") != "LIST" or self._words.get("base", "TIME") != "TIME" or not whole:
            raise ScpiError(-221, "Settings conflict")
        dwell_ms, start_v, end_v = (point[0] for point in points)
        if start_v != end_v or not 0.0 <= start_v <= set_v or not 0.0 < dwell_ms <= 60_000.0:
            raise ScpiError(-222, "Data out of range")
        return (start_v / set_v if set_v > 0.0 else 1.0), dwell_ms / 1000.0


def _loader(store: dict[str, list[float]], name: str) -> Handler:
    def load(arguments: Arguments, _n: object) -> None:
        store[name] = [number([one]) for one in arguments]

    return load


def _chooser(store: dict[str, str], name: str, valid: tuple[str, ...]) -> Handler:
    def choose(arguments: Arguments, _n: object) -> None:
        word = arguments[0].upper() if len(arguments) == 1 else ""
        if word not in valid:
            raise ScpiError(-224, "Illegal parameter value")
        store[name] = word

    return choose
