"""A wrong plant tells that it was wrong once it was, and not before."""

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.faults import PLANT_FAULTS
from bench.virtual.plant.plant import Plant, PlantConfig

AT_ONCE = {"outlet_always_live", "electronics_never_rest"}


def made(loop, fault):
    ev = EvConfig(polite=False, wants_energy=True)
    return Plant(loop, PlantConfig(evses=(EvseConfig(ev=ev),)), frozenset([fault]))


def session(loop, evse, *, current_a, seconds=3600.0):
    """A session, with a change of phases in it; the EV draws `current_a` on three phases, then on two and one, at a power factor of 0.9."""
    evse.plug_in(32)
    evse.set_demand(current_a)
    evse.set_power_factor(0.9)
    evse.set_pilot_duty(30.0)
    assert evse.pilot_frequency_hz > 0.0
    assert evse.pilot_edge_tau_s > 0.0
    evse.close_contactor()
    loop.run(seconds)
    evse.read_meter()
    evse.select_phases(1)
    loop.run(5.0)
    evse.select_phases(3)
    for phases in (2, 1):
        evse.set_demand(current_a, phases)
        loop.run(5.0)
        evse.read_meter()
    evse.open_contactor()
    loop.run(30.0)
    evse.read_meter()
    evse.unplug()
    evse.set_pilot_duty(None)


def dip(loop, plant, evse):
    """A session that meets a dip."""
    evse.plug_in(32)
    evse.set_pilot_duty(30.0)
    evse.close_contactor()
    loop.run(5.0)
    plant.dip(0.6, 0.3)
    loop.run(5.0)
    evse.open_contactor()
    loop.run(30.0)
    evse.unplug()
    evse.set_pilot_duty(None)


@pytest.mark.parametrize("fault", PLANT_FAULTS)
def test_a_fault_that_showed_is_told(loop, fault):
    plant = made(loop, fault)
    evse = plant.evse(1)
    session(loop, evse, current_a=6.0)
    dip(loop, plant, evse)
    plant.set_output(on=False)
    loop.run(10.0)
    plant.set_output(on=True)
    loop.run(10.0)
    session(loop, evse, current_a=20.0)
    assert plant.faults.shown == {fault}


@pytest.mark.parametrize("fault", sorted(set(PLANT_FAULTS) - AT_ONCE))
def test_a_fault_that_had_no_part_is_not_told(loop, fault):
    plant = made(loop, fault)
    evse = plant.evse(1)
    loop.run(1.0)
    evse.set_weld(welded=False)
    evse.open_contactor()
    assert evse.pilot_frequency_hz == evse.config.pilot_frequency_hz
    assert evse.pilot_edge_tau_s == evse.config.pilot_edge_tau_s
    assert plant.faults.shown == frozenset()
