import random

import pytest

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.random_delay import RandomDelay


def delays(*faults, maximum_s=600, overridden=False):
    delay = RandomDelay(lambda: maximum_s, lambda: overridden, random.Random(7), ActiveFaults(faults))
    return [delay.of_change_s() for _ in range(200)], [delay.after_restart_s() for _ in range(200)]


def test_whole_seconds_from_0_to_the_maximum():
    for drawn in delays():
        assert min(drawn) < 30
        assert 570 < max(drawn) <= 600
        assert all(one == int(one) for one in drawn)


def test_another_maximum_and_the_override():
    assert max(delays(maximum_s=1800)[0]) > 1700
    assert delays(overridden=True) == ([0.0] * 200, [0.0] * 200)


@pytest.mark.parametrize(
    ("fault", "change", "restart"),
    [
        ("limit_changes_not_delayed", (0, 0), (0, 600)),
        ("restarts_not_delayed", (0, 600), (0, 0)),
        ("random_delay_always_the_same", (240, 240), (240, 240)),
        ("random_delay_too_long", (600, 1200), (600, 1200)),
    ],
)
def test_what_wrong_stations_draw(fault, change, restart):
    for (low, high), drawn in zip((change, restart), delays(fault), strict=True):
        assert low <= min(drawn)
        assert max(drawn) <= high


def test_a_setting_or_an_override_that_is_ignored():
    assert max(delays("random_delay_setting_ignored", maximum_s=1800)[0]) <= 600
    assert max(delays("random_delay_override_ignored", overridden=True)[0]) > 500
