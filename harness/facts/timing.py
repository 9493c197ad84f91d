"""How long replies took, by action: what a trace tells of the pace of station and CSMS."""

from collections.abc import Iterable

from harness.facts.model import ReplyTiming
from harness.trace.events import Frame
from harness.trace.trace import Record

_REPLIES = ("result", "error")


def nearest_rank(ordered: list[float], percent: int) -> float:
    """The least of the ordered values that at least `percent` of them do not exceed. Raises ValueError for an empty list."""
    if not ordered:
        raise ValueError("no values, no rank")
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def median(ordered: list[float]) -> float:
    """The middle of ordered values, or the mean of the two in the middle. Raises ValueError for an empty list."""
    if not ordered:
        raise ValueError("no values, no median")
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def reply_timings(records: Iterable[Record]) -> list[ReplyTiming]:
    """Of every station, OCPP version, side and action that was answered; an error is an answer, silence is none."""
    latencies: dict[tuple[str, str, str, str], list[float]] = {}
    for record in records:
        frame = record.event
        if not isinstance(frame, Frame) or frame.frame not in _REPLIES or frame.latency is None or not frame.action:
            continue
        latencies.setdefault((frame.station, frame.ocpp, frame.direction, frame.action), []).append(frame.latency)
    found = []
    for (station, ocpp, direction, action), values in sorted(latencies.items()):
        values.sort()
        told = (values[0], median(values), nearest_rank(values, 95), values[-1])
        rounded = (round(value, 6) for value in told)
        found.append(
            ReplyTiming(station, ocpp, "station" if direction == "in" else "csms", action, len(values), *rounded)
        )
    return found
