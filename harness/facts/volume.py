"""How much was sent: OCPP messages and their bytes, by connection and by charging session.

Counted are the messages as they crossed the wire, in UTF-8, without what WebSocket, TLS and TCP add, and without pings.
"""

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from harness.facts.model import Volume
from harness.trace.events import Closed, Frame, Handshake
from harness.trace.trace import Record


class VolumeCounter:
    """Fed with a trace, record by record; `volumes` in the order in which they began."""

    def __init__(self) -> None:
        self.volumes: list[Volume] = []
        self._connections: dict[int, Volume] = {}
        self._running: dict[tuple[str, str], Volume] = {}
        self._starting: dict[int, Record] = {}
        self._opened: set[int] = set()

    def feed(self, record: Record) -> None:
        """Count one record; anything but a frame is passed over."""
        frame = record.event
        if isinstance(frame, Handshake):
            self._opened.add(frame.connection)
        elif isinstance(frame, Closed) and frame.connection in self._connections:
            self._connections[frame.connection].whole = frame.connection in self._opened
        if not isinstance(frame, Frame):
            return
        size = _size(frame)
        running = [self._connection(record, frame), *self._transactions(frame)]
        for one in (*running, *self._started(record, frame)):
            _add(one, record.t, frame, size)
        for ended in _ended(record, frame):
            if (done := self._running.pop((frame.station, ended), None)) is not None:
                done.whole = True

    def _connection(self, record: Record, frame: Frame) -> Volume:
        known = self._connections.get(frame.connection)
        if known is None:
            known = self._connections[frame.connection] = self._new("connection", str(frame.connection), record, frame)
        return known

    def _transactions(self, frame: Frame) -> list[Volume]:
        return [volume for (station, _), volume in self._running.items() if station == frame.station]

    def _started(self, record: Record, frame: Frame) -> list[Volume]:
        """Transactions that this message tells of for the first time."""
        if frame.action == "StartTransaction" and frame.frame == "call" and frame.direction == "in":
            self._starting[record.seq] = record
        request = self._starting.pop(frame.answers, None) if frame.answers is not None else None
        names = [name for name in self._begun(record, frame) if (frame.station, name) not in self._running]
        found = [self._new("transaction", name, record, frame) for name in names]
        for name, volume in zip(names, found, strict=True):
            self._running[frame.station, name] = volume
            if request is not None and isinstance(request.event, Frame):
                volume.began = request.t  # a 1.6 transaction gets its id by the answer; the request belongs to it, too
                _add(volume, request.t, request.event, _size(request.event))
        return found

    @staticmethod
    def _begun(record: Record, frame: Frame) -> Iterator[str]:
        payload = record.payload
        if not isinstance(payload, dict):
            return
        if frame.action == "StartTransaction" and frame.frame == "result" and frame.direction == "out":
            yield str(payload.get("transactionId"))
        elif frame.action == "TransactionEvent" and payload.get("eventType") == "Started":
            yield _transaction_of(payload)

    def _new(self, kind: Literal["connection", "transaction"], name: str, record: Record, frame: Frame) -> Volume:
        made = Volume(kind, name[:100], frame.station, frame.ocpp, record.t, record.t)
        self.volumes.append(made)
        return made


def volumes(records: Iterable[Record]) -> list[Volume]:
    """Of every connection and transaction of a trace, in the order in which they began."""
    counter = VolumeCounter()
    for record in records:
        counter.feed(record)
    return counter.volumes


def _size(frame: Frame) -> int:
    if frame.raw_b64:
        return len(base64.b64decode(frame.raw_b64))
    return len(frame.raw) if frame.raw.isascii() else len(frame.raw.encode("utf-8", "surrogatepass"))


def _add(volume: Volume, t: float, frame: Frame, size: int) -> None:
    volume.ended = max(volume.ended, t)
    if frame.direction == "in":
        volume.frames_in += 1
        volume.bytes_in += size
    else:
        volume.frames_out += 1
        volume.bytes_out += size


def _transaction_of(payload: dict[str, Any]) -> str:
    info = payload.get("transactionInfo")
    return str(info.get("transactionId")) if isinstance(info, dict) else "?"


def _ended(record: Record, frame: Frame) -> Iterator[str]:
    """A transaction ends with the message that tells of it; its answer is no part of it."""
    if frame.direction != "in" or frame.frame != "call" or frame.action not in {"StopTransaction", "TransactionEvent"}:
        return
    payload = record.payload
    if not isinstance(payload, dict):
        return
    if frame.action == "StopTransaction":
        yield str(payload.get("transactionId"))
    elif payload.get("eventType") == "Ended":
        yield _transaction_of(payload)
