"""OCPP 2.0.1. A rule that is stricter by one clause finds the station that makes use of it, and not the usual one."""

import pytest

from tests.detection.stricter_201 import RUNS


@pytest.mark.parametrize("station", RUNS)
def test_a_stricter_rule_finds_what_is_allowed_and_nothing_else_does(tried, station):
    assert tried.broken(station) == {"usual": set(), "unusual": set(RUNS[station].rules)}
