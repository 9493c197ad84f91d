"""Several attempts at one case become one result: the first attempt that was judged decides, whatever came later.

A case is tried again when it failed (a run may be asked to), or when the run was cut in the middle of it. A later pass takes nothing
back: a station that fails one time in two fails. An attempt that was cut without having proven anything was not judged.
"""

from harness.record import Attempt, CaseRecord
from harness.verdict import Result


def join(earlier: CaseRecord, later: CaseRecord) -> CaseRecord:
    """The record of a case after another attempt; `earlier` may already stand for several. Both keep what they hold."""
    attempts = [*(earlier.attempts or [_attempt(earlier, 1)])]
    attempts.append(_attempt(later, len(attempts) + 1))
    decisive = later if earlier.result is Result.NOT_RUN else earlier
    decisive.attempts = attempts
    decisive.reason = _reason(decisive.result, attempts)
    return decisive


def _attempt(case: CaseRecord, number: int) -> Attempt:
    return Attempt(
        number=number,
        result=case.result,
        verdict=case.verdict,
        reason=case.reason,
        error=case.error,
        started=case.started,
        ended=case.ended,
        first_event=case.first_event,
        last_event=case.last_event,
        steps=case.steps,
    )


def _reason(result: Result, attempts: list[Attempt]) -> str:
    """The decisive attempt's own reason, and for a fail what the others came to."""
    judged = [attempt for attempt in attempts if attempt.result is not Result.NOT_RUN]
    if not judged:
        return attempts[-1].reason
    first = judged[0]
    if len(judged) == 1 or result is not Result.FAIL:
        return first.reason
    if all(attempt.result is Result.FAIL for attempt in judged):
        told = f"failed in all {len(judged)} attempts"
    else:
        told = ", ".join(f"attempt {attempt.number}: {attempt.result.value}" for attempt in judged)
    return f"{told}; {first.reason}" if first.reason else told
