"""The sampled values in an outgoing frame, for the faults that spoil what a station measures."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.virtual.stations.wire.frame import Frame

REGISTER = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
CURRENT = "Current.Import"
VOLTAGE = "Voltage"

_LISTS = {"MeterValues": "meterValue", "StopTransaction": "transactionData", "TransactionEvent": "meterValue"}

Value = dict[str, Any]
"""A MeterValue or a SampledValue."""


def meter_values(frame: Frame) -> list[Value]:
    """The MeterValues of a frame of any version; none where it carries none."""
    name = _LISTS.get(frame.action) if frame.kind == "call" else None
    return frame.payload.get(name) or [] if name is not None else []


def samples(frame: Frame, *measurands: str) -> Iterator[Value]:
    """The SampledValues of these measurands (of all, when none is named)."""
    for value in meter_values(frame):
        yield from (one for one in value["sampledValue"] if not measurands or measurand(one) in measurands)


def measurand(sample: Value) -> str:
    """What a SampledValue measures."""
    return str(sample.get("measurand", REGISTER))


def is_raw(sample: Value) -> bool:
    """Whether it is a plain number."""
    return bool(sample.get("format", "Raw") == "Raw")


def rewrite(frame: Frame, change: Callable[[float], float], *measurands: str, digits: int = 1) -> None:
    """Change the numbers of these measurands; the values keep their type, text in OCPP 1.6."""
    for sample in samples(frame, *measurands):
        if is_raw(sample):
            number = round(change(float(sample["value"])), digits)
            sample["value"] = f"{number:.{digits}f}" if isinstance(sample["value"], str) else number


def leave_out(frame: Frame, unwanted: Callable[[Value], bool]) -> None:
    """Take SampledValues out; a MeterValue that would be empty keeps what it has."""
    for value in meter_values(frame):
        kept = [one for one in value["sampledValue"] if not unwanted(one)]
        value["sampledValue"] = kept or value["sampledValue"]
