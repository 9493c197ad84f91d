"""What a station samples beside what the bench measures at that time, in every case that happens to have both.

The bounds are ours and wide, for this watches everything: no meter in order is so far off. How exact a meter is, the physical cases judge.
Compared is only what stood still while it was sampled, as sums or means over the lines that carry current: which line has which number is a
matter of wiring and rotation.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.oracle.invariants.csms_clock import CsmsClock
from harness.oracle.invariants.exchange import exchange_of
from harness.oracle.invariants.meter_moments import Moment, Moments
from harness.oracle.invariants.meters import OF_METERS
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import CaseStarted, Frame, Handshake, RunResumed, Sample
from harness.trace.trace import Record
from harness.verdict import Strictness

_OFF_SHARE = 0.1
_OFF_A, _OFF_W = 1.5, 300.0
"""A value may be off by the larger of the two."""

_OFF_VOLTS_SHARE = 0.04
_CARRIES_A = 3.0

_FRESH_S = 3.0
"""A sample whose time is so near to its arrival was not queued, and its clock is that of the run."""

_BEFORE_S, _AFTER_S = 12.0, 3.0
_STEADY_SHARE = 0.03
"""How far the bench's own readings around a sample may lie apart."""

_LEAST_READINGS = 3
_IN_A_ROW = 2
_MOST_WAITING = 20

_LINES = ("l1", "l2", "l3")


@dataclass(slots=True)
class _Measured:
    """One reading of the bench: sum of the currents, power, and the mean voltage of the lines that carry current."""

    t: float
    seq: int
    current_a: float
    power_w: float | None
    voltage_v: float | None


def _measured(record: Record, sample: Sample) -> _Measured | None:
    values = sample.values
    amperes = [values[name][0] for line in _LINES if (name := f"current_{line}_a") in values]
    if not amperes:
        return None
    lines = [line for line in _LINES if values.get(f"current_{line}_a", (0.0,))[0] >= _CARRIES_A]
    volts = [values[name][0] for line in lines if (name := f"voltage_{line}_v") in values]
    power_w = values["power_w"][0] if "power_w" in values else None
    mean_v = sum(volts) / len(volts) if volts and len(volts) == len(lines) else None
    return _Measured(sample.at, record.seq, sum(amperes), power_w, mean_v)


class BenchWatcher:
    """Feeds on frames of the station under test and on samples of the bench's analyser, or of its reference meter without one."""

    hears = frames("in", "call") | events(Sample, CaseStarted, RunResumed, Handshake)

    def __init__(self) -> None:
        self._others: set[str] = set()
        self._evse = 0
        self._role = ""
        self._moments = Moments()
        self._readings: deque[_Measured] = deque(maxlen=600)
        self._waiting: deque[tuple[float, Moment]] = deque(maxlen=_MOST_WAITING)
        self._off: dict[str, int] = {}
        self._arrived: dict[int, float] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if type(event) is Sample:
            return list(self._sample(record, event))
        if type(event) is Frame:
            if event.direction == "in" and event.frame == "call" and event.action in OF_METERS:
                self._told(record, event)
        elif isinstance(event, CaseStarted | RunResumed | Handshake):
            self._begins(event)
        return ()

    def _begins(self, event: CaseStarted | RunResumed | Handshake) -> None:
        if isinstance(event, Handshake):
            self._others.add(event.station)
            return
        if isinstance(event, CaseStarted):
            self._evse = event.evse
        self._moments, self._off, self._role = Moments(), {}, ""
        self._readings.clear()
        self._waiting.clear()

    def _told(self, record: Record, frame: Frame) -> None:
        """Keep the moments that are whole now, and were sampled just before they came; of one station with one outlet in use."""
        exchange = exchange_of(record, frame, CsmsClock())
        now = seconds_of(record.utc)
        if len(self._others) > 1 or self._evse != 1 or now is None:
            return  # whose readings these are, and which connector is of which EVSE, only a record of one station's first outlet says
        if exchange.payload.get("connectorId", 1) != 1:
            return
        for moment in self._moments.complete(exchange):
            age_s = now - moment.t
            arrived = self._arrived.pop(moment.seq, None)
            if arrived is not None and 0 <= arrived - moment.t <= _FRESH_S:
                self._waiting.append((record.t - age_s, moment))
        self._arrived[record.seq] = now
        if len(self._arrived) > _MOST_WAITING:
            del self._arrived[next(iter(self._arrived))]

    def _sample(self, record: Record, sample: Sample) -> Iterator[Violation]:
        if sample.evse != self._evse or sample.role not in {"power_analyzer", "reference_meter"}:
            return
        if sample.role == "power_analyzer" and self._role != "power_analyzer":
            self._role = "power_analyzer"
            self._readings.clear()
        elif sample.role == "reference_meter" and self._role == "power_analyzer":
            return
        reading = _measured(record, sample)
        if reading is None:
            return
        self._readings.append(reading)
        while self._waiting and self._waiting[0][0] + _AFTER_S <= sample.at:
            yield from self._compared(*self._waiting.popleft())

    def _compared(self, t: float, moment: Moment) -> Iterator[Violation]:
        around = [one for one in self._readings if t - _BEFORE_S <= one.t <= t + _AFTER_S]
        if len(around) < _LEAST_READINGS or not around[0].t <= t <= around[-1].t:
            return
        told_a = {line: amperes for line, amperes in moment.current_a.items() if line}
        current_a = sum(told_a.values()) if len(told_a) == len(_LINES) else None
        volts = [
            moment.voltage_v[line]
            for line, amperes in told_a.items()
            if amperes >= _CARRIES_A and line in moment.voltage_v
        ]
        voltage_v = sum(volts) / len(volts) if volts else None
        for what, told, measured, share, least in (
            ("Current.Import, all lines,", current_a, [one.current_a for one in around], _OFF_SHARE, _OFF_A),
            ("Power.Active.Import", moment.total_w(), [one.power_w for one in around], _OFF_SHARE, _OFF_W),
            ("Voltage", voltage_v, [one.voltage_v for one in around], _OFF_VOLTS_SHARE, 0.0),
        ):
            mean = _steady(measured)
            if told is None or mean is None:
                continue
            off = abs(told - mean) > max(share * abs(mean), least)
            self._off[what] = self._off.get(what, 0) + 1 if off else 0
            if self._off[what] >= _IN_A_ROW:
                text = f"{what} is told as {told:.5g}, and the bench measures {mean:.5g}, {_IN_A_ROW} times in a row"
                yield Violation((moment.seq, around[-1].seq), text, what)


def _steady(values: Sequence[float | None]) -> float | None:
    """Their mean; None where one is missing, or where they were not the same all the time."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return None
    mean = sum(numbers) / len(numbers)
    return mean if max(numbers) - min(numbers) <= _STEADY_SHARE * abs(mean) else None


AGAINST_BENCH = Rule(
    id="samples-agree-with-bench",
    requirement="OCPP 1.6 edition 2, 3.16.3, 4.7, 7.31; OCPP 2.0.1 J02.FR.11, MeasurandEnumType: what is measured (the bounds are ours)",
    strictness=Strictness.SHOULD,
    needs=("wire", "bench"),
    explanation="Load management shares a grid connection by these values, and drivers compare them with their bill.",
    watch=BenchWatcher,
)
