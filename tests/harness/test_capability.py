from pathlib import Path

import pytest

from harness.capability import _JUDGES, capabilities
from harness.model.catalogue import CaseEntry
from harness.model.pixit import NAMES
from harness.model.station import load_station
from harness.model.topology import load_topology

ROOT = Path(__file__).parents[2]
BENCH = (ROOT / "bench/topologies/virtual.toml").read_text(encoding="utf-8")
STATION = (ROOT / "fixtures/stations/virtual.toml").read_text(encoding="utf-8")
CASE = CaseEntry("HIL_ALL_01", "t", ("1.6",), "r", "s", 1.0, pixit=tuple(_JUDGES))


def weighed(*changes, entries=(CASE,)):
    """What is not capable, by limit, on a bench and for a station that differ in what the test names."""
    bench, station = BENCH, STATION
    for old, new in changes:
        assert (bench + station).count(old) == 1, old
        bench, station = bench.replace(old, new), station.replace(old, new)
    found = list(capabilities(load_topology(bench, "bench.toml"), load_station(station, "station.toml"), 1, entries))
    return {one.limit: one for one in found}


def poor(*changes):
    return {limit: one.seen for limit, one in weighed(*changes).items() if not one.ok}


def test_the_virtual_bench_can_tell_every_limit():
    found = weighed()
    assert len(found) == 13
    assert all(one.ok for one in found.values())
    assert set(_JUDGES) <= set(NAMES)


def test_an_energy_test_is_as_long_as_the_registers_are_coarse():
    seen = weighed()["energy within 2 %"].seen
    assert seen == "from 125 Wh on; 502 Wh are charged, 1.4 min at the rating"
    coarse = weighed(
        ("energy = { of_reading_pct = 0.1, resolution = 0.1 }", "energy = { of_reading_pct = 0.1, resolution = 10.0 }")
    )
    assert coarse["energy within 2 %"].seen.startswith("from 1250 Wh on; 5025 Wh are charged")


ENERGY = "energy = { of_reading_pct = 0.1, resolution = 0.1 }"
CURRENT = "current = { of_reading_pct = 0.05, absolute = 0.005, resolution = 0.0001 }"


@pytest.mark.parametrize(
    ("change", "limit", "seen"),
    [
        (
            (ENERGY, "energy = { of_reading_pct = 0.6 }"),
            "energy within 2 %",
            "U of the reference meter alone is 0.69 %",
        ),
        ((ENERGY, "energy = { of_reading_pct = 0.1, resolution = 1000.0 }"), "energy within 2 %", "from 124354 Wh on"),
        ((CURRENT, "current = { of_reading_pct = 0.3 }"), "sampled current within 1 %", "U = 0.35 %"),
        ((CURRENT, "current = { absolute = 0.5 }"), "no current: at most 0.5 A", "U = 0.58 A at nothing"),
        (
            ("pilot_duty = { absolute = 0.02, resolution = 0.01 }", "pilot_duty = { absolute = 0.2 }"),
            "pilot duty within 0.5 points",
            "U = 0.23 points",
        ),
        (
            ("pilot_frequency = { of_reading_pct = 0.005, resolution = 0.01 }", "pilot_frequency = { absolute = 2.0 }"),
            "pilot frequency within 5 Hz",
            "U = 2.3 Hz",
        ),
        (
            ("update_interval_s = 0.2 # means over one cycle", "update_interval_s = 0.6 # means over one cycle"),
            "pixit.unplug_to_dead_s = 2 s",
            "values up to 0.6 s old: U = 0.69 s",
        ),
    ],
)
def test_what_an_instrument_cannot_tell(change, limit, seen):
    assert poor(change)[limit].startswith(seen)


def test_an_update_of_100_ms_cannot_tell_100_ms():
    changes = (
        ("update_interval_s = 0.2 # means over one cycle", "update_interval_s = 0.1 # means over one cycle"),
        ("[pixit]\n", "[pixit]\nunplug_to_dead_s = 0.1\n"),
    )
    assert list(poor(*changes)) == ["pixit.unplug_to_dead_s = 0.1 s"]


def test_cases_by_single_shots_do_not_depend_on_the_analyser():
    shot = CaseEntry("HIL_X_01", "t", ("1.6",), "r", "s", 1.0, roles=("edge_scope",), pixit=("unplug_to_dead_s",))
    assert weighed(entries=(shot,)) == {}
    assert weighed(entries=()) == {}


def test_what_is_not_wired_or_not_stated_is_left_to_other_checks():
    found = weighed(('roles = ["pilot_scope", "edge_scope"]', 'roles = ["thermometer"]'), (ENERGY + "\n", ""))
    assert not [limit for limit in found if limit.startswith(("pilot", "energy"))]
