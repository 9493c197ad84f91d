"""Judging answers to the CSMS's CALLs, fields of one frame, and connections."""

from harness.oracle.expectations import Connection, Fields, Reply
from harness.oracle.matchers import mismatches
from harness.oracle.outcome import Outcome
from harness.trace.events import Closed, Handshake
from harness.trace.trace import Record, Trace


def reply_to(trace: Trace, call: int) -> Record | None:
    """The first frame of the station that answers the CALL at `call`, or None."""
    for record in trace.since(call + 1):
        frame = record.frame
        if frame is not None and frame.direction == "in" and frame.answers == call:
            return record
    return None


def judge_reply(expectation: Reply, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Reply."""
    call = trace[expectation.call]
    named = call.frame.action if call.frame is not None else None
    required = (
        f"{_wanted(expectation)} to {named or f'line {expectation.call}'} within {expectation.until - call.t:.1f} s"
    )
    reply = reply_to(trace, expectation.call)
    if reply is None or reply.t > expectation.until or reply.frame is None:
        if now < expectation.until:
            return Outcome("pending", required, "no answer yet", wake_at=expectation.until)
        return _unanswered(expectation, trace, required, reply)
    evidence = (expectation.call, reply.seq)
    if reply.frame.frame == "malformed":
        return Outcome("violated", required, f"no OCPP message: {reply.frame.reason}", evidence, (reply.seq,))
    if reply.frame.frame != "result" and not _excused(expectation, reply.frame.reason):
        return Outcome("violated", required, f"CALLERROR {reply.frame.reason}", evidence, (reply.seq,))
    if reply.frame.frame == "result" and expectation.error_only:
        return Outcome("violated", required, f"CALLRESULT {reply.payload}"[:200], evidence, (reply.seq,))
    took = f"{reply.frame.frame.upper()} after {reply.t - call.t:.2f} s"
    return Outcome("met", required, took, evidence, (reply.seq,))


def _wanted(expectation: Reply) -> str:
    if expectation.error_ok:
        return "a CALLERROR" if expectation.error_only else "an answer"
    codes = " or ".join(expectation.error_codes)
    if expectation.error_only:
        return f"a CALLERROR {codes}"
    return f"a CALLRESULT (or CALLERROR {codes})" if codes else "a CALLRESULT"


def _excused(expectation: Reply, reason: str) -> bool:
    """Whether this CALLERROR serves; `reason` is its code, and its description after a colon."""
    return expectation.error_ok or reason.partition(":")[0] in expectation.error_codes


def _unanswered(expectation: Reply, trace: Trace, required: str, late: Record | None) -> Outcome:
    """A connection that the CSMS ended proves nothing; one that the station or the network ended is told of."""
    call = trace[expectation.call]
    observed = f"no answer in {expectation.until - call.t:.1f} s"
    if late is not None:
        return Outcome("violated", required, f"{observed}; it came after {late.t - call.t:.1f} s", (call.seq, late.seq))
    end = _end_of(trace, call, expectation.until)
    if end is None or not isinstance(end.event, Closed):
        return Outcome("violated", required, observed, (call.seq,))
    said = f"{observed}: the {end.event.by} ended the connection after {end.t - call.t:.1f} s"
    return Outcome("inconclusive" if end.event.by == "csms" else "violated", required, said, (call.seq, end.seq))


def _end_of(trace: Trace, call: Record, until: float) -> Record | None:
    """Where the connection of the CALL ended before `until`."""
    for record in trace.since(call.seq + 1):
        if record.t > until:
            return None
        event = record.event
        if isinstance(event, Closed) and call.frame is not None and event.connection == call.frame.connection:
            return record
    return None


def judge_fields(expectation: Fields, trace: Trace, now: float) -> Outcome:  # noqa: ARG001 - one signature for all
    """See harness.oracle.expectations.Fields."""
    record = trace[expectation.frame]
    name = f"{record.frame.action} {record.frame.frame}" if record.frame is not None else "frame"
    required = f"{name} with {', '.join(matcher.text(path) for path, matcher in expectation.fields.items())}"
    wrong = mismatches(record.payload, expectation.fields)
    if wrong:
        return Outcome("violated", required, "; ".join(wrong), (record.seq,))
    return Outcome("met", required, "as required", (record.seq,))


def judge_connection(expectation: Connection, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Connection. Only handshakes that agreed on a subprotocol count as opened (OCPP-J 3.2)."""
    opening = trace[expectation.since]
    seconds = expectation.until - opening.t
    what = "opens a connection" if expectation.event == "opened" else "connection ends"
    required = (
        f"{expectation.word}: the station's {what}"
        if expectation.event == "closed"
        else f"{expectation.word}: the station {what}"
    )
    required = f"{required} within {seconds:.1f} s"
    for record in trace.since(expectation.since + 1):
        if record.t <= expectation.until and is_event(record, expectation):
            state = "met" if expectation.word == "eventually" else "violated"
            return Outcome(state, required, f"{expectation.event} at {record.t - opening.t:+.2f} s", (record.seq,))  # type: ignore[arg-type]
    if now < expectation.until:
        return Outcome("pending", required, f"not {expectation.event} yet", wake_at=expectation.until)
    state = "violated" if expectation.word == "eventually" else "met"
    return Outcome(state, required, f"not {expectation.event} in {seconds:.1f} s", (expectation.since,))  # type: ignore[arg-type]


def is_event(record: Record, expectation: Connection) -> bool:
    """Whether the record is the opening or the end that is waited for."""
    event = record.event
    if expectation.event == "opened":
        return isinstance(event, Handshake) and event.station == expectation.station and event.selected is not None
    return isinstance(event, Closed) and event.station == expectation.station
