"""The second virtual bench file is the first one with instruments on EVSE 2, and nothing else."""

from dataclasses import replace
from pathlib import Path

from fixtures.bench_files import read_bench

FOLDER = Path(__file__).parents[3] / "bench" / "topologies"


def read(name):
    return read_bench(FOLDER / name)


def test_evse_2_has_what_evse_1_has():
    one, two = read("virtual.toml"), read("virtual-two-evses.toml")
    names = {entry.name for entry in one.instruments}
    assert [entry for entry in two.instruments if entry.name in names] == list(one.instruments)
    by_name = {entry.name: entry for entry in two.instruments}
    assert set(by_name) - names == {"analyzer_2", "meter_2", "scope_2"}
    for name in set(by_name) - names:
        twin = by_name[name.replace("_2", "_1")]
        address = twin.address.replace("_1}", "_2}")
        assert by_name[name] == replace(twin, name=name, address=address, evses=(2,))
    assert replace(two, name=one.name, instruments=one.instruments) == replace(one)  # which drops the name of the file
    roles = {role for entry in two.instruments for role in entry.roles}
    assert {role for role in roles if two.wired(role, 2) is None} == {
        role for role in roles if two.wired(role, 1) is None
    }


def test_a_strips_safe_state_is_that_of_the_bench_below_but_for_what_a_strip_does_not_do():
    below, strip = read("virtual.toml").safe_state, read("virtual-power-strip.toml").safe_state
    not_done = {("source", "set_voltage"), ("source", "set_frequency")}
    assert strip == tuple(step for step in below if (step.instrument, step.verb) not in not_done)
