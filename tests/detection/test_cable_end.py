"""A reference meter at the EV's end of a long cable: its loss is corrected for, so that a right station passes and one that tells the EV's energy fails.

Each run is the suite itself in a process of its own. On the bench of these tests a conductor of the cable is 40 m of 2.5 mm2 copper, which takes
almost 4 % at 31 A on three phases: twice what the station's class allows.
"""

import pytest

from fixtures.detection_runs import BENCH, run_cases
from fixtures.detection_stations import DEFAULT

CONDUCTOR_OHM = 40 / 58 / 2.5
AT_THE_END = (
    'phases = [1, 2, 3]\nlocation = "outlet"\nsample = true\nupdate_interval_s = 0.4',
    'phases = [1, 2, 3]\nlocation = "cable_end"\nsample = true\nupdate_interval_s = 0.4',
)
PLAIN = f"[virtual]\nconductor_ohm = {CONDUCTOR_OHM}\n"
CABLE = "[[cable]]\nlength_m = 40.0\ncross_section_mm2 = 2.5\naccuracy_pct = 5.0\n\n"
TITLE = "its energy agrees with the reference meter"


@pytest.fixture
def bench(tmp_path):
    def write(*changes, counts="outlet", cable=CABLE):
        vehicle = '[virtual.reference_meter]\nlocation = "vehicle"\n'
        station = f'[virtual.station_meter]\ncounts = "{counts}"\n'
        text = BENCH.read_text(encoding="utf-8")
        for old, new in (("[virtual]\n", PLAIN + vehicle + station + "\n" + cable), AT_THE_END, *changes):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "bench.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def run(file, ocpp="1.6", case="HIL_ENERGY_01", station=DEFAULT):
    done = run_cases([case], ocpp=ocpp, bench=file, station=station)
    assert done.record is not None, done.output
    return done.record.cases[0]


def compared(case):
    return next(one for step in case.steps for one in step.measurements if step.title == TITLE)


@pytest.mark.parametrize(("case_id", "ocpp"), [("HIL_ENERGY_01", "1.6"), ("HIL_ENERGY_02", "2.0.1")])
def test_a_right_station_passes_with_the_loss_in_the_budget(bench, case_id, ocpp):
    case = run(bench(), ocpp, case_id)
    error = compared(case)
    assert case.result == "pass"
    assert error.value == pytest.approx(0.25, abs=error.u)  # the two meters' gains, 0.3 % and 0.05 %
    assert error.budget["cable"] == pytest.approx(2 * 0.05 * 3.9 / 3**0.5, rel=0.1)
    assert error.conditions["station counts at"] == "Outlet"
    assert error.conditions["reference meter at"] == "cable_end"
    assert "added to the reference's energy (276 mΩ ± 5 % a conductor" in error.conditions["cable"]


def test_a_station_that_tells_the_energy_at_the_ev_fails(bench):
    case = run(bench(counts="vehicle"))
    assert case.result == "fail"
    assert compared(case).verdict == "fail"
    assert compared(case).value == pytest.approx(-3.6, abs=0.3)


def test_without_a_cable_described_it_is_refused_with_the_cure(bench):
    case = run(bench(cable=""))
    assert case.result == "inconclusive"
    assert "no cable is described for EVSE 1. Cure: add [[cable]]" in case.reason


@pytest.mark.parametrize(
    ("case_id", "ocpp", "station"),
    [("HIL_ALIGNED_01", "1.6", "virtual"), ("HIL_PHASE_02", "2.0.1", "virtual-phases")],
)
def test_registers_that_are_looked_at_for_gross_errors_only_are_corrected_too(bench, case_id, ocpp, station):
    case = run(bench(), ocpp, case_id, station)
    errors = [one for step in case.steps for one in step.measurements if one.name.startswith("error of the energy")]
    assert case.result == "pass", case.reason
    assert errors
    assert all("cable" in error.budget for error in errors)


@pytest.mark.parametrize(("case_id", "result"), [("HIL_SAMPLE_01", "pass"), ("HIL_SAMPLE_02", "inconclusive")])
def test_the_current_is_the_same_at_both_ends_of_the_cable_and_the_voltage_is_not(bench, case_id, result):
    analyser = (
        'location = "outlet"\nsample = true\nupdate_interval_s = 0.2',
        'location = "cable_end"\nsample = true\nupdate_interval_s = 0.2',
    )
    case = run(bench(analyser), case=case_id)
    assert case.result == result
    assert ("the station measures at Outlet. Cure: wire the analyser there" in case.reason) is (result != "pass")
