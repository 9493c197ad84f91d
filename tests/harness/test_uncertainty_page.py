"""The figures of the worked example on the uncertainty page are those of the code that judges."""

import re
from math import isclose
from pathlib import Path

import pytest

from harness.budgets import energy_error, energy_uncertainty
from harness.cable_loss import Currents, cable_loss
from harness.limits import CAPABILITY, Rule, WithinOf, decide
from harness.model.cable import CableEntry
from harness.model.strict import build
from harness.quantity import Quantity, root_sum_square
from harness.uncertainty import Accuracy

PAGE = (Path(__file__).parents[2] / "docs/explanation/uncertainty.md").read_text(encoding="utf-8")
CLASS_LIMIT = WithinOf(0.0, 2.0, "%")


def budget(**changes):
    inputs = {"reference_accuracy_pct": 0.1, "station_resolution_wh": 1.0, "reference_resolution_wh": 0.1}
    return energy_uncertainty(1000.0, **{**inputs, **changes})


def test_the_table_of_the_budget():
    rows = dict(re.findall(r"^\| ([a-zU ]+) \| [^|]+ \| ([0-9.]+) \|$", PAGE, re.MULTILINE))
    parts = budget()
    assert {name: f"{part:.3f}" for name, part in parts.items()} | {
        "U": f"{root_sum_square(parts.values()):.3f}"
    } == rows


def test_the_example_passes():
    error = energy_error(1017.0, 1000.0, budget())
    assert (
        f"The error is {error.value:+.2f} % ± {error.u:.2f} %: a *{decide(error, CLASS_LIMIT).verdict.value}*" in PAGE
    )


def test_the_cable_of_the_example():
    cable = CableEntry(accuracy_pct=10.0, length_m=5.0, cross_section_mm2=6.0)
    seconds = 1000.0 * 3600 / (3 * 230.0 * 16.0)
    lost = cable_loss(
        cable.resistance_ohm, cable.accuracy_pct, [Currents(t, (16.0,) * 3, (0.0,) * 3) for t in (0.0, seconds)]
    )
    assert f"the cable took {lost.energy_wh:.2f} Wh" in PAGE
    assert f"a part *cable* of {budget(cable_u_wh=lost.u_wh)['cable']:.3f} Wh" in PAGE


def test_a_coarse_register():
    u_pct = root_sum_square(budget(station_resolution_wh=10.0).values()) / 10
    assert f"± {u_pct:.2f} %, more than a third of the limit" in PAGE
    assert u_pct * CAPABILITY > CLASS_LIMIT.tolerance


@pytest.mark.parametrize(
    ("error_pct", "verdict"), [(1.80, "pass"), (1.90, "inconclusive"), (2.10, "inconclusive"), (2.20, "fail")]
)
def test_the_guard_band_of_the_example(error_pct, verdict):
    error = energy_error(1000.0 + 10 * error_pct, 1000.0, budget())
    assert f"{error_pct:+.2f} %" in PAGE
    assert decide(error, CLASS_LIMIT).verdict.value == verdict


@pytest.mark.parametrize(("error_pct", "verdict"), [(1.9, "pass"), (2.1, "fail")])
def test_simple_acceptance_decides_and_says_so(error_pct, verdict):
    decision = decide(Quantity(error_pct, "%", 0.14), CLASS_LIMIT, Rule.SIMPLE)
    assert decision.verdict.value == verdict
    assert "simple acceptance: shared risk, chosen on the command line" in decision.text


@pytest.mark.parametrize(("error_pct", "verdict"), [(1.70, "inconclusive"), (10.0, "fail")])
def test_a_bench_that_is_not_capable(error_pct, verdict):
    poor = budget(reference_accuracy_pct=2.0)
    assert decide(energy_error(1000.0 + 10 * error_pct, 1000.0, poor), CLASS_LIMIT).verdict.value == verdict
    capable = decide(Quantity(error_pct, "%", 2.3), CLASS_LIMIT, Rule.SIMPLE)
    assert capable.verdict.value == verdict, "the gate holds for simple acceptance, too"


def test_the_accuracy_of_the_example():
    import tomllib

    line = next(line for line in PAGE.splitlines() if line.startswith("    current = {"))
    accuracy = build(Accuracy, tomllib.loads(line.strip())["current"], "page")
    assert isclose(accuracy.half_width(20.0), 0.0003 * 20 + 0.0003 * 40 + 0.001 + 0.002)
