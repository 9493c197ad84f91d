"""The times that a request tells, and whether any is odd: looked at once for all the rules that look for one."""

import math

from harness.oracle.invariants.csms_clock import LEAP_S
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meters import samples_of
from harness.oracle.invariants.moments import seconds_of

AHEAD_S = LEAP_S
"""How far ahead of the CSMS's clock a time may be."""

OLDEST = 1262304000.0
"""2010: before that no OCPP 1.6 station was made; clocks that were never set tell 1970 or 2000."""

_NO_TIMES = (-math.inf, math.inf)


def span_of(exchange: Exchange) -> tuple[float, float]:
    """The latest and the earliest time in a message, seconds since 1970; one that cannot be read is before all. Without any: minus and plus infinity."""
    times = [one.t for one in samples_of(exchange)]
    if "timestamp" in exchange.payload:
        times.append(seconds_of(exchange.payload["timestamp"]))
    if not times:
        return _NO_TIMES
    if len(times) == 1 and times[0] is not None:
        return times[0], times[0]
    seconds = [-math.inf if t is None else t for t in times]
    return max(seconds), min(seconds)


def has_odd_time(exchange: Exchange) -> bool:
    """Whether a time lies too far after the CSMS's, or before all that a clock tells which was set."""
    latest, earliest = span_of(exchange)
    now = exchange.clock.now(exchange.record.t)
    return earliest < OLDEST or (now is not None and latest > now + AHEAD_S)
