"""Disturbances of the supply: dips, a lost neutral, a source with a resistance, rotation, inrush."""

import math

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig, at_terminals, on_supply
from bench.virtual.plant.inrush import inrush
from bench.virtual.plant.plant import Plant, PlantConfig


def charging(loop, *, faults=frozenset(), evses=1, source_ohm=0.0, rotation="RST", **ev):
    """A plant whose first EVSE charges at 16 A; the car is a rude one."""
    car = EvConfig(polite=False, wants_energy=True, **ev)
    one = EvseConfig(ev=car, rotation=rotation)
    plant = Plant(loop, PlantConfig(evses=(one,) * evses, source_ohm=source_ohm), faults)
    for number in range(1, evses + 1):
        evse = plant.evse(number)
        evse.plug_in(32)
        evse.set_pilot_duty(16 / 0.6)
        evse.close_contactor()
    loop.run(20.0)
    return plant, plant.evse(1)


def moves(plant, since):
    return [(edge.t, edge.value) for edge in plant.edges.of("evse1.contactor") if edge.t > since]


def test_a_dip_ends_exactly_when_it_should(loop):
    plant, _ = charging(loop)
    began = loop.time()
    plant.dip(0.4, 0.0137, phase=2)
    assert plant.grid.voltage_v == pytest.approx((230.0, 92.0, 230.0))
    loop.run(1.0)
    assert plant.grid.voltage_v == (230.0, 230.0, 230.0)
    assert [edge.t - began for edge in plant.edges.of("dip_l2")] == pytest.approx([0.0, 0.0137])


def test_a_dip_within_another_does_not_leave_the_others_low(loop):
    plant, _ = charging(loop)
    plant.dip(0.7, 1.0)
    loop.run(0.2)
    plant.dip(0.4, 0.1, phase=1)
    loop.run(0.5)
    assert plant.grid.voltage_v == pytest.approx((230.0, 161.0, 161.0))
    loop.run(1.0)
    assert plant.grid.voltage_v == (230.0, 230.0, 230.0)


@pytest.mark.parametrize(
    ("share", "duration_s", "opened"),
    [(0.0, 0.010, False), (0.0, 0.1, True), (0.4, 0.1, True), (0.7, 5.0, False), (0.8, 5.0, False)],
)
def test_the_contactor_drops_out_where_its_coil_is_not_held(loop, share, duration_s, opened):
    plant, evse = charging(loop)
    began = loop.time()
    plant.dip(share, duration_s)
    loop.run(10.0)
    told = [value for _, value in moves(plant, began)]
    assert told == ([False, True] if opened else [])
    assert evse.current_a()[0] == pytest.approx(15.52, rel=1e-3)


def test_a_dip_shorter_than_the_hold_up_leaves_the_controller_its_supply(loop):
    plant, _ = charging(loop)
    plant.dip(0.0, 0.25)
    loop.run(2.0)
    assert not plant.edges.of("supply")
    plant.dip(0.0, 0.5)
    loop.run(2.0)
    assert [edge.value for edge in plant.edges.of("supply")] == [False, True]


@pytest.mark.parametrize(("share", "duration_s", "phase"), [(1.5, 1.0, None), (0.5, 0.0, None), (0.5, 1.0, 4)])
def test_no_such_dip(loop, share, duration_s, phase):
    plant, _ = charging(loop)
    with pytest.raises(ValueError, match="use"):
        plant.dip(share, duration_s, phase)


def test_a_lost_neutral_unbalances_the_phases_and_comes_back(loop):
    plant, evse = charging(loop)
    plant.inject_fault(1, "neutral_loss")
    low, middle, high = evse.supply_v
    assert low < 200.0 < middle < 250.0 < high < 300.0
    # line to line voltages do not depend on the star point
    assert plant.grid.source_voltage_v == (230.0, 230.0, 230.0)
    plant.clear_fault(1)
    assert evse.supply_v == (230.0, 230.0, 230.0)
    assert [edge.value for edge in plant.edges.of("neutral")] == [False, True]


def test_a_source_with_a_resistance_sags_under_the_load_of_all_evses(loop):
    one, _ = charging(loop, source_ohm=0.2)
    two, _ = charging(loop, source_ohm=0.2, evses=2)
    assert one.grid.voltage_v[0] == pytest.approx(230.0 - 0.2 * 15.52, abs=0.01)
    assert two.grid.voltage_v[0] == pytest.approx(230.0 - 0.2 * 31.04, abs=0.02)
    for evse in (two.evse(1), two.evse(2)):
        evse.open_contactor()
    loop.run(5.0)
    assert two.grid.voltage_v[0] == pytest.approx(230.0, abs=0.01)
    assert not loop.pending()  # nothing ticks while nothing moves


def test_a_rotated_evse_draws_on_another_phase_of_the_supply(loop):
    plant, evse = charging(loop, rotation="STR", phases=1)
    assert evse.current_a()[0] > 15.0
    assert [amps > 15.0 for amps in plant.supply_current_a()] == [False, True, False]
    plant.set_voltage(200.0, phase=2)
    assert evse.supply_v == (200.0, 230.0, 230.0)


@pytest.mark.parametrize("rotation", ["RST", "STR", "TRS"])
def test_rotation_there_and_back(rotation):
    assert on_supply(at_terminals((1.0, 2.0, 3.0), rotation), rotation) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(("fault", "ohm"), [(None, 3.0), ("inrush_tenfold", 0.3)])
def test_contacts_that_close_let_a_current_rush_in(loop, fault, ohm):
    plant, evse = charging(loop, faults=frozenset([fault] if fault else []))
    closed = plant.edges.of("evse1.contactor")[0].t
    rush = evse.inrushes[-1]
    assert rush.t0 == closed
    crest_a = 230.0 * math.sqrt(2.0) / ohm
    assert crest_a * 0.86 <= rush.highest_a <= crest_a  # of three phases one is always within 30 degrees of its crest
    assert max(map(abs, evse.inrush_at(closed + 0.0005))) == pytest.approx(rush.highest_a / math.e)
    assert evse.inrush_at(closed + 1.0) == (0.0, 0.0, 0.0)


def test_only_phases_that_the_car_uses_rush():
    rush = inrush(0.005, (230.0,) * 3, 50.0, phases=1, ohm=3.0, tau_s=0.0005)
    assert rush.peak_a == pytest.approx((230.0 * math.sqrt(2.0) / 3.0, 0.0, 0.0))
    assert rush.square_a2s() == pytest.approx(rush.highest_a**2 * 0.00025)
