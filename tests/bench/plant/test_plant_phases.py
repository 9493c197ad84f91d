import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.phase_switch import live_phases
from bench.virtual.plant.plant import Plant, PlantConfig

DRAWN_A = pytest.approx(32 * 0.97, abs=0.1)


def charging(loop, *faults):
    ev = EvConfig(wants_energy=True)
    plant = Plant(loop, PlantConfig(evses=(EvseConfig(ev=ev),)), frozenset(faults))
    evse = plant.evse(1)
    evse.plug_in(32)
    evse.set_pilot_duty(53.4)
    loop.run(2.0)
    evse.close_contactor()
    loop.run(10.0)
    return evse


def switched(loop, evse, phases):
    """The station pauses, switches, and offers again."""
    evse.set_pilot_duty(None)
    loop.run(3.0)
    evse.open_contactor()
    loop.run(0.1)
    evse.select_phases(phases)
    loop.run(0.1)
    evse.set_pilot_duty(53.4)
    loop.run(2.0)
    evse.close_contactor()
    loop.run(10.0)


def test_one_phase_leaves_l2_and_l3_without_voltage_and_current(loop):
    evse = charging(loop)
    switched(loop, evse, 1)
    assert evse.current_a() == (DRAWN_A, 0.0, 0.0)
    assert evse.history.current.voltage_v == (230.0, 0.0, 0.0)
    switched(loop, evse, 3)
    assert evse.current_a() == (DRAWN_A, DRAWN_A, DRAWN_A)


def test_switching_under_load_makes_the_charger_start_anew(loop):
    evse = charging(loop)
    evse.select_phases(1)
    loop.run(0.1)
    assert evse.current_a() == (0.0, 0.0, 0.0)
    loop.run(10.0)
    assert evse.current_a() == (DRAWN_A, 0.0, 0.0)


def test_contacts_that_do_not_open_leave_three_phases(loop):
    evse = charging(loop, "phase_switch_stuck")
    switched(loop, evse, 1)
    assert evse.current_a() == (DRAWN_A, DRAWN_A, DRAWN_A)


def test_a_pole_that_does_not_close_again_leaves_two_phases(loop):
    evse = charging(loop, "pole_l3_does_not_close_again")
    assert evse.current_a() == (DRAWN_A, DRAWN_A, DRAWN_A)
    switched(loop, evse, 1)
    assert evse.current_a() == (DRAWN_A, 0.0, 0.0)
    switched(loop, evse, 3)
    assert evse.current_a() == (DRAWN_A, DRAWN_A, 0.0)


def test_two_phases_cannot_be_selected(loop):
    evse = charging(loop)
    with pytest.raises(ValueError, match="use 1 or 3"):
        evse.select_phases(2)


@pytest.mark.parametrize(
    ("voltage_v", "count"),
    [((0.0, 0.0, 0.0), 0), ((230.0, 0.0, 0.0), 1), ((230.0, 0.0, 230.0), 1), ((230.0, 230.0, 230.0), 3)],
)
def test_phases_are_counted_from_l1_on(voltage_v, count):
    assert live_phases(voltage_v) == count
