"""Every message of the station parses, fits the schema of the negotiated version, and says an error in the form that errors have."""

import re
from collections import deque
from collections.abc import Iterable, Iterator

from harness.ocppj.json_text import JsonTextError, loads
from harness.oracle.invariants.rule import Rule, Violation, frames
from harness.trace.events import Frame, FrameType
from harness.trace.trace import Record
from harness.verdict import Strictness

_PARTICULARS = re.compile(r"\d+|'[^']*'|\"[^\"]*\"")
"""What differs from one occurrence of the same mistake to the next: places, lengths, ids."""

_ODD_IDS = 50
_NOTHING = object()
_ERRORS: tuple[FrameType, ...] = ("error", "result_error")


class _Parses:
    """An answer must have the id of its request: where that was none that a message may have, on purpose, the answer's is none either."""

    hears = frames("both", "malformed")

    def __init__(self) -> None:
        self._odd_ids: deque[object] = deque(maxlen=_ODD_IDS)

    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        if not isinstance(frame, Frame) or frame.frame != "malformed":
            return ()
        if frame.direction == "out":
            self._odd_ids.append(_id_in(frame))
            return ()
        if "the message id" in frame.reason or frame.reason.startswith("message id"):
            message_id = _id_in(frame)
            if any(message_id == odd and type(message_id) is type(odd) for odd in self._odd_ids):
                return ()
        text = f"not an OCPP message: {frame.reason}"
        return (Violation((record.seq,), text, f"{frame.action}:{_PARTICULARS.sub('', frame.reason)}"),)


def _id_in(frame: Frame) -> object:
    """What stands in the place of the id; `_NOTHING` where there is no such place."""
    try:
        elements = loads(frame.raw)
    except JsonTextError:
        return _NOTHING
    return elements[1] if isinstance(elements, list) and len(elements) > 1 else _NOTHING


class _Misfits:
    """Problems of frames of one sort, each a violation. Array positions do not make a new cause."""

    def __init__(self, *, errors: bool) -> None:
        self.hears = frames("in", *_ERRORS) if errors else frames("in") - frames("in", *_ERRORS)

    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        return self._broken(record, frame) if isinstance(frame, Frame) and frame.problems else ()

    def _broken(self, record: Record, frame: Frame) -> Iterator[Violation]:
        for problem in frame.problems:
            text = f"{frame.action} {frame.frame}: {problem.path or 'payload'}: {problem.message}"
            place = "".join(character for character in problem.path if not character.isdigit())
            cause = f"{frame.ocpp}:{frame.action}:{frame.frame}:{place}:{problem.rule}"
            yield Violation((record.seq,), text, cause)


PARSES = Rule(
    id="frame-parses",
    requirement="OCPP-J 1.6 4.1.2 to 4.1.4, 4.2.1 to 4.2.3; OCPP 2.0.1 Part 4 4.1.2 to 4.1.5, 4.2.1 to 4.2.3",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS cannot read such a message at all: what it carried is lost, and many end the connection, or wait for an answer that came.",
    watch=_Parses,
)

RULE = Rule(
    id="schema-valid",
    requirement="OCPP-J 1.6 4.2, errata 3.2 and 3.8; OCPP 2.0.1 Part 4 4.1.7 and 4.2; the JSON schemas of the version",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A strict CSMS drops a message that does not fit the schema, and what it carried (a reading, a stop) is lost.",
    watch=lambda: _Misfits(errors=False),
)

ERROR_FORM = Rule(
    id="error-in-its-form",
    requirement="OCPP-J 1.6 4.2.3 with table 7; OCPP 2.0.1 Part 4 4.2.3 and 4.3: a code of the table, a description, an object of details",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that reads errors strictly drops this one and waits for the answer to its request until it times out.",
    watch=lambda: _Misfits(errors=True),
)
