"""What a frame carries, as it is shown: in brief, in full, without its secrets."""

import json
import re
from typing import Any

_PLACE = {"call": 3, "send": 3, "result": 2, "error": 4, "result_error": 4}
MASK = "(secret)"
_PART = re.compile(r"[^.\[\]]+")


def _decode(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def payload_of(kind: str, message: Any) -> Any:
    """The payload of a decoded frame; the frame itself where it has no such place."""
    place = _PLACE.get(kind)
    if place is None or not isinstance(message, list) or len(message) <= place:
        return message
    return message[place]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return f"[{len(value)}]"
    return value if isinstance(value, str) else json.dumps(value)


def brief(payload: Any) -> str:
    """The payload's top level in one line: `connectorId 1 · status Charging`."""
    if isinstance(payload, dict):
        return " · ".join(f"{key} {_value(value)}" for key, value in payload.items())
    return "" if payload is None else _value(payload)


def _mask_at(node: Any, parts: list[str]) -> bool:
    """Replace what lies at the path. Lists without an index in the path are masked in every element."""
    if isinstance(node, list) and not parts[0].isdigit():
        return bool(node) and all(_mask_at(item, parts) for item in node)
    key: Any = int(parts[0]) if isinstance(node, list) else parts[0]
    if not isinstance(node, dict | list) or (key not in node if isinstance(node, dict) else key >= len(node)):
        return False
    if len(parts) == 1:
        node[key] = MASK
        return True
    return _mask_at(node[key], parts[1:])


def shown(kind: str, raw: str, secrets: list[str]) -> tuple[Any, str]:
    """The decoded payload and the text to show for a frame.

    The text is the one that crossed the wire, unless `secrets` names payload paths: then those values are masked, and a frame in
    which one cannot be found is withheld whole.
    """
    message = _decode(raw)
    if not secrets:
        return payload_of(kind, message), raw
    payload = payload_of(kind, message)
    for path in secrets:
        parts = _PART.findall(path)
        if not parts or not _mask_at(payload, parts):
            return None, "(withheld: it holds a secret; the text is in the trace)"
    return payload, json.dumps(message, ensure_ascii=False)
