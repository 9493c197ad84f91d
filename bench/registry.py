"""Drivers by name. A driver registers itself with one decorator and declares what it plays, needs and rests on."""

import enum
import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bench import drivers as driver_package
from bench.clock import Clock
from bench.errors import BenchError
from bench.links.link import Link
from bench.roles import ROLES, Instrument
from bench.verbs import listed
from harness.model.strict import build, nearest
from harness.model.topology import InstrumentEntry

LinkKind = Literal["visa", "modbus", "line", "process", "command", "terminal"]
C = TypeVar("C", bound=type[Instrument])

_LINKS: dict[LinkKind, tuple[str, str]] = {
    "visa": ("bench.links.visa", "VisaLink"),
    "modbus": ("bench.links.modbus", "ModbusLink"),
    "line": ("bench.links.line", "LineLink"),
    "process": ("bench.links.process", "ProcessLink"),
    "command": ("bench.links.command", "open_link"),
    "terminal": ("bench.links.terminal", "TerminalLink"),
}


class Standing(enum.Enum):
    """What a driver has been tried on. None claims hardware that it has not met."""

    HARDWARE = "exercised on hardware"
    VIRTUAL = "exercised on the virtual bench only"
    EXPERIMENTAL = "experimental: rests on memory or on unverified code"


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """A registered driver. `source` is where its dialogue was read, with the confidence that this gives.

    `selective`: it does only the verbs that its bench file lists in `[instrument.options.verbs]` (bench/verbs.py), or
    where the driver itself names them in `verbs`, those.
    `link_settings`: what its link is made with beside name, address and time-out, e.g. another `probe`.
    """

    name: str
    roles: tuple[str, ...]
    link: LinkKind
    options: type[object]
    standing: Standing
    source: str
    make: Callable[..., Instrument]
    selective: bool = False
    link_settings: Mapping[str, Any] = field(default_factory=dict)
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoOptions:
    """For drivers that take none."""


_DRIVERS: dict[str, DriverInfo] = {}
_UNAVAILABLE: dict[str, str] = {}


def driver(
    name: str,
    *,
    roles: tuple[str, ...],
    link: LinkKind,
    standing: Standing,
    source: str,
    options: type[object] = NoOptions,
    selective: bool = False,
    link_settings: Mapping[str, Any] | None = None,
    verbs: tuple[str, ...] = (),
) -> Callable[[C], C]:
    """Register the decorated class under `name`. Raises BenchError for a role that does not exist or a name taken."""

    def register(cls: C) -> C:
        for role in roles:
            if role not in ROLES:
                raise BenchError(f"driver {name!r} plays {role!r}. Cure: {nearest(role, tuple(ROLES))}")
        if name in _DRIVERS and _DRIVERS[name].make.__qualname__ != cls.__qualname__:
            raise BenchError(f"two drivers are named {name!r}. Cure: rename one")
        _DRIVERS[name] = DriverInfo(
            name, roles, link, options, standing, source, cls, selective, dict(link_settings or {}), verbs
        )
        return cls

    return register


def unavailable(name: str, reason: str) -> None:
    """Register that the driver `name` cannot be used here, and why: its absence is then explained, not guessed."""
    _UNAVAILABLE[name] = reason


def drivers() -> dict[str, DriverInfo]:
    """All drivers that can be used, by name."""
    _load()
    return dict(sorted(_DRIVERS.items()))


def find(name: str) -> DriverInfo:
    """The driver of this name. Raises BenchError with the nearest name and all valid ones, or the reason of absence."""
    known = drivers()
    if name in known:
        return known[name]
    if name in _UNAVAILABLE:
        raise BenchError(f"driver {name!r} cannot be used here: {_UNAVAILABLE[name]}. Cure: make setup")
    raise BenchError(f"no driver is named {name!r}. Cure: {nearest(name, tuple(known))}")


def does(entry: InstrumentEntry, method: str, args: Mapping[str, Any]) -> bool:
    """Whether an instrument as described does this method with these arguments, as far as its description tells."""
    info = drivers().get(entry.driver)
    if info is None or not info.selective:
        return True
    verbs = info.verbs or tuple(entry.options.get("verbs", {}))
    return listed(verbs, method, args) is not None


def create(entry: InstrumentEntry, address: str, clock: Clock, bench_file: str) -> Instrument:
    """Make the driver that `entry` asks for, on a link to `address`; nothing is sent yet.

    Raises BenchError (or ModelError for its options) when driver, roles, options, address or uncertainties do not fit.
    """
    info = find(entry.driver)
    for role in entry.roles:
        if role not in info.roles:
            valid = nearest(role, info.roles)
            raise BenchError(f"{bench_file}: {entry.name}: driver {info.name!r} plays no {role!r}. Cure: {valid}")
    options = build(info.options, entry.options, f"{bench_file}: options of {entry.name}")
    make_link = _link_maker(info)
    try:
        instrument = info.make(entry, make_link(entry.name, address, entry.timeout_s), clock, options)
    except BenchError as error:
        raise BenchError("\n".join(f"{bench_file}: {line}" for line in str(error).splitlines())) from None
    _check_uncertainty(entry, instrument, bench_file)
    return instrument


def _check_uncertainty(entry: InstrumentEntry, instrument: Instrument, bench_file: str) -> None:
    measures: tuple[str, ...] = getattr(instrument, "measures", ())
    missing = [kind for kind in measures if kind not in entry.uncertainty]
    if missing:
        cure = " and ".join(f"[instrument.uncertainty.{kind}]" for kind in missing)
        what = f"{entry.name} measures {', '.join(missing)} without a stated accuracy"
        raise BenchError(f"{bench_file}: {what}. Cure: add {cure} from its data sheet or calibration")


def _link_maker(info: DriverInfo) -> Callable[[str, str, float], Link]:
    module, name = _LINKS[info.link]
    try:
        found: Callable[[str, str, float], Link] = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise BenchError(f"driver {info.name!r} needs the {info.link} link: {error}. Cure: make setup") from None
    return functools.partial(found, **info.link_settings) if info.link_settings else found


def _load() -> None:
    for module in pkgutil.iter_modules(driver_package.__path__):
        if not module.ispkg and module.name not in _UNAVAILABLE:
            try:
                importlib.import_module(f"{driver_package.__name__}.{module.name}")
            except ImportError as error:
                unavailable(module.name, str(error))
