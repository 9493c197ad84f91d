"""What a bench can judge before anything is measured: the uncertainty of its instruments beside the limits of the physical cases.

A bench is capable of a limit where U (k=2) is at most a third of the limit's width. Of a bound on samples (no current, no voltage, a time) it is
asked less: they pass wherever a sample with its U lies within.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from harness.budgets import energy_to_charge, energy_uncertainty, latency_uncertainty
from harness.limits import CAPABILITY
from harness.model.catalogue import CaseEntry
from harness.model.station import Evse, Station
from harness.model.topology import InstrumentEntry, Topology
from harness.pilot import duty_for_current_pct
from harness.quantity import root_sum_square
from harness.uncertainty import COVERAGE_FACTOR, Accuracy, QuantityKind, rectangular

NOMINAL_V = 230.0
PILOT_HZ = 1000.0
MAINS_CYCLE_S = 0.02


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether `cases` can pass on a bench, as far as its instruments go: what was weighed, and the cure where they cannot."""

    limit: str
    cases: tuple[str, ...]
    ok: bool
    seen: str
    cure: str


@dataclass(frozen=True, slots=True)
class _Bench:
    """One EVSE of a station, and what is wired to it."""

    topology: Topology
    station: Station
    evse: Evse

    def wired(self, role: str) -> InstrumentEntry | None:
        return self.topology.wired(role, self.evse.id, self.station.identity)

    def accuracy(self, role: str, kind: QuantityKind) -> Accuracy | None:
        wired = self.wired(role)
        return None if wired is None else wired.uncertainty.get(kind)

    @property
    def power_w(self) -> float:
        return NOMINAL_V * self.evse.rated_current_a * self.evse.phases


_Found = tuple[str, bool, str, str]
_Judge = Callable[[_Bench], Iterator[_Found]]


def capabilities(
    topology: Topology, station: Station, evse_id: int, entries: Sequence[CaseEntry]
) -> Iterator[Capability]:
    """Weigh every limit that cases of `entries` need of the PIXIT and whose instrument is wired to this EVSE.

    A role that is not wired, or whose accuracy the bench file does not state, is left out: other checks name it.
    """
    bench = _Bench(topology, station, station.evse_by_id(evse_id))
    for item, judge in _JUDGES.items():
        cases = tuple(entry.id for entry in entries if item in entry.pixit and _EDGES not in entry.roles)
        if cases:
            for limit, ok, seen, cure in judge(bench):
                yield Capability(limit, cases, ok, seen, cure)


_EDGES = "edge_scope"
"""Cases that time an edge by single shots of an oscilloscope do not depend on how old an analyser's values are."""


def _energy(bench: _Bench) -> Iterator[_Found]:
    meter, accuracy = bench.evse.meter, bench.accuracy("reference_meter", "energy")
    if meter is None or accuracy is None:
        return
    # OCPP 1.6 tells the registers of a transaction in whole Wh (6.45, 6.49)
    step_wh = max(meter.resolution_wh, 1.0) if "1.6" in bench.station.ocpp else meter.resolution_wh
    fixed_u_wh = root_sum_square(
        energy_uncertainty(
            0.0,
            reference_accuracy_pct=accuracy.of_reading_pct,
            reference_absolute_wh=accuracy.half_width(0.0),
            station_resolution_wh=step_wh,
            reference_resolution_wh=accuracy.resolution,
        ).values()
    )
    limit = f"energy within {meter.mpe_percent:g} %"
    floor_pct = COVERAGE_FACTOR * rectangular(accuracy.of_reading_pct)
    needed_pct = meter.mpe_percent / CAPABILITY
    if floor_pct >= needed_pct:
        seen = f"U of the reference meter alone is {floor_pct:.2g} %, above a third of the limit"
        yield limit, False, seen, "a reference meter of a better class"
        return
    shortest_wh = 100 * fixed_u_wh / sqrt(needed_pct**2 - floor_pct**2)
    most_wh = bench.power_w * bench.station.pixit.energy_test_limit_s / 3600
    charged_wh = energy_to_charge(meter.mpe_percent, accuracy_pct=accuracy.of_reading_pct, fixed_u_wh=fixed_u_wh)
    seen = f"from {shortest_wh:.0f} Wh on; {charged_wh:.0f} Wh are charged, {charged_wh / bench.power_w * 60:.1f} min at the rating"
    cure = "a reference meter with a finer register, or a longer pixit.energy_test_limit_s"
    yield limit, shortest_wh <= most_wh, seen, cure


def _sampled(bench: _Bench) -> Iterator[_Found]:
    tolerance_pct, amps = bench.station.pixit.sampled_value_tolerance_pct, bench.evse.rated_current_a
    values: Mapping[QuantityKind, float] = {"current": amps, "voltage": NOMINAL_V, "power": NOMINAL_V * amps}
    for kind, value in values.items():
        accuracy = bench.accuracy("power_analyzer", kind)
        if accuracy is not None:
            yield _third(f"sampled {kind}", 100 * accuracy.u(value) / value, tolerance_pct, "%", "power analyser")


def _duty(bench: _Bench) -> Iterator[_Found]:
    accuracy = bench.accuracy("pilot_scope", "pilot_duty")
    if accuracy is not None:
        u = accuracy.u(duty_for_current_pct(min(max(bench.evse.rated_current_a, 6.0), 80.0)))
        yield _third("pilot duty", u, bench.station.pixit.pilot_duty_tolerance_pct, "points", "oscilloscope")


def _frequency(bench: _Bench) -> Iterator[_Found]:
    accuracy = bench.accuracy("pilot_scope", "pilot_frequency")
    if accuracy is not None:
        tolerance_hz = PILOT_HZ * bench.station.pixit.pilot_frequency_tolerance_pct / 100
        yield _third("pilot frequency", accuracy.u(PILOT_HZ), tolerance_hz, "Hz", "oscilloscope")


def _third(what: str, u: float, tolerance: float, unit: str, instrument: str) -> _Found:
    limit, seen = f"{what} within {tolerance:g} {unit}", f"U = {u:.2g} {unit}"
    return limit, u * CAPABILITY <= tolerance, seen, f"a more accurate {instrument}: U of at most a third of the limit"


def _bound(item: str, kind: QuantityKind, unit: str) -> _Judge:
    def judge(bench: _Bench) -> Iterator[_Found]:
        accuracy, bound = bench.accuracy("power_analyzer", kind), float(getattr(bench.station.pixit, item))
        if accuracy is not None:
            u = accuracy.u(0.0)
            yield (
                f"no {kind}: at most {bound:g} {unit}",
                u < bound,
                f"U = {u:.2g} {unit} at nothing",
                f"a finer range for {kind}",
            )

    return judge


def _time(item: str) -> _Judge:
    def judge(bench: _Bench) -> Iterator[_Found]:
        wired, limit_s = bench.wired("power_analyzer"), float(getattr(bench.station.pixit, item))
        if wired is not None:
            parts = latency_uncertainty(
                clock_u_s=0.0, sample_interval_s=wired.update_interval_s, rms_cycle_s=MAINS_CYCLE_S
            )
            u = root_sum_square(parts.values())
            seen = f"values up to {wired.update_interval_s:g} s old: U = {u:.2g} s"
            cure = f"an analyser that updates every {limit_s / 10:.2g} s, or an oscilloscope for edges"
            yield f"pixit.{item} = {limit_s:g} s", u * CAPABILITY <= limit_s, seen, cure

    return judge


_JUDGES: Mapping[str, _Judge] = {
    "energy_test_limit_s": _energy,
    "sampled_value_tolerance_pct": _sampled,
    "pilot_duty_tolerance_pct": _duty,
    "pilot_frequency_tolerance_pct": _frequency,
    "noise_floor_a": _bound("noise_floor_a", "current", "A"),
    "outlet_dead_v": _bound("outlet_dead_v", "voltage", "V"),
    **{
        item: _time(item)
        for item in (
            "profile_applied_within_s",
            "schedule_step_within_s",
            "stop_to_noise_floor_s",
            "emergency_stop_to_dead_s",
            "unplug_to_dead_s",
        )
    },
}
"""By the item of the PIXIT that a case needs to judge by it."""
