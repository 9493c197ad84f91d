"""The energy of randomised sessions on the plant, in closed form, against stepping through them: ramps, pauses, dips, phases, power factors, leaks."""

import random
from dataclasses import dataclass, field

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.faults import PLANT_FAULTS
from bench.virtual.plant.plant import Plant, PlantConfig
from harness.cable_loss import squares_a2

STEP_S = 0.005
TARGET = 1e-4
"""Relative: what the virtual plant may be off."""

SECONDS = 60.0
SEEDS = range(20)
FAULTS = ("", "leak_after_stop", "outlet_l3_loaded", "contactor_slow_open")


@dataclass
class Stepped:
    """Sums over small steps of what is there in the middle of each: watts, squared amperes and volts, and the cable's heat."""

    energy_ws: list = field(default_factory=lambda: [0.0] * 3)
    current_a2s: list = field(default_factory=lambda: [0.0] * 3)
    voltage_v2s: list = field(default_factory=lambda: [0.0] * 3)
    loss_ws: float = 0.0

    def add(self, loop, evse, span):
        flow, amps = evse.history.current, evse.current_a()
        for k in range(3):
            self.energy_ws[k] += flow.voltage_v[k] * amps[k] * flow.power_factor * span
            self.current_a2s[k] += amps[k] ** 2 * span
            self.voltage_v2s[k] += flow.voltage_v[k] ** 2 * span
        through = [amps[k] - flow.steady_a[k] for k in range(3)]
        self.loss_ws += squares_a2(through) * evse.config.conductor_ohm * span


def step(loop, evse, seconds, stepped):
    """Let time pass in steps that end wherever something happens."""
    end = loop.now + seconds
    while loop.now < end - 1e-12:
        due = min((handle.when for handle in loop.pending()), default=end)
        span = min(STEP_S, end - loop.now, max(due - loop.now, 1e-9))
        loop.run(span / 2)
        stepped.add(loop, evse, span)
        loop.run(span / 2)


def act(draw, plant, evse):
    """Something that the station, the driver, the car or the grid may do."""
    amps = draw.uniform(6.0, 32.0)
    actions = (
        lambda: evse.set_pilot_duty(amps / 0.6),
        lambda: evse.set_pilot_duty(None),
        lambda: evse.request_energy(on=draw.random() < 0.7),
        lambda: evse.set_demand(amps, draw.choice((1, 2, 3))),
        lambda: evse.set_power_factor(draw.uniform(0.5, 1.0)),
        lambda: evse.set_polite(polite=draw.random() < 0.5),
        lambda: plant.set_voltage(draw.choice((0.0, 92.0, 161.0, 207.0, 253.0)), draw.choice((None, 1, 2, 3))),
        lambda: plant.set_voltage(230.0),
        lambda: plant.set_mains_cut(cut=draw.random() < 0.5),
        lambda: evse.select_phases(draw.choice((1, 3))),
        evse.open_contactor,
    )
    draw.choice(actions)()


def charge_again(plant, evse):
    """Whatever was done before, energy is asked for and offered."""
    plant.set_mains_cut(cut=False)
    evse.set_pilot_duty(16 / 0.6)
    evse.request_energy(on=True)
    evse.close_contactor()


@pytest.mark.parametrize("seed", SEEDS)
def test_energy_agrees_with_a_fine_integration(loop, seed):
    draw = random.Random(seed)
    ev = EvConfig(ramp=draw.choice(("exponential", "linear")), slope_a_per_s=draw.uniform(2.0, 20.0))
    faults = frozenset(filter(None, [FAULTS[seed % len(FAULTS)]]))
    assert faults <= PLANT_FAULTS.keys()
    plant = Plant(loop, PlantConfig(evses=(EvseConfig(ev=ev, conductor_ohm=draw.uniform(0.01, 0.3)),)), faults)
    evse, stepped = plant.evse(1), Stepped()
    evse.plug_in(32)
    begun = loop.now
    while loop.now - begun < SECONDS:
        charge_again(plant, evse)
        step(loop, evse, draw.uniform(1.0, 6.0), stepped)
        for _ in range(draw.randint(1, 3)):
            act(draw, plant, evse)
            step(loop, evse, draw.uniform(0.01, 3.0), stepped)
    totals = evse.totals()
    counted = {"outlet": totals.energy_wh * 3600, "vehicle": totals.vehicle_energy_wh * 3600}
    summed = {"outlet": sum(stepped.energy_ws), "vehicle": sum(stepped.energy_ws) - stepped.loss_ws}
    off = {place: counted[place] / summed[place] - 1 for place in counted}
    print(f"seed {seed}: {counted['outlet'] / 3600:.1f} Wh,", ", ".join(f"{p} {x:+.1e}" for p, x in off.items()))
    assert counted["outlet"] > 20_000.0
    assert counted == pytest.approx(summed, rel=TARGET)
    for name in ("energy_ws", "current_a2s", "voltage_v2s"):
        assert getattr(totals, name) == pytest.approx(getattr(stepped, name), rel=TARGET, abs=1e-3), name
