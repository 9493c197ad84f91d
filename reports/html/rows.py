"""Rows of a case's timeline: messages, stimuli, samples, steps and judgements, in the order in which they were observed.

A trace may hold kinds that this version does not know, or fields of the wrong type: such a line is shown generically, never lost and
never an error.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from reports.assign import Line, time_of
from reports.html.row import LONGEST_BRIEF, Row, merged
from reports.html.security_rows import certificate_body, certificate_brief, credentials_brief, tls_body, tls_brief
from reports.payload import MASK, brief, shown
from reports.text import clip, figure, plain

_HEADER = ("seq", "t", "utc", "case", "kind", "h")
_QUIET = frozenset({"run", "case", "case_end", "end", "step_end"})


def _str(line: Line, key: str) -> str:
    value = line.get(key)
    return "" if value is None else value if isinstance(value, str) else plain(value)


def _list(line: Line, key: str) -> list[Any]:
    value = line.get(key)
    return value if isinstance(value, list) else []


def _base(line: Line, start: float, lane: str, head: str, **more: Any) -> Row:
    return Row(line["seq"], [line["seq"]], time_of(line) - start, lane, head, **more)


def _problem(problem: Any) -> str:
    if not isinstance(problem, dict):
        return plain(problem)
    return f"{_str(problem, 'path')}: {_str(problem, 'message')} (rule {_str(problem, 'rule')})"


_TAGS = {
    "result": "reply",
    "error": "error reply",
    "result_error": "error on a reply",
    "send": "send",
    "malformed": "malformed",
}


def _frame(line: Line, start: float) -> Row:
    kind = _str(line, "frame")
    payload, text = shown(kind, _str(line, "raw"), [s for s in _list(line, "secrets") if isinstance(s, str)])
    if line.get("raw_b64"):
        text = f"not text; base64: {_str(line, 'raw_b64')}"
    tag = _TAGS.get(kind, "")
    latency = line.get("latency")
    if isinstance(latency, int | float) and tag:
        tag += f" after {figure(float(latency))} s"
    notes = [_str(line, "reason")] if line.get("reason") else []
    problems = _list(line, "problems")
    notes += [_problem(problem) for problem in problems]
    notes += [f"anomaly: {plain(anomaly)}" for anomaly in _list(line, "anomalies")]
    if line.get("deliberate"):
        notes.append("sent wrong on purpose")
    return _base(
        line,
        start,
        "out" if line.get("direction") == "out" else "in",
        _str(line, "action") or ("(malformed)" if kind == "malformed" else "(no action)"),
        tag=tag,
        brief=clip(brief(payload), LONGEST_BRIEF) if payload is not None else clip(text, LONGEST_BRIEF),
        body=text,
        tone="bad" if kind == "malformed" or line.get("problems") else "warn" if notes or kind == "error" else "",
        notes=notes,
        frame=kind,
        offending=[_str(problem, "path") for problem in problems if isinstance(problem, dict) and problem.get("path")],
    )


def _handshake(line: Line, start: float) -> Row:
    secret = {s.lower() for s in _list(line, "secrets") if isinstance(s, str)} | {"authorization"}
    headers = []
    for pair in _list(line, "headers"):
        name, value = (
            (plain(pair[0]), plain(pair[1])) if isinstance(pair, list) and len(pair) == 2 else ("", plain(pair))
        )
        headers.append(f"{name}: {MASK if name.lower() in secret else value}")
    status = _str(line, "status")
    offered = plain(_list(line, "offered"))
    told = f"{_str(line, 'path')} · offers {offered} · selected {_str(line, 'selected') or 'none'} · status {status}"
    told += f" · {credentials_brief(line)}" if line.get("credentials") else ""
    refused = bool(line.get("reason")) or status not in ("", "101")
    return _base(
        line,
        start,
        "link",
        "connection refused" if refused else "connected",
        brief=told,
        body="\n".join(headers),
        tone="warn" if refused else "",
        notes=[_str(line, "reason")] if line.get("reason") else [],
    )


def _tls(line: Line, start: float) -> Row:
    failed = line.get("outcome") != "completed"
    problem = _str(line, "client_problem")
    notes = [f"station's certificate: {problem}"] if problem else []
    head = "TLS handshake failed" if failed else "TLS"
    tone = "warn" if failed or notes else ""
    return _base(line, start, "link", head, brief=tls_brief(line), body=tls_body(line), tone=tone, notes=notes)


def _certificate(line: Line, start: float) -> Row:
    head = f"certificate {_str(line, 'what')}".replace("certificate certificate", "certificate")
    tone = "warn" if line.get("problem") else ""
    return _base(line, start, "link", head, brief=certificate_brief(line), body=certificate_body(line), tone=tone)


def _closed(line: Line, start: float) -> Row:
    told = f"code {_str(line, 'code')}, by the {_str(line, 'by') or 'station'}"
    return _base(line, start, "link", "connection closed", brief=f"{told} · {_str(line, 'reason')}".rstrip(" ·"))


def _ping(line: Line, start: float) -> Row:
    word = "pong" if line.get("pong") else "ping"
    return _base(line, start, "link", f"WebSocket {word}", tag="out" if line.get("direction") == "out" else "in")


def _stimulus(line: Line, start: float) -> Row:
    args = line.get("args")
    told = ", ".join(f"{k}={plain(v)}" for k, v in args.items()) if isinstance(args, dict) else plain(args or "")
    phase = _str(line, "phase")
    role = _str(line, "role")
    return _base(
        line,
        start,
        "person" if role.lower() == "operator" else "bench",
        f"{_str(line, 'verb')}({told})",
        tag=phase if phase != "done" else "",
        brief=" · ".join(part for part in (_str(line, "instrument"), role) if part),
        tone="bad" if phase == "failed" else "",
    )


def _transfer(line: Line, start: float) -> Row:
    size, outcome = line.get("size", 0), _str(line, "outcome")
    head = f"{_str(line, 'direction')} {_str(line, 'path')}"
    told = (f"{size} bytes over {_str(line, 'protocol')}", outcome, _str(line, "detail"))
    tone = "" if outcome == "complete" else "warn"
    return _base(line, start, "bench", head, tag="file", brief=" · ".join(part for part in told if part), tone=tone)


def _operator(line: Line, start: float) -> Row:
    asked, answered = line.get("asked_at"), line.get("answered_at")
    took = ""
    if isinstance(asked, float | int) and isinstance(answered, float | int):
        took = f" after {figure(float(answered - asked))} s"
    at = " at the console" if _str(line, "where") == "console" else ""
    told = f"{_str(line, 'instrument')} · answered{at}: {_str(line, 'answer')}{took}".removeprefix(" · ")
    return _base(line, start, "person", _str(line, "prompt"), tag="operator", brief=told)


def _step(line: Line, start: float) -> Row:
    head = f"Step {_str(line, 'index')}: {_str(line, 'title')}"
    return _base(line, start, "step", head, tag=_str(line, "step_kind"))


_TONES = {"pass": "good", "fail": "bad", "inconclusive": "warn", "error": "bad"}


def _expectation(line: Line, start: float) -> Row:
    verdict = _str(line, "verdict")
    told = (
        f"observed: {_str(line, 'observed')}" if verdict != "pass" else ""
    )  # what passed stands in the list of steps, in full
    return _base(line, start, "judge", _str(line, "required"), tag=verdict, brief=told, tone=_TONES.get(verdict, ""))


def _measurement(line: Line, start: float) -> Row:
    verdict = _str(line, "verdict")
    value, unit = _str(line, "value"), _str(line, "unit")
    head = f"{_str(line, 'name')} {_str(line, 'limit_text') or _str(line, 'limit')}"
    told = f"{value} {unit} (±{_str(line, 'u')} {unit}, k=2)"
    return _base(line, start, "judge", head, tag=verdict, brief=told, tone=_TONES.get(verdict, ""))


def _capture(line: Line, start: float) -> Row:
    edges = [
        f"{_str(edge, 'signal')} {_str(edge, 'what')} {figure(1000 * float(edge['t']))} ms".replace("_", " ")
        for edge in _list(line, "edges")
        if isinstance(edge, dict) and _is_number(edge.get("t"))
    ]
    trigger = _str(line, "trigger")
    told = f"{_str(line, 'source')} · after the trigger: {', '.join(edges) or 'no edge'}"
    body = "\n".join(f"{key}: {plain(line[key])}" for key in ("at", "t_u", "edges", "signals") if key in line)
    return _base(line, start, "bench", f"capture, triggered by {trigger}", tag="capture", brief=told, body=body)


def _fault(line: Line, start: float) -> Row:
    where = " · ".join(part for part in (_str(line, "instrument"), _str(line, "address")) if part)
    notes = [f"cure: {_str(line, 'cure')}"] if line.get("cure") else []
    return _base(line, start, "bench", _str(line, "what") or "fault", tag="fault", brief=where, tone="bad", notes=notes)


def _trip(line: Line, start: float) -> Row:
    seen = f"{_str(line, 'instrument')}: {_str(line, 'quantity')} = {_str(line, 'value')} {_str(line, 'unit')}"
    told = f"± {_str(line, 'u') or '0'} beyond {_str(line, 'limit')} = {_str(line, 'limit_value')}; safe state at once"
    return _base(line, start, "bench", seen, tag="trip", brief=told, tone="bad")


def _finding(line: Line, start: float) -> Row:
    told = f"{_str(line, 'rule')} · {_str(line, 'requirement')}".rstrip(" ·")
    return _base(line, start, "judge", _str(line, "message"), tag=_str(line, "strictness"), brief=told, tone="bad")


def _unobserved(line: Line, start: float) -> Row:
    told = f"no {_str(line, 'missing_role')} on this bench"
    return _base(line, start, "judge", f"not seen: {_str(line, 'effect')}", brief=told, tone="warn")


def _note(line: Line, start: float) -> Row:
    data = line.get("data")
    return _base(line, start, "other", _str(line, "text"), tag="note", brief=plain(data) if data else "")


def _resumed(line: Line, start: float) -> Row:
    told = f"the run goes on after it was {_str(line, 'after')}"
    notes = [f"torn line: {_str(line, 'fragment')}"] if line.get("fragment") else []
    return _base(line, start, "other", told, tag="resumed", tone="warn", notes=notes)


def _sample(line: Line, start: float) -> Row:
    row = _base(line, start, "bench", "", tag="samples")
    row.brief = _str(line, "source") or "sample"
    values = line.get("values")
    for name, triple in values.items() if isinstance(values, dict) else ():
        if isinstance(triple, list | tuple) and triple and _is_number(triple[0]):
            unit = triple[1] if len(triple) > 1 else ""
            value = float(triple[0])
            row.ranges[row.brief, name] = (value, value, unit if isinstance(unit, str) else plain(unit))
    return row


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(line: Line, start: float) -> Row:
    told = " · ".join(f"{key}: {plain(value)}" for key, value in line.items() if key not in _HEADER)
    return _base(line, start, "other", _str(line, "kind") or "(no kind)", brief=clip(told, LONGEST_BRIEF), body=told)


_BY_KIND: dict[str, Callable[[Line, float], Row]] = {
    "frame": _frame,
    "handshake": _handshake,
    "tls": _tls,
    "certificate": _certificate,
    "closed": _closed,
    "ping": _ping,
    "sample": _sample,
    "stimulus": _stimulus,
    "operator": _operator,
    "transfer": _transfer,
    "step": _step,
    "expectation": _expectation,
    "measurement": _measurement,
    "capture": _capture,
    "fault": _fault,
    "trip": _trip,
    "finding": _finding,
    "unobserved": _unobserved,
    "note": _note,
    "resumed": _resumed,
}


def row_of(line: Line, start: float) -> Row:
    """The row for one trace line; `start` is the time from which the row's own is counted."""
    kind = line.get("kind")
    make = _BY_KIND.get(kind) if isinstance(kind, str) else None
    try:
        return (make or _unknown)(line, start)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError):
        return _base(
            line,
            start,
            "other",
            plain(kind),
            body=clip(repr(line), 2_000),
            tone="warn",
            notes=["not readable as its kind"],
        )


def _begins(line: Line, following: list[Line]) -> bool:
    """Whether this is the begin of a stimulus whose end is the very next line: one row tells both."""
    if line.get("kind") != "stimulus" or line.get("phase") != "begin" or not following:
        return False
    after, same = following[0], ("kind", "instrument", "verb", "args")
    return after.get("phase") == "done" and all(line.get(key) == after.get(key) for key in same)


def rows_of(
    lines: Iterable[Line],
    start: float,
    evidence: frozenset[int] | set[int] = frozenset(),
    offending: Mapping[int, list[str]] = MappingProxyType({}),
) -> list[Row]:
    """The timeline of a case. Lines that only bracket others are left out.

    `evidence` are the trace lines to mark, `offending` the paths at which the message of a line is not what was asked.
    """

    def visible_line(line: Line) -> bool:
        kind = line.get("kind")
        if kind == "step":
            return line.get("phase") != "end"
        return not (isinstance(kind, str) and kind in _QUIET)

    shown = [line for line in lines if visible_line(line)]
    rows = merged(row_of(line, start) for i, line in enumerate(shown) if not _begins(line, shown[i + 1 : i + 2]))
    for row in rows:
        row.marked = not evidence.isdisjoint(row.lines)
        row.offending += offending.get(row.line, ())
    return rows
