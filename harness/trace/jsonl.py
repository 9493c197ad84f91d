"""Trace to hash-chained JSON Lines and back.

Each line is one JSON object: `seq`, `t`, `utc`, `case`, the event's own fields with their `kind`, and last `h`: the first 32
hexadecimal digits of the SHA-256 of the previous line's `h` followed by this line's bytes up to (not including) `,"h":`. A
changed, missing or swapped line breaks the chain at that line; a missing end marker tells that the run was cut. Nothing here
touches a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from harness.trace.events import AnyEvent, Frame, RunEnded, RunStarted
from harness.trace.trace import Record, Trace, payload_of

SCHEMA = 1
_SEAL = b',"h":"'
_DIGITS = 32


class _Head(msgspec.Struct):
    seq: int
    t: float
    utc: str
    case: str = ""
    h: str = ""


_encoder = msgspec.json.Encoder()
_head = msgspec.json.Decoder(_Head)
_event = msgspec.json.Decoder(AnyEvent)


class Writer:
    """Turns records into sealed lines. Holds the chain's last digest: one writer a file.

    `last` is the digest (hexadecimal) of the line after which it goes on; empty for a new file.
    """

    def __init__(self, last: bytes = b"") -> None:
        self._last = last
        self._when = (-1.0, "", "")
        self._middle = b""

    def line(self, record: Record) -> bytes:
        """The line for `record`, newline included."""
        when = (record.t, record.utc, record.case)
        if self._when != when:
            self._when = when
            case = _encoder.encode(record.case).decode()
            self._middle = f',"t":{record.t!r},"utc":"{record.utc}","case":{case},'.encode()
        body = b'{"seq":%d%b%b' % (record.seq, self._middle, _encoder.encode(record.event)[1:-1])
        digest = sha256(self._last + body).hexdigest()[:_DIGITS].encode()
        self._last = digest
        return b'%b%b%b"}\n' % (body, _SEAL, digest)


@dataclass(slots=True)
class Reading:
    """A trace read back, and what is wrong with it.

    `problems` are sentences naming the line (counted from 1); `cut` is the one of them that says that the run was cut, or empty.
    `ended`: the end marker is there. `digest` is the last whole line's, `whole_bytes` the length of the file up to its end. `intact`: chain unbroken, marker there, no problem.
    """

    trace: Trace
    problems: list[str] = field(default_factory=list)
    cut: str = ""
    ended: bool = False
    last_good_line: int = 0
    digest: bytes = b""
    whole_bytes: int = 0

    @property
    def breaks(self) -> list[str]:
        """Problems other than the cut: nothing may be judged from a trace that has one."""
        return [problem for problem in self.problems if problem != self.cut]

    @property
    def intact(self) -> bool:
        """Nothing missing, nothing changed."""
        return self.ended and not self.problems


def read(lines: Iterable[bytes]) -> Reading:
    """Read sealed lines. Never raises for bad content: what cannot be used is named in `problems`.

    A last line without newline is the one in flight when the writer was killed: it is dropped and said.
    """
    result = Reading(Trace())
    last, expected_seq = b"", 0
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            result.cut = f"line {number}: cut in mid-line ({len(line)} bytes dropped); the run was killed here"
            result.problems.append(result.cut)
            break
        body, _, tail = line.rstrip(b"\r\n").rpartition(_SEAL)
        digest = sha256(last + body).hexdigest()[:_DIGITS].encode()
        if tail != digest + b'"}':
            result.problems.append(
                f"line {number}: the chain of digests breaks here: this line or one before it was changed, removed or added"
            )
        last = result.digest = tail[:-2]
        result.whole_bytes += len(line)
        record = _decode(line, number, result)
        if record is None:
            continue
        if record.seq != expected_seq:
            result.problems.append(
                f"line {number}: sequence number {record.seq} where {expected_seq} was due: lines are missing or out of order"
            )
        expected_seq = record.seq + 1
        result.trace.records.append(record)
        result.last_good_line = number
        result.ended = isinstance(record.event, RunEnded)
    _check_ends(result)
    return result


def _decode(line: bytes, number: int, result: Reading) -> Record | None:
    try:
        head, event = _head.decode(line), _event.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        result.problems.append(f"line {number}: not a trace event ({error})")
        return None
    payload = payload_of(event) if isinstance(event, Frame) else None
    return Record(head.seq, head.t, head.utc, head.case, event, payload)


def _check_ends(result: Reading) -> None:
    records = result.trace.records
    if not records or not isinstance(records[0].event, RunStarted):
        result.problems.append("line 1: no run header: this is not a Plugproof trace, or its beginning is missing")
    elif records[0].event.schema > SCHEMA:
        result.problems.append(
            f"line 1: trace schema {records[0].event.schema} is newer than {SCHEMA}; judge it with a newer Plugproof"
        )
    if not result.ended and not result.cut:
        result.cut = "end: no end marker: the run was cut"
        result.problems.append(result.cut)
