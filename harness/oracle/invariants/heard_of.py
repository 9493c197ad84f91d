"""A station that is connected is heard of within its heartbeat interval."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import Closed, Frame, Handshake, Note, Ping, RunResumed, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_SHARE, _SLACK_S = 1.1, 60.0
"""An interval is a tenth longer at most, and a minute: messages of the station may have to wait for what was asked before."""

_FACTORS = frozenset({"ac_source", "relay_board", "network_cutter", "panel", "fault_injector"})
"""What takes supply or network away: from then on nothing is expected until the station is heard again."""


@dataclass(slots=True)
class _Line:
    """Of one station: its interval in seconds (0 for none, None where it is not known), its connection, when it has to be heard, and the record
    in which it was heard last. `asked`: CALLs of the CSMS that set another interval."""

    ocpp: str = ""
    interval_s: float | None = None
    connection: int | None = None
    due: float = inf
    heard: int = 0
    asked: dict[int, float] = field(default_factory=dict)


class _Heard:
    """Waits for any sign of life of each station. In OCPP 1.6 a ping, or a pong, is one as well (OCPP-J 1.6, 5.3)."""

    hears = None

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._next = inf

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if type(event) is RunResumed:
            self._wait_for_all()
        late = self._overdue(record) if record.t > self._next else ()
        if type(event) is Frame:
            self._message(record, event)
        elif isinstance(event, Ping):
            line = self._lines.get(event.station)
            if line is not None and event.direction == "in" and line.ocpp == "1.6":
                self._sign(line, record)
        elif isinstance(event, Stimulus):
            if event.role in _FACTORS:
                self._wait_for_all()
        elif isinstance(event, Handshake | Closed):
            self._connection(record, event)
        elif isinstance(event, Note) and "station" in event.data:
            self._lines.pop(str(event.data["station"]), None)
        return late

    def _wait_for_all(self) -> None:
        for line in self._lines.values():
            line.due = inf

    def _connection(self, record: Record, event: Handshake | Closed) -> None:
        line = self._lines.setdefault(event.station, _Line())
        if isinstance(event, Closed):
            if event.connection == line.connection:
                line.connection, line.due = None, inf
        elif event.status == 101:
            line.connection = event.connection
            self._sign(line, record)

    def _sign(self, line: _Line, record: Record) -> None:
        line.heard = record.seq
        line.due = record.t + _SHARE * line.interval_s + _SLACK_S if line.interval_s else inf
        self._next = min(self._next, line.due)

    def _message(self, record: Record, frame: Frame) -> None:
        line = self._lines.setdefault(frame.station, _Line())
        if line.ocpp != frame.ocpp:
            line.ocpp, line.interval_s = frame.ocpp, None
        line.connection = frame.connection
        payload = record.payload if isinstance(record.payload, dict) else {}
        if frame.direction == "out":
            self._of_csms(line, record, frame, payload)
            return
        if frame.frame == "result" and frame.answers is not None:
            wanted = line.asked.pop(frame.answers, None)
            if wanted is not None:
                line.interval_s = wanted if _accepted(payload) else line.interval_s
        self._sign(line, record)
        if frame.frame == "call":
            line.due = inf  # it may have to wait for its answer

    def _of_csms(self, line: _Line, record: Record, frame: Frame, payload: dict[str, Any]) -> None:
        if frame.frame == "call":
            wanted = _wanted(frame.action, payload)
            if wanted is not None:
                line.asked = {record.seq: wanted}
            return
        if frame.action == "BootNotification":
            interval = payload.get("interval")
            accepted = payload.get("status") == "Accepted" and isinstance(interval, int)
            line.interval_s = float(interval) if accepted and isinstance(interval, int) and interval > 0 else None
        self._sign(line, record)

    def _overdue(self, record: Record) -> list[Violation]:
        found = []
        for station, line in self._lines.items():
            if record.t > line.due and line.connection is not None:
                text = (
                    f"{station} is connected, and nothing is heard of it for {record.t - line.due + _SHARE * (line.interval_s or 0) + _SLACK_S:.0f} s; "
                    f"its heartbeat interval is {line.interval_s:g} s"
                )
                found.append(Violation((line.heard, record.seq), text, station))
                line.due = inf
        self._next = min((line.due for line in self._lines.values()), default=inf)
        return found


def _wanted(action: str | None, payload: dict[str, Any]) -> float | None:
    """The heartbeat interval that a CALL sets, seconds; None where it sets none."""
    if action == "ChangeConfiguration" and str(payload.get("key")).casefold() == "heartbeatinterval":
        return _seconds(payload.get("value"))
    if action == "SetVariables" and isinstance(listed := payload.get("setVariableData"), list):
        for one in listed:
            variable = one.get("variable") if isinstance(one, dict) else None
            if isinstance(variable, dict) and str(variable.get("name")).casefold() == "heartbeatinterval":
                return _seconds(one.get("attributeValue"))
    return None


def _seconds(text: object) -> float | None:
    return float(text) if isinstance(text, str) and text.isdecimal() and len(text) < _DIGITS else None


_DIGITS = 10


def _accepted(payload: dict[str, Any]) -> bool:
    """Whether what was to be set is in force now."""
    results = payload.get("setVariableResult")
    if isinstance(results, list):
        return all(isinstance(one, dict) and one.get("attributeStatus") == "Accepted" for one in results)
    return payload.get("status") == "Accepted"


RULE = Rule(
    id="heard-of-in-time",
    requirement="OCPP 1.6 edition 2, 4.6 with OCPP-J 1.6, 5.3: a Heartbeat, another message or a ping in every interval; OCPP 2.0.1 G02.FR.02, G02.FR.05",
    strictness=Strictness.MUST,
    needs=("wire", "stimulus"),
    explanation="A CSMS takes a station that is not heard of for offline: it is not offered to drivers any more, and somebody is sent there.",
    watch=_Heard,
)
