"""Every message of a case is accounted for: taken by an expectation, or allowed at any time by a standing rule.

What is neither is listed as *unexpected* for a person to look at. It fails nothing by itself: the test case document for 1.6 shows
surplus status notifications to the tester instead of failing them, and the always-on rules judge what is never allowed.
"""

from collections.abc import Iterable

from harness.trace.trace import Record

STANDING = frozenset(
    {
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
        "NotifyEvent",
        "NotifyReport",
        "NotifyMonitoringReport",
        "SecurityEventNotification",
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "DiagnosticsStatusNotification",
        "NotifyChargingLimit",
        "NotifyEVChargingNeeds",
    }
)
"""Messages a station sends on its own account in any state; when they must not come, a case or a rule says so."""


READING_TRIGGERS = frozenset({"MeterValuePeriodic", "MeterValueClock"})


def unexpected(records: Iterable[Record], taken: set[int], station: str, test_from: int) -> list[int]:
    """Sequence numbers of CALLs of `station` from record `test_from` on that nothing accounted for.

    Preambles are left out: there the harness itself drives the station through states without looking at every message.
    """
    return [
        record.seq
        for record in records
        if record.seq >= test_from
        and record.seq not in taken
        and record.frame is not None
        and record.frame.station == station
        and record.frame.direction == "in"
        and record.frame.frame in {"call", "send", "malformed"}
        and not _standing(record)
    ]


def _standing(record: Record) -> bool:
    """Whether it may come at any time; in 2.x meter readings of a transaction are TransactionEvents (J01, J02)."""
    action = record.frame.action if record.frame is not None else None
    if action == "TransactionEvent" and isinstance(record.payload, dict):
        return record.payload.get("triggerReason") in READING_TRIGGERS
    return action in STANDING
