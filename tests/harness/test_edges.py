"""Edges against waveforms whose truth is known."""

import math
from array import array

import pytest

from harness.edges import (
    Waveform,
    begins,
    ends,
    peak,
    pilot_rises,
    rms,
    square_integral,
    supply_ends,
    threshold,
)

HALF = 0.010


def wave(of, *, start=-0.05, length=0.5, step=50e-6, resolution=0.0):
    count = round(length / step)
    return Waveform(start, step, array("d", (of(start + n * step) for n in range(count))), resolution)


def pwm(t, high, duty=0.5, hertz=1000.4):
    return high if (t * hertz) % 1.0 < duty else -12.0


def pilot(leaves, *, duty=0.5, step=50e-6, high=6.0, then=9.0):
    return wave(lambda t: pwm(t, high if t < leaves else then, duty), step=step)


def sine(amplitude, until, *, phase=0.0, after=lambda _t: 0.0):
    return wave(lambda t: amplitude * math.sin(2 * math.pi * 50 * t + phase) if t < until else after(t))


@pytest.mark.parametrize("duty", [0.1, 0.5, 0.96])
@pytest.mark.parametrize("leaves", [k * 1e-4 for k in range(0, 20, 3)])
@pytest.mark.parametrize("step", [10e-6, 50e-6])
def test_the_pilot_leaves_state_c_where_its_positive_level_rises(duty, leaves, step):
    edge = pilot_rises(pilot(leaves, duty=duty, step=step), 7.5)
    assert abs(edge.t - leaves) <= math.sqrt(3) / 2 * edge.u + 1e-9  # the whole span, not only its 95 %
    assert edge.u <= 2 / math.sqrt(3) * (0.5e-3 * (1 - duty) + step) * 1.1


def test_a_pilot_that_stays_in_c_or_came_in_b_has_no_edge():
    assert pilot_rises(pilot(9.0), 7.5) is None
    assert pilot_rises(pilot(-1.0), 7.5) is None


def test_a_pilot_that_is_opened_rises_too():
    assert pilot_rises(pilot(0.0, then=12.0), 7.5).t == pytest.approx(0.0, abs=1e-3)
    assert pilot_rises(pilot(0.0, then=9.0), 10.5) is None


@pytest.mark.parametrize("phase", [k * math.pi / 8 for k in range(16)])
@pytest.mark.parametrize("amplitude", [8.0, 45.0])
def test_the_end_of_a_current_is_no_zero_crossing(phase, amplitude):
    edge = ends(sine(amplitude, 0.0731, phase=phase), 1.0, HALF)
    assert not edge.open
    assert abs(edge.t - 0.0731) <= math.sqrt(3) / 2 * edge.u + 1e-9
    assert edge.u < 0.002


def test_pulses_of_a_rectifier_leave_the_end_open_between_them():
    def pulses(t):
        phase = math.sin(2 * math.pi * 50 * t)
        return 20.0 * phase if abs(phase) > 0.9 and t < 0.0731 else 0.0

    edge = ends(wave(pulses), 1.0, HALF)
    assert abs(edge.t - 0.0731) <= math.sqrt(3) / 2 * edge.u
    assert 0.004 < edge.u < 0.0045  # 71 % of a half cycle lie between two pulses


def test_what_flows_to_the_end_of_the_capture_has_not_ended():
    edge = ends(sine(45.0, 9.0), 1.0, HALF)
    assert edge.open
    assert edge.t == pytest.approx(0.45, abs=0.001)
    assert supply_ends(sine(325.0, 9.0), 35.0, HALF).open


def test_a_current_that_comes_back_ends_the_last_time():
    again = wave(lambda t: 45.0 * math.sin(314.16 * t) if t < 0.05 or 0.2 < t < 0.25 else 0.0)
    assert ends(again, 1.0, HALF).t == pytest.approx(0.25, abs=0.001)


def test_without_current_there_is_no_end():
    assert ends(wave(lambda _t: 0.3), 1.0, HALF) is None
    assert begins(wave(lambda _t: 0.3), 1.0, HALF) is None


@pytest.mark.parametrize("phase", [k * math.pi / 8 for k in range(16)])
def test_the_end_of_a_supply_is_within_half_a_cycle(phase):
    edge = supply_ends(sine(325.0, 0.0731, phase=phase), 35.0, HALF)
    assert not edge.open
    assert abs(edge.t - 0.0731) <= math.sqrt(3) / 2 * edge.u + 1e-4
    assert edge.u <= 0.0061


@pytest.mark.parametrize("phase", [k * math.pi / 8 for k in range(16)])
def test_a_charge_that_is_left_behind_is_no_supply(phase):
    left = 325.0 * math.sin(2 * math.pi * 50 * 0.0731 + phase)
    decays = sine(325.0, 0.0731, phase=phase, after=lambda t: left * math.exp(-(t - 0.0731) / 0.5))
    edge = supply_ends(decays, 35.0, HALF)
    assert abs(edge.t - 0.0731) <= math.sqrt(3) / 2 * edge.u + 1e-4
    assert edge.t < 0.085


@pytest.mark.parametrize("phase", [k * math.pi / 8 for k in range(16)])
def test_a_voltage_begins_where_it_begins(phase):
    closes = wave(lambda t: 325.0 * math.sin(314.16 * t + phase) if t >= 0.0123 else 0.0)
    edge = begins(closes, 35.0, HALF)
    assert abs(edge.t - 0.0123) <= math.sqrt(3) / 2 * edge.u + 1e-4
    assert edge.u < 0.002


def test_a_voltage_that_was_always_there_did_not_begin():
    assert begins(sine(325.0, 9.0), 35.0, HALF) is None


def test_peak_rms_and_square_integral_of_a_sine():
    current = sine(10.0, 9.0)
    assert peak(current, 0.0, 0.02) == pytest.approx(10.0, rel=1e-3)
    assert rms(current, 0.0, 0.02) == pytest.approx(10.0 / math.sqrt(2), rel=1e-3)
    assert square_integral(current, 0.0, 0.02) == pytest.approx(50.0 * 0.02, rel=1e-3)
    with pytest.raises(ValueError, match="no sample lies between"):
        rms(current, 0.6, 0.7)


def test_a_threshold_lies_above_the_steps_of_the_converter():
    fine, coarse = wave(lambda _t: 0.0), wave(lambda _t: 0.0, resolution=2.0)
    assert threshold(0.5, fine) == pytest.approx(0.707, abs=0.001)
    assert threshold(0.5, coarse) == 6.0


def test_samples_that_are_not_apart_are_no_waveform():
    with pytest.raises(ValueError, match="are no waveform"):
        Waveform(0.0, 0.0, array("d", [1.0]))
