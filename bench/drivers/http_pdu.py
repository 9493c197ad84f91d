"""Network power strips: one outlet of them as the station's mains, switched over HTTP. The models are data (pdus.toml).

Most strips carry 10 or 16 A at most: they switch the mains of a station under light load, or the coil of a contactor
that switches the station's supply.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from bench.clock import Clock
from bench.drivers.commanded import Commanded
from bench.errors import BenchError, VerbAbsent
from bench.links.command import CommandLink
from bench.links.command.http import HttpLink
from bench.links.command.options import CommandedOptions, Done
from bench.registry import Standing, driver
from harness.model.strict import MisfitError, NonEmpty, Range, build, nearest, parse_table
from harness.model.topology import InstrumentEntry

_FILE = Path(__file__).with_name("pdus.toml")
_VERBS = ("identify", "output", "output_is_on")
_ASK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class PduModel:
    """A model as pdus.toml describes it, for one of its outlets."""

    model: Annotated[str, NonEmpty()]
    first_outlet: Annotated[int, Range(0, 1)]
    last_outlet: Annotated[int, Range(0, 64)]
    source: Annotated[str, NonEmpty()]
    confidence: Annotated[str, NonEmpty()]
    identify: Done
    on: Done
    off: Done
    state: Done
    experimental: bool = False

    def verbs(self) -> dict[str, Done]:
        """The same as a bench file's verbs."""
        return {"identify": self.identify, "output_on": self.on, "output_off": self.off, "output_is_on": self.state}


@dataclass(frozen=True, slots=True)
class HttpPduOptions:
    """`model`: a name of pdus.toml. `outlet`: as the maker counts. `settle_s`: how long it may take to tell the new state.

    `user`, and `password_env` (the environment variable that holds the password): for basic authentication.
    """

    model: Annotated[str, NonEmpty()]
    outlet: Annotated[int, Range(0, 64)]
    user: str = ""
    password_env: str = ""
    settle_s: Annotated[float, Range(0, 60)] = 5.0

    def __post_init__(self) -> None:
        if bool(self.user) != bool(self.password_env):
            raise MisfitError("user and password_env go together", "give both, or none where it asks for no password")


def models() -> tuple[str, ...]:
    """Names of all models that pdus.toml describes."""
    return tuple(parse_table(_FILE.read_text(encoding="utf-8"), _FILE.name))


def load_model(name: str, outlet: int) -> PduModel:
    """A model with its places filled for one outlet. Raises BenchError for a model or an outlet that does not exist."""
    table = parse_table(_FILE.read_text(encoding="utf-8"), _FILE.name)
    described = table.get(name)
    if not isinstance(described, dict):
        raise BenchError(f"no power strip is described as {name!r}. Cure: {nearest(name, tuple(table))}")
    first, last = described["first_outlet"], described["last_outlet"]
    if not first <= outlet <= last:
        raise BenchError(f"outlet = {outlet}: {name} counts them from {first}. Cure: give one from {first} to {last}")
    filled = _filled(described, {"<outlet>": outlet, "<position>": outlet - first})
    return build(PduModel, filled, f"{_FILE.name}: {name}")


def _filled(data: Any, places: Mapping[str, int]) -> Any:
    """The same data with its places filled; a text that is one place becomes the number."""
    if isinstance(data, dict):
        return {key: _filled(value, places) for key, value in data.items()}
    if isinstance(data, list):
        return [_filled(item, places) for item in data]
    if not isinstance(data, str) or data in places:
        return places.get(data, data) if isinstance(data, str) else data
    for place, number in places.items():
        data = data.replace(place, str(number))
    return data


@driver(
    "http_pdu",
    roles=("ac_source",),
    link="command",
    standing=Standing.VIRTUAL,
    source="bench/drivers/pdus.toml names source and confidence of each model",
    options=HttpPduOptions,
    selective=True,
    verbs=("identify", "output_on", "output_off", "output_is_on"),
)
class HttpPdu(Commanded):
    """The mains, on or off; voltage and frequency are the grid's. Raises what `Commanded` raises."""

    def __init__(self, entry: InstrumentEntry, link: CommandLink, clock: Clock, options: HttpPduOptions) -> None:
        if not isinstance(link, HttpLink):
            raise BenchError(f"{entry.name}: {entry.address} is no web server. Cure: write http://host or https://host")
        try:
            self._model = load_model(options.model, options.outlet)
        except BenchError as error:
            raise BenchError(f"{entry.name}: {error}") from None
        self._user = options.user
        self._chosen = options
        self._clock = clock
        verbs = self._model.verbs()
        if options.user:
            verbs = {name: _authorised(done) for name, done in verbs.items()}
        super().__init__(entry, link, clock, CommandedOptions(verbs=verbs, secret_env=options.password_env))

    def _read_secret(self, variable: str) -> str:
        password = super()._read_secret(variable)
        return base64.b64encode(f"{self._user}:{password}".encode()).decode() if password else ""

    async def identify(self) -> str:
        """Model and outlet as described, and what it says of itself. Raises InstrumentFault."""
        doubt = f"; experimental: {self._model.confidence}" if self._model.experimental else ""
        return f"{self._chosen.model}, outlet {self._chosen.outlet}: {await super().identify()}{doubt}"

    async def output(self, *, on: bool) -> None:
        """Switch the outlet and wait until it says that it is switched. Raises InstrumentFault."""
        await super().output(on=on)
        deadline = self._clock.time() + self._chosen.settle_s
        while await self.output_is_on() != on:
            if self._clock.time() >= deadline:
                what = f"outlet {self._chosen.outlet} did not switch {'on' if on else 'off'} in {self._chosen.settle_s:g} s"
                raise self._link.fault(what, "check that the outlet is not locked or scheduled in its web page")
            await asyncio.sleep(_ASK_AGAIN_S)

    def _listed(self, method: str, args: Mapping[str, Any]) -> str:
        if method not in _VERBS:
            raise VerbAbsent(self.name, method, "a power strip only switches", "wire a controllable AC source")
        return super()._listed(method, args)


def _authorised(done: Done) -> Done:
    return replace(done, headers={**done.headers, "Authorization": "Basic <secret>"})
