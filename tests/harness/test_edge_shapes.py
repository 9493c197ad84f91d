"""Openings of a supply and transitions of a pulse, against waveforms whose truth is known."""

import math
from array import array

import pytest

from harness.edges import Waveform, openings, pilot_rises, transition

HALF = 0.0105


def supply(gaps, *, volts=92.0, length=1.2, step=100e-6, left=0.0):
    """A sine of 50 Hz that is away from until; `left`: the share of it that stays as a charge and decays."""

    def at(t):
        gone = next((begin for begin, end in gaps if begin <= t < end), None)
        sine = math.sqrt(2) * volts * math.sin(2 * math.pi * 50 * (t if gone is None else gone))
        return sine if gone is None else left * sine * math.exp(-(t - gone) / 0.3)

    return Waveform(0.0, step, array("d", (at(n * step) for n in range(round(length / step)))), 3.9)


@pytest.mark.parametrize("begin", [0.2 + k * 0.0023 for k in range(9)])
@pytest.mark.parametrize("lasts", [0.025, 0.04, 0.3])
@pytest.mark.parametrize("left", [0.0, 1.0])
def test_an_opening_is_found_wherever_the_sine_stands(begin, lasts, left):
    found = openings(supply([(begin, begin + lasts)], left=left), 35.0, HALF)
    assert len(found) == 1
    assert found[0][0] == pytest.approx(begin, abs=HALF)
    assert found[0][1] == pytest.approx(begin + lasts, abs=HALF)


def test_each_opening_counts_and_the_last_one_may_have_no_end():
    gaps = [(0.2, 0.24), (0.28, 0.32), (0.6, 9.0)]
    found = openings(supply(gaps), 35.0, HALF)
    assert [end is None for _, end in found] == [False, False, True]


@pytest.mark.parametrize("volts", [46.0, 161.0, 230.0])
def test_a_supply_that_is_there_is_never_open(volts):
    assert openings(supply([], volts=volts), 35.0, HALF) == []


def test_a_dip_that_leaves_a_voltage_is_no_opening():
    step = 100e-6

    def at(t):
        return math.sqrt(2) * (46.0 if 0.3 <= t < 0.7 else 230.0) * math.sin(2 * math.pi * 50 * t)

    wave = Waveform(0.0, step, array("d", (at(n * step) for n in range(12000))), 3.9)
    assert openings(wave, 35.0, HALF) == []


def test_what_never_was_there_does_not_open():
    assert openings(supply([(0.0, 9.0)]), 35.0, HALF) == []


def pulse(tau_s, *, low=-12.0, high=9.0, step=20e-9, resolution=0.0, begin=-1e-4):
    def at(t):
        volts = low if t < 0 else high + (low - high) * math.exp(-t / tau_s)
        return round(volts / resolution) * resolution if resolution else volts

    return Waveform(begin, step, array("d", (at(begin + n * step) for n in range(10_000))), resolution)


@pytest.mark.parametrize("tau_us", [0.1, 0.4, 0.9, 5.0])
@pytest.mark.parametrize(("low", "high"), [(-12.0, 9.0), (9.0, -12.0), (-12.0, 6.0)])
@pytest.mark.parametrize("resolution", [0.0, 0.15625])
def test_the_time_from_10_to_90_percent(tau_us, low, high, resolution):
    begin, end = transition(pulse(tau_us * 1e-6, low=low, high=high, resolution=resolution))
    assert abs(end.t - begin.t - math.log(9) * tau_us * 1e-6) <= math.sqrt(3) / 2 * (begin.u + end.u)
    assert begin.u + end.u < 0.15 * tau_us * 1e-6 + 45e-9


def test_what_does_not_move_or_is_cut_off_has_no_transition():
    with pytest.raises(ValueError, match="no transition"):
        transition(pulse(1e-6, high=-12.0, resolution=0.15))
    with pytest.raises(ValueError, match="as a whole"):
        transition(pulse(100e-6, resolution=0.15))
    with pytest.raises(ValueError, match="no levels"):
        transition(Waveform(0.0, 1.0, array("d", [1.0] * 9)))


def test_a_sample_on_the_rise_of_a_pulse_shows_no_level():
    """State B from 2.3 ms on; a sample lies on the rise of the pulse at 3 ms, and must not shorten the span of the edge."""
    step = 50e-6

    def at(n):
        t = n * step
        high = 6.0 if t < 2.3e-3 else 9.0
        return 3.0 if n == 60 else (high if t % 1e-3 < 0.3e-3 else -12.0)

    edge = pilot_rises(Waveform(0.0, step, array("d", (at(n) for n in range(200)))), 7.5)
    assert edge.t - edge.u * math.sqrt(3) / 2 <= 2.3e-3 <= edge.t + edge.u * math.sqrt(3) / 2


def test_pulses_of_one_sample_show_their_level_all_the_same():
    pilot = Waveform(0.0, 1e-4, array("d", ([6.0] + [-12.0] * 9) * 10 + ([9.0] + [-12.0] * 9) * 10))
    assert pilot_rises(pilot, 7.5).t == pytest.approx(0.0095, abs=1e-9)
