"""What a message tells of meters, in SI units: gathered once for all the rules that look at it."""

from collections.abc import Iterator

import msgspec

from harness.oracle.invariants.exchange import Exchange, plain
from harness.oracle.invariants.meters import LISTS, OF_METERS, Samples, samples_of
from harness.oracle.invariants.sample_kind import CURRENT, POWER, REGISTER, VOLTAGE, Kind

__all__ = ["CURRENT", "OF_METERS", "POWER", "REGISTER", "VOLTAGE", "Reading", "Told", "told"]


class Reading(msgspec.Struct, gc=False):
    """One plain value at the outlet, in Wh, W, A or V: `kind.scale` times what is `written`."""

    kind: Kind
    value: float
    written: object

    @property
    def step(self) -> float:
        """What the last digit of the number stands for: 0.1 of "12.3"."""
        digits = str(self.written).lower().partition("e")[0].partition(".")[2]
        return self.kind.scale * 10.0 ** -len(digits)


class Told(msgspec.Struct, gc=False):
    """What was read at one point in time. `place` is the connector (1.6) or the EVSE; either may be None, and so may `t`, seconds since 1970."""

    t: float | None
    place: object
    transaction: object
    samples: Samples
    seq: int

    def readings(self) -> Iterator[Reading]:
        """The plain values at the outlet, in the order of the message."""
        samples = self.samples
        for kind, number, listed in zip(samples.kinds, samples.numbers, samples.listed, strict=True):
            if kind.readable and number is not None:
                yield Reading(kind, number * kind.scale, listed["value"])

    def value(self, measurand: str) -> Reading | None:
        """The first reading of it that is of no single line."""
        return next((one for one in self.readings() if one.kind.measurand == measurand and not one.kind.line), None)


def told(exchange: Exchange) -> list[Told]:
    """All points in time of a request, in its order; none for anything else."""
    if exchange.told is None:
        exchange.told = _told(exchange) if exchange.from_station and exchange.is_call(*OF_METERS) else []
    return exchange.told


def _told(exchange: Exchange) -> list[Told]:
    place, transaction = owner_of(exchange)
    return [Told(one.t, place, transaction, one, exchange.record.seq) for one in sampled_in(exchange)]


def sampled_in(exchange: Exchange) -> list[Samples]:
    """The MeterValues that stand where the request has them."""
    field = LISTS[str(exchange.frame.action)]
    return [one for one in samples_of(exchange) if one.field == field]


def owner_of(exchange: Exchange) -> tuple[object, object]:
    """Connector (1.6) or EVSE, and transaction, that a request with MeterValues names; None for what it does not."""
    payload = exchange.payload
    info, evse = payload.get("transactionInfo"), payload.get("evse")
    transaction = plain(info.get("transactionId")) if isinstance(info, dict) else exchange.transaction
    place = evse.get("id") if isinstance(evse, dict) else payload.get("connectorId", payload.get("evseId"))
    return plain(place), transaction
