"""Under what terms a run measured: how measurements decided, and instruments whose calibration was over."""

from harness.limits import Rule
from harness.record import EXPIRED, RunRecord


def simple_rule(record: RunRecord) -> str:
    """The words of simple acceptance where the run chose it; else empty."""
    return Rule.SIMPLE.value if record.run.decision_rule == Rule.SIMPLE.value else ""


def expired_calibrations(record: RunRecord) -> list[str]:
    """Instruments whose calibration was over before the run, each with its last day: `analyzer_1 on 2026-03-01`."""
    told = record.run.bench.get(EXPIRED)
    return [str(one) for one in told] if isinstance(told, list) else []
