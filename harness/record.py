"""The record of a run: what `record.json` holds and every report is made from.

Reports read nothing but this and the trace. Times are seconds on the run's clock unless they end in `_utc` (RFC 3339).
`evidence` always means trace sequence numbers, counted from 0, the header: sequence number N stands in line N + 1 of `trace.jsonl`.
"""

from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any

import msgspec

from harness.facts.model import Declared, DocumentTrace, Identity, ReplyTiming, Volume
from harness.verdict import RESULTS, Result, Strictness, Verdict, run_is_green

SCHEMA_VERSION = 2
"""Goes up with every change of the format (docs/reference/record.schema.json); records of version 1 are read, too."""

EXPIRED = "calibration expired"
"""In `RunInfo.bench`: instruments whose calibration was over before the run, each with its last day."""


@dataclass(slots=True)
class Check:
    """One expectation that was judged inside a step.

    `required`: what had to be seen, in the words of the rule; `observed`: what was seen instead (or as well). `caveats`: what its reader must
    know and what decided nothing, such as an instrument whose calibration had expired.
    """

    required: str
    observed: str
    verdict: Verdict
    evidence: list[int] = field(default_factory=list)
    requirement: str = ""
    caveats: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Measurement:
    """A measured value against a limit, with expanded uncertainty `u` (k=2) and the rule that decided.

    `budget`: what `u` is made of, each part expanded and in `unit`. `conditions`: what it was measured under and corrected for, in words.
    `caveats`: as those of a Check.
    """

    name: str
    value: float
    unit: str
    u: float
    limit: str
    decision_rule: str
    verdict: Verdict
    evidence: list[int] = field(default_factory=list)
    budget: dict[str, float] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One step of a case. `kind` is `preamble`, `test` or `postamble`; only a test step can end in *fail*."""

    index: int
    kind: str
    title: str
    verdict: Verdict
    started: float
    ended: float
    requirement: str = ""
    checks: list[Check] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    detail: str = ""
    first_event: int = 0
    last_event: int = 0


@dataclass(slots=True)
class Attempt:
    """One of several attempts at a case; `number` counts from 1. An attempt that was cut without a proof is *not run*."""

    number: int
    result: Result
    verdict: Verdict
    reason: str = ""
    error: str | None = None
    started: float = 0.0
    ended: float = 0.0
    first_event: int = 0
    last_event: int = 0
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class CaseRecord:
    """One case on one station, OCPP version and EVSE.

    `result` is the word of harness.verdict.Result; `reason` says why for anything but a plain pass. `unexpected` lists messages
    that neither an expectation nor a standing rule accounted for (trace sequence numbers). `attempts` is empty for a case that was
    tried once; else it holds every attempt, and all else here is that of the first one that was judged.
    """

    id: str
    title: str
    ocpp: str
    station: str
    evse: int
    result: Result
    verdict: Verdict
    reason: str = ""
    requirement: str = ""
    section: str = ""
    module: str = ""
    started: float = 0.0
    ended: float = 0.0
    wall_seconds: float = 0.0
    steps: list[Step] = field(default_factory=list)
    unexpected: list[int] = field(default_factory=list)
    first_event: int = 0
    last_event: int = 0
    error: str | None = None
    deviation: dict[str, str] | None = None
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(slots=True)
class Finding:
    """A violation of an always-on rule, once per cause. `case` is empty when it happened between cases."""

    rule: str
    strictness: Strictness
    requirement: str
    message: str
    case: str
    ocpp: str
    station: str
    evidence: list[int]
    count: int = 1


@dataclass(slots=True)
class RunInfo:
    """Head of the record: who was tested, with what, when.

    `resumed`: where the run was taken up again after an interruption. `decision_rule`: how measurements decide (harness.limits.Rule); empty
    in records of earlier versions.
    """

    id: str
    started_utc: str
    ended_utc: str
    plugproof: str
    clock: str
    station: dict[str, Any]
    bench: dict[str, Any]
    selection: dict[str, Any]
    trace: str = "trace.jsonl"
    complete: bool = True
    clock_seconds: float = 0.0
    wall_seconds: float = 0.0
    resumed: list[dict[str, Any]] = field(default_factory=list)
    decision_rule: str = ""


@dataclass(slots=True)
class RunRecord:
    """Everything that the reports of one run need beside the trace.

    `defects`: what failed outside of the cases (a module, a fixture's end); the run is red with them. `timing` to `traceability` decide
    nothing; they are empty in records of version 1. `declared`: PICS and PIXIT that the run went by.
    """

    run: RunInfo
    cases: list[CaseRecord]
    findings: list[Finding]
    counts: dict[str, int] = field(default_factory=dict)
    green: bool = False
    safe_state: list[dict[str, Any]] = field(default_factory=list)
    instrument_faults: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    declared: list[Declared] = field(default_factory=list)
    timing: list[ReplyTiming] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    traceability: list[DocumentTrace] = field(default_factory=list)
    schema_version: int = SCHEMA_VERSION


def finish(record: RunRecord) -> RunRecord:
    """Fill `counts` and `green` from the cases and findings; returns the same record."""
    record.counts = {result.value: 0 for result in RESULTS}
    for case in record.cases:
        record.counts[case.result.value] += 1
    broken = sum(1 for finding in record.findings if finding.strictness is Strictness.MUST)
    sound = record.run.complete and not record.defects
    record.green = sound and run_is_green((case.result for case in record.cases), broken)
    return record


def to_json(record: RunRecord) -> bytes:
    """The record as indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1)


def record_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `record.json`, made from the classes above: it says what they say.

    Every field is written, defaults too, so every field is required; another one means another version.
    """
    schema = msgspec.json.schema(RunRecord)
    for definition in schema["$defs"].values():
        definition["description"] = cleandoc(definition.get("description", ""))
        if "properties" in definition:
            definition |= {"required": sorted(definition["properties"]), "additionalProperties": False}
    schema["$defs"]["RunRecord"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:plugproof:record:{SCHEMA_VERSION}",
        "title": "record.json of a Plugproof run",
        **schema,
    }


def schema_json() -> bytes:
    """`record_schema` as indented JSON with a line end, as docs/reference/record.schema.json holds it."""
    return msgspec.json.format(msgspec.json.encode(record_schema(), order="deterministic"), indent=1) + b"\n"


def from_json(data: bytes) -> RunRecord:
    """Read a record back. Raises msgspec.ValidationError with the path of what does not fit."""
    return msgspec.json.decode(data, type=RunRecord)
