"""What a person at the bench is asked to do, drawn: one picture for each verb that has words (bench.drivers.operator_words)."""

from markupsafe import Markup

from reports.console.shapes import (
    arrow,
    bolt,
    box,
    cable,
    car,
    cross,
    disc,
    eye,
    hand,
    joined,
    knob,
    lever,
    path,
    plug,
    station,
    terminals,
    text,
    tick,
)


def _car_asks(sign: str) -> str:
    return joined() + sign


def _wave(d: str, after: str = "") -> str:
    return box("d-body", 40, 22, 240, 126, 8) + path("d-thin", "M60 122h200M60 122V40") + path("d-act", d) + after


def _wires(upper: str, lower: str, sign: str) -> str:
    return terminals(62, 50, upper, lower) + sign


def _pair(name: str) -> str:
    """The lower of two wires; the upper one, of this name, is drawn apart."""
    ends = "".join(disc("d-ink", x, y, 5) for x, y in ((62, 50), (282, 50), (62, 120), (282, 120)))
    return path("d-line", "M62 120h220") + ends + text(40, 57, name) + text(40, 127, "PE")


def _button(fill: str, words: str, motion: str) -> str:
    return box("d-body", 22, 12, 120, 146, 14) + disc(fill, 82, 76, 30) + text(82, 138, words, "d-small") + motion


def _bay(inside: bool) -> str:
    ground = path("d-line", "M16 150h288") + path("d-thin", "M126 150V96M304 150V96")
    place = car(164, 12) if inside else car(4, 12)
    sensor = disc("d-lamp" if inside else "d-off", 214, 30, 9) + path("d-thin", "M214 40v14")
    motion = arrow(70, 60, 70) if inside else arrow(196, 110, -62)
    return ground + place + sensor + motion + text(286, 60, "P")


def _relay(on: bool, words: str = "") -> str:
    contact = "M120 85L200 85" if on else "M120 85L194 46"
    lamp = disc("d-lamp" if on else "d-off", 262, 42, 10)
    return (
        box("d-body", 30, 18, 260, 134, 10)
        + path("d-line", "M50 85h70M200 85h70")
        + path("d-act", contact)
        + disc("d-ink", 120, 85, 6)
        + disc("d-ink", 200, 85, 6)
        + lamp
        + text(160, 136, words or ("ON" if on else "OFF"), "d-small")
    )


def _network(sign: str) -> str:
    cloud = "M214 116q-24 0-24-22 0-20 20-22 4-28 34-28 26 0 34 22 28 2 28 26 0 24-26 24z"
    return (
        station(socket=False)
        + path("d-line", "M112 94H190")
        + path("d-body", cloud)
        + text(248, 100, "CSMS", "d-small")
        + sign
    )


def _supply(sign: str, *, up: bool) -> str:
    return lever(40, 24, up=up) + path("d-line", "M110 84h66") + station(190, lit=up, socket=False) + sign


def _warning(x: float, y: float) -> str:
    return path("d-act", f"M{x} {y - 34}l38 66h-76z") + text(x, y + 24, "!", "d-acttext")


_FAN = "M252 40q0-22 14-22 12 0 8 14-4 10-22 8zM252 40q22 0 22 14 0 12-14 8-10-4-8-22zM252 40q0 22-14 22-12 0-8-14 4-10 22-8zM252 40q-22 0-22-14 0-12 14-8 10 4 8 22z"
_PWM = "M60 110h10V54h30v56h30V54h30v56h10"

_BY_VERB: dict[str, str] = {
    "plug_in": station() + plug(112) + cable(148, 202) + car() + arrow(168, 40, -62),
    "unplug": station() + plug(124) + cable(160, 202, sag=30) + car() + arrow(108, 40, 62),
    "unplug_ev_side": station(6) + plug(46) + cable(82, 150, end_y=104) + path("d-dark", "M150 94h24v20h-24z") + path("d-thin", "M174 100h8M174 108h8") + car(202) + arrow(206, 40, -58),
    "request_energy_on": _car_asks(bolt(252, 36)),
    "request_energy_off": _car_asks(path("d-act", "M244 20v34M262 20v34")),
    "set_demand": joined() + text(252, 44, "A", "d-acttext") + bolt(222, 36),
    "set_phases": _wave("M60 84q17-50 34 0t34 0 34 0 34 0 34 0", path("d-thin", "M72 84q17-50 34 0t34 0 34 0 34 0") + text(160, 142, "1, 2 or 3 phases", "d-small")),
    "set_power_factor": knob(160, 74, "cos φ"),
    "set_polite_on": _wave(_PWM + "h90", text(160, 142, "no PWM: the car stops", "d-small")),
    "set_polite_off": _wave(_PWM + "h90", bolt(232, 76) + text(160, 142, "no PWM: the car draws on", "d-small")),
    "set_ventilation_on": _car_asks(path("d-actfill", _FAN) + text(298, 46, "D")),
    "set_ventilation_off": _car_asks(path("d-body", _FAN) + cross(252, 40, 24)),
    "set_pilot_short_on": _wires("CP", "PE", path("d-act", "M172 50v70")),
    "set_pilot_short_off": _wires("CP", "PE", path("d-act", "M172 50v14M172 106v14M172 64l26 38")),
    "set_diode_bypass_on": _wires("CP", "PE", path("d-dark", "M150 34l34 16-34 16z") + path("d-line", "M186 34v32") + path("d-act", "M126 50V16h90v34")),
    "set_diode_bypass_off": _wires("CP", "PE", path("d-dark", "M150 34l34 16-34 16z") + path("d-line", "M186 34v32") + path("d-act", "M126 50V16h26M190 16h26v34") + cross(171, 16, 9)),
    "set_pilot_open_on": _pair("CP") + path("d-line", "M62 50h78M204 50h78") + disc("d-ink", 140, 50, 5) + disc("d-ink", 204, 50, 5) + path("d-act", "M140 50L192 20"),
    "set_pilot_open_off": _pair("CP") + path("d-line", "M62 50h78M204 50h78") + disc("d-ink", 140, 50, 5) + disc("d-ink", 204, 50, 5) + path("d-act", "M140 50h64"),
    "set_proximity": _wires("PP", "PE", path("d-act", "M172 50v12l-10 5 20 8-20 8 20 8-20 8 10 5v16") + text(214, 92, "Ω", "d-acttext")),
    "pilot_state": box("d-body", 30, 20, 170, 130, 12) + box("d-dark", 50, 38, 130, 62, 4) + text(115, 77, "A B C D E F") + path("d-line", "M80 124h12M108 124h12M136 124h12") + eye(258, 84),
    "present": station(22, socket=False) + path("d-thin", "M60 86q14 14 0 28M72 78q24 22 0 44M84 70q34 30 0 60") + box("d-dark", 176, 66, 110, 70, 8) + path("d-thin", "M190 88h34M190 100h58") + arrow(236, 40, -86),
    "press_stop": _button("d-red", "STOP", hand(116, 76)),
    "press_emergency_stop": _button("d-red", "EMERGENCY", disc("d-red", 82, 76, 18) + hand(116, 76)),
    "press_emergency_release": _button("d-red", "EMERGENCY", path("d-act", "M124 40a54 54 0 0 1 12 62M136 102l-14-8M136 102l9-14") + text(230, 90, "turn or pull", "d-small")),
    "inject": station() + _warning(222, 84),
    "clear": station() + tick(222, 84),
    "locked": station() + plug(62) + path("d-line", "M98 96h56") + path("d-act", "M168 96h60M216 84l12 12-12 12") + box("d-body", 250, 82, 40, 34, 5) + path("d-line", "M258 82v-12a12 12 0 0 1 24 0v12") + text(270, 44, "?", "d-acttext"),
    "occupy": _bay(inside=True),
    "leave": _bay(inside=False),
    "output_on": _supply(arrow(26, 112, 0, -56), up=True),
    "output_off": _supply(arrow(26, 56, 0, 56), up=False),
    "output_is_on": lever(40, 24, up=True) + eye(190, 70) + text(190, 128, "on or off?", "d-small"),
    "set_voltage": knob(160, 74, "V"),
    "set_frequency": knob(160, 74, "Hz"),
    "dip": _wave("M60 54h70v46h50V54h80", text(160, 142, "V", "d-small")),
    "switch_on": _relay(on=True),
    "switch_off": _relay(on=False),
    "state": _relay(on=True, words="ON or OFF?") + eye(160, 44),
    "cut": _network(cross(150, 94)),
    "cut_reset": _network(cross(150, 94) + text(150, 66, "RST", "d-small")),
    "cut_refuse": _network(path("d-act", "M176 66v56") + arrow(122, 94, 44)),
    "restore": _network(tick(150, 72)),
}  # fmt: skip

DRAWINGS: dict[str, Markup] = {verb: Markup(drawing) for verb, drawing in _BY_VERB.items()}  # noqa: S704 - made here, of no input
"""By verb, the content of an SVG of 320 by 170."""
