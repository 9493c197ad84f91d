"""Everything that can be observed in a run, as typed events.

Times are seconds on the run's one clock; UTC stands beside them in the record that carries the event (see trace.Record).
Events are immutable and JSON-ready. Frames keep the text exactly as it crossed the wire.
"""

from typing import Any, Literal

import msgspec

Direction = Literal["in", "out"]
"""`in`: from the station to the CSMS; `out`: from the CSMS to the station."""

FrameType = Literal["call", "result", "error", "result_error", "send", "malformed"]


class Event(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, kw_only=True, gc=False):
    """Base of all events. None can hold itself, so the garbage collector need not look at the thousands of a run."""


class RunStarted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="run"):
    """Head of a trace. `epoch_utc` is UTC at clock time 0; `schema` the version of this file format."""

    schema: int
    run: str
    plugproof: str
    station: str
    bench: str
    clock: Literal["simulated", "wall"]
    epoch_utc: str
    context: dict[str, Any] = {}


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


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an X.509 certificate, or a request for one (PKCS #10), says of itself.

    `serial` is hexadecimal; `sha256` of the whole and `key_sha256` of its public key tell one from another; times are RFC 3339.
    """

    subject_cn: str = ""
    subject_o: str = ""
    issuer: str = ""
    serial: str = ""
    key: str = ""
    key_bits: int = 0
    not_before: str = ""
    not_after: str = ""
    sha256: str = ""
    key_sha256: str = ""


class CertificateExamined(Event, frozen=True, kw_only=True, omit_defaults=True, tag="certificate"):
    """A certificate, or a request for one, that stands in the frame `frame`, read for judging. `problem`: why it cannot be used.

    `new_key`: its key is in no certificate that the station showed or sent before.
    """

    frame: int
    what: Literal["request", "certificate"]
    says: Certificate
    new_key: bool = False
    problem: str = ""


class TlsHandshake(Event, frozen=True, kw_only=True, omit_defaults=True, tag="tls"):
    """A TLS handshake, completed or failed, before any request is seen (RFC 5246, RFC 8446).

    `offered_...` is what the client said that it takes; `shown` which kind of server certificate it was met with; `version` and `suite`
    are what was agreed. `client_problem`: why the client's certificate does not stand (it may have been let in all the same).
    `alert`: how the handshake was broken off, and by whom.
    """

    connection: int
    remote: str
    outcome: Literal["completed", "failed"]
    offered_versions: tuple[str, ...] = ()
    offered_suites: tuple[str, ...] = ()
    server_name: str = ""
    compression: bool = False
    shown: str = "valid"
    version: str = ""
    suite: str = ""
    server_certificate: Certificate | None = None
    client_asked: bool = False
    client_certificate: Certificate | None = None
    client_problem: str = ""
    alert: str = ""
    alert_by: Literal["", "station", "csms"] = ""
    detail: str = ""


class Credentials(msgspec.Struct, frozen=True, omit_defaults=True):
    """HTTP Basic credentials without their secret: `password` says which one it is, `octets` how long.

    `current`: the one in force; `former` and `next`: one of the station's that is not (any more, or yet); `factory`: the station file's,
    while another is in force; `wrong`: none that was ever its own.
    """

    scheme: str
    user: str = ""
    octets: int = 0
    password: Literal["", "current", "former", "next", "factory", "wrong"] = ""
    problem: str = ""


class Handshake(Event, frozen=True, kw_only=True, omit_defaults=True, tag="handshake"):
    """An opening handshake, accepted or refused. `secrets` names header fields whose value is secret.

    `tls`: the connection has the TlsHandshake of the same number below it. `credentials`: None where no Authorization was sent.
    """

    connection: int
    station: str
    path: str
    remote: str
    offered: tuple[str, ...]
    selected: str | None
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    reason: str = ""
    extensions: tuple[str, ...] = ()
    tls: bool = False
    credentials: Credentials | None = None


class Closed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="closed"):
    """A connection ended. `by`: who began the closing; `code` 1006 means that no close frame was seen."""

    connection: int
    station: str
    code: int
    reason: str = ""
    by: Literal["station", "csms", "network"] = "station"


class Problem(msgspec.Struct, frozen=True):
    """Why a message breaks its schema: dotted path, rule and what was wrong."""

    path: str
    rule: str
    message: str


class Frame(Event, frozen=True, kw_only=True, omit_defaults=True, tag="frame"):
    """One WebSocket message.

    `raw` is its text (`raw_b64` where it was not text). `answers` is the sequence number of the CALL that this frame replies to;
    for replies `action` is that CALL's. `anomalies` name what the endpoint saw wrong with it (`unmatched`, `repeated`, `second_call`, ...).
    `secrets` are dotted payload paths whose values are secret. `deliberate` marks what the harness sent wrong on purpose.
    """

    connection: int
    station: str
    ocpp: str
    direction: Direction
    frame: FrameType
    raw: str = ""
    raw_b64: str = ""
    message_id: str | None = None
    action: str | None = None
    answers: int | None = None
    latency: float | None = None
    problems: tuple[Problem, ...] = ()
    anomalies: tuple[str, ...] = ()
    reason: str = ""
    secrets: tuple[str, ...] = ()
    deliberate: bool = False


class Ping(Event, frozen=True, kw_only=True, omit_defaults=True, tag="ping"):
    """A WebSocket ping (or, with `pong`, its answer)."""

    connection: int
    station: str
    direction: Direction
    pong: bool = False
    latency: float | None = None


class Sample(Event, frozen=True, kw_only=True, omit_defaults=True, tag="sample"):
    """One reading of one instrument: quantity name -> (value, unit, U with k=2).

    `at`: clock time of the middle of the reading; `t_u`: half-width of that time stamp (k=2), seconds.
    """

    at: float
    source: str
    role: str
    evse: int
    values: dict[str, tuple[float, str, float]]
    t_u: float


class EdgeSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """An edge in a capture: `what` (harness.edges) happened to `signal` `t` seconds after the trigger, give or take `u` (k=2).

    `open`: it had not come to an end when the capture did; `t` is then the last instant at which it was seen.
    """

    signal: str
    what: str
    t: float
    u: float
    open: bool = False


class SignalSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a capture holds of a signal: `samples` every `step_s` from `start_s` on (seconds from the trigger), and their extremes.

    `resolution`: one step of the converter; `u`: of one sample (k=2); `clipped`: samples at the end of the range.
    """

    start_s: float
    step_s: float
    samples: int
    lowest: float
    highest: float
    unit: str
    resolution: float = 0.0
    u: float = 0.0
    clipped: int = 0


class Captured(Event, frozen=True, kw_only=True, omit_defaults=True, tag="capture"):
    """One shot of an oscilloscope. `at`: the trigger on the run's clock, `t_u` its half-width (k=2); edges count from the trigger."""

    at: float
    t_u: float
    source: str
    evse: int
    trigger: str
    signals: dict[str, SignalSeen]
    edges: tuple[EdgeSeen, ...] = ()
    time_base_ppm: float = 0.0


class Stimulus(Event, frozen=True, kw_only=True, omit_defaults=True, tag="stimulus"):
    """Something was done to the station by the bench or by a person. `evse`: at which EVSE, where the instrument is wired to one only."""

    instrument: str
    role: str
    verb: str
    args: dict[str, Any]
    phase: Literal["begin", "done", "failed"]
    evse: int = 0


class OperatorAnswer(Event, frozen=True, kw_only=True, omit_defaults=True, tag="operator"):
    """What the person at the bench was asked and what they answered.

    What was asked for happened between `asked_at` and `answered_at` (clock times, seconds), if it happened. `answer` is what they
    chose, or says why there is none: `no answer`, `withdrawn`, `declined: ...`, `not asked: ...`. `where` they answered:
    `terminal` or `console`; nothing where nobody did, and in traces of before there was a console.
    """

    prompt: str
    answer: str
    instrument: str = ""
    verb: str = ""
    asked_at: float = 0.0
    answered_at: float = 0.0
    where: str = ""


class Transfer(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer"):
    """A file between the station and the run's file server ended; `direction` as the station sees it, `began` on the run's clock.

    `outcome`: `complete`; `cut` (by either side, in the middle); `refused` (by the server, as a case asked); `missing` (no such
    file). `size` in bytes and `sha256` are of what went over the wire. `name`: what the station called its file, where that is
    not the end of `path`.
    """

    protocol: Literal["ftp", "ftps", "http", "https"]
    direction: Literal["download", "upload"]
    path: str
    remote: str
    began: float
    outcome: Literal["complete", "cut", "refused", "missing"]
    size: int = 0
    sha256: str = ""
    name: str = ""
    detail: str = ""


class InstrumentTrouble(Event, frozen=True, kw_only=True, omit_defaults=True, tag="fault"):
    """A fault of the bench."""

    instrument: str
    address: str
    what: str
    cure: str


class SafetyTrip(Event, frozen=True, kw_only=True, omit_defaults=True, tag="trip"):
    """A reading beyond a limit of the bench, by more than its uncertainty: the bench goes to its safe state at once."""

    instrument: str
    evse: int
    quantity: str
    value: float
    unit: str
    u: float
    limit: str
    limit_value: float


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
    budget: dict[str, float] = {}
    conditions: dict[str, str] = {}
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
    data: dict[str, Any] = {}


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
