"""Every CALL of the CSMS gets exactly one answer, and every answer belongs to a CALL."""

from collections import Counter
from collections.abc import Callable, Sequence

from harness.oracle.invariants.rule import Rule, Violation, Watcher
from harness.trace.events import Closed, Frame
from harness.trace.trace import Record
from harness.verdict import Strictness

ANSWER_WITHIN_S = 30.0
"""Default patience, seconds. The standard names no figure; a station file may (PIXIT message_timeout_s)."""

_TEXTS = {
    "unmatched": "answers no CALL that was sent",
    "repeated": "answers a CALL that was answered before",
}


class _Watcher:
    """Holds only the CALLs that are still open, and how many texts went out on purpose, by connection, of which no id can be read.

    Each of those may be answered with a CALLERROR, whose id can be that of no CALL: "-1" in 2.0.1 (Part 4, 4.2.3), left open in 1.6.
    """

    hears = None

    def __init__(self, answer_within_s: float) -> None:
        self._patience = answer_within_s
        self._open: dict[int, Record] = {}
        self._unreadable: Counter[int] = Counter()

    def feed(self, record: Record) -> Sequence[Violation]:
        found = self._overdue(record.t) if self._open else ()
        event = record.event
        if type(event) is Frame:
            if event.direction == "out":
                if event.frame == "call" and not event.deliberate:
                    self._open[record.seq] = record
                elif event.frame == "malformed" and event.message_id is None:
                    self._unreadable[event.connection] += 1
            elif event.answers is not None or event.anomalies:
                return (*found, *self._answer(record, event))
        elif isinstance(event, Closed):
            self._forget(event.connection)
        return found

    def _answer(self, record: Record, frame: Frame) -> list[Violation]:
        if frame.answers is not None:
            self._open.pop(frame.answers, None)
        elif frame.frame == "error" and self._unreadable[frame.connection]:
            self._unreadable[frame.connection] -= 1
            return []
        return [
            Violation((record.seq,), f"{frame.frame} with id {frame.message_id} {_TEXTS[anomaly]}", anomaly)
            for anomaly in frame.anomalies
            if anomaly in _TEXTS
        ]

    def _overdue(self, now: float) -> Sequence[Violation]:
        late = [seq for seq, call in self._open.items() if now - call.t > self._patience]
        return [self._unanswered(seq, self._open.pop(seq)) for seq in late]

    def _unanswered(self, seq: int, call: Record) -> Violation:
        action = call.frame.action if call.frame is not None else None
        return Violation((seq,), f"{action} was not answered in {self._patience:g} s", f"unanswered:{action}")

    def _forget(self, connection: int) -> None:
        """A CALL that was open when its connection ended is nobody's fault by this rule."""
        kept = {seq: call for seq, call in self._open.items() if call.frame and call.frame.connection != connection}
        self._open = kept
        del self._unreadable[connection]


def rule(answer_within_s: float = ANSWER_WITHIN_S) -> Rule:
    """The rule with a station's own patience in seconds."""
    watch: Callable[[], Watcher] = lambda: _Watcher(answer_within_s)  # noqa: E731 - a factory, not a function of its own
    return Rule(
        id="call-answered-once",
        requirement="OCPP-J 1.6 4.1.1 and 4.2.2; OCPP 2.0.1 Part 4 4.1.1 and 4.2.2",
        strictness=Strictness.MUST,
        needs=("wire",),
        explanation="A CSMS that waits for an answer can send nothing else, so the station is out of reach until it times out.",
        watch=watch,
    )
