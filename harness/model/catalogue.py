"""The case catalogue: what each test case asks, where that is written, and what it takes to run it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from harness.conditions import ConditionError, parse_condition
from harness.model.pixit import NAMES
from harness.model.station import Text, Version
from harness.model.strict import Matches, MisfitError, ModelError, NonEmpty, Problem, Range, nearest, parse

Stimulus = Literal[
    "power_cycle", "plug", "unplug", "rfid", "time_wait", "fault", "ev_suspend", "network_cut", "firmware_server",
    "tls", "panel", "other",
]  # fmt: skip
"""What the bench or a person does to the station in a case."""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One case. OCA's ids where the case is OCA's (TC_...), ours where it adds a measurement (HIL_...) or a provocation (ROB_...).

    `requirement`: what is required, in our own words, with requirement ids; `section`: document and section that say so.
    `condition`: PICS expression (harness.conditions), empty for every station. `roles`: bench roles without which the
    case cannot run; `effect_roles`: further roles without which the messages can be judged but their effect is not seen.
    `pixit`: items the case needs. `duration_s`: expected time on the run's clock. `credentials`: the case handles secrets.
    `hazardous`: it makes a condition that a bench must be fit for; it runs only when the run is armed.
    `scope`: a case of the station as a whole (its boot, configuration, reset) runs once, one of an EVSE on every EVSE under test.
    `changes_credentials`: it changes a password, certificate or security profile of the station; such cases come last.
    """

    id: Annotated[str, Matches(r"(TC|HIL|ROB)(_[A-Za-z0-9]+)+", "a case id, e.g. TC_010_CS or HIL_F_01")]
    title: Text
    ocpp: Annotated[tuple[Version, ...], NonEmpty()]
    requirement: Text
    section: Text
    duration_s: Annotated[float, Range(0.1, 86400)]
    condition: str = ""
    roles: tuple[Text, ...] = ()
    effect_roles: tuple[Text, ...] = ()
    pixit: tuple[Text, ...] = ()
    profile: str = "Core"
    stimuli: tuple[Stimulus, ...] = ()
    credentials: bool = False
    hazardous: bool = False
    scope: Literal["evse", "station"] = "evse"
    changes_credentials: bool = False

    def __post_init__(self) -> None:
        for name in ("ocpp", "roles", "effect_roles", "pixit", "stimuli"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise MisfitError(f"{self.id}: {name} holds a value twice", "name each once")
        for item in self.pixit:
            if item not in NAMES:
                raise MisfitError(f"{self.id}: {item!r} is no PIXIT item", nearest(item, NAMES))
        for role in self.effect_roles:
            if role in self.roles:
                raise MisfitError(f"{self.id}: role {role} is in roles and in effect_roles", "keep it in one of them")
        if self.condition:
            try:
                parse_condition(self.condition)
            except ConditionError as error:
                raise MisfitError(f"{self.id}: {error}", "correct the condition at that column") from None


@dataclass(frozen=True, slots=True)
class _File:
    case: Annotated[tuple[CaseEntry, ...], NonEmpty()]


def load_catalogue(text: str, source: str, known_roles: Collection[str] | None = None) -> tuple[CaseEntry, ...]:
    """Read one catalogue file (TOML text). With `known_roles`, a role that no bench knows is a problem too.

    Raises harness.model.strict.ModelError with every problem found.
    """
    cases = parse(_File, text, source).case
    problems = _repeated(cases)
    if known_roles is not None:
        problems += [
            Problem(case.id, f"{role!r} is no role of a bench", nearest(role, tuple(known_roles)))
            for case in cases
            for role in (*case.roles, *case.effect_roles)
            if role not in known_roles
        ]
    if problems:
        raise ModelError(source, tuple(problems))
    return cases


def join_catalogues(files: dict[str, tuple[CaseEntry, ...]]) -> dict[str, CaseEntry]:
    """All cases of several catalogue files by id. Raises ModelError when an id is in two files, naming both."""
    joined: dict[str, CaseEntry] = {}
    origin: dict[str, str] = {}
    for source, cases in files.items():
        for case in cases:
            if case.id in joined:
                problem = Problem(case.id, f"already a case of {origin[case.id]}", "give one of them another id")
                raise ModelError(source, (problem,))
            joined[case.id] = case
            origin[case.id] = source
    return joined


def _repeated(cases: tuple[CaseEntry, ...]) -> list[Problem]:
    ids = [case.id for case in cases]
    twice = sorted({case_id for case_id in ids if ids.count(case_id) > 1})
    return [Problem(case_id, "stands twice in this file", "give one of them another id") for case_id in twice]
