"""Judging what the station sends by itself: next, eventually, never, all of, silence."""

from collections.abc import Iterable, Iterator, Sequence

from harness.oracle.expectations import AllOf, Message, Pattern, Silence
from harness.oracle.matchers import mismatches, show, values_at
from harness.oracle.outcome import Outcome
from harness.trace.trace import Record, Trace

SEQUENCED = "TransactionEvent"
"""OCPP 2.0.1 lets transaction events arrive in any order; `seqNo` gives theirs (part 2, E 1.3.2; part 6, 2.1)."""


def calls_from(trace: Trace, station: str, since: int, until: float = float("inf")) -> Iterator[Record]:
    """CALLs (and 2.1's SENDs) of the station after record `since`, not later than `until`."""
    for record in trace.since(since + 1):
        frame = record.frame
        if record.t > until:
            return
        if (
            frame is not None
            and frame.direction == "in"
            and frame.station == station
            and frame.frame in {"call", "send"}
        ):
            yield record


def _selected(record: Record, patterns: Iterable[Pattern]) -> list[Pattern]:
    frame = record.frame
    return [
        pattern
        for pattern in patterns
        if frame is not None and frame.action == pattern.action and not mismatches(record.payload, pattern.where)
    ]


def fits(record: Record, patterns: Iterable[Pattern]) -> bool:
    """Whether the message is selected by one of the patterns and has all of its fields."""
    return any(not mismatches(record.payload, pattern.fields) for pattern in _selected(record, patterns))


def _describe(record: Record, patterns: Iterable[Pattern], opened: float) -> str:
    frame = record.frame
    action = frame.action if frame is not None else "?"
    wrong = [text for pattern in _selected(record, patterns) for text in mismatches(record.payload, pattern.fields)]
    return f"{action} at {record.t - opened:+.2f} s: {'; '.join(wrong) or 'as described'}"


def _came(record: Record, patterns: Iterable[Pattern], opened: float) -> str:
    """What was not to come, with what it has in the fields that were named: `StartTransaction(connectorId = 1) came at +1.20 s`."""
    fitting = [pattern for pattern in _selected(record, patterns) if not mismatches(record.payload, pattern.fields)]
    named = {path: None for pattern in fitting for path in (*pattern.where, *pattern.fields)}
    inside = ", ".join(f"{path} {_shown_at(record.payload, path)}" for path in named)
    action = record.frame.action if record.frame is not None else "?"
    return f"{action}{f'({inside})' if inside else ''} came at {record.t - opened:+.2f} s"


def _shown_at(payload: object, path: str) -> str:
    values = [show(value) for value in values_at(payload, path)]
    return f"= {', '.join(values[:4])}" if values else "absent"


def _opened(trace: Trace, since: int) -> float:
    return trace[since].t if since < len(trace) else 0.0


def _window(trace: Trace, expectation: Message | AllOf | Silence) -> str:
    opening = trace[expectation.since]
    seconds = expectation.until - opening.t
    frame = opening.frame
    anchor = f"{frame.action} (line {expectation.since + 1})" if frame is not None else "the step's start"
    return f"within {seconds:.1f} s of {anchor}"


def _candidates(trace: Trace, expectation: Message | AllOf) -> list[Record]:
    calls = calls_from(trace, expectation.station, expectation.since, expectation.until)
    return [
        record for record in calls if record.seq not in expectation.used and _selected(record, expectation.patterns)
    ]


def judge_message(expectation: Message, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Message."""
    wanted = " or ".join(pattern.text() for pattern in expectation.patterns)
    required = f"{expectation.word} {wanted} {_window(trace, expectation)}"
    if expectation.word == "never":
        return _judge_never(expectation, trace, now, required)
    candidates = _candidates(trace, expectation)
    opened = _opened(trace, expectation.since)
    if expectation.word == "next":
        first = _first(candidates, trace, expectation, now)
        judged = [first] if first is not None else []
    else:
        judged = candidates
    for record in judged:
        if fits(record, expectation.patterns):
            return Outcome(
                "met", required, _describe(record, expectation.patterns, opened), (record.seq,), (record.seq,)
            )
    if expectation.word == "next" and judged:
        seq = judged[0].seq
        return Outcome("violated", required, _describe(judged[0], expectation.patterns, opened), (seq,), (seq,))
    return _unmet(expectation, trace, now, required, candidates)


def _unmet(expectation: Message, trace: Trace, now: float, required: str, candidates: Sequence[Record]) -> Outcome:
    evidence = tuple(record.seq for record in candidates)
    if now < expectation.until:
        return Outcome("pending", required, "nothing yet", evidence, wake_at=expectation.until)
    opened = _opened(trace, expectation.since)
    seen = [_describe(record, expectation.patterns, opened) for record in candidates[-3:]]
    observed = "; ".join(seen) if seen else _silence_text(trace, expectation)
    return Outcome("violated", required, observed, evidence or (expectation.since,))


def _silence_text(trace: Trace, expectation: Message) -> str:
    others = [
        str(record.frame.action)
        for record in calls_from(trace, expectation.station, expectation.since, expectation.until)
        if record.frame is not None
    ]
    names = sorted({pattern.action for pattern in expectation.patterns})
    return f"no {' or '.join(names)}; the station sent {', '.join(others[:8]) if others else 'nothing'}"


def _judge_never(expectation: Message, trace: Trace, now: float, required: str) -> Outcome:
    opened = _opened(trace, expectation.since)
    for record in calls_from(trace, expectation.station, expectation.since, expectation.until):
        if fits(record, expectation.patterns):
            return Outcome(
                "violated", required, _came(record, expectation.patterns, opened), (record.seq,), (record.seq,)
            )
    if now < expectation.until:
        return Outcome("pending", required, "not seen so far", wake_at=expectation.until)
    return Outcome("met", required, f"not seen in {expectation.until - opened:.1f} s", (expectation.since,))


def _first(candidates: list[Record], trace: Trace, expectation: Message, now: float) -> Record | None:
    """The first candidate in the order that the standard grants, or None while that is still open."""
    if not candidates or candidates[0].frame is None or candidates[0].frame.action != SEQUENCED:
        return candidates[0] if candidates else None
    own = _transaction(candidates[0])  # numbers of different transactions do not compare
    lowest = min((record for record in candidates if _transaction(record) == own), key=_seq_no)
    settled = _none_lower_to_come(trace, expectation.station, lowest) or now >= expectation.until
    return lowest if settled else None


def _seq_no(record: Record) -> int:
    number = record.payload.get("seqNo") if isinstance(record.payload, dict) else None
    return number if isinstance(number, int) else 0


def _transaction(record: Record) -> object:
    info = record.payload.get("transactionInfo") if isinstance(record.payload, dict) else None
    return info.get("transactionId") if isinstance(info, dict) else None


def _none_lower_to_come(trace: Trace, station: str, event: Record) -> bool:
    """Whether every number of the transaction below this event's has arrived, taken by an expectation or not.

    A transaction begins at 0 or, where the station counts on over its transactions, at the number of its Started event (E 1.3.2.1).
    """
    number, first = _seq_no(event), 0
    numbers: set[int] = set()
    for record in reversed(trace.records):
        if not _is_sequenced(record, station) or _transaction(record) != _transaction(event):
            continue
        numbers.add(_seq_no(record))
        if record.payload.get("eventType") == "Started":
            first = _seq_no(record)
            if _without_gap(numbers, first, number):
                return True
    return _without_gap(numbers, first, number)


def _without_gap(numbers: set[int], first: int, end: int) -> bool:
    return sum(first <= number < end for number in numbers) >= end - first


def _is_sequenced(record: Record, station: str) -> bool:
    frame = record.frame
    if frame is None or frame.action != SEQUENCED or not isinstance(record.payload, dict):
        return False
    return frame.direction == "in" and frame.frame == "call" and frame.station == station


def judge_all_of(expectation: AllOf, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.AllOf. Each message serves one pattern; patterns are served in the order given."""
    required = f"all of {'; '.join(pattern.text() for pattern in expectation.patterns)} {_window(trace, expectation)}"
    free = _candidates(trace, expectation)
    taken: list[int] = []
    missing: list[str] = []
    for pattern in expectation.patterns:
        match = next((record for record in free if record.seq not in taken and fits(record, (pattern,))), None)
        if match is None:
            missing.append(pattern.text())
        else:
            taken.append(match.seq)
    if not missing:
        return Outcome("met", required, f"all {len(taken)} seen", tuple(sorted(taken)), tuple(taken))
    if now < expectation.until:
        return Outcome("pending", required, f"missing: {'; '.join(missing)}", tuple(taken), wake_at=expectation.until)
    return Outcome(
        "violated", required, f"missing: {'; '.join(missing)}", tuple(taken) or (expectation.since,), tuple(taken)
    )


def judge_silence(expectation: Silence, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Silence."""
    besides = f" besides {', '.join(expectation.allowed)}" if expectation.allowed else ""
    required = f"no CALL{besides} {_window(trace, expectation)}"
    for record in calls_from(trace, expectation.station, expectation.since, expectation.until):
        if record.frame is not None and record.frame.action not in expectation.allowed:
            observed = f"{record.frame.action} at {record.t - _opened(trace, expectation.since):+.2f} s"
            return Outcome("violated", required, observed, (record.seq,), (record.seq,))
    if now < expectation.until:
        return Outcome("pending", required, "silent so far", wake_at=expectation.until)
    return Outcome("met", required, "silent", (expectation.since,))
