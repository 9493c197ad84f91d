"""Times that are not what they say. Sections are those of OCPP 1.6 edition 2."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bench.virtual.stations.wire.frame import Frame, Spoil, Wire, WireFault, changed

_V = ("1.6",)
ZONE = timedelta(hours=2)
BEHIND = timedelta(seconds=270)
_UTC = re.compile(r"(Z|\+00:00)$")


def _stamped(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything in a message that has a timestamp."""
    if "timestamp" in payload:
        yield payload
    for name in ("meterValue", "transactionData"):
        yield from payload.get(name, [])


def _stamp(frame: Frame, write: Callable[[str], str]) -> None:
    for one in _stamped(frame.payload):
        one["timestamp"] = write(one["timestamp"])


def _moved(by: timedelta) -> Callable[[str], str]:
    """Rewrites a time so much later, in UTC as it claims to be."""

    def write(text: str) -> str:
        moment = datetime.fromisoformat(text) + by
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return write


def _first_after_boot(count: int, actions: tuple[str, ...], write: Callable[[str], str], name: str) -> Spoil:
    """Rewrites the times of the first messages after each BootNotification."""

    def spoil(frame: Frame, wire: Wire) -> Sequence[str] | None:
        if frame.is_call("BootNotification"):
            wire.kept[name] = count
        if not frame.is_call(*actions) or wire.kept.get(name, 0) == 0:
            return None
        wire.kept[name] -= 1
        _stamp(frame, write)
        return [frame.text()]

    return spoil


TIMING: tuple[WireFault, ...] = (
    WireFault(
        "dated_1970_after_boot",
        _V,
        "dates the first four statuses and meter values after each boot in 1970, although it was told the time",
        "section 4.2: the answer to BootNotification brings the time; section 4.7",
        spoil=_first_after_boot(
            4, ("StatusNotification", "MeterValues"), lambda _: "1970-01-01T00:00:12Z", "dated_1970_after_boot"
        ),
    ),
    WireFault(
        "dated_all_zero",
        _V,
        "dates statuses and meter values with nothing but zeros",
        "section 3.15, errata 3.10: ISO 8601, which has no month 0 and no day 0",
        spoil=changed(
            lambda frame: _stamp(frame, lambda _: "0000-00-00T00:00:00.000Z"),
            when=lambda frame: frame.is_call("StatusNotification", "MeterValues"),
        ),
    ),
    WireFault(
        "zone_without_colon",
        ("2.0.1",),
        "writes the zone of all times of transactions as +0000",
        "part 2, 3.1: times as in RFC 3339, which has a colon in an offset",
        spoil=changed(
            lambda frame: _stamp(frame, lambda text: _UTC.sub("+0000", text)),
            when=lambda frame: frame.is_call("TransactionEvent"),
        ),
    ),
    WireFault(
        "local_time_as_utc",
        _V,
        "dates meter values by a local clock that is two hours ahead, and marks them as UTC",
        "section 3.15, errata 3.10: in ISO 8601 Z is UTC",
        spoil=changed(lambda frame: _stamp(frame, _moved(ZONE)), when=lambda frame: frame.is_call("MeterValues")),
    ),
    WireFault(
        "old_clock_after_boot",
        _V,
        "dates the first two statuses after each boot by the clock that it had before, two hours ahead",
        "section 4.2: the answer to BootNotification sets the clock",
        spoil=_first_after_boot(2, ("StatusNotification",), _moved(ZONE), "old_clock_after_boot"),
    ),
    WireFault(
        "clock_minutes_behind",
        _V,
        "dates everything four and a half minutes back, whatever heartbeats tell it",
        "section 4.6: the time of heartbeats is for synchronizing; section 6.45",
        spoil=changed(lambda frame: _stamp(frame, _moved(-BEHIND)), when=lambda frame: frame.is_call()),
    ),
)
