"""Judging how a station opens a connection: by its TLS handshake, its opening handshake, its certificates.

The facts of a record, by which fields are named: of an opening handshake `accepted`, `status`, `reason`, `path`, `tls` and
`credentials.scheme|user|octets|password|problem` (absent where none were sent); of a TLS handshake everything that the event holds, and
`secure` (TLS 1.2 or above is among the versions offered) and `suite_pairs` (which of the demanded pairs of cipher suites are offered
whole); of an examined certificate what it `says`, `new_key` and `problem`.
"""

from typing import Any

import msgspec

from harness.oracle.expectations import Opening, Shown
from harness.oracle.matchers import mismatches
from harness.oracle.outcome import Outcome
from harness.tls.names import complete_pairs
from harness.trace.events import CertificateExamined, Handshake, TlsHandshake
from harness.trace.trace import Record, Trace

_SECURE = frozenset({"TLSv1.2", "TLSv1.3"})
_NAMES = {"tls": "TLS handshake", "http": "opening handshake"}


def facts_of(record: Record) -> dict[str, Any]:
    """What a record tells of a handshake or a certificate; empty for any other."""
    event = record.event
    if isinstance(event, TlsHandshake):
        told = _plain(event)
        told["secure"] = bool(_SECURE & set(event.offered_versions))
        told["suite_pairs"] = complete_pairs(event.offered_suites)
        return told
    if isinstance(event, Handshake):
        told = {"accepted": event.status == 101, "status": event.status, "reason": event.reason, "path": event.path}
        told["tls"] = event.tls
        if event.credentials is not None:
            told["credentials"] = {"password": "", "problem": "", **_plain(event.credentials)}
        return told
    if isinstance(event, CertificateExamined):
        return {"new_key": event.new_key, "problem": event.problem, **_plain(event)}
    return {}


def _plain(value: Any) -> dict[str, Any]:
    """With every field, also those that have their defaults."""
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    plain: dict[str, Any] = msgspec.to_builtins({key: item for key, item in fields.items() if item is not None})
    return plain


def is_attempt(record: Record, expectation: Opening) -> bool:
    """Whether the record is an attempt that is meant."""
    event = record.event
    if expectation.layer == "tls":
        meant = isinstance(event, TlsHandshake)
    else:
        meant = isinstance(event, Handshake) and event.station == expectation.station
    return meant and not mismatches(facts_of(record), expectation.where)


def judge_opening(expectation: Opening, trace: Trace, now: float) -> Outcome:
    """See harness.oracle.expectations.Opening."""
    seconds = expectation.until - trace[expectation.since].t if expectation.within is None else expectation.within
    name = _NAMES[expectation.layer]
    if expectation.word == "never":
        return _judge_never(expectation, trace, now, seconds)
    wanted = {**expectation.where, **expectation.fields}
    told = ", ".join(matcher.text(path) for path, matcher in wanted.items())
    required = f"the next {name} within {seconds:.1f} s" + (f": {told}" if told else "")
    for record in trace.since(expectation.since + 1):
        if record.t > expectation.until:
            break
        if is_attempt(record, expectation):
            wrong = mismatches(facts_of(record), expectation.fields)
            observed = _observed(record, wrong)
            return Outcome("violated" if wrong else "met", required, observed, (record.seq,))
    if now < expectation.until:
        return Outcome("pending", required, f"no {name} yet", wake_at=expectation.until)
    return Outcome("violated", required, f"no {name} in {seconds:.1f} s", (expectation.since,))


def _judge_never(expectation: Opening, trace: Trace, now: float, seconds: float) -> Outcome:
    told = ", ".join(matcher.text(path) for path, matcher in expectation.where.items())
    name = _NAMES[expectation.layer]
    required = f"no {name} in {seconds:.1f} s" + (f" where {told}" if told else "")
    for record in trace.since(expectation.since + 1):
        if record.t <= expectation.until and is_attempt(record, expectation):
            since = record.t - trace[expectation.since].t
            return Outcome("violated", required, f"{name} after {since:.2f} s", (record.seq,))
    if now < expectation.until:
        return Outcome("pending", required, "none yet", wake_at=expectation.until)
    return Outcome("met", required, "none", (expectation.since,))


def _observed(record: Record, wrong: list[str]) -> str:
    """What is wrong, and what the record says of the reason."""
    if not wrong:
        return "as required"
    event, told = record.event, "; ".join(wrong)
    if isinstance(event, Handshake):
        return f"{told} ({event.reason})" if event.reason else told
    if isinstance(event, TlsHandshake):
        more = [event.detail, event.client_problem]
        if "secure is" in told:
            more.append(f"offered: {', '.join(event.offered_versions) or 'no version'}")
        if "suite_pairs" in told:
            more.append(f"offered: {', '.join(event.offered_suites) or 'no suite'}")
        reasons = "; ".join(one for one in more if one and one not in told)
        return f"{told} ({reasons})" if reasons else told
    return told


def judge_shown(expectation: Shown, trace: Trace, now: float) -> Outcome:  # noqa: ARG001 - one signature for all
    """See harness.oracle.expectations.Shown."""
    record = trace[expectation.record]
    event = record.event
    name = f"certificate {event.what}" if isinstance(event, CertificateExamined) else "handshake"
    name = name.replace("certificate certificate", "certificate")
    required = f"{name} with {', '.join(matcher.text(path) for path, matcher in expectation.fields.items())}"
    wrong = mismatches(facts_of(record), expectation.fields)
    observed = _observed(record, wrong)
    return Outcome("violated" if wrong else "met", required, observed, (record.seq,))
