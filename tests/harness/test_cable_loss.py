import math

import pytest

from harness.cable_loss import Currents, cable_loss, squares_a2
from harness.model.cable import CableEntry
from harness.model.strict import ModelError, build

OHM = 5 / 58 / 6  # one conductor of 5 m of 6 mm2 copper


def steady(amps, seconds=3600.0, u_a=0.0, every=5.0):
    count = round(seconds / every)
    return [Currents(k * every, tuple(amps), (u_a,) * len(amps)) for k in range(count + 1)]


@pytest.mark.parametrize(("phases", "conductors"), [(1, 2), (2, 3), (3, 3)])
def test_the_conductors_that_carry(phases, conductors):
    amps = (32.0,) * phases + (0.0,) * (3 - phases)
    assert squares_a2(amps) == pytest.approx(conductors * 32.0**2)
    assert squares_a2((32.0,) * phases) == pytest.approx(conductors * 32.0**2)


def test_the_neutral_carries_the_phasor_sum():
    amps = (30.0, 20.0, 5.0)
    neutral = sum(a * complex(math.cos(k * 2 * math.pi / 3), math.sin(k * 2 * math.pi / 3)) for k, a in enumerate(amps))
    assert squares_a2(amps) == pytest.approx(sum(a * a for a in amps) + abs(neutral) ** 2)


@pytest.mark.parametrize(("amps", "share_pct"), [((32.0,), 0.40), ((32.0,) * 3, 0.20)])
def test_the_share_of_five_metres_of_6_mm2_at_32_amperes(amps, share_pct):
    lost = cable_loss(OHM, 5.0, steady(amps))
    assert round(100 * lost.energy_wh / (230 * sum(amps)), 2) == share_pct


def test_the_resistance_the_ammeter_and_the_shape_are_in_doubt():
    sure = cable_loss(OHM, 10.0, steady((32.0,) * 3))
    assert sure.u_wh == pytest.approx(sure.energy_wh * 0.10 / math.sqrt(3))
    metered = cable_loss(OHM, 1e-9, steady((32.0,) * 3, u_a=0.32))  # 1 % at k = 2: half a percent, twice in the square
    assert metered.u_wh == pytest.approx(metered.energy_wh * 0.01)
    step = [Currents(0.0, (0.0,), (0.0,)), Currents(10.0, (32.0,), (0.0,))]
    assert cable_loss(OHM, 1e-9, step).energy_wh == pytest.approx(OHM * 2 * 32.0**2 * 5 / 3600)
    assert cable_loss(OHM, 1e-9, step).u_wh == pytest.approx(OHM * 2 * 32.0**2 * 5 / 3600 / math.sqrt(3))


def test_one_sample_spans_no_time():
    with pytest.raises(ValueError, match="1 samples of current span no time"):
        cable_loss(OHM, 5.0, steady((16.0,))[:1])


def test_a_cable_is_described_by_its_size_or_by_its_resistance():
    sized = build(CableEntry, {"length_m": 5.0, "cross_section_mm2": 6.0, "accuracy_pct": 5}, "bench.toml")
    assert sized.resistance_ohm == pytest.approx(0.01437, abs=1e-5)
    warm = build(
        CableEntry, {"length_m": 5.0, "cross_section_mm2": 6.0, "accuracy_pct": 5, "temperature_c": 45}, "bench.toml"
    )
    assert warm.resistance_ohm / sized.resistance_ohm == pytest.approx(1.098, abs=1e-3)
    measured = build(CableEntry, {"conductor_ohm": 0.016, "accuracy_pct": 2}, "bench.toml")
    assert str(measured) == "16 mΩ ± 2 % a conductor"


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"accuracy_pct": 5}, "twice or not at all. Cure: give either conductor_ohm"),
        ({"accuracy_pct": 5, "length_m": 5.0}, "go together. Cure: state both"),
        (
            {"accuracy_pct": 5, "length_m": 5.0, "cross_section_mm2": 6.0, "conductor_ohm": 0.01},
            "twice or not at all",
        ),
        ({"length_m": 5.0, "cross_section_mm2": 6.0}, "accuracy_pct"),
        ({"accuracy_pct": 5, "conductor_ohm": 0.01, "material": "coper"}, "did you mean 'copper'"),
    ],
)
def test_a_cable_that_is_not_described_is_refused(table, complaint):
    with pytest.raises(ModelError, match=complaint):
        build(CableEntry, table, "bench.toml")
