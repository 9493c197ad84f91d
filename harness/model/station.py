"""The description of the station under test: what it is, what it can (PICS), what a test must know of it (PIXIT)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from harness.model.overlay import Layer, Overlaid, overlay
from harness.model.pics import Answer, Pics
from harness.model.pixit import TOKENS, Pixit
from harness.model.strict import Matches, MisfitError, ModelError, NonEmpty, Problem, Range, build, joined, parse_table

Version = Literal["1.6", "2.0.1", "2.1"]

ConnectorType = Literal[
    "cCCS1", "cCCS2", "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A",
    "s309-3P-32A", "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A", "Other1PhOver16A", "Other3Ph",
    "Pan", "wInductive", "wResonant", "Undetermined", "Unknown",
]  # fmt: skip
"""ConnectorEnumType (OCPP 2.0.1 Edition 3 Part 2, 3.22): c is a captive cable, s a socket."""

Text = Annotated[str, NonEmpty()]
Id = Annotated[int, Range(1, 1000)]

_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_MAX_ID_TAG_16 = 20
_PROFILE_ITEMS = ("1.6-SecurityProfile", "2.0.1-SecurityProfile")
"""They follow from `security_profile`; nobody has to answer them."""
_EVSES_ITEM = "HFS-8"
"""The number of EVSEs: as many as are described."""
_USUAL_CABLE_A, _LARGEST_CABLE_A = 32.0, 63.0
"""Ratings that a plug's resistor codes (IEC 61851-1, second hand); there are 13 and 20 A, too, and none beyond."""
_WITHOUT_CABLE = ("Pan", "wInductive", "wResonant")


@dataclass(frozen=True, slots=True)
class Connector:
    """One outlet of an EVSE. `lock`: the station can lock the plug."""

    id: Id
    type: ConnectorType
    fixed_cable: bool
    lock: bool = False

    def __post_init__(self) -> None:
        if self.type[0] in "cs" and self.fixed_cable != (self.type[0] == "c"):
            kind = "a captive cable" if self.type[0] == "c" else "a socket"
            raise MisfitError(
                f"{self.type} is {kind}, but fixed_cable is {str(self.fixed_cable).lower()}", "correct one"
            )


@dataclass(frozen=True, slots=True)
class StationMeter:
    """The station's own meter: its class, the error it may have (`mpe_percent` either way), and what says so.

    `resolution_wh` is the step of the register as the station reports it; `location` where the register counts.
    """

    energy_class: Text
    mpe_percent: Annotated[float, Range(0.01, 20)]
    source: Text
    resolution_wh: Annotated[float, Range(0.0001, 1000)] = 1.0
    location: Literal["Outlet", "Inlet", "Cable", "Body"] = "Outlet"


@dataclass(frozen=True, slots=True)
class Evse:
    """One EVSE with its connectors and rating (per phase)."""

    id: Id
    connectors: Annotated[tuple[Connector, ...], NonEmpty()]
    rated_current_a: Annotated[float, Range(1, 1000)]
    phases: Literal[1, 2, 3]
    meter: StationMeter | None = None

    def __post_init__(self) -> None:
        _numbered("connector", [connector.id for connector in self.connectors])

    @property
    def cable_a(self) -> float:
        """Rating of the cable that an EV is plugged in with where a case names none: it must not be what limits the current."""
        return _USUAL_CABLE_A if self.rated_current_a <= _USUAL_CABLE_A else _LARGEST_CABLE_A


@dataclass(frozen=True, slots=True)
class Deviation:
    """A known failure, excused as long as it is exactly this: `step` and `observed` are matched, `link` is its ticket."""

    case: Annotated[str, Matches(r"(TC|HIL|ROB)_[A-Za-z0-9_]+", "a case id, e.g. TC_010_CS")]
    step: Text
    observed: Text
    reason: Text
    link: Text


@dataclass(frozen=True, slots=True)
class Station:
    """The station under test. `password` is the Basic-auth password, or `env:NAME` to be taken from the environment."""

    identity: Annotated[
        str, Matches(r"[A-Za-z0-9*_=:+|@.-]{1,48}", "1 to 48 characters of A-Z a-z 0-9 * - _ = : + | @ .")
    ]
    vendor: Text
    model: Text
    ocpp: Annotated[tuple[Version, ...], NonEmpty()]
    evse: Annotated[tuple[Evse, ...], NonEmpty()]
    firmware: str = ""
    serial: str = ""
    security_profile: Literal[0, 1, 2, 3] = 0
    password: str | None = field(default=None, repr=False)
    pics: Pics = field(default_factory=Pics)
    pixit: Pixit = field(default_factory=Pixit)
    deviation: tuple[Deviation, ...] = ()
    virtual: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _numbered("evse", [evse.id for evse in self.evse])
        if len(set(self.ocpp)) < len(self.ocpp):
            raise MisfitError("ocpp names a version twice", "name each once")
        if self.security_profile in {1, 2} and not self.password:
            raise MisfitError(
                f"security profile {self.security_profile} needs a password", 'add password = "env:STATION_PASSWORD"'
            )
        self._check_tokens()
        self._check_pics()

    def resolve_password(self, environment: Mapping[str, str]) -> str | None:
        """The password itself. Raises ModelError when it is to come from a variable that `environment` lacks."""
        match = _ENVIRONMENT.fullmatch(self.password or "")
        if match is None:
            return self.password
        if not environment.get(match[1]):
            problem = Problem("password", f"{match[1]} is not set in the environment", f"export {match[1]}=...")
            raise ModelError(f"station {self.identity}", (problem,))
        return environment[match[1]]

    def evse_by_id(self, evse_id: int) -> Evse:
        """One EVSE. Raises KeyError for an id that the station does not have."""
        for evse in self.evse:
            if evse.id == evse_id:
                return evse
        raise KeyError(f"station {self.identity} has no EVSE {evse_id}; it has {[evse.id for evse in self.evse]}")

    def connector_numbers16(self, evse_id: int) -> tuple[int, ...]:
        """The connectorIds of an EVSE in OCPP 1.6 (edition 2, 3.8: counted over the station); none for an EVSE that it does not have."""
        first = 1 + sum(len(evse.connectors) for evse in self.evse if evse.id < evse_id)
        count = sum(len(evse.connectors) for evse in self.evse if evse.id == evse_id)
        return tuple(range(first, first + count))

    def _check_tokens(self) -> None:
        if "1.6" not in self.ocpp:
            return
        for name in TOKENS:
            token = getattr(self.pixit, name)
            if token is not None and len(token) > _MAX_ID_TAG_16:
                raise MisfitError(
                    f"pixit.{name} has {len(token)} characters; OCPP 1.6 takes {_MAX_ID_TAG_16} (IdToken)",
                    'shorten it, or drop "1.6" from ocpp',
                )

    def _check_pics(self) -> None:
        """Answers that the description itself decides must agree with it (Part 5, table 4)."""
        connectors = [connector for evse in self.evse for connector in evse.connectors]
        cables = {connector.fixed_cable for connector in connectors if connector.type not in _WITHOUT_CABLE}
        phases = {evse.phases for evse in self.evse}
        facts: dict[str, Answer] = {"HFS-1": False in cables, "HFS-2": True in cables, _EVSES_ITEM: len(self.evse)}
        if 3 in phases:
            facts["HFS-7"] = True
        profile = dict.fromkeys(_PROFILE_ITEMS, self.security_profile)
        facts |= profile
        for item, fact in facts.items():
            answer = self.pics.answer(item)
            if answer is not None and answer != fact:
                said = "security_profile" if item in _PROFILE_ITEMS else "[[evse]]"
                raise MisfitError(
                    f"pics.{item} is answered {_shown(answer)}, but {said} says {_shown(fact)}", "correct one of them"
                )
        unasked = profile | {_EVSES_ITEM: len(self.evse)}
        if any(self.pics.answer(item) is None for item in unasked):
            answers = {**self.pics.answers, **unasked}
            object.__setattr__(self, "pics", Pics(answers, self.pics.source))


def load_station(text: str, source: str) -> Station:
    """Read a station file (TOML text) that stands alone; `source` names it in errors and in the reasons of the selection.

    Raises harness.model.strict.ModelError with every problem found.
    """
    return station_of(overlay([Layer(source, parse_table(text, source))]))


def station_of(merged: Overlaid) -> Station:
    """The station that a description says, laid over its bases. Raises ModelError with every problem and the file it stands in."""
    data = dict(merged.table)
    answers, problems = _answers(data.pop("pics", {}), merged)
    try:
        station = build(Station, {**data, "pics": {"answers": answers, "source": merged.source}}, merged.source)
    except ModelError as error:
        raise ModelError(merged.source, (*merged.located(error).problems, *problems)) from None
    if problems:
        raise ModelError(merged.source, tuple(problems))
    return station


def _answers(table: object, merged: Overlaid) -> tuple[dict[str, Answer], list[Problem]]:
    """The usable answers of a [pics] table, and what is wrong with the others."""
    if not isinstance(table, dict):
        return {}, [Problem("pics", f"expected a table, found {table!r}", "write it as [pics]")]
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for item, given in table.items():
        answer = tuple(given) if isinstance(given, list) else given
        try:
            Pics({item: answer}, merged.source)
        except MisfitError as misfit:
            origin = merged.origin(joined("pics", item))
            problems.append(Problem("pics", misfit.what, misfit.cure, origin if origin != merged.source else ""))
        else:
            answers[item] = answer
    return answers, problems


def _numbered(what: str, ids: list[int]) -> None:
    """EVSEs, and the connectors of each, are numbered from 1 without a gap (OCPP 2.0.1 Part 1, chapter 7)."""
    if sorted(ids) != list(range(1, len(ids) + 1)):
        raise MisfitError(f"{what} ids are {ids}", f"number them from 1 to {len(ids)} without a gap")


def _shown(answer: Answer) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
