"""What a message tells of meters, in SI units: gathered once for all the rules that look at it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.oracle.invariants.conversation import Exchange, plain
from harness.oracle.invariants.moments import seconds_of

REGISTER = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
CURRENT = "Current.Import"
VOLTAGE = "Voltage"

_LISTS = {"MeterValues": "meterValue", "StopTransaction": "transactionData", "TransactionEvent": "meterValue"}
OF_METERS = tuple(_LISTS)
"""Actions whose requests carry meter values."""

_KILO = frozenset({"kWh", "kW"})


class Reading(msgspec.Struct, gc=False):
    """One plain value at the outlet, in Wh, W, A or V: `scale` times what is `written`. `line` is L1, L2, L3, another phase as told, or empty for all."""

    measurand: str
    line: str
    context: str
    value: float
    scale: float
    written: object

    @property
    def step(self) -> float:
        """What the last digit of the number stands for: 0.1 of "12.3"."""
        digits = str(self.written).lower().partition("e")[0].partition(".")[2]
        return self.scale * 10.0 ** -len(digits)


class Told(msgspec.Struct, gc=False):
    """The readings of one point in time. `place` is the connector (1.6) or the EVSE; either may be None, and so may `t`, seconds since 1970."""

    t: float | None
    place: object
    transaction: object
    readings: list[Reading]
    seq: int

    def value(self, measurand: str, line: str = "") -> Reading | None:
        """The first reading of it."""
        return next((one for one in self.readings if one.measurand == measurand and one.line == line), None)


def told(exchange: Exchange) -> list[Told]:
    """All points in time of a request, in its order; none for anything else."""
    if exchange.told is None:
        exchange.told = list(_told(exchange)) if exchange.from_station and exchange.is_call(*OF_METERS) else []
    return exchange.told


def _told(exchange: Exchange) -> Iterator[Told]:
    payload = exchange.payload
    values = payload.get(_LISTS[str(exchange.frame.action)])
    info, evse = payload.get("transactionInfo"), payload.get("evse")
    transaction = plain((info if isinstance(info, dict) else payload).get("transactionId"))
    place = plain(evse.get("id") if isinstance(evse, dict) else payload.get("connectorId", payload.get("evseId")))
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            sampled = value.get("sampledValue")
            found = [_reading(one) for one in sampled if isinstance(one, dict)] if isinstance(sampled, list) else []
            readings = [one for one in found if one is not None]
            yield Told(seconds_of(value.get("timestamp")), place, transaction, readings, exchange.record.seq)


_LINES = {None: "", "": "", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}
"""A voltage may be told with its neutral."""


def _reading(sampled: dict[str, Any]) -> Reading | None:
    """None for signed data, for what is not measured at the outlet, and for what is no number."""
    get = sampled.get
    if get("format", "Raw") != "Raw" or get("location", "Outlet") != "Outlet":
        return None
    unit, written, phase = get("unit"), get("value"), get("phase")
    scale = 1.0
    try:
        if type(of := get("unitOfMeasure")) is dict:
            unit = of.get("unit")
            scale = 10.0 ** of.get("multiplier", 0)
        if unit in _KILO:
            scale *= 1000.0
        number = float(written)  # type: ignore[arg-type]
        line = _LINES.get(phase, phase)
    except (TypeError, ValueError, OverflowError):
        return None
    measurand, context = get("measurand", REGISTER), get("context", "Sample.Periodic")
    return Reading(str(measurand), str(line), str(context), number * scale, scale, written)
