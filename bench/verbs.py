"""The verbs of a bench file: one name for everything an instrument can be told to do or be asked.

A verb is a method of a role (`bench.roles`), in general (`press`, with a place for the button) or for one value
(`press_stop`); a bench file may list either, and the one for the value goes first. `identify` belongs to every role.
"""

import inspect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from bench.roles import BUTTONS, CUTS, FAULT_KINDS, ROLES, Instrument, PilotState
from harness.model.strict import nearest

_TOLD_ROLES = (
    "ac_source", "ev_simulator", "relay_board", "id_reader", "panel", "fault_injector", "lock_sensor", "parking_bay",
    "network_cutter",
)  # fmt: skip
_SWITCH = {"on": True, "off": False}
_CHOICES: dict[str, Mapping[str, Any]] = {
    "on": _SWITCH,
    "polite": _SWITCH,
    "button": {button: button for button in BUTTONS},
    "kind": {kind: kind for kind in FAULT_KINDS},
    "how": {how: how for how in CUTS},
}
_PLAIN = {"how": "drop"}
"""Arguments that a general verb does not leave open: `cut` is the silent one, what else a network can do has a verb of its own."""
_SPOKEN = {
    "plug": "plug_in", "unplug_ev": "unplug_ev_side", "suspend": "request_energy_off", "resume": "request_energy_on",
    "present_tag": "present", "tag": "present", "rfid": "present", "swipe": "present", "stop": "press_stop",
    "emergency_stop": "press_emergency_stop", "current": "set_demand", "set_current": "set_demand",
    "phases": "set_phases", "power_factor": "set_power_factor", "fault": "inject", "fault_clear": "clear",
    "clear_fault": "clear", "lock_state": "locked", "lock": "locked", "bay_occupy": "occupy", "bay_leave": "leave",
    "power_on": "output_on", "power_off": "output_off", "network_off": "cut", "network_on": "restore",
    "idn": "identify",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: the method behind it, the arguments that it leaves open, those that it fixes, and what it answers."""

    name: str
    role: str
    method: str
    open: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    answers: object = None


IDENTIFY = Verb("identify", "", "identify", (), answers=str)


def _verbs_of(role: str) -> Iterable[Verb]:
    shared = vars(Instrument)
    for method, function in vars(ROLES[role]).items():
        if method in shared or not inspect.iscoroutinefunction(function):
            continue
        arguments = tuple(inspect.signature(function).parameters)[1:]
        answers = get_type_hints(function)["return"]
        answers = None if answers is type(None) else answers
        fixed = {name: value for name, value in _PLAIN.items() if name in arguments}
        yield Verb(method, role, method, tuple(name for name in arguments if name not in fixed), fixed, answers)
        for argument in (name for name in arguments if name in _CHOICES):
            left = tuple(name for name in arguments if name != argument)
            for word, value in _CHOICES[argument].items():
                if fixed.get(argument) != value:
                    yield Verb(f"{method}_{word}", role, method, left, {argument: value}, answers)


VERBS: dict[str, Verb] = {
    verb.name: verb for verb in (IDENTIFY, *(verb for role in _TOLD_ROLES for verb in _verbs_of(role)))
}
"""All verbs by name."""

SAMPLES: dict[str, Any] = {
    "cable_rating_a": 32.0,
    "current_a": 16.0,
    "phases": 3,
    "power_factor": 0.95,
    "on": True,
    "polite": True,
    "token": "04A1B2C3",
    "button": "stop",
    "kind": "ground_failure",
    "channel": 1,
    "volts": 230.0,
    "phase": 1,
    "hertz": 50.0,
    "share": 0.4,
    "duration_s": 0.1,
    "ohm": 10000.0,
    "evse": 1,
}
"""A value for each argument there is, to show what would be sent."""

_UNDONE_BY: tuple[tuple[str, str], ...] = (
    ("plug_in", "unplug"),
    ("request_energy_on", "request_energy_off"),
    ("output_off", "output_on"),
    ("inject", "clear"),
    ("occupy", "leave"),
    ("cut", "restore"),
    ("cut_reset", "restore"),
    ("cut_refuse", "restore"),
    ("set_pilot_short_on", "set_pilot_short_off"),
    ("set_diode_bypass_on", "set_diode_bypass_off"),
    ("set_pilot_open_on", "set_pilot_open_off"),
    ("set_ventilation_on", "set_ventilation_off"),
)

ANSWERS: dict[object, str] = {bool: "true or false", PilotState: "a pilot state, A to F", str: "a text"}
"""What a query gives, in words."""


def names(method: str, args: Mapping[str, Any]) -> tuple[str, ...]:
    """The verbs that would do this method with these arguments, the most special one first."""
    special = [verb.name for verb in VERBS.values() if verb.method == method and verb.fixed and _fits(verb, args)]
    general = VERBS.get(method)
    if method in special or (general is not None and not _fits(general, args)):
        return tuple(sorted(special, key=lambda name: name == method))
    return (*special, method)


def _fits(verb: Verb, args: Mapping[str, Any]) -> bool:
    return all(args.get(name, _PLAIN.get(name)) == value for name, value in verb.fixed.items())


def listed(verbs: Collection[str], method: str, args: Mapping[str, Any]) -> str | None:
    """Of `verbs`, the one that does this method with these arguments; None when none does."""
    return next((name for name in names(method, args) if name in verbs), None)


def misnamed(name: str) -> str:
    """The cure for a verb that does not exist."""
    if name in _SPOKEN:
        return f"it is called {_SPOKEN[name]!r} here"
    return nearest(name, tuple(VERBS))


def problems(verbs: Collection[str], roles: tuple[str, ...]) -> list[str]:
    """What is wrong with a list of verbs for an instrument of these roles, each with its cure."""
    found = [f"verbs.{name}: there is no such verb. Cure: {misnamed(name)}" for name in verbs if name not in VERBS]
    known = [VERBS[name] for name in verbs if name in VERBS]
    for role in roles:
        if role in _TOLD_ROLES and not any(verb.role == role for verb in known):
            valid = ", ".join(verb.name for verb in VERBS.values() if verb.role == role)
            found.append(f"roles has {role!r}, and no verb of it is listed. Cure: add one of {valid}, or leave it out")
    found += [
        f"verbs.{verb.name} is of the role {verb.role!r}. Cure: add that to roles, or leave it out"
        for verb in known
        if verb.role and verb.role not in roles
    ]
    if "identify" not in verbs:
        found.append(
            "verbs.identify is missing: nothing else tells whether it is there. "
            "Cure: add [instrument.options.verbs.identify] with a question that changes nothing"
        )
    return found + [_one_way(verb, other) for verb, other in _UNDONE_BY if _does(verbs, verb, other)]


def _does(verbs: Collection[str], verb: str, other: str) -> bool:
    """Whether the one is listed, in general or for any value, and what undoes it is not."""
    done = any(name == verb or (verb == "inject" and name.startswith("inject_")) for name in verbs)
    return done and not {other, VERBS[other].method} & set(verbs)


def _one_way(verb: str, other: str) -> str:
    return f"verbs.{verb} cannot be undone: no {other} is listed. Cure: add [instrument.options.verbs.{other}]"
