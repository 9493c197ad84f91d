import math

import pytest

from harness.model.strict import MisfitError, ModelError, build
from harness.uncertainty import Accuracy, expanded, kind_of, rectangular


def test_a_rectangular_half_width_expands_to_two_over_root_three():
    assert rectangular(0.3) == pytest.approx(0.173205, rel=1e-5)
    assert expanded(3.0, 4.0) == 10.0
    assert Accuracy(absolute=0.3).u(999.0) == pytest.approx(0.34641, rel=1e-4)


def test_the_parts_of_a_data_sheet_add_up_before_they_spread():
    accuracy = Accuracy(of_reading_pct=0.1, of_range_pct=0.05, range=300, digits=2, resolution=0.01, absolute=0.1)
    assert accuracy.half_width(-230) == pytest.approx(0.23 + 0.15 + 0.02 + 0.1)
    assert accuracy.u(230) == pytest.approx(2 * math.sqrt(0.5**2 / 3 + 0.01**2 / 12))


def test_a_gain_error_weighs_on_the_difference_not_on_the_register():
    meter = Accuracy(of_reading_pct=0.5, resolution=1.0)
    near, far = meter.u_of_difference(0, 2000), meter.u_of_difference(100_000_000, 100_002_000)
    assert near == far == pytest.approx(2 * math.sqrt((10 / math.sqrt(3)) ** 2 + 1 / 6))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("current_l1_a", "current"),
        ("power_w", "power"),
        ("energy_wh", "energy"),
        ("temperature_c", "temperature"),
        ("pilot_low_v", "pilot_voltage"),
        ("pilot_frequency_hz", "pilot_frequency"),
    ],
)
def test_a_quantity_tells_its_kind(name, kind):
    assert kind_of(name) == kind


def test_an_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match="'humidity_pct' belongs to no kind"):
        kind_of("humidity_pct")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"of_range_pct": 0.1}, "without a range"),
        ({"digits": 1}, "without a resolution"),
        ({"resolution": 0.1}, "would be exact"),
        ({"of_reading_pct": -1}, "out of range"),
        ({"of_range_pct": 0.1, "range": 5.0, "ranges": [5.0]}, "range and ranges are both given"),
        ({"of_range_pct": 0.1, "ranges": [5.0, 1.0]}, "ranges do not rise"),
    ],
)
def test_an_accuracy_that_says_nothing_is_refused(data, what):
    with pytest.raises(ModelError, match=what):
        build(Accuracy, data, "bench.toml")


def test_an_automatic_range_is_the_smallest_that_holds_the_reading():
    accuracy = Accuracy(of_range_pct=0.1, ranges=(5.0, 20.0, 50.0))
    assert [accuracy.half_width(amps) for amps in (0.1, -5.0, 5.1, 50.0)] == pytest.approx([0.005, 0.005, 0.02, 0.05])


@pytest.mark.parametrize(("ranges", "value", "beyond"), [((5.0, 20.0), -20.1, True), ((5.0, 20.0), 20.0, False)])
def test_beyond_the_highest_range_nothing_is_stated(ranges, value, beyond):
    assert Accuracy(of_reading_pct=0.1, ranges=ranges).beyond(value) is beyond
    assert Accuracy(of_reading_pct=0.1, range=ranges[-1]).beyond(value) is beyond
    assert Accuracy(of_reading_pct=0.1).beyond(value) is False


def test_an_exact_instrument_does_not_exist():
    with pytest.raises(MisfitError):
        Accuracy()
