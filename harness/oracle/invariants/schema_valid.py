"""Every message of the station parses and fits the schema of the negotiated version."""

from collections.abc import Iterable, Iterator

from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.events import Frame
from harness.trace.trace import Record
from harness.verdict import Strictness


class _Watcher:
    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        if not isinstance(frame, Frame) or not (frame.problems or frame.frame == "malformed"):
            return ()
        return self._broken(record, frame) if frame.direction == "in" else ()

    def _broken(self, record: Record, frame: Frame) -> Iterator[Violation]:
        if frame.frame == "malformed":
            yield Violation((record.seq,), f"not an OCPP message: {frame.reason}", f"malformed:{frame.reason}")
        for problem in frame.problems:
            yield Violation(
                (record.seq,), _text(frame, problem.path, problem.message), _cause(frame, problem.path, problem.rule)
            )


def _text(frame: Frame, path: str, message: str) -> str:
    return f"{frame.action} {frame.frame}: {path or 'payload'}: {message}"


def _cause(frame: Frame, path: str, rule: str) -> str:
    """Array positions do not make a new cause."""
    place = "".join(character for character in path if not character.isdigit())
    return f"{frame.ocpp}:{frame.action}:{frame.frame}:{place}:{rule}"


RULE = Rule(
    id="schema-valid",
    requirement="OCPP-J 1.6 4.2; OCPP 2.0.1 Part 4 4.1.7 and 4.2; the JSON schemas of the version",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A strict CSMS drops a message that does not fit the schema, and what it carried (a reading, a stop) is lost.",
    watch=_Watcher,
)
