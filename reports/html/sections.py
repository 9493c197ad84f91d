"""What a page tells beside cases: pace, volumes, identities, declarations, clauses and findings, as rows of tables."""

from dataclasses import dataclass
from typing import Any

from harness.facts.model import Volume
from harness.oracle.invariants import all_rules, of_described
from harness.record import RunRecord
from harness.verdict import Result
from reports.remedies import REMEDIES
from reports.tally import SHOWN_IN_ORDER, BrokenRule, broken_rules
from reports.text import figure

_MOST_VOLUMES = 12
_KEPT = 60


@dataclass(frozen=True, slots=True)
class Advised:
    """A broken rule with what breaking it costs and what to do about it; empty where nothing is written of it."""

    rule: BrokenRule
    why: str
    remedy: str


def advised(record: RunRecord) -> list[Advised]:
    """Findings grouped by rule, with advice."""
    costs = {rule.id: rule.explanation for rule in (*all_rules(), *of_described({}))}
    return [Advised(one, costs.get(one.rule, ""), REMEDIES.get(one.rule, "")) for one in broken_rules(record)]


def identity_rows(record: RunRecord) -> list[dict[str, Any]]:
    """Vendor, model, serial and firmware of each station, by its file and by its own word."""
    rows = []
    for one in record.identities:
        for name in dict.fromkeys((*one.filed, *one.told)):
            told = one.told.get(name, [])
            rows.append(
                {
                    "station": one.station,
                    "OCPP": one.ocpp,
                    "what": name,
                    "by its file": one.filed.get(name, ""),
                    "as it told": ", then ".join(told) if told else "not told",
                    "": "differs" if name in one.differs else "",
                }
            )
    return rows


def timing_rows(record: RunRecord) -> list[dict[str, Any]]:
    """Latencies of replies in milliseconds, the station's before ours."""
    ordered = sorted(record.timing, key=lambda one: (one.by != "station", one.station, one.ocpp, one.action))
    return [
        {
            "reply by": one.by if one.by == "csms" else one.station,
            **({"to": one.station} if one.by == "csms" else {}),
            "OCPP": one.ocpp,
            "action": one.action,
            "n": one.n,
            **{f"{name} / ms": figure(1000 * value) for name, value in _spread(one)},
        }
        for one in ordered
    ]


def _spread(one: Any) -> list[tuple[str, float]]:
    return [("min", one.min_s), ("median", one.median_s), ("p95", one.p95_s), ("max", one.max_s)]


def volume_rows(record: RunRecord) -> tuple[list[dict[str, Any]], int]:
    """Sums by station, version and kind, and the largest sessions; how many single ones are left out."""
    groups: dict[tuple[str, str, str], list[Volume]] = {}
    for one in record.volumes:
        groups.setdefault((one.kind, one.station, one.ocpp), []).append(one)
    rows = [_volume_sum(*key, group) for key, group in groups.items()]
    sessions = sorted(record.volumes, key=lambda one: -(one.bytes_in + one.bytes_out))
    single = [one for one in sessions if one.kind == "transaction"]
    rows += [_volume_sum(f"transaction {one.id}", one.station, one.ocpp, [one]) for one in single[:_MOST_VOLUMES]]
    return rows, max(0, len(single) - _MOST_VOLUMES)


def _volume_sum(kind: str, station: str, ocpp: str, group: list[Volume]) -> dict[str, Any]:
    return {
        "what": f"{len(group)} {kind}s" if len(group) > 1 else kind,
        "station": station,
        "OCPP": ocpp,
        "frames from it": sum(one.frames_in for one in group),
        "bytes from it": sum(one.bytes_in for one in group),
        "frames to it": sum(one.frames_out for one in group),
        "bytes to it": sum(one.bytes_out for one in group),
        "duration": f"{figure(sum(one.ended - one.began for one in group))} s",
    }


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause with its cases, each with its worst result here (None: not in this run), and its rules (true: broken here)."""

    clause: str
    title: str
    cases: list[tuple[str, Result | None]]
    rules: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """Clauses of a document, and the known ones that nothing exercises."""

    document: str
    rows: list[ClauseRow]
    uncovered: list[str]
    indexed: int


def clause_rows(record: RunRecord) -> list[DocumentRows]:
    """The traceability of the record with what this run says to it."""
    results: dict[str, Result] = {}
    for case in record.cases:
        results[case.id] = min(case.result, results.get(case.id, case.result), key=SHOWN_IN_ORDER.index)
    broken = {finding.rule for finding in record.findings}
    return [
        DocumentRows(
            one.document,
            [
                ClauseRow(
                    clause.clause,
                    clause.title,
                    [(case, results.get(case)) for case in clause.cases[:_KEPT]],
                    [(rule, rule in broken) for rule in clause.rules],
                )
                for clause in one.covered
            ],
            one.uncovered,
            one.indexed,
        )
        for one in record.traceability
    ]


def pixit_rows(record: RunRecord) -> list[dict[str, Any]]:
    """PIXIT items, one a row, a column for each station; what nobody stated is marked."""
    names = sorted({name for one in record.declared for name in one.pixit})
    return [
        {"item": name}
        | {
            one.station: f"{_plain(one.pixit.get(name))}{' (default)' if name in one.defaults else ''}"
            for one in record.declared
        }
        for name in names
    ]


def pics_rows(record: RunRecord) -> list[dict[str, Any]]:
    """PICS answers, one a row, a column for each station."""
    names = sorted({name for one in record.declared for name in one.pics})
    return [{"item": name} | {one.station: _plain(one.pics.get(name)) for one in record.declared} for name in names]


def _plain(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else figure(value)
        if isinstance(value, float)
        else str(value)
    )
