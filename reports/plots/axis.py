"""Axes: values on pixels, and round figures along them."""

import math
from dataclasses import dataclass

FLAT = 1e-9
"""A span below this is drawn as a flat line."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high` laid on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixels of `value`."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def scale(self) -> float:
        """Pixels of one unit, without a sign."""
        return abs((self.end - self.start) / (self.high - self.low))


def steps_between(low: float, high: float, about: int) -> list[float]:
    """Round figures from `low` to `high`, near `about` of them."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def path_through(points: list[tuple[float, float]], tolerance: float = 0.15) -> str:
    """An SVG path through pixel positions in order of x, without those that lie within `tolerance` pixels of a line through others."""
    kept = _kept(points, tolerance)
    told = [f"{_pixel(x)} {_pixel(y)}" for x, y in kept]
    return "M" + "L".join(told)


def _pixel(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _kept(points: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    """What is left when a point may be dropped that a line between its neighbours misses by no more than `tolerance` upwards or downwards.

    From each point that is kept, lines that pass all later ones closely enough form a cone; the first point outside of it ends it.
    """
    if len(points) < 3:
        return points
    kept, low, high = [points[0]], -math.inf, math.inf
    for i in range(1, len(points)):
        (x0, y0), (x, y) = kept[-1], points[i]
        if x > x0 and low <= (y - y0) / (x - x0) <= high:
            pass
        elif i > 1 and kept[-1] != points[i - 1]:
            kept.append(points[i - 1])
            x0, y0 = kept[-1]
            low, high = -math.inf, math.inf
        run = x - x0
        if run <= 0:
            kept.append(points[i])
            low, high = -math.inf, math.inf
        else:
            low, high = max(low, (y - tolerance - y0) / run), min(high, (y + tolerance - y0) / run)
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept
