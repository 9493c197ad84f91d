"""Where two meters may sit: at one place, or at the two ends of a cable that is described and whose current is sampled."""

from dataclasses import dataclass, field

import pytest

from bench.errors import BenchError
from harness.model.cable import CableEntry
from harness.model.station import StationMeter
from harness.model.topology import InstrumentEntry
from harness.trace.events import Sample
from harness.trace.trace import Record
from harness.uncertainty import Accuracy
from testcases.physical.placement import Placement

CABLE = CableEntry(accuracy_pct=5.0, conductor_ohm=0.1)


@dataclass
class FakeBench:
    cable: CableEntry | None = CABLE
    entries: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)
    evse: int = 1

    def wired(self, role):
        return self.entries.get(role)

    def readings(self, role, *, since):
        return [record for record in self.seen if record.event.role == role]


def wired(role, location, *, sample=True, current=True):
    accuracy = {"current": Accuracy(absolute=0.1)} if current else {"energy": Accuracy(absolute=0.1)}
    return InstrumentEntry(role, (role,), "any", "any", location=location, sample=sample, uncertainty=accuracy)


def meter(location):
    return StationMeter("B", 2.0, "MID", location=location)


def placed(station_at, reference_at, **bench):
    entries = bench.pop("entries", {"power_analyzer": wired("power_analyzer", "outlet")})
    return Placement.of(FakeBench(entries=entries, **bench), meter(station_at), wired("reference_meter", reference_at))


def at(seq, t, amps=None):
    values = {} if amps is None else {f"current_l{k}_a": (amps, "A", 0.0) for k in (1, 2, 3)}
    event = Sample(at=t, source="a", role="power_analyzer", evse=1, values=values, t_u=0.0)
    return Record(seq, t, "2025-01-01T00:00:00Z", "", event)


@pytest.mark.parametrize(("station_at", "reference_at"), [("Outlet", "outlet"), ("Cable", "cable_end")])
def test_meters_at_one_place_need_no_correction(station_at, reference_at):
    placement = placed(station_at, reference_at, cable=None, entries={})
    assert placement.loss(at(0, 0.0), at(1, 9.0)).energy_wh == 0.0
    assert placement.conditions(at(0, 0.0), at(1, 9.0)) == {
        "station counts at": station_at,
        "reference meter at": reference_at,
    }


@pytest.mark.parametrize(
    ("station_at", "reference_at", "sign", "word"),
    [("Outlet", "cable_end", 1, "added to"), ("Cable", "outlet", -1, "taken from")],
)
def test_the_side_of_the_correction(station_at, reference_at, sign, word):
    seen = [at(k, 5.0 * k, 20.0) for k in range(13)]
    placement = placed(station_at, reference_at, seen=seen)
    first, last = at(0, 0.0), at(12, 60.0)
    assert placement.sign == sign
    assert placement.loss(first, last).energy_wh == pytest.approx(3 * 0.1 * 20.0**2 * 60 / 3600)
    assert f"2.00 Wh ± 0.12 Wh {word} the reference's energy" in placement.conditions(first, last)["cable"]


@pytest.mark.parametrize(
    ("station_at", "reference_at", "bench", "cure"),
    [
        ("Outlet", "supply", {}, "more than the cable lies between them. Cure: wire the reference meter where"),
        ("Outlet", None, {}, "a place that the bench file does not state"),
        ("Inlet", "outlet", {}, "more than the cable lies between them"),
        ("Outlet", "cable_end", {"cable": None}, r"no cable is described for EVSE 1. Cure: add \[\[cable\]\]"),
        ("Outlet", "cable_end", {"entries": {}}, "nothing samples the current. Cure: sample = true"),
        (
            "Outlet",
            "cable_end",
            {"entries": {"power_analyzer": wired("power_analyzer", "outlet", sample=False)}},
            "nothing samples the current",
        ),
        (
            "Outlet",
            "cable_end",
            {"entries": {"power_analyzer": wired("power_analyzer", "outlet", current=False)}},
            "nothing samples the current",
        ),
    ],
)
def test_what_cannot_be_corrected_is_refused_with_its_cure(station_at, reference_at, bench, cure):
    with pytest.raises(BenchError, match=cure):
        placed(station_at, reference_at, **bench)


@pytest.mark.parametrize("times", [(0.0, 5.0, 30.0, 35.0), (20.0, 25.0, 30.0, 35.0), (0.0, 5.0, 10.0), ()])
def test_a_current_that_was_not_seen_corrects_nothing(times):
    placement = placed("Outlet", "cable_end", seen=[at(0, t, 20.0) for t in times])
    with pytest.raises(BenchError, match="did not see the current for"):
        placement.loss(at(0, 0.0), at(1, 35.0))


def test_the_loss_between_two_times_is_that_of_the_samples_between_them_and_at_their_edges():
    seen = [at(k, 5.0 * k, 20.0 if 2 <= k <= 6 else 0.0) for k in range(13)]
    placement = placed("Outlet", "cable_end", seen=seen)
    lost = placement.loss_between(11.0, 27.0, since=at(0, 0.0))
    assert lost.energy_wh == pytest.approx(3 * 0.1 * 20.0**2 * 16.0 / 3600)


def test_the_reference_meter_is_an_ammeter_where_there_is_no_analyser():
    placement = placed("Outlet", "cable_end", entries={"reference_meter": wired("reference_meter", "cable_end")})
    assert placement.ammeter == "reference_meter"
