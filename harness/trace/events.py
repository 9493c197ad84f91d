"""Everything that can be observed in a run, as typed events: the course of the run and of its cases, and what was judged; those of the wire and of
the bench have files of their own, and are named here with the others.

Times are seconds on the run's one clock; UTC stands beside them in the record that carries the event (see trace.Record).
Events are immutable and JSON-ready.
"""

from typing import Any, Literal

import msgspec

from harness.trace.bench_events import (
    Captured,
    EdgeSeen,
    InstrumentTrouble,
    OperatorAnswer,
    SafetyTrip,
    Sample,
    SignalSeen,
    Stimulus,
    Transfer,
)
from harness.trace.event import Event
from harness.trace.wire_events import (
    Certificate,
    CertificateExamined,
    Closed,
    Credentials,
    Direction,
    Frame,
    FrameType,
    Handshake,
    Ping,
    Problem,
    TlsHandshake,
)

__all__ = [
    "AnyEvent",
    "Captured",
    "CaseEnded",
    "CaseStarted",
    "Certificate",
    "CertificateExamined",
    "Closed",
    "Credentials",
    "Direction",
    "EdgeSeen",
    "Event",
    "Expected",
    "Frame",
    "FrameType",
    "Handshake",
    "InstrumentTrouble",
    "Measured",
    "Note",
    "OperatorAnswer",
    "Ping",
    "Problem",
    "RuleBroken",
    "RunEnded",
    "RunResumed",
    "RunStarted",
    "SafetyTrip",
    "Sample",
    "SignalSeen",
    "StepEnded",
    "StepStarted",
    "Stimulus",
    "TlsHandshake",
    "Transfer",
    "Unobserved",
]


class RunStarted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="run"):
    """Head of a trace. `epoch_utc` is UTC at clock time 0; `schema` the version of this file format."""

    schema: int
    run: str
    plugproof: str
    station: str
    bench: str
    clock: Literal["simulated", "wall"]
    epoch_utc: str
    context: dict[str, Any] = msgspec.field(default_factory=dict)


class RunEnded(Event, frozen=True, kw_only=True, omit_defaults=True, tag="end"):
    """End marker: a trace without it was cut. `reason` is `complete` or says what stopped the run."""

    reason: str
    events: int


class RunResumed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="resumed"):
    """An interrupted run goes on, in another process. `after` tells how it was interrupted (RunEnded's reason, or `killed`).

    `fragment`: the line that was in flight then, taken off the file's end and kept here. `new_station`: the station under test is a
    program that the run starts; what the earlier one said holds for the new one no more.
    """

    after: str
    fragment: str = ""
    new_station: bool = False
    pid: int = 0


class CaseStarted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="case"):
    """A case begins on one station, OCPP version and EVSE. `attempt` above 1: it failed before, and is tried again."""

    id: str
    ocpp: str
    station: str
    evse: int
    attempt: int = 1


class CaseEnded(Event, frozen=True, kw_only=True, omit_defaults=True, tag="case_end"):
    """A case ended with this result word (harness.verdict.Result)."""

    id: str
    result: str
    verdict: str
    reason: str = ""
    error: str | None = None
    messages_only: bool = False


class StepStarted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="step"):
    """A step begins. `kind_` is `preamble`, `test` or `postamble`."""

    index: int
    step_kind: Literal["preamble", "test", "postamble"]
    title: str
    requirement: str = ""


class StepEnded(Event, frozen=True, kw_only=True, omit_defaults=True, tag="step_end"):
    """A step ended with this verdict; `detail` says why for anything but a pass."""

    index: int
    verdict: str
    detail: str = ""


class Expected(Event, frozen=True, kw_only=True, omit_defaults=True, tag="expectation"):
    """An expectation and what became of it. `spec` is the expectation itself, so that it can be judged again."""

    step: int
    spec: dict[str, Any]
    at: float
    verdict: str
    required: str
    observed: str
    evidence: tuple[int, ...] = ()
    requirement: str = ""


class Measured(Event, frozen=True, kw_only=True, omit_defaults=True, tag="measurement"):
    """A measured value met a limit. `conditions`: what it was measured under and corrected for, in words."""

    step: int
    name: str
    value: float
    unit: str
    u: float
    limit: dict[str, Any]
    limit_text: str
    decision_rule: str
    verdict: str
    text: str
    evidence: tuple[int, ...] = ()
    budget: dict[str, float] = msgspec.field(default_factory=dict)
    conditions: dict[str, str] = msgspec.field(default_factory=dict)
    requirement: str = ""


class Unobserved(Event, frozen=True, kw_only=True, omit_defaults=True, tag="unobserved"):
    """An effect was owed and nothing on this bench could see it: the pass is by messages only."""

    step: int
    effect: str
    missing_role: str


class RuleBroken(Event, frozen=True, kw_only=True, omit_defaults=True, tag="finding"):
    """An always-on rule was violated."""

    rule: str
    strictness: str
    requirement: str
    message: str
    evidence: tuple[int, ...]


class Note(Event, frozen=True, kw_only=True, omit_defaults=True, tag="note"):
    """Something worth knowing that judges nothing, e.g. that the run's own loop lagged by `data["lag_s"]`.

    `data["defect"]`: something of ours failed; what was missed meanwhile proves nothing, and the running case is an error.
    """

    text: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


AnyEvent = (
    RunStarted
    | RunEnded
    | RunResumed
    | CaseStarted
    | CaseEnded
    | StepStarted
    | StepEnded
    | Handshake
    | TlsHandshake
    | CertificateExamined
    | Closed
    | Frame
    | Ping
    | Sample
    | Captured
    | Stimulus
    | OperatorAnswer
    | Transfer
    | InstrumentTrouble
    | SafetyTrip
    | Expected
    | Measured
    | Unobserved
    | RuleBroken
    | Note
)
