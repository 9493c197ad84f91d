"""`record.json`, the one file that every other report can be made from again, and `environment.json`."""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgspec

from harness.record import RunRecord, to_json
from reports.text import UNSEEN, visible


def record_json(record: RunRecord) -> bytes:
    """The record as JSON, UTF-8.

    Text that UTF-8 cannot hold (half a surrogate pair, sent by a station as `\\ud800`) is written as that visible escape.
    """
    try:
        return to_json(record)
    except UnicodeEncodeError:
        return msgspec.json.format(msgspec.json.encode(_encodable(record)), indent=1)


def environment_content(record: RunRecord) -> dict[str, Any]:
    """What the run was made with: versions, commit, hashes and instruments as recorded, beside the run's id, clock and bench."""
    run = record.run
    return {
        "run": run.id,
        "started_utc": run.started_utc,
        "ended_utc": run.ended_utc,
        "plugproof": run.plugproof,
        "clock": run.clock,
        "station": run.station,
        "bench": run.bench,
        **record.environment,
    }


def environment_json(record: RunRecord) -> bytes:
    """`environment_content` as indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(_encodable(environment_content(record))), indent=1)


def _encodable(value: Any) -> Any:
    """`value` as plain JSON types in which every string can be encoded."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return visible(value, multiline=True) if UNSEEN.search(value) else value
    if isinstance(value, dict):
        return {_encodable(str(key)): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encodable(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _encodable(getattr(value, item.name)) for item in fields(value)}
    return value if isinstance(value, bool | int | float | None) else str(value)
