"""Instantaneous values of one EVSE at any past instant: the pilot's pulses, and one phase of the outlet's voltage and current.

The mains' phase L1 has its zero at t = 0 of the loop's clock, as have the pilot's pulses their rising edge.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator

from bench.virtual.plant.history import Flow, OutletHistory
from bench.virtual.plant.inrush import Inrush
from bench.virtual.plant.pilot import Levels

SETTLED = 20.0
"""Time constants after which an edge of the pilot is over."""

_KEPT = 2000
"""Changes of the pilot that are remembered: far more than any window of an oscilloscope holds."""

Wave = Callable[[float], float]
"""A value at an instant, in V or A."""

Piece = tuple[float, float, Wave]
"""From, until, and the wave that held between the two."""


class PilotHistory:
    """The levels on the pilot's wire, and since when."""

    def __init__(self, t: float, levels: Levels) -> None:
        self._starts = [t]
        self._levels = [levels]

    def change(self, t: float, levels: Levels) -> None:
        """From `t` on the wire has these levels."""
        if levels == self._levels[-1]:
            return
        self._starts.append(t)
        self._levels.append(levels)
        if len(self._starts) > 2 * _KEPT:
            del self._starts[:_KEPT], self._levels[:_KEPT]

    def pieces(self, t1: float, t2: float, hertz: float, tau_s: float) -> Iterator[Piece]:
        """What the wire carried from `t1` to `t2`; `tau_s`: time constant of the pulses' edges."""
        first = max(0, bisect_right(self._starts, t1) - 1)
        for index in range(first, len(self._starts)):
            begin = max(self._starts[index], t1) if index > first else t1
            end = min(self._starts[index + 1], t2) if index + 1 < len(self._starts) else t2
            if begin < t2:
                yield begin, end, _pulses(self._levels[index], hertz, tau_s)


def _pulses(levels: Levels, hertz: float, tau_s: float) -> Wave:
    high, low = levels.high_v, levels.low_v
    if levels.duty_pct is None:
        return lambda _t: high
    share = levels.duty_pct / 100.0

    def at(t: float) -> float:
        phase = t * hertz % 1.0
        to, away, since_s = (high, low, phase / hertz) if phase < share else (low, high, (phase - share) / hertz)
        return to if since_s > SETTLED * tau_s else to + (away - to) * math.exp(-since_s / tau_s)

    return at


def voltage_pieces(history: OutletHistory, t1: float, t2: float, hertz: float) -> Iterator[Piece]:
    """L1 of the outlet from `t1` to `t2`; `hertz` is the supply's frequency."""
    for begin, end, flow in history.pieces(t1, t2):
        yield begin, end, _sine(math.sqrt(2) * flow.voltage_v[0], hertz)


def current_pieces(
    history: OutletHistory, inrushes: list[Inrush], t1: float, t2: float, hertz: float
) -> Iterator[Piece]:
    """L1's current from `t1` to `t2`, with what rushes in when contacts close."""
    near = [one for one in inrushes[-20:] if one.t0 <= t2 and one.t0 >= t1 - 40 * one.tau_s]
    for begin, end, flow in history.pieces(t1, t2):
        yield begin, end, _load(flow, near, hertz)


def _sine(amplitude: float, hertz: float) -> Wave:
    omega = 2 * math.pi * hertz
    return lambda t: amplitude * math.sin(omega * t)


def _load(flow: Flow, inrushes: list[Inrush], hertz: float) -> Wave:
    omega, lag = 2 * math.pi * hertz, math.acos(flow.power_factor)
    drawn = flow.phases > 0

    def at(t: float) -> float:
        rushing = sum(one.at(t)[0] for one in inrushes)
        amplitude = math.sqrt(2) * flow.current_a(t)[0] if drawn or flow.steady_a[0] else 0.0
        return amplitude * math.sin(omega * t - lag) + rushing

    return at
