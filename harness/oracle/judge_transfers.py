"""Judging files that the station fetches from, or brings to, the run's file server."""

from harness.oracle.expectations import Transferred
from harness.oracle.outcome import Outcome
from harness.trace.events import Transfer
from harness.trace.trace import Record, Trace

_VERBS = {"download": "fetches", "upload": "uploads"}


def judge_transferred(expectation: Transferred, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Transferred."""
    seconds = expectation.until - trace[expectation.since].t if expectation.within is None else expectation.within
    required = f"the station {_VERBS[expectation.direction]} {_file(expectation)} within {seconds:.1f} s"
    tried: list[tuple[Record, str]] = []
    for record in trace.since(expectation.since):
        event = record.event
        if not isinstance(event, Transfer) or not _concerns(event, expectation) or record.t > expectation.until:
            continue
        wrong = _wrong(event, expectation)
        if not wrong:
            observed = f"{event.size} bytes over {event.protocol}, complete after {record.t - event.began:.2f} s"
            return Outcome("met", required, observed, (record.seq,))
        tried.append((record, wrong))
    seen = tried[-1][1] if tried else "no transfer"
    evidence = tuple(record.seq for record, _ in tried) or (expectation.since,)
    if now < expectation.until:
        return Outcome("pending", required, seen, evidence, wake_at=expectation.until)
    return Outcome("violated", required, seen, evidence)


def _file(expectation: Transferred) -> str:
    kind = "the whole file" if expectation.direction == "download" else "a file"
    named = f" named {expectation.name}" if expectation.name else ""
    place = "from" if expectation.direction == "download" else "to"
    return f"{kind}{named} {place} {expectation.path}"


def _concerns(event: Transfer, expectation: Transferred) -> bool:
    if event.direction != expectation.direction:
        return False
    folder = expectation.path.rstrip("/")
    return event.path == folder or event.path.startswith(f"{folder}/")


def _wrong(event: Transfer, expectation: Transferred) -> str:
    """What keeps this transfer from being the one that is required; empty if nothing does."""
    if event.outcome != "complete":
        return f"{event.outcome} after {event.size} bytes{f': {event.detail}' if event.detail else ''}"
    if event.size < expectation.size:
        return f"only {event.size} bytes came" if event.size else "an empty file"
    if expectation.sha256 and event.sha256 != expectation.sha256:
        return f"{event.size} bytes of other content"
    named = event.name or event.path.rsplit("/", 1)[-1]
    if expectation.name and named != expectation.name:
        return f"the file was named {named}"
    return ""
