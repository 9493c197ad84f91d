"""The controller on a plant whose supply, pilot or cable is disturbed."""

import asyncio

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.plant import Plant, PlantConfig
from bench.virtual.stations.controller import EvseController
from bench.virtual.stations.faults import ActiveFaults


@pytest.fixture
def charging(sim):
    """Runs `body(plant, evse, controller, events)` on simulated time with a rude EV that charges at 16 A."""

    def run(body, *faults, ventilation=False, state_d=False, ohm=None):
        async def main():
            ev = EvConfig(polite=False, wants_energy=True)
            plant = Plant(asyncio.get_running_loop(), PlantConfig(evses=(EvseConfig(ev=ev),)))
            evse = plant.evse(1)
            evse.set_ventilation(required=state_d)
            controller = EvseController(evse, asyncio.get_running_loop(), ActiveFaults(faults), ventilation=ventilation)
            events = []
            controller.on_event(events.append)
            if ohm is None:
                evse.plug_in(32)
            else:
                evse.set_proximity(ohm)
            await asyncio.sleep(1)
            controller.allow(16)
            await asyncio.sleep(10)
            try:
                await body(plant, evse, controller, events)
            finally:
                controller.shut_down()
                plant.close()

        sim(main)

    return run


def amps(evse):
    return max(evse.current_a())


@pytest.mark.parametrize(
    ("faults", "at_once", "later"),
    [((), False, False), (("pilot_faults_ignored",), True, True), (("pilot_faults_forgotten",), False, True)],
)
@pytest.mark.parametrize("disturb", ["short_pilot", "bypass_diode"])
def test_an_error_of_the_pilot_cuts_energy_until_the_ev_is_gone(charging, disturb, faults, at_once, later):
    name = {"short_pilot": "shorted", "bypass_diode": "bypassed"}[disturb]

    async def body(plant, evse, controller, events):
        assert amps(evse) > 15
        getattr(evse, disturb)(**{name: True})
        await asyncio.sleep(0.5)
        assert evse.contactor_closed() is at_once
        assert controller.fault == (None if faults else "pilot_fault")
        await asyncio.sleep(20)
        assert evse.contactor_closed() is later
        if not faults:
            getattr(evse, disturb)(**{name: False})
            await asyncio.sleep(20)
            assert controller.fault == "pilot_fault"
            evse.unplug()
            await asyncio.sleep(1)
            assert controller.fault is None

    charging(body, *faults)


@pytest.mark.parametrize(("faults", "closed"), [((), False), (("pilot_faults_ignored",), True)])
def test_an_open_pilot_is_an_ev_that_is_gone(charging, faults, closed):
    async def body(plant, evse, controller, events):
        evse.break_pilot(broken=True)
        await asyncio.sleep(2)
        assert evse.contactor_closed() is closed
        assert ("unplugged" in events) is not closed

    charging(body, *faults)


@pytest.mark.parametrize(
    ("ventilation", "faults", "flows"),
    [
        (False, (), False),
        (True, (), True),
        (False, ("ventilation_assumed",), True),
        (True, ("ventilation_refused",), False),
    ],
)
def test_state_d_takes_ventilation(charging, ventilation, faults, flows):
    async def body(plant, evse, controller, events):
        assert evse.pilot_state() == "D"
        assert (amps(evse) > 15) is flows

    charging(body, *faults, ventilation=ventilation, state_d=True)


@pytest.mark.parametrize(("faults", "flows"), [((), False), (("invalid_proximity_accepted",), True)])
def test_a_resistor_that_codes_no_cable_offers_nothing(charging, faults, flows):
    async def body(plant, evse, controller, events):
        assert controller.cable_unknown
        assert (amps(evse) > 15) is flows

    charging(body, *faults, ohm=10_000.0)


@pytest.mark.parametrize(
    ("disturb", "kind"),
    [
        (lambda plant: plant.set_voltage(270.0), "over_voltage"),
        (lambda plant: plant.set_voltage(190.0, phase=3), "under_voltage"),
        (lambda plant: plant.set_frequency(46.0), "frequency"),
        (lambda plant: plant.set_neutral(connected=False), "over_voltage"),
    ],
)
def test_a_supply_beyond_its_limits_is_a_fault_until_it_is_well_again(charging, disturb, kind):
    async def body(plant, evse, controller, events):
        disturb(plant)
        await asyncio.sleep(0.4)
        assert controller.fault is None
        await asyncio.sleep(0.3)
        assert controller.fault == kind
        assert not evse.contactor_closed()
        plant.set_voltage(230.0)
        plant.set_frequency(50.0)
        plant.set_neutral(connected=True)
        await asyncio.sleep(20)
        assert controller.fault is None
        assert amps(evse) > 15
        assert events[-3:] == ["fault", "fault_cleared", "charging"]

    charging(body)


def test_a_dip_that_is_shorter_than_its_patience_is_no_fault(charging):
    async def body(plant, evse, controller, events):
        plant.dip(0.7, 0.4)
        await asyncio.sleep(10)
        assert "fault" not in events
        assert amps(evse) > 15

    charging(body)


@pytest.mark.parametrize(
    ("fault", "after_s", "held"),
    [
        ("supply_faults_ignored", 70, None),
        ("supply_faults_noticed_late", 50, None),
        ("supply_fault_kept", 5, "over_voltage"),
    ],
)
def test_stations_that_watch_their_supply_wrongly(charging, fault, after_s, held):
    async def body(plant, evse, controller, events):
        plant.set_voltage(270.0)
        await asyncio.sleep(after_s)
        assert controller.fault == held
        plant.set_voltage(230.0)
        await asyncio.sleep(20)
        assert controller.fault == held

    charging(body, fault)


@pytest.mark.parametrize(("faults", "told"), [((), "welded_contactor"), (("weld_not_noticed",), None)])
def test_a_weld_is_seen_by_the_mirror_contact_alone(charging, faults, told):
    async def body(plant, evse, controller, events):
        evse.inject_fault("welded_contactor")
        await asyncio.sleep(5)
        assert controller.fault is None
        controller.forbid()
        await asyncio.sleep(20)
        assert evse.contactor_closed()
        assert controller.fault == told
        evse.clear_fault()
        await asyncio.sleep(2)
        assert controller.fault is None

    charging(body, *faults)


@pytest.mark.parametrize(("faults", "openings"), [((), 0), (("chatters_after_a_dip",), 3)])
def test_chatter_after_a_dip(charging, faults, openings):
    async def body(plant, evse, controller, events):
        plant.dip(0.8, 0.1)
        await asyncio.sleep(10)
        moves = [edge.value for edge in plant.edges.of("evse1.contactor")]
        assert moves.count(False) == openings

    charging(body, *faults)
