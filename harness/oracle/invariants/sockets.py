"""What becomes of an open connection: it lasts, its pings are returned, and no request is answered by ending it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import Closed, Frame, Handshake, Note, Ping, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_WITHIN_S = 3600.0
_MOST = 4
"""So many connections that a station ended in that time, without anything that explains it: they do not last."""

_EXCUSED_S = 300.0
"""For so long after its cause may a station leave a connection: a restart, an update, another password or certificate."""

_CAUSES = frozenset(
    [
        "Reset",
        "UpdateFirmware",
        "SignedUpdateFirmware",
        "CertificateSigned",
        "InstallCertificate",
        "DeleteCertificate",
        "ChangeConfiguration",
        "SetVariables",
        "SetNetworkProfile",
        "PublishFirmware",
    ]
)
_FACTORS = frozenset(("ac_source", "relay_board", "network_cutter", "panel", "fault_injector"))
"""Requests and roles of the bench that may end a connection."""

_DISTURBED_S = 60.0
"""For so long after the bench did something to supply or network."""

_PONG_WITHIN_S = 20.0
_BLAMES = frozenset((1002, 1003, 1007, 1008, 1009, 1010, 1011))
"""Close codes by which a station says that what it received is the cause (RFC 6455, 7.4.1)."""


@dataclass(slots=True)
class _Ends:
    ocpp: str = ""
    excused_until: float = 0.0
    seqs: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class _Persist:
    """Counts the connections that a station ended, by station. While the bench has cut supply or network, nothing counts."""

    hears = frames("both") | events(Stimulus, Note, Closed)

    def __init__(self, ocpp: tuple[str, ...]) -> None:
        self._ocpp = ocpp
        self._ends: dict[str, _Ends] = {}
        self._excused_until = 0.0

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if isinstance(event, Frame):
            self._hear(record, event)
        elif isinstance(event, Stimulus):
            if event.role in _FACTORS:
                self._excused_until = inf if _takes_away(event) else record.t + _DISTURBED_S
        elif isinstance(event, Note):
            if "station" in event.data:
                self._ends.pop(str(event.data["station"]), None)
        elif isinstance(event, Closed) and event.by != "csms":
            return self._count(record, event)
        return ()

    def _hear(self, record: Record, frame: Frame) -> None:
        ends = self._ends.get(frame.station)
        if ends is None or ends.ocpp != frame.ocpp:
            ends = self._ends[frame.station] = _Ends(frame.ocpp)
        if frame.direction == "out" and (frame.action in _CAUSES or _rejects(record, frame) or frame.deliberate):
            ends.excused_until = record.t + _EXCUSED_S

    def _count(self, record: Record, event: Closed) -> Iterable[Violation]:
        ends = self._ends.get(event.station)
        if ends is None or ends.ocpp not in self._ocpp:
            return ()
        if record.t < max(ends.excused_until, self._excused_until):
            return ()
        ends.times.append(record.t)
        ends.seqs.append(record.seq)
        del ends.times[:-_MOST], ends.seqs[:-_MOST]
        span_s = ends.times[-1] - ends.times[0]
        if len(ends.times) < _MOST or span_s > _WITHIN_S:
            return ()
        text = f"{_MOST} connections in {span_s:.0f} s were ended by the station or the way to it, without a cause on record"
        return (Violation(tuple(ends.seqs), text, "ended"),)


def _takes_away(event: Stimulus) -> bool:
    """Whether the way to the CSMS or the supply is gone from then on, until the bench does something to it again."""
    off = (event.role, event.verb) == ("ac_source", "output") and event.args.get("on") is False
    return off or (event.role, event.verb) == ("network_cutter", "cut")


def _rejects(record: Record, frame: Frame) -> bool:
    """A station that was rejected may leave (OCPP 1.6, 4.2)."""
    if frame.frame != "result" or frame.action != "BootNotification":
        return False
    payload = record.payload
    return isinstance(payload, dict) and payload.get("status") != "Accepted"


class _Pongs:
    """Waits for the pong to each ping of the CSMS, by connection; a pong answers all pings before it (RFC 6455, 5.5.3)."""

    hears = None

    def __init__(self) -> None:
        self._open: dict[int, tuple[float, int]] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if type(event) is Frame:
            return self._overdue(record.t) if self._open else ()
        if isinstance(event, Ping):
            if event.direction == "out" and not event.pong:
                self._open.setdefault(event.connection, (record.t, record.seq))
            elif event.direction == "in" and event.pong:
                self._open.pop(event.connection, None)
        elif isinstance(event, Closed):
            self._open.pop(event.connection, None)
        elif isinstance(event, Stimulus) and event.role in _FACTORS:
            self._open.clear()
        return self._overdue(record.t) if self._open else ()

    def _overdue(self, now: float) -> Iterable[Violation]:
        late = [number for number, (at, _) in self._open.items() if now - at > _PONG_WITHIN_S]
        for number in late:
            _, seq = self._open.pop(number)
            text = f"a ping of the CSMS had no pong in {_PONG_WITHIN_S:g} s, and the connection was still open"
            yield Violation((seq,), text, "pong")


class _Answers:
    """Holds the CALLs of the CSMS that are open, by connection, and what was closed over before."""

    hears = frames("out", "call") | (frames("in") - frames("in", "call")) | events(Closed, Handshake)

    def __init__(self) -> None:
        self._open: dict[int, dict[str, Record]] = {}
        self._closed_on: set[tuple[str, str]] = set()

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if isinstance(event, Frame):
            self._note(record, event)
        elif isinstance(event, Closed):
            waiting = self._open.pop(event.connection, None)
            if waiting and event.by == "station":
                return list(self._closed_over(record, event, waiting))
        elif isinstance(event, Handshake):
            self._open.pop(event.connection, None)
        return ()

    def _note(self, record: Record, frame: Frame) -> None:
        number = frame.message_id or ""
        if frame.direction == "out" and frame.frame == "call" and not frame.deliberate:
            self._open.setdefault(frame.connection, {})[number] = record
        elif frame.direction == "in" and frame.answers is not None and frame.connection in self._open:
            self._open[frame.connection].pop(number, None)

    def _closed_over(self, record: Record, event: Closed, waiting: dict[str, Record]) -> Iterable[Violation]:
        for call in waiting.values():
            action = str(call.frame.action) if call.frame is not None else ""
            before = (event.station, action) in self._closed_on
            if len(self._closed_on) < _MOST_ACTIONS:
                self._closed_on.add((event.station, action))
            if before or event.code in _BLAMES:
                text = f"the station closed the connection with code {event.code} instead of answering {action}"
                yield Violation((call.seq, record.seq), text, action)


_MOST_ACTIONS = 500

PERSIST_16 = Rule(
    id="connection-kept",
    requirement="OCPP-J 1.6 5.5: the station keeps the connection open, so that the CSMS can reach it",
    strictness=Strictness.SHOULD,
    needs=("wire", "stimulus"),
    explanation="A station that is online by the minute misses commands, and its sessions look interrupted.",
    watch=lambda: _Persist(("1.6",)),
)

PERSIST_2 = Rule(
    id="connection-kept-2",
    requirement="OCPP 2.0.1 Part 4 3.1: the station keeps the connection open all the time",
    strictness=Strictness.MUST,
    needs=("wire", "stimulus"),
    explanation="A station that is online by the minute misses commands, and its sessions look interrupted.",
    watch=lambda: _Persist(("2.0.1", "2.1")),
)

PONGS = Rule(
    id="pings-returned",
    requirement="RFC 6455, 5.5.2; OCPP-J 1.6 5.3 and 7 WebSocketPingInterval; OCPP 2.0.1 Part 4 5.2, 8.4",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that looks after its connections takes the station for dead, and ends them one after another.",
    watch=_Pongs,
)

ANSWERS = Rule(
    id="answered-not-closed",
    requirement="OCPP-J 1.6 4.2.3; OCPP 2.0.1 Part 4 4.2.3: what a station cannot handle it answers with a CALLERROR",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="One request that a station does not like takes it offline, each time that it is sent.",
    watch=_Answers,
)
