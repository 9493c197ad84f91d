"""What can be said of a sampled value without its number."""

from functools import lru_cache
from typing import Any, Literal

import msgspec

REGISTER = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
CURRENT = "Current.Import"
VOLTAGE = "Voltage"
PERIODIC = "Sample.Periodic"

BOUNDS = frozenset({"Transaction.Begin", "Transaction.End"})
"""Contexts of the values at the ends of a transaction."""

_OF_OTHER_TIMES = frozenset({"Transaction.Begin", "Transaction.End", "Interruption.Begin", "Interruption.End"})
_LINES = frozenset({"", "L1", "L2", "L3"})
_LINE_OF = {None: "", "": "", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}
"""A voltage may be told with its neutral."""

_LINE_TO_NEUTRAL = ("L1-N", "L2-N", "L3-N")
_KILO = frozenset({"kWh", "kW"})
_TO_WH = {"Wh": 1.0, "kWh": 1000.0}
_WITHOUT_UNIT = frozenset({"Power.Factor"})

_UNITS = {
    "Energy.Active": {"Wh", "kWh"},
    "Energy.Reactive": {"varh", "kvarh"},
    "Energy.Apparent": {"VAh", "kVAh"},
    "Power.Active": {"W", "kW"},
    "Power.Reactive": {"var", "kvar"},
    "Power.Apparent": {"VA", "kVA"},
    "Power.Offered": {"W", "kW"},
    "Power.Factor": {"Percent", ""},
    "Current.Import": {"A"},
    "Current.Export": {"A"},
    "Current.Offered": {"A"},
    "Voltage": {"V"},
    "Temperature": {"Celsius", "Celcius", "Fahrenheit", "K"},
    "SoC": {"Percent"},
    "Frequency": {"Hertz", "Hz"},
    "RPM": {"RPM", "rpm"},
}
"""Units by the beginning of a measurand's name. `Hz` is what errata 3.86 turns down and the schema rule judges; here it is the right quantity."""

_POSSIBLE = {"Frequency": (10.0, 100.0), "SoC": (0.0, 100.0), "Voltage": (0.0, 1500.0)}
"""The least and the most that a value can be."""

SENTINELS = frozenset(
    {32767.0, 65535.0, 2147483647.0, 4294967295.0, -32768.0, -2147483648.0, 6553.5, 429496729.5, -9999.0}
)
"""What meters say when they know nothing."""

Quantity = Literal["power", "current", "voltage", "register", ""]
_QUANTITIES: dict[str, Quantity] = {POWER: "power", CURRENT: "current", VOLTAGE: "voltage", REGISTER: "register"}


class Kind(msgspec.Struct, eq=False, gc=False):
    """A sampled value without its number.

    `readable`: it is a plain value at the outlet, whose `line` (L1, L2, L3, another phase as told, or empty for all), `context` and `scale` (to
    Wh, W, A or V) are known; `quantity` names one that rules reckon with, at the time itself. `billed`: factors to Wh where it is the whole
    import register. `at_first_sight` tells one from another in a set, `no_text`: with what no set can hold. `known`: another value of this kind is this very object.
    """

    measurand: str
    unit: Any
    phase: str
    readable: bool
    line: str
    context: str
    scale: float
    quantity: Quantity
    billed: tuple[float, float] | None
    bounds: tuple[float, float] | None
    raw: bool
    misfit: bool
    odd_place: bool
    signed: bool
    no_unit: bool
    context_told: str
    periodic: bool
    names: tuple[str, str]
    at_first_sight: Any
    no_text: bool
    known: bool

    @property
    def at_bounds(self) -> bool:
        """Whether it is a reading of an end of the transaction."""
        return self.readable and self.context in BOUNDS


_ABSENT = "\0"
_kinds: dict[tuple[Any, ...], Kind] = {}
_MOST_KINDS = 2000


def kinds_of(listed: list[dict[str, Any]]) -> tuple[Kind, ...]:
    """What these values are. One loop without calls, for this is done with every value of every message."""
    kinds: list[Kind] = []
    for sampled in listed:
        get = sampled.get
        key = (
            get("measurand", _ABSENT),
            get("context", _ABSENT),
            get("format", _ABSENT),
            get("location", _ABSENT),
            get("phase", _ABSENT),
            get("unit", _ABSENT),
        )
        if "unitOfMeasure" in sampled or "signedMeterValue" in sampled:
            key = (*key, *_of_201(sampled))
        try:
            kinds.append(_kinds.get(key) or _learned(key, sampled))
        except TypeError:  # an object or an array where a text belongs: the schema rule says so
            kinds.append(_made(sampled, known=False))
    return tuple(kinds)


def _of_201(sampled: dict[str, Any]) -> tuple[Any, ...]:
    of = sampled.get("unitOfMeasure")
    signed = "signed" if "signedMeterValue" in sampled else _ABSENT
    if type(of) is not dict:
        return signed, _ABSENT
    multiplier = of.get("multiplier", 0)
    # numbers that are equal are not written alike: only a whole one is a kind
    return signed, "of", of.get("unit", _ABSENT), str(multiplier) if type(multiplier) is int else None


def _learned(key: tuple[Any, ...], sampled: dict[str, Any]) -> Kind:
    """Keep a kind whose fields are texts; of others equal ones may not be the same (1, 1.0 and true)."""
    known = all(type(part) is str for part in key)
    kind = _made(sampled, known=known)
    if known:
        if len(_kinds) >= _MOST_KINDS:
            _kinds.clear()
        _kinds[key] = kind
    return kind


def _made(sampled: dict[str, Any], *, known: bool) -> Kind:
    get, of = sampled.get, sampled.get("unitOfMeasure")
    measurand, context, phase = str(get("measurand", REGISTER)), str(get("context", PERIODIC)), str(get("phase", ""))
    unit = of.get("unit") if isinstance(of, dict) else get("unit")
    line, scale = _line_and_scale(sampled) or ("", None)
    readable = scale is not None
    counts = readable and context not in _OF_OTHER_TIMES and line in _LINES
    first_sight = (get("measurand"), get("phase"), get("context"), get("location"), get("unit"))
    no_text = any(isinstance(part, list | dict) for part in first_sight)
    small = measurand.lower()
    return Kind(
        measurand=measurand,
        unit=unit,
        phase=phase,
        readable=readable,
        line=line,
        context=context,
        scale=scale or 0.0,
        quantity=_QUANTITIES.get(measurand, "") if counts else "",
        billed=_billed(sampled),
        bounds=_POSSIBLE.get(measurand),
        raw=get("format", "Raw") == "Raw",
        misfit=isinstance(unit, str) and not fits(measurand, unit),
        odd_place=measurand.startswith("Current.") and phase in _LINE_TO_NEUTRAL,
        signed="signedMeterValue" in sampled or get("format") == "SignedData",
        no_unit=_lacks_unit(sampled),
        context_told=str(get("context")),
        periodic=get("context", PERIODIC) == PERIODIC,
        names=(small, f"{small}.{phase.lower().removesuffix('-n')}"),
        at_first_sight=None if no_text else first_sight,
        no_text=no_text,
        known=known,
    )


def _line_and_scale(sampled: dict[str, Any]) -> tuple[str, float] | None:
    """None for signed data, for what is not measured at the outlet, and for units that nothing can be made of."""
    get = sampled.get
    if get("format", "Raw") != "Raw" or get("location", "Outlet") != "Outlet":
        return None
    unit, phase, scale = get("unit"), get("phase"), 1.0
    try:
        if type(of := get("unitOfMeasure")) is dict:
            unit = of.get("unit")
            scale = 10.0 ** of.get("multiplier", 0)
        if unit in _KILO:
            scale *= 1000.0
        return str(_LINE_OF.get(phase, phase)), scale
    except (TypeError, ValueError, OverflowError):
        return None


def _billed(sampled: dict[str, Any]) -> tuple[float, float] | None:
    """Factors that make Wh of a reading of the whole import register at the outlet; None for any other value."""
    if sampled.get("measurand", REGISTER) != REGISTER or "phase" in sampled:
        return None
    if sampled.get("location", "Outlet") != "Outlet" or sampled.get("format", "Raw") != "Raw":
        return None
    unit, scale = sampled.get("unit", "Wh"), 1.0
    try:
        if isinstance(of := sampled.get("unitOfMeasure"), dict):
            unit, scale = of.get("unit", "Wh"), 10.0 ** int(of.get("multiplier", 0))
        return scale, _TO_WH[str(unit)]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _lacks_unit(sampled: dict[str, Any]) -> bool:
    """A power of OCPP 2.x, whose default unit is that of energy."""
    measurand, of = str(sampled.get("measurand", "")), sampled.get("unitOfMeasure")
    unit = of.get("unit") if isinstance(of, dict) else None
    return measurand.startswith("Power.") and measurand not in _WITHOUT_UNIT and not unit


@lru_cache(maxsize=1024)
def fits(measurand: str, unit: str) -> bool:
    """Whether it is a unit of this measurand; of one that no list here has, any is."""
    kind = next((name for name in _UNITS if measurand == name or measurand.startswith(f"{name}.")), None)
    return kind is None or unit in _UNITS[kind]
