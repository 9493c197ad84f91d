"""Each wrong plant differs in what its description says, and the good one does not."""

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.faults import PLANT_FAULTS
from bench.virtual.plant.plant import Plant, PlantConfig


def charge(loop, fault, *, phases=3, seconds=600.0):
    """An EVSE with a rude EV, charging at 16 A; the fault is None on the good plant."""
    ev = EvConfig(polite=False, wants_energy=True, phases=phases)
    plant = Plant(loop, PlantConfig(evses=(EvseConfig(ev=ev),)), frozenset([fault] if fault else []))
    evse = plant.evse(1)
    evse.plug_in(32)
    evse.set_pilot_duty(16 / 0.6)
    evse.close_contactor()
    loop.run(seconds)
    return plant, evse


def stays_on_s(loop, evse):
    """How long the outlet stays on after a stop, up to 60 s."""
    start = loop.time()
    evse.open_contactor()
    while evse.contactor_closed() and loop.time() - start < 60.0:
        loop.run(0.001)
    return loop.time() - start


def billed_over_delivered(loop, fault):
    _, evse = charge(loop, fault, seconds=3600.0)
    evse.open_contactor()
    loop.run(1.0)
    return (evse.read_meter().energy_wh - 1000.0) / evse.totals().energy_wh


@pytest.mark.parametrize(
    ("fault", "low", "high"),
    [
        (None, 0.018, 0.020),
        ("contactor_slow_open", 0.25, 0.252),
        ("contactor_opens_late", 20.0, 20.01),
        ("contactor_welded", 60.0, 61.0),
    ],
)
def test_how_long_the_outlet_stays_on(loop, fault, low, high):
    _, evse = charge(loop, fault)
    assert low <= stays_on_s(loop, evse) <= high


def test_a_weld_can_be_made_and_freed(loop):
    _, evse = charge(loop, None)
    evse.set_weld(welded=True)
    evse.open_contactor()
    loop.run(5.0)
    assert evse.contactor_closed()
    assert evse.current_a()[0] > 15.0
    evse.set_weld(welded=False)
    loop.run(0.1)
    assert not evse.contactor_closed()


@pytest.mark.parametrize(("fault", "flows"), [(None, True), ("contactor_never_closes", False)])
def test_contacts_follow_the_coil(loop, fault, flows):
    _, evse = charge(loop, fault)
    assert evse.contactor_closed() is flows
    assert (evse.totals().energy_wh > 100.0) is flows


@pytest.mark.parametrize(("fault", "flows"), [(None, True), ("contacts_burnt", False)])
def test_closed_contacts_conduct(loop, fault, flows):
    _, evse = charge(loop, fault)
    assert evse.contactor_closed()
    assert (evse.current_a()[0] > 10.0) is flows
    assert (evse.totals().energy_wh > 100.0) is flows


@pytest.mark.parametrize(("fault", "leak_a"), [(None, 0.0), ("leak_after_stop", 1.2)])
def test_current_that_comes_back(loop, fault, leak_a):
    _, evse = charge(loop, fault)
    evse.open_contactor()
    loop.run(9.9)
    assert evse.current_a() == (0.0, 0.0, 0.0)
    loop.run(5.0)
    assert evse.current_a() == (leak_a,) * 3
    evse.unplug()
    assert evse.current_a() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("fault", "ratio"), [(None, 1.003), ("meter_gain_plus_3pct", 1.03), ("meter_register_stuck", 0.0)]
)
def test_billed_energy(loop, fault, ratio):
    assert billed_over_delivered(loop, fault) == pytest.approx(ratio, abs=2e-4)


@pytest.mark.parametrize(("fault", "falls"), [(None, False), ("meter_register_resets", True)])
def test_the_register_over_two_transactions(loop, fault, falls):
    _, evse = charge(loop, fault)
    evse.open_contactor()
    loop.run(1.0)
    before_wh = evse.read_meter().energy_wh
    evse.close_contactor()
    loop.run(1.0)
    assert (evse.read_meter().energy_wh < before_wh) is falls


@pytest.mark.parametrize(("fault", "counted_wh"), [(None, 0.0), ("meter_creeps", 12.0)])
def test_the_register_of_an_idle_outlet(loop, fault, counted_wh):
    plant = Plant(loop, faults=frozenset([fault] if fault else []))
    before_wh = plant.evse(1).read_meter().energy_wh
    loop.run(3600.0)
    assert plant.evse(1).read_meter().energy_wh - before_wh == pytest.approx(counted_wh, abs=1.0)


@pytest.mark.parametrize(("fault", "falls"), [(None, False), ("meter_register_volatile", True)])
def test_the_register_over_a_loss_of_supply(loop, fault, falls):
    plant, evse = charge(loop, fault)
    plant.set_output(on=False)
    loop.run(0.2)
    before_wh = evse.read_meter().energy_wh
    loop.run(1.0)
    plant.set_output(on=True)
    loop.run(1.0)
    assert (evse.read_meter().energy_wh < before_wh) is falls


@pytest.mark.parametrize(("fault", "begins_wh"), [(None, None), ("meter_register_rebased", 0.0)])
def test_the_register_after_another_plug(loop, fault, begins_wh):
    _, evse = charge(loop, fault)
    evse.open_contactor()
    loop.run(1.0)
    before_wh = evse.read_meter().energy_wh
    evse.unplug()
    loop.run(1.0)
    evse.plug_in(32)
    assert evse.read_meter().energy_wh == (before_wh if begins_wh is None else begins_wh)


@pytest.mark.parametrize(("extra_a", "fault"), [(0.0, None), (10.0, "outlet_l1_loaded")])
def test_the_load_beside_the_ev_on_l1(loop, extra_a, fault):
    _, evse = charge(loop, fault, seconds=60.0)
    assert evse.current_a() == pytest.approx((15.52 + extra_a, 15.52, 15.52))
    evse.open_contactor()
    loop.run(1.0)
    assert evse.current_a() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("fault", "extra_a"), [(None, 0.0), ("outlet_l3_loaded", 10.0)])
def test_the_load_beside_the_ev(loop, fault, extra_a):
    _, evse = charge(loop, fault, seconds=3600.0)
    drawn = evse.current_a()
    assert drawn[:2] == pytest.approx((15.52, 15.52))
    assert drawn[2] == pytest.approx(15.52 + extra_a)
    now = loop.time()
    window = evse.history.window(now - 10.0, now)
    assert window.current_a == pytest.approx(drawn)
    assert window.power_w[2] == pytest.approx(230.0 * 0.99 * drawn[2])
    evse.open_contactor()
    loop.run(1.0)
    assert evse.current_a() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("fault", "loaded"), [(None, 0), ("meter_phases_swapped", 1)])
def test_the_phase_that_carries(loop, fault, loaded):
    _, evse = charge(loop, fault, phases=1)
    reading = evse.read_meter()
    assert [k for k in range(3) if reading.current_a[k] > 1.0] == [loaded]


@pytest.mark.parametrize(("fault", "duty_pct"), [(None, 16 / 0.6), ("pilot_duty_plus_2", 16 / 0.6 + 2)])
def test_the_duty_on_the_line(loop, fault, duty_pct):
    _, evse = charge(loop, fault)
    assert evse.pilot_duty_pct() == pytest.approx(16 / 0.6)
    assert evse.pilot_levels().duty_pct == pytest.approx(duty_pct)
    assert (evse.current_a()[0] > 16.0) is (fault is not None)


@pytest.mark.parametrize(("fault", "hertz"), [(None, 1000.4), ("pilot_frequency_off", 980.0)])
def test_the_frequency_of_the_pilot(loop, fault, hertz):
    _, evse = charge(loop, fault)
    assert evse.pilot_frequency_hz == hertz


@pytest.mark.parametrize(("fault", "volts"), [(None, 0.0), ("outlet_always_live", 230.0)])
def test_the_voltage_behind_open_contacts(loop, fault, volts):
    _, evse = charge(loop, fault)
    evse.open_contactor()
    loop.run(10.0)
    window = evse.history.window(loop.time() - 5.0, loop.time())
    assert window.voltage_v == (volts, 0.0, 0.0)
    assert window.current_a == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("fault", "told"), [(None, 230.0), ("meter_voltage_plus_3pct", 236.9), ("meter_voltage_minus_6pct", 216.2)]
)
def test_the_voltages_that_the_station_meter_reads(loop, fault, told):
    _, evse = charge(loop, fault)
    reading = evse.read_meter()
    assert reading.voltage_v == pytest.approx((told,) * 3)
    assert reading.current_a[0] == pytest.approx(16 * 0.97 * 1.003, abs=0.005)


@pytest.mark.parametrize(
    ("fault", "shown"), [(None, (True, True, False)), ("meter_currents_shifted", (True, False, False))]
)
def test_the_place_in_which_the_station_meter_shows_a_current(loop, fault, shown):
    _, evse = charge(loop, fault, phases=2)
    assert tuple(current_a > 1.0 for current_a in evse.read_meter().current_a) == shown


@pytest.mark.parametrize(("fault", "loaded"), [(None, [0]), ("meter_currents_averaged", [0, 1, 2])])
def test_the_phases_that_the_station_meter_shows_loaded(loop, fault, loaded):
    _, evse = charge(loop, fault, phases=1)
    current_a = evse.read_meter().current_a
    assert [k for k in range(3) if current_a[k] > 1.0] == loaded
    assert sum(current_a) == pytest.approx(16 * 0.97 * 1.003, abs=0.03)


@pytest.mark.parametrize(("fault", "loaded"), [(None, [0, 1]), ("meter_l2_l3_swapped", [0, 2])])
def test_the_phases_that_two_lines_load(loop, fault, loaded):
    _, evse = charge(loop, fault, phases=2)
    reading = evse.read_meter()
    assert [k for k in range(3) if reading.current_a[k] > 1.0] == loaded


@pytest.mark.parametrize(("fault", "share"), [(None, 1.0), ("meter_power_reads_half", 0.5)])
def test_the_power_that_the_station_meter_tells(loop, fault, share):
    _, evse = charge(loop, fault)
    reading = evse.read_meter()
    assert reading.power_w[0] == pytest.approx(share * 230 * reading.current_a[0] * 0.99, rel=1e-3)


@pytest.mark.parametrize(
    ("fault", "current_a", "share"),
    [
        (None, 6.0, 1.0),
        ("meter_starts_at_8a", 6.0, 0.0),
        ("meter_starts_at_8a", 16.0, 1.0),
        ("meter_counts_apparent_energy", 16.0, 1 / 0.8),
    ],
)
def test_what_the_register_counts(loop, fault, current_a, share):
    _, evse = charge(loop, fault)
    evse.set_power_factor(0.8)
    evse.set_demand(current_a)
    loop.run(5.0)
    before_wh, true_wh = evse.read_meter().energy_wh, evse.totals().energy_wh
    loop.run(1800.0)
    counted_wh, flowed_wh = evse.read_meter().energy_wh - before_wh, evse.totals().energy_wh - true_wh
    assert flowed_wh > 1000
    assert counted_wh == pytest.approx(1.003 * share * flowed_wh, abs=2.0)


@pytest.mark.parametrize(("fault", "watts"), [(None, 4.0), ("electronics_never_rest", 12.0)])
def test_what_the_electronics_take_while_nobody_charges(loop, fault, watts):
    plant = Plant(loop, faults=frozenset([fault] if fault else []))
    loop.run(3600.0)
    assert plant.electronics.totals(plant.now()).energy_wh == pytest.approx(watts, rel=1e-3)


def test_the_electronics_take_nothing_without_a_supply(loop):
    plant = Plant(loop)
    plant.set_output(on=False)
    loop.run(3600.0)
    assert plant.electronics.totals(plant.now()).energy_wh == pytest.approx(0.0, abs=1e-3)


def test_the_station_meter_speaks_in_its_steps(loop):
    _, evse = charge(loop, None)
    reading = evse.read_meter()
    assert reading.energy_wh == int(reading.energy_wh)
    assert reading.current_a[0] == pytest.approx(16 * 0.97 * 1.003, abs=0.005)
    assert reading.power_w[0] == pytest.approx(230 * 16 * 0.97 * 0.99 * 1.003, abs=0.5)
    assert reading.voltage_v == (230.0, 230.0, 230.0)
    assert reading.frequency_hz == 50.0


def test_an_unknown_fault_is_refused_with_the_known_ones(loop):
    with pytest.raises(ValueError, match="unknown plant fault contactor_melted: use one of contactor_chatters"):
        Plant(loop, faults=frozenset(["contactor_melted"]))


def test_every_fault_is_described_and_shown_here():
    files = __import__("pathlib").Path(__file__).parent.glob("test_plant_*.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    for name, fault in PLANT_FAULTS.items():
        assert fault.difference
        assert fault.requirement
        assert f'("{name}", ' in source or f', "{name}")' in source, f"no test shows the effect of {name}"
