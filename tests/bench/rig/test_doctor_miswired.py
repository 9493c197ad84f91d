"""The doctor on the virtual bench under load, wired as its file does not say."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.clock import LoopClock
from bench.doctor import diagnose
from bench.virtual import simtime
from bench.virtual.world import World, WorldConfig
from harness.model.topology import load_topology

FILE = Path(__file__).parents[3] / "bench" / "topologies" / "virtual.toml"


@pytest.fixture
def doctor():
    """Examines the virtual bench while a car charges at EVSE 1 on the given phases, with texts of its file replaced."""

    def run(*changes, phases=3, probe=False, unbalanced=False, plant=frozenset(), at_rest=False, **world):
        text = FILE.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        topology = load_topology(text, "bench.toml")

        async def examine():
            made = await World.start(WorldConfig.from_dict(world), plant)
            loop = asyncio.get_running_loop()
            if not at_rest:
                await charge(made.plant, phases, unbalanced)
            try:
                clock = LoopClock(loop, datetime(2026, 1, 1, tzinfo=UTC), simulated=True)
                return await diagnose(topology, clock, ports=made.ports, probe=probe)
            finally:
                await made.stop()

        try:
            with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:
                return {check.name: check for check in runner.run(examine())}
        finally:
            simtime.uninstall()

    return run


async def charge(plant, phases, unbalanced):
    if unbalanced:
        for phase, volts in enumerate((225.0, 230.0, 235.0), 1):
            plant.set_voltage(volts, phase)
    evse = plant.evse(1)
    evse.plug_in(32.0)
    evse.set_demand(16.0, phases)
    evse.set_pilot_duty(50.0)
    evse.request_energy(on=True)
    evse.close_contactor()
    await asyncio.sleep(10.0)


def wrong(checks):
    return {name: f"{check.seen} | {check.cure}" for name, check in checks.items() if not check.ok}


def test_a_sound_bench_under_load_is_compared_and_found_good(doctor):
    checks = doctor(unbalanced=True, probe=True)
    assert wrong(checks) == {}
    for kind in ("voltage_l1_v", "current_l2_a", "power_l3_w"):
        assert f"analyzer_1 and meter_1 agree on {kind}" in checks
    assert checks["analyzer_1 sees the supply's L2 as L2"].seen == "it follows L2 of the supply"
    assert "analyzer_1 power on L1" in checks
    assert checks["meter_1 reads in time"].ok


def test_at_rest_nothing_is_made_up(doctor):
    checks = doctor(at_rest=True)
    assert wrong(checks) == {}
    assert not any("agree on" in name and "pilot" not in name for name in checks)


ANALYZER = 'address = "TCPIP::127.0.0.1::{analyzer_1}::SOCKET"\nevses = [1]\nphases = [1, 2, 3]'
METER = 'address = "modbus+tcp://127.0.0.1:{meter_1}/1"\nevses = [1]\nphases = [1, 2, 3]'
SWAPPED = (ANALYZER, ANALYZER.replace("[1, 2, 3]", "[2, 1, 3]"))


def second(name):
    """The instrument of this name once more, at EVSE 2."""
    text = FILE.read_text()
    start = text.index(f'[[instrument]]\nname = "{name}_1"')
    own = text[start : text.index("[[instrument]]", start + 5)]
    marker = '[[instrument]]\nname = "panel"'
    return marker, f"{own.replace(f'{name}_1', f'{name}_2').replace('evses = [1]', 'evses = [2]')}\n{marker}"


def test_phases_swapped_between_analyser_and_meter_show_in_unequal_voltages(doctor):
    bad = wrong(doctor(SWAPPED, unbalanced=True))
    assert set(bad) == {f"analyzer_1 and meter_1 agree on voltage_l{phase}_v" for phase in (1, 2)}
    assert (
        "phases are swapped between them (analyzer_1's L1 is L2 there, L2 is L1 there)"
        in bad["analyzer_1 and meter_1 agree on voltage_l1_v"]
    )


def test_phases_swapped_show_in_the_current_of_a_single_phase_car(doctor):
    bad = wrong(doctor(SWAPPED, phases=1))
    assert "phases are swapped" in bad["analyzer_1 and meter_1 agree on current_l1_a"]


def test_phases_swapped_between_analyser_and_source_show_when_the_source_moves(doctor):
    """Both instruments behind the same wrong cable agree with each other: only the source tells."""
    meter = (METER, METER.replace("[1, 2, 3]", "[2, 1, 3]"))
    assert wrong(doctor(SWAPPED, meter, unbalanced=True)) == {}
    bad = wrong(doctor(SWAPPED, meter, unbalanced=False, probe=True))
    assert set(bad) == {f"{name} sees the supply's L{n} as L{n}" for name in ("analyzer_1", "meter_1") for n in (1, 2)}
    assert "what it calls L1 is L2 of the supply" in bad["analyzer_1 sees the supply's L1 as L1"]


def test_an_analyser_at_the_other_evse_is_named(doctor):
    swap = (("{analyzer_1}::", "{X}::"), ("{analyzer_2}::", "{analyzer_1}::"), ("{X}::", "{analyzer_2}::"))
    bad = wrong(doctor(second("analyzer"), *swap))
    told = bad["analyzer_1 and meter_1 agree on current_l1_a"]
    assert "meter_1 agrees with analyzer_2, which is at EVSE 2, instead" in told
    assert "wired to another EVSE than the bench file says" in told


def test_a_reversed_current_transformer_is_named(doctor):
    bad = wrong(doctor(analyzer={"power": {"gain_error": -2.0}}))
    told = bad["analyzer_1 power on L2"]
    assert "the energy flows backwards | turn the current transformer of L2 round" in told


def test_a_current_transformer_on_another_phase_is_named(doctor):
    bad = wrong(doctor(analyzer={"power": {"gain_error": -1.5}}))
    assert "as of two different phases" in bad["analyzer_1 power on L1"]


def test_a_transformer_ratio_that_is_wrong_is_told(doctor):
    bad = wrong(doctor(analyzer={"power": {"gain_error": 1.0}}))
    assert "check ranges and transformer ratio of L1" in bad["analyzer_1 power on L1"]


def test_a_meter_with_the_unit_id_of_nobody_is_dead_with_the_cure(doctor):
    bad = wrong(doctor(("{meter_1}/1", "{meter_1}/7")))
    assert "meter_1 answers" in bad
    assert "unit" in bad["meter_1 answers"]


def test_a_meter_with_the_unit_id_of_another_is_named(doctor):
    bad = wrong(doctor(second("meter"), ("{meter_2}/1", "{meter_1}/1")))
    assert "both at modbus+tcp://127.0.0.1:{meter_1}/1" in bad["meter_1 and meter_2 are two instruments"]
    assert set(bad) == {"meter_1 and meter_2 are two instruments"}


def test_a_slow_instrument_is_told_before_it_is_late(doctor):
    bad = wrong(doctor(latency_s=1.2))
    assert bad["analyzer_1 reads in time"].endswith("have it measure over a shorter time, or fewer quantities")
    assert "2 s is its time-out: it will be late at times" in bad["analyzer_1 reads in time"]


def test_an_instrument_slower_than_its_samples_is_told(doctor):
    bad = wrong(
        doctor(
            ("sample_interval_s = 1.0", "sample_interval_s = 0.5"),
            ("sample = true", "sample = true\ntimeout_s = 10"),
            latency_s=0.6,
        )
    )
    assert "is to be sampled every 0.5 s | set sample_interval_s to 2 or more" in bad["analyzer_1 reads in time"]


def test_a_dead_instrument_is_told_with_its_cure(doctor):
    bad = wrong(doctor(("{meter_1}/1", "1/1")))
    assert "check address" in bad["meter_1 answers"]


def test_a_probe_without_a_source_says_so(doctor):
    text = FILE.read_text()
    start = text.index('[[instrument]]\nname = "source"')
    end = text.index("[[instrument]]", start + 5)
    steps = [f"[[safe_state]]{part}" for part in text.split("[[safe_state]]")[1:] if 'instrument = "source"' in part]
    bad = wrong(doctor((text[start:end], ""), *((step, "") for step in steps), probe=True))
    assert "no ac_source is wired" in bad["phases"]
