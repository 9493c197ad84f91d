from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.verdict import RESULTS, Result, Verdict, resolve, run_is_green

ORDER = [Verdict.NONE, Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]


def test_every_result_is_mapped():
    assert set(RESULTS) == set(Result)


@pytest.mark.parametrize(
    ("result", "row"),
    [
        (Result.PASS, (True, True, "passed", "pass", "passed")),
        (Result.PASS_MESSAGES_ONLY, (True, True, "passed", "pass", "passed")),
        (Result.INCONCLUSIVE, (False, False, "failed", "error", "broken")),
        (Result.FAIL, (False, False, "failed", "failure", "failed")),
        (Result.ERROR, (False, False, "failed", "error", "broken")),
        (Result.NOT_APPLICABLE, (True, False, "skipped", "skipped", "skipped")),
        (Result.NOT_RUN, (False, False, "skipped", "skipped", "unknown")),
        (Result.WAIVED, (True, False, "skipped", "skipped", "skipped")),
        (Result.KNOWN_DEVIATION, (True, False, "passed", "pass", "passed")),
        (Result.DEVIATION_GONE, (False, False, "failed", "failure", "failed")),
    ],
)
def test_the_table_says_for_each_result_green_counts_pytest_junit_allure(result, row):
    mapped = RESULTS[result]
    assert (mapped.green, mapped.counts_as_pass, mapped.pytest, mapped.junit, mapped.allure) == row


def test_what_counts_as_pass_is_green_and_passed_everywhere():
    for row in RESULTS.values():
        if row.counts_as_pass:
            assert (row.green, row.pytest, row.junit, row.allure) == (True, "passed", "pass", "passed")


def test_what_pytest_shows_as_failed_is_never_green():
    assert not [r for r, row in RESULTS.items() if row.pytest == "failed" and row.green]


@pytest.mark.parametrize(("a", "b"), list(product(Verdict, Verdict)))
def test_combining_only_moves_right(a, b):
    both = a.combine(b)
    assert ORDER.index(both) == max(ORDER.index(a), ORDER.index(b))
    assert both == b.combine(a)


@given(st.lists(st.sampled_from(ORDER)), st.randoms())
def test_the_order_of_verdicts_does_not_matter(verdicts, random):
    def total(parts):
        result = Verdict.NONE
        for part in parts:
            result = result.combine(part)
        return result

    shuffled = list(verdicts)
    random.shuffle(shuffled)
    assert total(verdicts) == total(shuffled)


@pytest.mark.parametrize(
    ("verdict", "circumstances", "result"),
    [
        (Verdict.PASS, {}, Result.PASS),
        (Verdict.PASS, {"messages_only": True}, Result.PASS_MESSAGES_ONLY),
        (Verdict.PASS, {"declared_deviation": True}, Result.DEVIATION_GONE),
        (Verdict.PASS, {"error": "KeyError"}, Result.ERROR),
        (Verdict.NONE, {}, Result.ERROR),
        (Verdict.NONE, {"messages_only": True}, Result.ERROR),
        (Verdict.NONE, {"declared_deviation": True}, Result.ERROR),
        (Verdict.INCONCLUSIVE, {}, Result.INCONCLUSIVE),
        (Verdict.INCONCLUSIVE, {"messages_only": True, "declared_deviation": True}, Result.INCONCLUSIVE),
        (Verdict.INCONCLUSIVE, {"error": "KeyError"}, Result.ERROR),
        (Verdict.FAIL, {}, Result.FAIL),
        (Verdict.FAIL, {"error": "KeyError"}, Result.FAIL),
        (Verdict.FAIL, {"messages_only": True}, Result.FAIL),
        (Verdict.FAIL, {"declared_deviation": True}, Result.FAIL),
        (Verdict.FAIL, {"declared_deviation": True, "deviates_as_declared": True}, Result.KNOWN_DEVIATION),
        (
            Verdict.FAIL,
            {"declared_deviation": True, "deviates_as_declared": True, "error": "KeyError"},
            Result.FAIL,
        ),
    ],
)
def test_resolve(verdict, circumstances, result):
    assert resolve(verdict, **circumstances) is result


@given(
    st.sampled_from(Verdict),
    st.none() | st.just("boom"),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_only_the_verdict_pass_without_error_ever_counts_as_pass(verdict, error, messages, declared, as_declared):
    result = resolve(
        verdict,
        error=error,
        messages_only=messages,
        declared_deviation=declared,
        deviates_as_declared=as_declared,
    )
    if RESULTS[result].counts_as_pass:
        assert verdict is Verdict.PASS
        assert error is None
    if verdict is Verdict.FAIL:
        assert result in {Result.FAIL, Result.KNOWN_DEVIATION}


def test_a_run_without_a_case_is_red():
    assert run_is_green([], 0) is False


@pytest.mark.parametrize("result", [r for r in Result if not RESULTS[r].counts_as_pass])
def test_a_run_without_a_single_pass_is_red(result):
    assert run_is_green([result, result], 0) is False


@pytest.mark.parametrize("result", list(Result))
def test_beside_a_pass_each_result_is_as_green_as_its_row(result):
    assert run_is_green([Result.PASS, result], 0) is RESULTS[result].green


def test_a_broken_must_turns_a_passing_run_red():
    assert run_is_green([Result.PASS], 0) is True
    assert run_is_green([Result.PASS], 1) is False


def test_messages_only_is_enough_for_a_green_run():
    assert run_is_green([Result.PASS_MESSAGES_ONLY, Result.NOT_APPLICABLE], 0) is True
