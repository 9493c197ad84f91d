"""Verdicts, standings, and the one table that maps them to every kind of result file.

A verdict speaks about the station and only moves to the right: none < pass < inconclusive < fail. What keeps a case from
being judged at all (not applicable, not run), what excuses a fail (known deviation) and our own defects (error) are types
of their own, never verdicts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Verdict(StrEnum):
    """What the evidence says about the station."""

    NONE = "none"
    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"

    def combine(self, other: "Verdict") -> "Verdict":
        """The one further right of the two; combining never moves left."""
        return self if _ORDER[self] >= _ORDER[other] else other


_ORDER = {Verdict.NONE: 0, Verdict.PASS: 1, Verdict.INCONCLUSIVE: 2, Verdict.FAIL: 3}


class Result(StrEnum):
    """The word that stands beside a case in every report."""

    PASS = "pass"
    PASS_MESSAGES_ONLY = "pass (messages only)"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"
    WAIVED = "waived"
    KNOWN_DEVIATION = "known deviation"
    DEVIATION_GONE = "known deviation gone"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one result shows elsewhere.

    `green`: a run may be green with it. `counts_as_pass`: at least one such case makes a run green at all.
    """

    green: bool
    counts_as_pass: bool
    pytest: Literal["passed", "failed", "skipped"]
    junit: Literal["pass", "failure", "error", "skipped"]
    allure: Literal["passed", "failed", "broken", "skipped", "unknown"]
    symbol: str


RESULTS: dict[Result, Mapping] = {
    Result.PASS: Mapping(True, True, "passed", "pass", "passed", "✓"),
    Result.PASS_MESSAGES_ONLY: Mapping(True, True, "passed", "pass", "passed", "✓"),
    Result.INCONCLUSIVE: Mapping(False, False, "failed", "error", "broken", "?"),
    Result.FAIL: Mapping(False, False, "failed", "failure", "failed", "✗"),
    Result.ERROR: Mapping(False, False, "failed", "error", "broken", "!"),
    Result.NOT_APPLICABLE: Mapping(True, False, "skipped", "skipped", "skipped", "–"),
    Result.NOT_RUN: Mapping(False, False, "skipped", "skipped", "unknown", "○"),
    Result.WAIVED: Mapping(True, False, "skipped", "skipped", "skipped", "w"),
    Result.KNOWN_DEVIATION: Mapping(True, False, "passed", "pass", "passed", "d"),
    Result.DEVIATION_GONE: Mapping(False, False, "failed", "failure", "failed", "D"),
}


class Strictness(StrEnum):
    """How binding a rule is: only a broken MUST turns a run red."""

    MUST = "MUST"
    SHOULD = "SHOULD"


def resolve(
    verdict: Verdict,
    *,
    error: str | None = None,
    messages_only: bool = False,
    declared_deviation: bool = False,
    deviates_as_declared: bool = False,
) -> Result:
    """The result of a case that ran.

    A case that ends at *none* is an error: nothing passes by doing nothing. A proven fail is never hidden by an error of
    ours, so fail wins. `declared_deviation`: the station file declares a deviation for this case; `deviates_as_declared`:
    every failure seen is the declared one.
    """
    if verdict is Verdict.FAIL:
        return Result.KNOWN_DEVIATION if deviates_as_declared and error is None else Result.FAIL
    if error is not None or verdict is Verdict.NONE:
        return Result.ERROR
    if verdict is Verdict.INCONCLUSIVE:
        return Result.INCONCLUSIVE
    if declared_deviation:
        return Result.DEVIATION_GONE
    return Result.PASS_MESSAGES_ONLY if messages_only else Result.PASS


def run_is_green(results: Iterable[Result], broken_musts: int) -> bool:
    """Whether a run ends with exit code 0: at least one pass, nothing red, and no finding against a MUST."""
    seen = list(results)
    return broken_musts == 0 and any(RESULTS[r].counts_as_pass for r in seen) and all(RESULTS[r].green for r in seen)
