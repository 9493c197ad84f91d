"""A charging session on the plant, driven by hand as firmware would."""

import pytest

from bench.virtual.hardware import EvseHardware, StationHardware
from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.meter import StationMeterConfig
from bench.virtual.plant.plant import Plant, PlantConfig


def build(loop, *, faults=(), **ev):
    evse = EvseConfig(ev=EvConfig(**ev))
    return Plant(loop, PlantConfig(evses=(evse, evse)), frozenset(faults))


def charge(loop, plant, *, duty_pct=32 / 0.6, polite=True):
    """EVSE 1 charging in its steady state."""
    evse = plant.evse(1)
    evse.set_polite(polite=polite)
    evse.plug_in(32)
    evse.request_energy(on=True)
    evse.set_pilot_duty(duty_pct)
    loop.run(2.0)
    assert evse.pilot_state() == "C"
    evse.close_contactor()
    loop.run(10.0)
    return evse


def test_the_plant_is_the_hardware_of_the_seam(loop):
    def station(hardware: StationHardware) -> tuple[EvseHardware, ...]:
        return hardware.evses

    assert [evse.evse_id for evse in station(build(loop))] == [1, 2]


def test_pilot_goes_a_b_c_and_back(loop):
    plant = build(loop)
    seen = []
    evse = plant.evse(1)
    evse.on_change(lambda signal: seen.append((signal, evse.pilot_state())))
    charge(loop, plant)
    evse.unplug()
    loop.run_soon()
    assert seen == [("pilot", "B"), ("pilot", "C"), ("contactor", "C"), ("pilot", "A")]
    assert plant.evse(2).pilot_state() == "A"


def test_callbacks_never_run_inside_a_setter(loop):
    plant = build(loop)
    called = []
    plant.evse(1).on_change(called.append)
    plant.evse(1).plug_in()
    assert called == []
    loop.run_soon()
    assert called == ["pilot"]


def test_contactor_moves_after_its_delays(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    closing = plant.edges.last("evse1.contactor").t - plant.edges.last("evse1.coil").t
    assert closing == pytest.approx(0.025, abs=1e-9)
    evse.open_contactor()
    loop.run(0.0179)
    assert evse.contactor_closed()
    loop.run(0.0002)
    assert not evse.contactor_closed()
    opening = plant.edges.last("evse1.contactor").t - plant.edges.last("evse1.coil").t
    assert opening == pytest.approx(0.018, abs=1e-9)


def test_a_close_that_is_taken_back_in_time_never_closes(loop):
    plant = build(loop)
    plant.evse(1).close_contactor()
    loop.run(0.01)
    plant.evse(1).open_contactor()
    loop.run(1.0)
    assert plant.edges.of("evse1.contactor") == []


def test_firmware_is_called_at_the_instant_of_the_event(loop):
    plant = build(loop)
    times = []
    plant.evse(1).on_change(lambda signal: times.append(loop.time()))
    start = loop.time()
    plant.evse(1).close_contactor()
    loop.run(5.0)
    assert times == [start + 0.025]


@pytest.mark.parametrize(
    ("limit_a", "demand_a", "cable_a", "expected"),
    [
        (16, 32, 32, 16 * 0.97),
        (32, 10, 32, 10.0),
        (32, 32, 13, 13.0),
        (6, 32, 32, 6 * 0.97),
    ],
)
def test_current_is_the_least_of_offer_demand_and_cable(loop, limit_a, demand_a, cable_a, expected):
    plant = build(loop)
    evse = plant.evse(1)
    evse.plug_in(cable_a)
    evse.set_demand(demand_a, 3)
    evse.request_energy(on=True)
    evse.set_pilot_duty(limit_a / 0.6)
    loop.run(2.0)
    evse.close_contactor()
    loop.run(30.0)
    assert evse.current_a() == pytest.approx((expected,) * 3, abs=1e-6)


def test_a_single_phase_ev_loads_one_phase(loop):
    plant = build(loop, phases=1)
    evse = charge(loop, plant)
    assert evse.current_a()[0] == pytest.approx(32 * 0.97, abs=1e-3)
    assert evse.current_a()[1:] == (0.0, 0.0)


@pytest.mark.parametrize("ramp", ["exponential", "linear"])
def test_a_lower_duty_is_followed_within_five_seconds(loop, ramp):
    plant = build(loop, ramp=ramp)
    evse = charge(loop, plant, duty_pct=16 / 0.6)
    evse.set_pilot_duty(10 / 0.6)
    loop.run(0.5)
    assert evse.current_a()[0] > 15.0
    loop.run(4.5)
    assert 9.5 < evse.current_a()[0] < 10.0


def test_energy_agrees_with_fine_numeric_integration(loop):
    plant = build(loop, power_factor=0.95)
    evse = charge(loop, plant, duty_pct=16 / 0.6)
    before, start = evse.totals(), loop.time()
    step, power = 0.001, []
    evse.set_pilot_duty(10 / 0.6)
    for _ in range(10_001):
        power.append(sum(evse.current_a()) * 230.0 * 0.95)
        loop.run(step)
    numeric_wh = (sum(power) - (power[0] + power[-1]) / 2) * step / 3600.0
    loop.now = start + 10.0
    plant_wh = evse.history.totals(start + 10.0).energy_wh - before.energy_wh
    assert plant_wh == pytest.approx(numeric_wh, rel=1e-4)


def test_energy_does_not_depend_on_who_looks(loop):
    plant, other_loop = build(loop), type(loop)()
    other = build(other_loop)
    charge(loop, plant)
    charge(other_loop, other)
    for _ in range(1000):
        loop.run(0.1)
        plant.evse(1).read_meter()
    other_loop.run(100.0)
    assert plant.evse(1).totals().energy_wh == pytest.approx(other.evse(1).totals().energy_wh, rel=1e-12)


def test_a_polite_ev_stops_before_it_opens_s2(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    evse.set_pilot_duty(None)
    loop.run(0.6 + 0.9)
    assert evse.pilot_state() == "C"
    assert evse.current_a()[0] < 0.01
    loop.run(0.2)
    assert evse.pilot_state() == "B"
    evse.set_pilot_duty(20.0)
    loop.run(1.0)
    assert evse.pilot_state() == "C"


def test_a_rude_ev_stays_in_c_and_draws_on_until_the_contactor_opens(loop):
    plant = build(loop)
    evse = charge(loop, plant, polite=False)
    evse.set_pilot_duty(None)
    loop.run(60.0)
    assert evse.pilot_state() == "C"
    assert evse.current_a()[0] == pytest.approx(32 * 0.97, abs=1e-3)
    evse.open_contactor()
    loop.run(0.02)
    assert evse.current_a() == (0.0, 0.0, 0.0)


def test_an_offer_below_six_ampere_ends_the_draw(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    evse.set_pilot_duty(5.0)
    loop.run(10.0)
    assert evse.pilot_state() == "B"
    assert evse.current_a()[0] < 1e-6


def test_a_grid_far_too_low_stops_the_charger_and_it_recovers(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    plant.set_voltage(150.0, phase=2)
    loop.run(5.0)
    assert evse.current_a()[0] < 1e-6
    plant.set_voltage(230.0)
    loop.run(10.0)
    assert evse.current_a()[0] == pytest.approx(32 * 0.97, abs=1e-3)


def test_unplugging_on_the_evs_side_opens_the_pilot_and_keeps_the_proximity(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    evse.connect_ev_side(connected=False)
    assert evse.pilot_state() == "A"
    assert evse.cable_rating_a() == 32.0
    assert evse.current_a() == (0.0, 0.0, 0.0)
    evse.connect_ev_side(connected=True)
    loop.run(1.0)
    assert evse.pilot_state() == "C"
    evse.unplug()
    assert evse.cable_rating_a() is None


def test_box_conditions_show_on_the_pilot(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    evse.short_pilot(shorted=True)
    assert evse.pilot_state() == "E"
    evse.short_pilot(shorted=False)
    evse.bypass_diode(bypassed=True)
    assert evse.pilot_state() == "E"
    evse.bypass_diode(bypassed=False)
    evse.set_ventilation(required=True)
    loop.run(3.0)
    assert evse.pilot_state() == "D"
    evse.set_pilot_fault()
    assert evse.pilot_state() == "F"


def test_lock_follows_its_motor(loop):
    evse = build(loop).evse(1)
    seen = []
    evse.on_change(seen.append)
    evse.lock(locked=True)
    assert not evse.locked()
    loop.run(0.3)
    assert evse.locked()
    assert seen == ["lock"]


def test_a_fault_is_injected_and_cleared(loop):
    evse = build(loop).evse(1)
    seen = []
    evse.on_change(lambda signal: seen.append((signal, evse.fault())))
    evse.inject_fault("ground_failure")
    loop.run_soon()
    evse.clear_fault()
    loop.run_soon()
    assert seen == [("fault", "ground_failure"), ("fault", None)]


def test_loss_of_mains_drops_the_contactor_and_then_the_controller(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    seen = []
    plant.on_mains(lambda present: seen.append((round(loop.time() - lost, 6), present)))
    evse.on_change(lambda signal: seen.append((round(loop.time() - lost, 6), signal)))
    register_wh, lost = evse.read_meter().energy_wh, loop.time()
    plant.set_output(on=False)
    loop.run(5.0)
    assert seen == [(0.0, "mains"), (0.018, "contactor"), (0.3, "pilot"), (0.3, False)]
    assert evse.pilot_state() == "E"
    assert not plant.mains_present()
    evse.set_pilot_duty(50.0)
    evse.close_contactor()
    assert evse.pilot_duty_pct() is None
    plant.set_output(on=True)
    loop.run(2.0)
    assert plant.mains_present()
    assert not evse.contactor_closed()
    assert evse.pilot_state() == "B"
    assert evse.read_meter().energy_wh == register_wh


def test_a_dip_shorter_than_the_hold_up_time_is_survived(loop):
    plant = build(loop)
    evse = charge(loop, plant)
    lost = []
    plant.on_mains(lost.append)
    plant.set_mains_cut(cut=True)
    loop.run(0.1)
    assert not evse.contactor_closed()
    plant.set_mains_cut(cut=False)
    loop.run(1.0)
    assert lost == []
    assert evse.contactor_closed()


def test_a_plant_that_starts_without_mains_wakes_with_them(loop):
    plant = Plant(loop, PlantConfig(mains_on=False))
    assert not plant.mains_present()
    assert plant.evse(1).pilot_state() == "E"
    plant.set_output(on=True)
    loop.run(0.1)
    assert plant.mains_present()
    assert plant.evse(1).pilot_state() == "A"


def test_reader_and_panel_reach_the_firmware(loop):
    plant = build(loop)
    seen = []
    plant.on_id_token(lambda reader, token: seen.append((reader, token)))
    plant.on_button(lambda evse, button: seen.append((evse, button)))
    plant.present_token(0, "CAFE01")
    plant.press_button(2, "emergency_stop")
    assert seen == []
    loop.run_soon()
    assert seen == [(0, "CAFE01"), (2, "emergency_stop")]


def test_bad_input_is_named(loop):
    plant = build(loop)
    cases = [
        (lambda: plant.evse(3), "there is no EVSE 3"),
        (lambda: plant.present_token(7, "X"), "there is no EVSE 7"),
        (lambda: plant.present_token(0, ""), "empty token"),
        (lambda: plant.press_button(1, "start"), "no button 'start'"),
        (lambda: plant.set_voltage(400.0), "400.0 V: use 0 to 300 V"),
        (lambda: plant.set_voltage(230.0, 4), "no phase 4"),
        (lambda: plant.set_frequency(5.0), "5.0 Hz: use 16 to 500 Hz"),
        (lambda: plant.evse(1).set_pilot_duty(120.0), "duty of 120.0 %"),
        (lambda: plant.evse(1).set_demand(-1.0), "demand -1.0 A"),
        (lambda: plant.evse(1).set_demand(10.0, 4), "on 4 phases"),
        (lambda: plant.evse(1).plug_in(16), "16 A: use one of"),
    ]
    for action, message in cases:
        with pytest.raises(ValueError, match=message):
            action()


def test_a_closed_plant_leaves_no_timer(loop):
    plant = build(loop)
    charge(loop, plant)
    plant.evse(1).open_contactor()
    plant.close()
    assert loop.pending() == []


def test_a_meter_that_counts_at_the_vehicle_misses_the_loss_of_the_cable(loop):
    counted = {}
    for counts in ("outlet", "vehicle"):
        meter = StationMeterConfig(gain_error=0.0, energy_step_wh=0.001, counts=counts)
        plant = Plant(loop, PlantConfig(evses=(EvseConfig(station_meter=meter, conductor_ohm=0.2),)))
        evse = charge(loop, plant)
        loop.run(600.0)
        counted[counts] = evse.read_meter().energy_wh - 1000.0
        totals = evse.totals()
    assert counted["outlet"] == pytest.approx(totals.energy_wh, abs=0.002)
    assert counted["vehicle"] == pytest.approx(totals.vehicle_energy_wh, abs=0.002)
    assert counted["vehicle"] < 0.98 * counted["outlet"]
