"""Which fields of which messages a failed check is about: read from the stored expectation and judged against the message's text."""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.oracle.matchers import AnyMatcher, mismatches
from reports.assign import Line
from reports.payload import payload_of

_MOST = 200
_UNMET = ("fail", "inconclusive")


def offences(lines: list[Line]) -> dict[int, list[str]]:
    """Paths in the payload by trace sequence number. `lines`: those of a case. What a trace holds of another version's is passed over."""
    frames = {line["seq"]: line for line in lines if line.get("kind") == "frame" and isinstance(line.get("seq"), int)}
    found: dict[int, list[str]] = {}
    unmet = [line for line in lines if line.get("kind") == "expectation" and line.get("verdict") in _UNMET]
    for line in unmet[:_MOST]:
        spec = line.get("spec")
        evidence = [seq for seq in _evidence(line) if seq in frames]
        for action, fields in _asked(spec if isinstance(spec, dict) else {}):
            for seq in evidence:
                if action in {"", frames[seq].get("action")}:
                    found.setdefault(seq, []).extend(_broken(frames[seq], fields))
    return {seq: list(dict.fromkeys(paths)) for seq, paths in found.items() if paths}


def _evidence(line: Line) -> list[int]:
    told = line.get("evidence")
    return [seq for seq in told if isinstance(seq, int)] if isinstance(told, list) else []


def _asked(spec: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What was asked of which message; of a window in which none may come, nothing of it is right."""
    if spec.get("word") != "never":
        patterns = spec.get("patterns")
        for pattern in patterns if isinstance(patterns, list) else ():
            if isinstance(pattern, dict):
                yield str(pattern.get("action", "")), pattern.get("fields")
        yield "", spec.get("fields")


def _broken(frame: Line, fields: Any) -> list[str]:
    """Those of the asked paths at which this message says something else."""
    try:
        asked = msgspec.convert(fields or {}, dict[str, AnyMatcher])
        message = msgspec.json.decode(str(frame.get("raw", "")).encode())
        payload = payload_of(str(frame.get("frame")), message)
        return [path for path, matcher in asked.items() if mismatches(payload, {path: matcher})]
    except (msgspec.MsgspecError, UnicodeEncodeError, ValueError, TypeError, RecursionError):
        return []
