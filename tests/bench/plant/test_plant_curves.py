"""Closed-form integrals against fine numeric ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.virtual.plant.history import Flow, OutletHistory
from bench.virtual.plant.ramp import Ramp

amps = st.floats(0.0, 80.0)


def numeric(function, t1, t2, steps=20_000):
    width = (t2 - t1) / steps
    inner = sum(function(t1 + k * width) for k in range(1, steps))
    return width * (inner + (function(t1) + function(t2)) / 2)


@pytest.mark.parametrize("shape", ["exponential", "linear"])
@pytest.mark.parametrize(("start", "target"), [(0.0, 16.0), (16.0, 9.7), (32.0, 0.0), (10.0, 10.0)])
def test_integrals_agree_with_fine_steps(shape, start, target):
    ramp = Ramp(2.0, start, target, shape, tau_s=0.5, slope_a_per_s=8.0)
    charge, square = ramp.charge_as(2.5, 9.0), ramp.square_a2s(2.5, 9.0)
    assert charge == pytest.approx(numeric(ramp.at, 2.5, 9.0), rel=1e-6)
    assert square == pytest.approx(numeric(lambda t: ramp.at(t) ** 2, 2.5, 9.0), rel=1e-6)


@given(start=amps, target=amps, shape=st.sampled_from(["exponential", "linear"]), split=st.floats(0.01, 9.99))
def test_integrals_are_additive(start, target, shape, split):
    ramp = Ramp(0.0, start, target, shape)
    whole = ramp.charge_as(0.0, 10.0)
    assert ramp.charge_as(0.0, split) + ramp.charge_as(split, 10.0) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    squares = ramp.square_a2s(0.0, split) + ramp.square_a2s(split, 10.0)
    assert squares == pytest.approx(ramp.square_a2s(0.0, 10.0), rel=1e-9, abs=1e-9)


def test_a_linear_ramp_moves_at_its_slope_and_stays():
    ramp = Ramp(0.0, 16.0, 8.0, "linear", slope_a_per_s=4.0)
    assert [ramp.at(t) for t in (0.0, 1.0, 2.0, 50.0)] == [16.0, 12.0, 8.0, 8.0]


@pytest.mark.parametrize(("phases", "conductors", "share"), [(1, 2, 0.0040), (2, 3, 0.0030), (3, 3, 0.0020)])
def test_cable_loss_counts_the_conductors_that_carry(phases, conductors, share):
    history = OutletHistory(0.0, conductor_ohm=0.0143)
    history.change(0.0, Flow((230.0,) * 3, Ramp(0.0, 32.0, 32.0), phases, 1.0, 50.0))
    totals = history.totals(3600.0)
    loss_wh = totals.energy_wh - totals.vehicle_energy_wh
    assert totals.energy_wh == pytest.approx(230.0 * 32.0 * phases)
    assert loss_wh == pytest.approx(32.0**2 * 0.0143 * conductors)
    assert loss_wh / totals.energy_wh == pytest.approx(share, abs=5e-5)


def test_the_past_can_be_read_after_the_present_moved_on():
    history = OutletHistory(0.0, conductor_ohm=0.0)
    live = (230.0,) * 3
    history.change(1.0, Flow(live, Ramp(1.0, 10.0, 10.0), 3, 1.0, 50.0))
    history.change(2.0, Flow(live, Ramp(2.0, 20.0, 20.0), 3, 1.0, 50.0))
    window = history.window(1.5, 2.5)
    assert window.current_a[0] == pytest.approx((0.5 * 100 + 0.5 * 400) ** 0.5)
    assert window.power_w[2] == pytest.approx(230.0 * 15.0)
    assert history.flow_at(1.2).current_a(1.2) == (10.0, 10.0, 10.0)
    assert history.window(-5.0, 0.5).current_a == (0.0, 0.0, 0.0)


def test_an_empty_window_and_a_change_in_the_past_are_refused():
    history = OutletHistory(1.0, conductor_ohm=0.0)
    history.change(5.0, Flow((230.0,) * 3))
    with pytest.raises(ValueError, match="empty window"):
        history.window(6.0, 6.0)
    with pytest.raises(ValueError, match="lies before it"):
        history.change(4.0, Flow())
