import pytest

from bench.virtual.plant import cable, pilot
from bench.virtual.plant.plant import Plant

C_OHM = pilot.parallel_ohm(pilot.R_B_OHM, pilot.R_C_OHM)
D_OHM = pilot.parallel_ohm(pilot.R_B_OHM, pilot.R_D_OHM)


@pytest.mark.parametrize(
    ("ohm", "high_v", "state"),
    [(None, 12.0, "A"), (2740.0, 8.98, "B"), (C_OHM, 6.00, "C"), (D_OHM, 2.93, "D"), (0.0, 0.0, "E")],
)
@pytest.mark.parametrize("duty_pct", [None, 16.0])
def test_voltage_and_state_follow_the_resistor(ohm, high_v, state, duty_pct):
    seen = pilot.levels(pilot.Drive(duty_pct), pilot.Load(ohm))
    assert seen.high_v == pytest.approx(high_v, abs=0.01)
    assert pilot.classify(seen) == state


def test_the_base_stays_at_minus_twelve_behind_the_diode():
    assert pilot.levels(pilot.Drive(50.0), pilot.Load(2740.0)).low_v == -12.0


def test_without_the_diode_the_base_mirrors_the_top_and_is_an_error():
    seen = pilot.levels(pilot.Drive(50.0), pilot.Load(2740.0, diode=False))
    assert seen.low_v == -seen.high_v
    assert pilot.classify(seen) == "E"


def test_held_low_is_f_and_unsupplied_is_e():
    assert pilot.classify(pilot.levels(pilot.Drive(held_low=True), pilot.Load(2740.0))) == "F"
    assert pilot.classify(pilot.levels(pilot.Drive(held_low=True), pilot.Load())) == "F"
    assert pilot.classify(pilot.levels(pilot.Drive(supplied=False), pilot.Load(2740.0))) == "E"


@pytest.mark.parametrize(
    ("duty_pct", "current_a"),
    [(2, 0), (5, 0), (7.5, 0), (8, 6), (9.9, 6), (10, 6), (16, 9.6), (50, 30), (85, 51), (90, 65), (96.5, 80), (98, 0)],
)
def test_duty_says_a_current(duty_pct, current_a):
    assert pilot.offered_current_a(duty_pct) == pytest.approx(current_a)


@pytest.mark.parametrize("current_a", [6, 10, 16, 32, 51, 63, 80])
def test_duty_for_a_current_is_the_inverse(current_a):
    assert pilot.offered_current_a(pilot.duty_for_current_pct(current_a)) == pytest.approx(current_a)


@pytest.mark.parametrize("current_a", [0.0, 5.9, 80.1])
def test_a_current_that_pwm_cannot_say_is_refused(current_a):
    with pytest.raises(ValueError, match="use 6 to 80 A"):
        pilot.duty_for_current_pct(current_a)


@pytest.mark.parametrize("rating_a", [13, 20, 32, 63])
def test_a_cable_is_read_back_as_coded(rating_a):
    assert cable.rating_from_ohm(cable.proximity_ohm(rating_a)) == rating_a


def test_other_resistors_are_no_cable():
    assert [cable.rating_from_ohm(ohm) for ohm in (0.0, 50.0, 150.0, 350.0, 1000.0, 5000.0)] == [None] * 6
    with pytest.raises(ValueError, match="16 A: use one of 13, 20, 32, 63"):
        cable.proximity_ohm(16)


def test_a_broken_wire_is_a_car_that_is_gone(loop):
    plant = Plant(loop)
    evse = plant.evse(1)
    evse.plug_in(32)
    evse.set_pilot_duty(50.0)
    assert evse.pilot_state() == "B"
    evse.break_pilot(broken=True)
    assert evse.pilot_state() == "A"
    assert evse.plug_seen()
    evse.break_pilot(broken=False)
    assert evse.pilot_state() == "B"


def test_a_resistor_that_codes_no_cable_is_seen_as_a_plug(loop):
    evse = Plant(loop).evse(1)
    evse.set_proximity(500_000.0)
    assert evse.plug_seen()
    assert evse.cable_rating_a() is None
