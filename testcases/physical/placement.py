"""Where station and reference count energy, and what lies between: nothing, or the cable, whose loss is corrected for."""

from dataclasses import dataclass, replace
from itertools import pairwise

from bench.errors import BenchError
from fixtures.bench_facade import PHASE_CURRENTS, Bench
from harness.cable_loss import CableLoss, Currents, cable_loss
from harness.model.cable import CableEntry
from harness.model.station import StationMeter
from harness.model.topology import InstrumentEntry
from harness.trace.events import Sample
from harness.trace.trace import Record

SAME_PLACE = {"Outlet": "outlet", "Cable": "cable_end"}
"""Where the bench must measure to measure what a station tells of this location (OCPP 1.6 7.31, OCPP 2.0.1 part 2 LocationEnumType)."""

AMMETERS = ("power_analyzer", "reference_meter")
"""Roles that measure the current through the cable, the better first: it is one and the same at both of its ends."""

UNSEEN_S = 15.0
"""How long the current may go unobserved before the cable's loss is not known: three samples of an energy test."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The two meters' places; `cable` lies between them, or nothing. `ammeter`: the role that samples the current through it."""

    bench: Bench
    station_at: str
    reference_at: str
    cable: CableEntry | None = None
    ammeter: str = ""

    @classmethod
    def of(cls, bench: Bench, meter: StationMeter, wired: InstrumentEntry) -> "Placement":
        """Raises BenchError where the two count different energies and no correction is possible; it names the cure."""
        reference_at = wired.location or "a place that the bench file does not state"
        if SAME_PLACE.get(meter.location) == wired.location:
            return cls(bench, meter.location, reference_at)
        apart = f"{wired.name} sits at {reference_at}, the station counts at {meter.location}"
        if meter.location not in SAME_PLACE or wired.location not in SAME_PLACE.values():
            raise BenchError(
                f"{apart}: more than the cable lies between them. Cure: wire the reference meter where the station counts, "
                "and state its location"
            )
        cable = bench.cable
        if cable is None:
            raise BenchError(
                f"{apart}: the cable's loss lies between them, and no cable is described for EVSE {bench.evse}. Cure: add "
                "[[cable]] with length_m, cross_section_mm2 and accuracy_pct, or wire the reference meter where the station counts"
            )
        ammeter = next((role for role in AMMETERS if _samples_current(bench.wired(role))), None)
        if ammeter is None:
            raise BenchError(
                f"{apart}: the cable's loss lies between them, and nothing samples the current. Cure: sample = true and "
                "[instrument.uncertainty] current = { ... } for the power analyser or the reference meter"
            )
        return cls(bench, meter.location, reference_at, cable, ammeter)

    @property
    def sign(self) -> int:
        """1 where the reference misses what the cable loses, -1 where it counts that too."""
        return 1 if self.station_at == "Outlet" else -1

    def loss(self, first: Record, last: Record) -> CableLoss:
        """What the cable lost between two records. Raises BenchError where the current was not seen all that time."""
        return self.loss_between(_at(first), _at(last), since=first)

    def loss_between(self, begin_t: float, end_t: float, *, since: Record) -> CableLoss:
        """What the cable lost between two times of the run's clock, both after the record `since`. Raises BenchError as `loss`."""
        if self.cable is None:
            return CableLoss(0.0, 0.0)
        events = [record.event for record in self.bench.readings(self.ammeter, since=since)]
        seen = [_currents(event) for event in events if isinstance(event, Sample) and PHASE_CURRENTS[0] in event.values]
        samples = [one for one in seen if begin_t <= one.at <= end_t]
        _seen_throughout(samples, self.ammeter, begin_t, end_t)
        ends = replace(samples[0], at=begin_t), replace(samples[-1], at=end_t)
        return cable_loss(self.cable.resistance_ohm, self.cable.accuracy_pct, [ends[0], *samples, ends[1]])

    def conditions(self, first: Record, last: Record) -> dict[str, str]:
        """Where both sat, and what was corrected, as the report tells it."""
        told = {"station counts at": self.station_at, "reference meter at": self.reference_at}
        if self.cable is not None:
            loss = self.loss(first, last)
            word = "added to" if self.sign > 0 else "taken from"
            figure = f"{loss.energy_wh:.2f} Wh ± {2 * loss.u_wh:.2f} Wh"
            told["cable"] = f"{figure} {word} the reference's energy ({self.cable}; current of the {self.ammeter})"
        return told


def _samples_current(wired: InstrumentEntry | None) -> bool:
    return wired is not None and wired.sample and "current" in wired.uncertainty


def _currents(sample: Sample) -> Currents:
    told = [sample.values[name] for name in PHASE_CURRENTS if name in sample.values]
    return Currents(sample.at, tuple(value for value, _, _ in told), tuple(u for _, _, u in told))


def _at(record: Record) -> float:
    return record.event.at if isinstance(record.event, Sample) else record.t


def _seen_throughout(samples: list[Currents], role: str, begin: float, end: float) -> None:
    times = [begin, *(sample.at for sample in samples), end]
    unseen_s = max(later - earlier for earlier, later in pairwise(times))
    if len(samples) < 2 or unseen_s > UNSEEN_S:
        raise BenchError(
            f"the {role} did not see the current for {unseen_s:.0f} s, so the cable's loss is not known. Cure: sample_interval_s "
            f"of at most {UNSEEN_S / 3:g}, and see why it fell silent"
        )
