"""What flowed through one outlet: pieces of time with constant voltage and one current ramp, integrated in closed form.

Any past instant or window can be asked for, so that an instrument that latches every 100 ms reads what was there
then, and an RMS value over a window that holds a step is the true one.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.virtual.plant.cable import carrying_conductors
from bench.virtual.plant.ramp import Ramp

Phases = tuple[float, float, float]
ZERO: Phases = (0.0, 0.0, 0.0)
REST = Ramp()


@dataclass(frozen=True, slots=True)
class Totals:
    """Integrals since the start, per phase: active energy, squared current, squared voltage; and the cable's loss."""

    energy_ws: Phases = ZERO
    current_a2s: Phases = ZERO
    voltage_v2s: Phases = ZERO
    loss_ws: float = 0.0

    @property
    def energy_wh(self) -> float:
        """Active energy through the outlet, all phases, in Wh."""
        return sum(self.energy_ws) / 3600.0

    @property
    def vehicle_energy_wh(self) -> float:
        """Active energy at the far end of the cable, in Wh."""
        return (sum(self.energy_ws) - self.loss_ws) / 3600.0


@dataclass(frozen=True, slots=True)
class Flow:
    """What drives the outlet for a while: voltages at the outlet, the load's ramp, on how many phases, its power factor.

    `steady_a` is drawn beside the ramp, per phase, at the same power factor; it does not go through the cable.
    """

    voltage_v: Phases = ZERO
    ramp: Ramp = REST
    phases: int = 0
    power_factor: float = 1.0
    frequency_hz: float = 0.0
    steady_a: Phases = ZERO

    def current_a(self, t: float) -> Phases:
        """RMS current per phase at `t`."""
        return _plus(_on_phases(self.ramp.at(t), self.phases), self.steady_a)


@dataclass(frozen=True, slots=True)
class Window:
    """Mean values over a span of time: RMS voltage and current, active power per phase, frequency at its end."""

    voltage_v: Phases
    current_a: Phases
    power_w: Phases
    frequency_hz: float


def _on_phases(value: float, phases: int) -> Phases:
    return (value if phases > 0 else 0.0, value if phases > 1 else 0.0, value if phases > 2 else 0.0)


def _plus(a: Phases, b: Phases) -> Phases:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _times(a: Phases, factor: float) -> Phases:
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def _mixed_squares(drawn_as: Phases, steady_a: Phases, span: float) -> Phases:
    parts = [steady_a[k] * (2.0 * drawn_as[k] + steady_a[k] * span) for k in range(3)]
    return (parts[0], parts[1], parts[2])


class OutletHistory:
    """All pieces since the start of one outlet, with running totals at the start of each."""

    def __init__(self, t: float, conductor_ohm: float) -> None:
        self._conductor_ohm = conductor_ohm
        self._starts: list[float] = [t]
        self._flows: list[Flow] = [Flow()]
        self._totals: list[Totals] = [Totals()]

    @property
    def current(self) -> Flow:
        """The piece that goes on now."""
        return self._flows[-1]

    def change(self, t: float, flow: Flow) -> None:
        """From `t` on, `flow` drives the outlet. `t` must not lie before an earlier change."""
        if flow == self._flows[-1]:
            return
        if t < self._starts[-1]:
            raise ValueError(f"the outlet changed at {self._starts[-1]} s already: {t} s lies before it")
        totals = self.totals(t)
        self._starts.append(t)
        self._flows.append(flow)
        self._totals.append(totals)

    def flow_at(self, t: float) -> Flow:
        """The piece that held at `t`; before the first one, the first."""
        return self._flows[self._index(t)]

    def pieces(self, t1: float, t2: float) -> Iterator[tuple[float, float, Flow]]:
        """From, until and flow of every piece between `t1` and `t2`."""
        first = self._index(t1)
        for index in range(first, len(self._starts)):
            begin = t1 if index == first else self._starts[index]
            end = min(self._starts[index + 1], t2) if index + 1 < len(self._starts) else t2
            if begin < t2:
                yield begin, end, self._flows[index]

    def totals(self, t: float) -> Totals:
        """Integrals from the start until `t`."""
        index = self._index(t)
        flow, start, base = self._flows[index], self._starts[index], self._totals[index]
        span = max(0.0, t - start)
        voltage = flow.voltage_v
        squares = (voltage[0] ** 2 * span, voltage[1] ** 2 * span, voltage[2] ** 2 * span)
        if span == 0.0 or (flow.phases == 0 and flow.steady_a == ZERO):
            return Totals(base.energy_ws, base.current_a2s, _plus(base.voltage_v2s, squares), base.loss_ws)
        drawn = _on_phases(flow.ramp.charge_as(start, t), flow.phases)
        charge = _plus(drawn, _times(flow.steady_a, span))
        heat = flow.ramp.square_a2s(start, t)
        # (ramp + steady)^2 = ramp^2 + 2 ramp steady + steady^2
        mixed = _mixed_squares(drawn, flow.steady_a, span)
        factor = flow.power_factor
        energy = (voltage[0] * charge[0] * factor, voltage[1] * charge[1] * factor, voltage[2] * charge[2] * factor)
        return Totals(
            _plus(base.energy_ws, energy),
            _plus(base.current_a2s, _plus(_on_phases(heat, flow.phases), mixed)),
            _plus(base.voltage_v2s, squares),
            base.loss_ws + heat * self._conductor_ohm * carrying_conductors(flow.phases),
        )

    def weighted_wh(self, t: float, weight: Callable[[Flow], float]) -> float:
        """Active energy until `t` in Wh, each piece times its weight."""
        last = self._index(t)
        ends = [*self._totals[1 : last + 1], self.totals(t)]
        parts = zip(ends, self._totals, self._flows, strict=False)
        return sum((end.energy_wh - begin.energy_wh) * weight(flow) for end, begin, flow in parts)

    def window(self, t1: float, t2: float) -> Window:
        """Mean values from `t1` to `t2`; `t1` is moved up to the start of the history.

        Raises:
            ValueError: the window is empty.
        """
        t1 = max(t1, self._starts[0])
        if t2 <= t1:
            raise ValueError(f"an empty window: {t1} s to {t2} s")
        a, b, span = self.totals(t1), self.totals(t2), t2 - t1

        def root(x: Phases, y: Phases) -> Phases:
            means = [max(0.0, (y[k] - x[k]) / span) ** 0.5 for k in range(3)]
            return (means[0], means[1], means[2])

        watts = [(b.energy_ws[k] - a.energy_ws[k]) / span for k in range(3)]
        return Window(
            root(a.voltage_v2s, b.voltage_v2s),
            root(a.current_a2s, b.current_a2s),
            (watts[0], watts[1], watts[2]),
            self.flow_at(t2).frequency_hz,
        )

    def _index(self, t: float) -> int:
        return max(0, bisect_right(self._starts, t) - 1)
