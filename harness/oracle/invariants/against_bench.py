"""What a station samples beside what the bench measures at that time, in every case that happens to have both.

The bounds are ours and wide, for this watches everything: no meter in order is so far off. How exact a meter is, the physical cases judge.
Compared is only what stood still while it was sampled, as sums or means over the lines that carry current: which line has which number is a
matter of wiring and rotation.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.model.station import Station
from harness.oracle.invariants.csms_clock import CsmsClock
from harness.oracle.invariants.exchange import Exchange, exchange_of
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
_MOST_READINGS = 600
_ROLES = frozenset({"power_analyzer", "reference_meter"})

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


@dataclass(slots=True)
class _Outlet:
    """What was measured and told of one EVSE: by `role`, the analyser where there is one. `off`: by quantity, how often in a row it was off."""

    evse: int
    role: str = ""
    readings: deque[_Measured] = field(default_factory=lambda: deque(maxlen=_MOST_READINGS))
    waiting: deque[tuple[float, Moment]] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    off: dict[str, int] = field(default_factory=dict)

    def measured(self, record: Record, sample: Sample) -> Iterator[Violation]:
        """Take a reading, and compare what has readings on both sides now."""
        if sample.role == "power_analyzer" and self.role != "power_analyzer":
            self.role = "power_analyzer"
            self.readings.clear()
        elif sample.role == "reference_meter" and self.role == "power_analyzer":
            return
        reading = _measured(record, sample)
        if reading is None:
            return
        self.readings.append(reading)
        while self.waiting and self.waiting[0][0] + _AFTER_S <= sample.at:
            yield from self._compared(*self.waiting.popleft())

    def _compared(self, t: float, moment: Moment) -> Iterator[Violation]:
        around = [one for one in self.readings if t - _BEFORE_S <= one.t <= t + _AFTER_S]
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
            self.off[what] = self.off.get(what, 0) + 1 if off else 0
            if self.off[what] >= _IN_A_ROW:
                text = f"{what} is told as {told:.5g}, and the bench measures {mean:.5g} at EVSE {self.evse}, {_IN_A_ROW} times in a row"
                yield Violation((moment.seq, around[-1].seq), text, f"{what} EVSE {self.evse}")


class BenchWatcher:
    """Feeds on frames of the station under test and on samples of the bench's analysers, or of its reference meters without one.

    Which EVSE a sample of OCPP 1.6 is of says the station file; without one only connector 1 is known to be of EVSE 1. An EVSE's instrument is
    taken to be wired to its first connector, as in the cases.
    """

    hears = frames("in", "call") | events(Sample, CaseStarted, RunResumed, Handshake)

    def __init__(self, stations: Mapping[str, Station]) -> None:
        self._stations = stations
        self._identities: set[str] = set()
        self._outlets: dict[int, _Outlet] = {}
        self._in_case = False
        self._moments = Moments()
        self._evses: dict[str, int | None] = {}
        self._arrived: dict[int, float] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if type(event) is Sample:
            if self._in_case and event.role in _ROLES:
                return list(self._outlet(event.evse).measured(record, event))
        elif type(event) is Frame:
            if event.direction == "in" and event.frame == "call" and event.action in OF_METERS:
                self._told(record, event)
        elif isinstance(event, CaseStarted | RunResumed | Handshake):
            self._begins(event)
        return ()

    def _begins(self, event: CaseStarted | RunResumed | Handshake) -> None:
        if isinstance(event, Handshake):
            self._identities.add(event.station)
            return
        self._in_case = self._in_case or isinstance(event, CaseStarted)
        self._moments = Moments()
        self._outlets.clear()

    def _outlet(self, evse: int) -> _Outlet:
        return self._outlets.setdefault(evse, _Outlet(evse))

    def _told(self, record: Record, frame: Frame) -> None:
        """Keep the moments that are whole now, and were sampled just before they came; of one station, and of outlets that are known."""
        exchange = exchange_of(record, frame, CsmsClock())
        now = seconds_of(record.utc)
        self._learn(exchange)
        if len(self._identities) > 1 or not self._in_case or now is None:
            return  # of several stations, only their wiring says whose readings these are
        for moment in self._moments.complete(exchange):
            age_s = now - moment.t
            arrived = self._arrived.pop(moment.seq, None)
            evse = self._evse_of(moment, frame)
            if evse is not None and arrived is not None and 0 <= arrived - moment.t <= _FRESH_S:
                self._outlet(evse).waiting.append((record.t - age_s, moment))
        self._arrived[record.seq] = now
        if len(self._arrived) > _MOST_WAITING:
            del self._arrived[next(iter(self._arrived))]

    def _learn(self, exchange: Exchange) -> None:
        """At which EVSE a transaction of OCPP 2.x is: not every event says it (E01.FR.16 and following); None at a connector other than the first."""
        info, evse = exchange.payload.get("transactionInfo"), exchange.payload.get("evse")
        if not isinstance(info, dict) or not isinstance(evse, dict) or not isinstance(evse.get("id"), int):
            return
        self._evses[str(info.get("transactionId"))] = evse["id"] if evse.get("connectorId", 1) == 1 else None
        if len(self._evses) > _MOST_WAITING:
            del self._evses[next(iter(self._evses))]

    def _evse_of(self, moment: Moment, frame: Frame) -> int | None:
        place, transaction = moment.key
        if frame.ocpp != "1.6":
            return self._evses.get(transaction)
        station = self._stations.get(frame.station)
        if station is None:
            return 1 if place == "1" else None
        firsts = {str(station.connector_numbers16(evse.id)[0]): evse.id for evse in station.evse}
        return firsts.get(place)


def _steady(values: Sequence[float | None]) -> float | None:
    """Their mean; None where one is missing, or where they were not the same all the time."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return None
    mean = sum(numbers) / len(numbers)
    return mean if max(numbers) - min(numbers) <= _STEADY_SHARE * abs(mean) else None


def rule(stations: Mapping[str, Station]) -> Rule:
    """The rule; of a station in `stations` (by its identity) it knows which connectors its EVSEs have."""
    return Rule(
        id="samples-agree-with-bench",
        requirement="OCPP 1.6 edition 2, 3.8, 3.16.3, 4.7, 7.31; OCPP 2.0.1 J02.FR.11, MeasurandEnumType: what is measured (the bounds are ours)",
        strictness=Strictness.SHOULD,
        needs=("wire", "bench"),
        explanation="Load management shares a grid connection by these values, and drivers compare them with their bill.",
        watch=lambda: BenchWatcher(stations),
    )
