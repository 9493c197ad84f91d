"""The parts that the drawings are put together from, in a field of 320 by 170. Colours are the page's, by class."""


def path(style: str, d: str) -> str:
    """A line or an area."""
    return f'<path class="{style}" d="{d}"/>'


def text(x: float, y: float, words: str, style: str = "d-text") -> str:
    """Words, centred."""
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{words}</text>'


def disc(style: str, x: float, y: float, r: float) -> str:
    """A filled circle."""
    return f'<circle class="{style}" cx="{x:g}" cy="{y:g}" r="{r:g}"/>'


def box(style: str, x: float, y: float, width: float, height: float, round_: float = 4) -> str:
    """A rectangle."""
    return f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round_:g}"/>'


def arrow(x: float, y: float, dx: float, dy: float = 0) -> str:
    """An arrow of what is to be done, from (x, y) by (dx, dy); straight along one axis."""
    tip_x, tip_y = x + dx, y + dy
    if dx:
        back = -12 if dx > 0 else 12
        head = f"M{tip_x + back:g} {tip_y - 10:g}L{tip_x:g} {tip_y:g}L{tip_x + back:g} {tip_y + 10:g}"
    else:
        back = -12 if dy > 0 else 12
        head = f"M{tip_x - 10:g} {tip_y + back:g}L{tip_x:g} {tip_y:g}L{tip_x + 10:g} {tip_y + back:g}"
    return path("d-act", f"M{x:g} {y:g}L{tip_x:g} {tip_y:g}{head}")


def station(x: float = 22, *, lit: bool = True, socket: bool = True) -> str:
    """A wallbox with a display, a lamp and a socket."""
    lamp = disc("d-lamp" if lit else "d-off", x + 68, 34, 6)
    face = box("d-dark" if not lit else "d-body", x + 16, 26, 40, 16, 3)
    outlet = disc("d-dark", x + 45, 96, 25) + _pins(x + 45, 96) if socket else ""
    return box("d-body", x, 12, 90, 140, 14) + face + lamp + outlet


def _pins(x: float, y: float) -> str:
    places = ((-9, -7), (9, -7), (-12, 3), (12, 3), (0, 3), (-6, 13), (6, 13))
    return "".join(disc("d-ink", x + dx, y + dy, 3) for dx, dy in places)


def plug(x: float, y: float = 96) -> str:
    """A plug that points to the left, its tip at (x, y), with the beginning of its cable."""
    body = f"M{x:g} {y - 18:g}h24l12 8v20l-12 8h-24z"
    return path("d-dark", body) + path("d-thin", f"M{x:g} {y - 9:g}h-9M{x:g} {y:g}h-9M{x:g} {y + 9:g}h-9")


def car(x: float = 196, y: float = 0) -> str:
    """A car from the side, its inlet at the left."""
    shape = (
        f"M{x:g} {y + 126:g}v-22q0-9 9-11l16-4 15-23q4-6 12-6h28q8 0 13 6l14 22q9 2 9 11v27h-12"
        f"a12 12 0 0 0-24 0h-40a12 12 0 0 0-24 0z"
    )
    windows = f"M{x + 36:g} {y + 88:g}l11-17q2-3 6-3h10v20zM{x + 70:g} {y + 68:g}h10q5 0 7 3l10 17h-27z"
    wheels = disc("d-ink", x + 28, y + 128, 9) + disc("d-ink", x + 92, y + 128, 9)
    return path("d-body", shape) + path("d-thin", windows) + wheels + disc("d-dark", x + 9, y + 108, 5)


def cable(from_x: float, to_x: float, y: float = 96, end_y: float = 108, sag: float = 44) -> str:
    """A cable that hangs between two ends."""
    third = (to_x - from_x) / 3
    return path(
        "d-line",
        f"M{from_x:g} {y:g}C{from_x + third:g} {y + sag:g} {to_x - third:g} {end_y + sag:g} {to_x:g} {end_y:g}",
    )


def joined() -> str:
    """Station and car, the cable plugged in at both."""
    return station() + plug(62) + cable(98, 202) + car()


def eye(x: float, y: float) -> str:
    """Look."""
    lids = path("d-act", f"M{x - 26:g} {y:g}q26-26 52 0q-26 26-52 0z")
    return lids + disc("d-actfill", x, y, 8)


def hand(x: float, y: float) -> str:
    """A fingertip that presses to the left, its tip at (x, y)."""
    finger = f"M{x + 86:g} {y - 26:g}h-32l-8 12h-40a10 10 0 0 0 0 20h30M{x + 86:g} {y + 34:g}h-34q-16 0-16-16v-6"
    return path("d-body", f"M{x + 86:g} {y - 26:g}h-32l-8 12h-40a10 10 0 0 0 0 20h30v12q0 16 16 16h34z") + path(
        "d-line", finger
    )


def cross(x: float, y: float, r: float = 13) -> str:
    """No."""
    return path("d-act", f"M{x - r:g} {y - r:g}l{2 * r:g} {2 * r:g}M{x - r:g} {y + r:g}l{2 * r:g} {-2 * r:g}")


def tick(x: float, y: float) -> str:
    """Yes."""
    return path("d-act", f"M{x - 14:g} {y:g}l10 11 20-24")


def bolt(x: float, y: float) -> str:
    """Energy."""
    return path("d-actfill", f"M{x + 5:g} {y - 22:g}l-18 26h11l-5 20 19-27h-12z")


def lever(x: float, y: float, *, up: bool) -> str:
    """A circuit breaker with its lever up (on) or down (off)."""
    words = "ON" if up else "OFF"
    knob_y = y + 18 if up else y + 62
    return (
        box("d-body", x, y, 70, 120, 6)
        + box("d-dark", x + 21, y + 14, 28, 76, 4)
        + box("d-lamp" if up else "d-red", x + 17, knob_y, 36, 24, 4)
        + text(x + 35, y + 111, words, "d-small")
    )


def knob(x: float, y: float, words: str) -> str:
    """A knob to be set to something, with what it sets."""
    marks = path("d-thin", f"M{x - 38:g} {y + 22:g}A44 44 0 1 1 {x + 38:g} {y + 22:g}")
    pointer = path("d-act", f"M{x:g} {y:g}L{x + 22:g} {y - 22:g}")
    return marks + disc("d-dark", x, y, 30) + pointer + text(x, y + 58, words)


def terminals(x: float, y: float, upper: str, lower: str) -> str:
    """Two wires that go from the station's side to the car's, by name."""
    return (
        path("d-line", f"M{x:g} {y:g}h220M{x:g} {y + 70:g}h220")
        + text(x - 22, y + 7, upper)
        + text(x - 22, y + 77, lower)
        + "".join(disc("d-ink", at_x, at_y, 5) for at_x in (x, x + 220) for at_y in (y, y + 70))
    )
