"""A decision is told once, even where the record carries it as a check and as a measurement."""

from harness.record import CaseRecord, Check, Measurement, Step
from harness.verdict import Result, Verdict
from reports.grounds import grounds

LIMIT = "<= 10.0 A"
MEASURED = Measurement("current_l1", 12.0, "A", 0.05, LIMIT, "guard band", Verdict.FAIL, [7])
DECIDED = Check(f"current_l1 {LIMIT}", "12.0 A against it: fail [guard band]", Verdict.FAIL, [7], "K01.FR.06")


def failed(checks, measurements):
    step = Step(1, "test", "the limit shows", Verdict.FAIL, 0.0, 1.0, "Core 5.16", checks, measurements)
    return CaseRecord("HIL_LIMIT_01", "", "1.6", "s1", 1, Result.FAIL, Verdict.FAIL, steps=[step])


def test_a_decided_measurement_is_one_ground_with_its_rule():
    (ground,) = grounds(failed([DECIDED], [MEASURED]))
    assert (ground.required, ground.rule, ground.requirement) == (DECIDED.required, "guard band", "K01.FR.06")


def test_a_measurement_without_its_check_is_a_ground_of_its_own():
    (ground,) = grounds(failed([], [MEASURED]))
    assert (ground.required, ground.rule) == ("current_l1 <= 10.0 A", "guard band")


def test_checks_and_measurements_of_different_matters_both_stand():
    other = Check("status is Accepted", "Rejected", Verdict.FAIL)
    assert len(grounds(failed([other], [MEASURED]))) == 2
