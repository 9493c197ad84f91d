"""A multimeter on the pilot sees whether there is PWM, and no duty: cases that judge the duty say so and fail nobody, the others pass."""

import pytest

from fixtures.detection_runs import BENCH, run_cases

MULTIMETER = """
name = "multimeter_1"
roles = ["pilot_scope"]
driver = "keithley_dmm6500"
address = "TCPIP::127.0.0.1::{multimeter_1}::SOCKET"
evses = [1]
sample = true
options = { function = "pilot_voltage" }
[instrument.uncertainty]
pilot_voltage = { of_reading_pct = 0.3, absolute = 0.02, resolution = 0.001 }
pilot_frequency = { of_reading_pct = 0.01, resolution = 0.01 }

"""
NEED_IT = ("HIL_CABLE_01", "HIL_CABLE_02", "HIL_LIMIT_04", "HIL_PILOT_01", "HIL_PILOT_02")
DO_NOT = ("HIL_LIMIT_03", "HIL_LIMIT_05", "HIL_PHASE_02", "HIL_SCHEDULE_01", "HIL_SCHEDULE_02")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    parts = BENCH.read_text(encoding="utf-8").split("[[instrument]]")
    (number,) = [at for at, part in enumerate(parts) if 'name = "scope_1"' in part]
    path = tmp_path_factory.mktemp("bench") / "virtual.toml"
    path.write_text("[[instrument]]".join([*parts[:number], MULTIMETER, *parts[number + 1 :]]), encoding="utf-8")
    return path


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
def test_what_it_cannot_see_is_held_against_no_station(bench, ocpp):
    done = run_cases((*NEED_IT, *DO_NOT), ocpp=ocpp, station="virtual-phases", bench=bench)
    assert done.record is not None, done.output
    results = {case.id: case.result.value for case in done.record.cases}
    assert results == dict.fromkeys(NEED_IT, "inconclusive") | dict.fromkeys(DO_NOT, "pass")
    reasons = {case.reason for case in done.record.cases if case.id in NEED_IT}
    assert reasons == {"multimeter_1 tells no duty of the pilot. Cure: wire an oscilloscope as pilot_scope"}


def test_a_duty_in_a_pause_is_no_pass(bench):
    """The EV is held off by the contactor alone, and the pilot goes on offering what a multimeter has no number for."""
    done = run_cases(("HIL_LIMIT_03",), ocpp="1.6", faults=("pilot_kept_in_a_pause",), bench=bench)
    assert done.record is not None, done.output
    (case,) = done.record.cases
    assert (case.result.value, "shows pulses and no duty" in case.reason) == ("inconclusive", True), case.reason
