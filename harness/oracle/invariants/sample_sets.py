"""What stands in one set of samples: each value once, power with its unit, signed data that are data."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import OF_METERS, Samples, Trait, samples_of
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_NATURE = ("measurand", "context", "format", "location", "phase", "unit")
_DEFAULTS = {
    "measurand": "Energy.Active.Import.Register",
    "context": "Sample.Periodic",
    "format": "Raw",
    "location": "Outlet",
}
_OF_MANY_PLACES = frozenset({"Temperature", "RPM"})
"""A station has several sensors and fans, and no field to tell one from another."""


def _nature(sampled: dict[str, Any]) -> tuple[str, ...]:
    signed = "signedMeterValue" in sampled
    return (*(str(sampled.get(name, _DEFAULTS.get(name, ""))) for name in _NATURE), str(signed))


def _with(trait: Trait, exchange: Exchange) -> list[Samples]:
    return [one for one in samples_of(exchange) if trait in one.traits]


def _once(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("doubled", exchange):
        yield from _doubles(samples, exchange.record.seq)


def _doubles(samples: Samples, seq: int) -> Iterator[Violation]:
    """They look the same at first sight: whether they are."""
    seen: dict[tuple[str, ...], object] = {}
    for sampled in samples.listed:
        nature = _nature(sampled)
        if nature in seen and nature[0] not in _OF_MANY_PLACES:
            values = "twice" if seen[nature] == sampled.get("value") else "as two values"
            named = " ".join(part for part in (nature[0], nature[4]) if part)
            yield Violation((seq,), f"{named} stands {values} in one set of samples", named)
        seen.setdefault(nature, sampled.get("value"))


def _signed(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("signed", exchange):
        yield from _no_data(samples, exchange.record.seq)


def _no_data(samples: Samples, seq: int) -> Iterator[Violation]:
    for kind, sampled in zip(samples.kinds, samples.listed, strict=True):
        why = _unreadable(sampled) if kind.signed else ""
        if why:
            yield Violation((seq,), f"the signed value of {kind.measurand} {why}", kind.measurand)


def _unreadable(sampled: dict[str, Any]) -> str:
    """Why its signed data cannot be any; empty where they can, or where it has none."""
    if sampled.get("format") == "SignedData":
        text = sampled.get("value")
        if not isinstance(text, str) or not text.strip():
            return "is empty"
        return "" if text.isascii() and text.isprintable() else f"is {text[:20]!r}, which no encoding yields"
    of = sampled.get("signedMeterValue")
    if not isinstance(of, dict) or not isinstance(of.get("signedMeterData"), str):
        return ""
    text = of["signedMeterData"]
    if not text.strip():
        return "is empty"
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return f"is {text[:20]!r}, which is no Base64"
    return ""


def _power_units(_: object, exchange: Exchange) -> Iterator[Violation]:
    for samples in _with("no unit", exchange):
        for kind, sampled in zip(samples.kinds, samples.listed, strict=True):
            if kind.no_unit:
                text = f"{kind.measurand} of {sampled.get('value')} has no unit"
                yield Violation((exchange.record.seq,), text, kind.measurand)


ONCE = Rule(
    id="samples-stand-once",
    requirement="OCPP 1.6 edition 2, 4.7, 7.33; OCPP 2.0.1 J01.FR.06, J02.FR.02: a set of values of one point in time",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A CSMS stores one value for each measurand, phase and time: which of two it keeps is chance, and sums count both.",
    watch=lambda: PerStation(object, _once, calls=OF_METERS, answers=(), trait="doubled"),
)

SIGNED = Rule(
    id="signed-values-are-data",
    requirement="OCPP 1.6 edition 2, 7.49: hex data; OCPP 2.0.1 part 2, SignedMeterValueType: Base64",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="What cannot be decoded proves nothing: where bills rest on signed values the session cannot be billed.",
    watch=lambda: PerStation(object, _signed, calls=OF_METERS, answers=(), trait="signed"),
)

POWER_UNITS = Rule(
    id="power-has-its-unit",
    requirement="OCPP 2.0.1 part 2, UnitOfMeasureType: the default unit is that of energy",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="Without a unit a CSMS has to guess between W and kW, or takes a power for an energy.",
    watch=lambda: PerStation(object, _power_units, ("2.0.1", "2.1"), calls=OF_METERS, answers=(), trait="no unit"),
)
