"""Contactors that are bistable or chatter, in dips of the supply, and the edges of the pilot's pulses."""

import math
from itertools import pairwise

import pytest

from bench.virtual.plant.ev import EvConfig
from bench.virtual.plant.evse_config import EvseConfig
from bench.virtual.plant.plant import Plant, PlantConfig


def charging(loop, fault):
    """An EVSE of the plant with this fault (None: the good one), its contactor closed. The callback is what a station's firmware does."""
    ev = EvConfig(polite=False, wants_energy=True)
    plant = Plant(loop, PlantConfig(evses=(EvseConfig(ev=ev),)), frozenset([fault] if fault else []))
    evse = plant.evse(1)
    evse.plug_in(32)
    evse.set_pilot_duty(30.0)
    evse.close_contactor()
    loop.run(5.0)
    return plant, evse


def closed(loop, evse, seconds):
    """Where the contacts are, each 5 ms."""
    seen = []
    for _ in range(round(seconds / 0.005)):
        loop.run(0.005)
        seen.append(evse.contactor_closed())
    return seen


def changes(seen):
    return sum(one is not other for one, other in pairwise(seen))


@pytest.mark.parametrize(("fault", "holds"), [(None, False), ("contactor_latches", True)])
def test_what_a_contactor_does_without_its_supply(loop, fault, holds):
    plant, evse = charging(loop, fault)
    plant.dip(0.2, 2.0)
    assert closed(loop, evse, 1.0)[-1] is holds
    evse.open_contactor()  # by a controller that has lost its supply, too
    assert closed(loop, evse, 0.5)[-1] is holds
    loop.run(2.0)
    evse.open_contactor()
    assert not closed(loop, evse, 0.5)[-1]


@pytest.mark.parametrize(("fault", "moves"), [(None, 0), ("contactor_chatters", 10)])
def test_a_dip_to_less_than_it_needs_to_pull_in(loop, fault, moves):
    plant, evse = charging(loop, fault)
    plant.dip(0.7, 0.4)
    seen = closed(loop, evse, 1.0)
    assert changes(seen) == pytest.approx(moves, abs=1)
    assert seen[-1]


@pytest.mark.parametrize(("fault", "share"), [("contactor_chatters", 0.8), ("contactor_chatters", 0.4)])
def test_it_chatters_neither_with_enough_nor_with_too_little(loop, fault, share):
    plant, evse = charging(loop, fault)
    plant.dip(share, 0.4)
    assert changes(closed(loop, evse, 1.0)) <= 2


@pytest.mark.parametrize(("fault", "tau_s"), [(None, 0.4e-6), ("pilot_edges_slow", 5e-6)])
def test_the_pulses_rise_and_fall_with_their_time_constant(loop, fault, tau_s):
    _, evse = charging(loop, fault)
    hertz, tau = evse.pilot_frequency_hz, evse.pilot_edge_tau_s
    assert tau == tau_s
    begin, end, wave = next(evse.pilot_history.pieces(loop.time() - 0.5, loop.time(), hertz, tau))
    assert end > begin
    rises = math.ceil(begin * hertz) / hertz
    levels = evse.pilot_levels()
    height = levels.high_v - levels.low_v
    for instant, base, way in ((rises, levels.low_v, 1.0), (rises + 0.3 / hertz, levels.high_v, -1.0)):
        gone = [(wave(instant + 1e-12 + n * tau) - base) * way / height for n in (0, 1, 2, 30)]
        assert gone == pytest.approx([0.0, 1 - math.exp(-1), 1 - math.exp(-2), 1.0], abs=2e-3)
