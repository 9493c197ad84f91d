"""Several attempts at one case: the first that was judged decides."""

import pytest

from harness.oracle.attempts import join
from harness.record import CaseRecord, Step
from harness.verdict import Result, Verdict


def case(result, first=1, reason=""):
    step = Step(1, "test", "a step", Verdict.NONE, 0.0, 1.0)
    return CaseRecord("TC_A", "t", "1.6", "CS", 1, result, Verdict.NONE, reason, first_event=first, steps=[step])


def joined(*results):
    record = case(results[0])
    for number, result in enumerate(results[1:], 2):
        record = join(record, case(result, first=number))
    return record


@pytest.mark.parametrize(
    ("results", "decided", "reason"),
    [
        ((Result.FAIL, Result.PASS), Result.FAIL, "attempt 1: fail, attempt 2: pass"),
        ((Result.FAIL, Result.FAIL, Result.FAIL), Result.FAIL, "failed in all 3 attempts"),
        ((Result.FAIL, Result.FAIL, Result.PASS), Result.FAIL, "attempt 1: fail, attempt 2: fail, attempt 3: pass"),
        ((Result.FAIL, Result.INCONCLUSIVE), Result.FAIL, "attempt 1: fail, attempt 2: inconclusive"),
        ((Result.FAIL, Result.NOT_RUN), Result.FAIL, ""),
        ((Result.NOT_RUN, Result.PASS), Result.PASS, ""),
        ((Result.NOT_RUN, Result.NOT_RUN, Result.FAIL), Result.FAIL, ""),
        ((Result.NOT_RUN, Result.FAIL, Result.PASS), Result.FAIL, "attempt 2: fail, attempt 3: pass"),
        ((Result.NOT_RUN, Result.NOT_RUN), Result.NOT_RUN, ""),
    ],
)
def test_the_first_judged_attempt_decides_and_all_are_kept(results, decided, reason):
    record = joined(*results)
    assert (record.result, record.reason) == (decided, reason)
    assert [(attempt.number, attempt.result) for attempt in record.attempts] == list(enumerate(results, 1))
    assert all(attempt.steps for attempt in record.attempts)


def test_places_are_those_of_the_deciding_attempt():
    assert joined(Result.FAIL, Result.PASS).first_event == 1
    assert joined(Result.NOT_RUN, Result.PASS).first_event == 2


def test_the_deciding_attempts_own_reason_stays():
    record = join(case(Result.FAIL, reason="required x; observed y"), case(Result.PASS))
    assert record.reason == "attempt 1: fail, attempt 2: pass; required x; observed y"
